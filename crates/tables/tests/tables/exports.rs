//! Files of rows: whole, made piece by piece, and no burden to others.

use crate::formats::parquet;
use crate::random::{columns, file, row};
use crate::support::*;
use domain::limits::RequestLimits;
use futures::StreamExt as _;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use tables::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use tables::{Export, FileFormat, Mode, QueryError, Selection};

const ROWS: i64 = 600_000;
const CSV: FileFormat = FileFormat::Csv { guarded: true };

async fn numbers(limits: RequestLimits) -> World {
    let world = world_with(1, limits);
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..ROWS));
    let batch = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
    world
        .upload("n.parquet", &parquet(&batch), Mode::Append)
        .await
        .unwrap();
    world
}

async fn export(world: &World, format: FileFormat, filter: Option<&str>) -> Export {
    let selection = Selection {
        filter: filter.map(str::to_owned),
        ..Selection::default()
    };
    world
        .tables
        .export(&world.place, selection, format, ask().fairness)
        .await
        .unwrap()
}

async fn whole(mut export: Export) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(piece) = export.bytes.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_in_small_pieces_and_its_slow_taker_holds_up_nobody() {
    let world = numbers(RequestLimits::default()).await;
    let mut slow = export(&world, CSV, None).await;
    let first = slow.bytes.next().await.unwrap().unwrap();
    // One thread, so one turn a person: the same person's question waits until the file gives it up.
    let all = rows_query();
    let query = world.query(&all);
    let answer = tokio::time::timeout(Duration::from_secs(20), query)
        .await
        .expect("the file keeps its turn");
    assert_eq!(answer.unwrap().total_rows, 600_000);
    let mut text = first.to_vec();
    while let Some(piece) = slow.bytes.next().await {
        let piece = piece.unwrap();
        assert!(piece.len() < 1 << 20, "a piece of {} bytes", piece.len());
        text.extend_from_slice(&piece);
    }
    let expected: String = (0..ROWS).map(|n| format!("{n}\r\n")).collect();
    assert!(
        text == format!("n\r\n{expected}").into_bytes(),
        "the file is not whole"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_takes_any_more_is_not_made_to_its_end() {
    let world = numbers(RequestLimits::default()).await;
    for _ in 0..20 {
        let mut dropped = export(&world, CSV, None).await;
        dropped.bytes.next().await.unwrap().unwrap();
    }
    // Were they still being made, they would have the person's turn one after the other.
    let kept =
        tokio::time::timeout(Duration::from_secs(20), export(&world, CSV, Some("n < 3"))).await;
    let text = tokio::time::timeout(Duration::from_secs(20), whole(kept.unwrap()))
        .await
        .unwrap();
    assert_eq!(text, b"n\r\n0\r\n1\r\n2\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_time_is_over_ends_with_an_error() {
    let limits = RequestLimits {
        export_wall_ms_max: 400,
        ..RequestLimits::default()
    };
    let world = numbers(limits).await;
    let mut slow = export(&world, CSV, None).await;
    slow.bytes.next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    let mut last = None;
    while let Some(piece) = slow.bytes.next().await {
        last = Some(piece);
    }
    assert!(
        matches!(last, Some(Err(QueryError::Deadline { wall_ms_max: 400 }))),
        "{last:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn rows_that_are_taken_and_brought_again_are_the_same(
        parts in proptest::collection::vec(proptest::collection::vec(row(), 1..60), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let (world, other) = (world(), world());
            let mut first = 0;
            for part in &parts {
                world.upload_as("a.parquet", &file(part, first), Mode::Append, Some(columns())).await.unwrap();
                first += part.len();
            }
            let bytes = whole(export(&world, FileFormat::Parquet, None).await).await;
            other.upload_as("b.parquet", &bytes, Mode::Append, Some(columns())).await.unwrap();
            prop_assert_eq!(world.all().await, other.all().await);
            let lines = whole(export(&world, FileFormat::JsonLines, None).await).await;
            let lines: Vec<serde_json::Map<String, serde_json::Value>> = String::from_utf8(lines).unwrap()
                .lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            prop_assert_eq!(world.all().await, lines);
            Ok(())
        })?;
    }
}
