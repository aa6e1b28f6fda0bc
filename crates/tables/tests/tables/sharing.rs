//! One person's heavy questions do not keep another one's small ones waiting.

use crate::formats::parquet;
use crate::support::*;
use deltalake::arrow::array::*;
use domain::limits::RequestLimits;
use domain::query::Aggregate;
use domain::{Query, Shape};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use serde_json::json;
use std::sync::Arc;
use tables::{Ask, Mode};

fn heavy(number: i64) -> Query {
    Query {
        // Each is a question of its own, so that none is answered from memory.
        filters: vec![filter(json!({"column": "x", "op": "ne", "value": -number}))],
        filter: None,
        shape: Shape::Aggregate {
            group_by: vec!["x".to_owned()],
            measures: vec![measure(Aggregate::Median, Some("x"))],
            limit: Some(1),
        },
    }
}

fn light() -> Query {
    Query {
        filters: vec![],
        filter: None,
        shape: Shape::Aggregate {
            group_by: vec![],
            measures: vec![measure(Aggregate::Count, None)],
            limit: None,
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_question_does_not_wait_for_another_persons_heavy_ones() {
    let world = world_with(1, RequestLimits::default());
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..60_000));
    let batch = RecordBatch::try_from_iter([("x", numbers)]).unwrap();
    world
        .upload("x.parquet", &parquet(&batch), Mode::Append)
        .await
        .unwrap();
    let mut running = FuturesUnordered::new();
    for number in 1..=8 {
        let (tables, place) = (world.tables.clone(), world.place.clone());
        running.push(tokio::spawn(async move {
            let ask = Ask {
                fairness: "usr_heavy",
                wall_ms_max: 60_000,
            };
            let answer = tables.query(&place, None, &heavy(number), ask).await;
            (true, answer.unwrap().rows())
        }));
    }
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let (tables, place) = (world.tables.clone(), world.place.clone());
    running.push(tokio::spawn(async move {
        let ask = Ask {
            fairness: "usr_light",
            wall_ms_max: 60_000,
        };
        let answer = tables.query(&place, None, &light(), ask).await;
        (false, answer.unwrap().rows())
    }));
    let mut order = Vec::new();
    while let Some(done) = running.next().await {
        let (was_heavy, rows) = done.unwrap();
        assert_eq!(rows, 1);
        order.push(was_heavy);
    }
    assert_eq!(order.len(), 9);
    let place = order.iter().position(|was_heavy| !was_heavy).unwrap();
    assert!(
        place <= 4,
        "the small one came after {place} of the heavy ones"
    );
}
