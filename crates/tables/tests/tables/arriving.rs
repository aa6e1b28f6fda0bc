//! A file is read while it arrives; what that gives counts only once all has arrived.

use crate::support::{World, world};
use domain::{Column, ColumnType};
use std::time::Duration;
use tables::{IngestError, Ingested, Mode, More, NewVersion, Spool};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// More than the sample that types are guessed from, so that rows are written before the file ends.
const ROWS: u64 = 60_000;

fn csv(from: u64, rows: u64) -> String {
    let lines = (from..from + rows).map(|n| format!("{n},row {n}\n"));
    std::iter::once("n,text\n".to_owned())
        .chain(lines)
        .collect()
}

/// An upload that has begun: its first file has not arrived yet.
struct Arriving {
    spool: Spool,
    end: oneshot::Sender<More>,
    upload: JoinHandle<Result<Ingested, IngestError>>,
}

fn begin(world: &World, schema: Option<Vec<Column>>) -> Arriving {
    let spool = world.tables.spool().unwrap();
    let (end, more) = oneshot::channel();
    let new = NewVersion {
        more: Some(more),
        schema,
        ..NewVersion::new(vec![spool.arriving("first.csv")], Mode::Append)
    };
    let (tables, place) = (world.tables.clone(), world.place.clone());
    let upload = tokio::spawn(async move { tables.ingest(&place, new, "usr_tester", None).await });
    Arriving { spool, end, upload }
}

async fn arrive(spool: &mut Spool, text: &str) {
    for piece in text.as_bytes().chunks(70_001) {
        spool.write(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
}

fn data_files(world: &World) -> Vec<String> {
    let names = world.disk().into_iter().map(|(name, _)| name);
    names.filter(|name| name.contains("part-")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_arrives_slowly_becomes_the_same_version() {
    let world = world();
    let mut arriving = begin(&world, None);
    let text = csv(0, ROWS);
    arrive(&mut arriving.spool, &text).await;
    // Its rows are being written, and it is no version before the sender has said that this is all.
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(world.tables.latest(&world.place).await.unwrap().is_none());
    arriving.spool.finish("first.csv").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(world.tables.latest(&world.place).await.unwrap().is_none());
    arriving.end.send(More::default()).unwrap();
    let made = arriving.upload.await.unwrap().unwrap();
    assert_eq!((made.version, made.rows), (1, ROWS));
    let slow = world.all().await;
    let again = crate::support::world();
    again.csv(&text).await.unwrap();
    assert!(slow == again.all().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_the_first_file_is_part_of_the_version() {
    let world = world();
    let mut arriving = begin(&world, None);
    arrive(&mut arriving.spool, &csv(0, ROWS)).await;
    let mut second = arriving.spool.another().unwrap();
    arriving.spool.finish("first.csv").await.unwrap();
    // Its last row makes a number of what looked like a whole number.
    arrive(&mut second, "n,text\n0.5,last\n").await;
    let second = second.finish("second.csv").await.unwrap();
    let more = More {
        files: vec![second],
        schema: None,
    };
    arriving.end.send(more).unwrap();
    let made = arriving.upload.await.unwrap().unwrap();
    assert_eq!(made.rows, ROWS + 1);
    assert_eq!(made.columns[0].kind, ColumnType::Float64);
    assert_eq!(world.column("n").await.last().unwrap(), 0.5);
    assert_eq!(
        data_files(&world).len(),
        1,
        "nothing is left of what was written before"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn types_may_be_stated_after_the_file() {
    let world = world();
    let mut arriving = begin(&world, None);
    arrive(&mut arriving.spool, "n,text\n1,x\nnot a number,y\n").await;
    arriving.spool.finish("first.csv").await.unwrap();
    let column = |name: &str| Column {
        name: name.to_owned(),
        kind: ColumnType::String,
    };
    let schema = Some(vec![column("n"), column("text")]);
    arriving
        .end
        .send(More {
            files: Vec::new(),
            schema,
        })
        .unwrap();
    let made = arriving.upload.await.unwrap().unwrap();
    assert_eq!(made.columns[0].kind, ColumnType::String);
    // Stated before it, they are those that hold while it is read; what does not fit is told.
    let schema = vec![
        column("n"),
        Column {
            kind: ColumnType::Int64,
            ..column("text")
        },
    ];
    let world = crate::support::world();
    let mut arriving = begin(&world, Some(schema));
    arrive(&mut arriving.spool, "n,text\n1,x\n").await;
    arriving.spool.finish("first.csv").await.unwrap();
    arriving.end.send(More::default()).unwrap();
    let refused = arriving.upload.await.unwrap();
    assert!(
        matches!(refused, Err(IngestError::BadFile { line: Some(2), .. })),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_leaves_nothing() {
    for finished in [false, true] {
        let world = world();
        let mut arriving = begin(&world, None);
        arrive(&mut arriving.spool, &csv(0, ROWS)).await;
        // All of the first file may be there: more might have been on its way.
        match finished {
            true => drop(arriving.spool.finish("first.csv").await.unwrap()),
            false => drop(arriving.spool),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(arriving.end);
        let refused = arriving.upload.await.unwrap();
        assert!(matches!(refused, Err(IngestError::Cut)), "{refused:?}");
        assert!(world.tables.latest(&world.place).await.unwrap().is_none());
        assert_eq!(world.disk().len(), 0, "{finished}");
    }
}
