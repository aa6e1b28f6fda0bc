//! Versions: append, overwrite, restore, going back, and many writers at once.

use crate::support::*;
use domain::limits::RequestLimits;
use domain::{CollectionId, Query};
use keys::{DataKey, SystemRng};
use serde_json::json;
use std::collections::BTreeSet;
use tables::{Ask, IngestError, Mode, NewVersion, Operation, Place, QueryError, Tables};

async fn at(world: &World, tables: &Tables, version: u64) -> Vec<String> {
    let answer = tables
        .query(&world.place, Some(version), &rows_query(), ask())
        .await
        .unwrap();
    assert_eq!(answer.version, Some(version));
    lines(&answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_grow_by_one_and_every_one_can_be_read_again() {
    let world = world();
    let tables = world.tables.clone();
    world.csv("a,b\n1,x\n").await.unwrap();
    world.clock.advance(chrono::Duration::minutes(1));
    world.csv("a,b\n2,y\n3,z\n").await.unwrap();
    let replaced = world
        .upload("n.csv", b"other (%)\n9.5\n", Mode::Overwrite)
        .await
        .unwrap();
    assert_eq!(
        (replaced.version, replaced.rows, replaced.total_rows),
        (3, 1, 1)
    );
    let restored = tables
        .restore(&world.place, 2, "usr_restorer")
        .await
        .unwrap();
    assert_eq!((restored.version, restored.total_rows), (4, 3));
    assert_eq!(kinds(&restored.columns), "a:int64 b:string");
    world.csv("b,a\nw,4\n").await.unwrap();

    // As another process sees it, which remembers nothing.
    let fresh = open(
        world.folder.path(),
        &world.clock,
        2,
        RequestLimits::default(),
    );
    for tables in [&tables, &fresh] {
        assert_eq!(at(&world, tables, 1).await, ["1 \"x\""]);
        assert_eq!(
            at(&world, tables, 2).await,
            ["1 \"x\"", "2 \"y\"", "3 \"z\""]
        );
        assert_eq!(at(&world, tables, 3).await, ["9.5"]);
        assert_eq!(at(&world, tables, 4).await, at(&world, tables, 2).await);
        assert_eq!(
            at(&world, tables, 5).await,
            ["1 \"x\"", "2 \"y\"", "3 \"z\"", "4 \"w\""]
        );
        let versions = tables.versions(&world.place).await.unwrap();
        let told: Vec<_> = versions
            .iter()
            .map(|v| (v.version, v.operation, v.rows))
            .collect();
        assert_eq!(
            told,
            [
                (5, Operation::Append, 4),
                (4, Operation::Restore, 3),
                (3, Operation::Overwrite, 1),
                (2, Operation::Append, 3),
                (1, Operation::Create, 1),
            ]
        );
        assert_eq!(versions[1].created_by, "usr_restorer");
        assert_eq!(versions[4].created_by, "usr_tester");
        assert_eq!(
            (versions[3].created_at - versions[4].created_at).num_seconds(),
            60
        );
        for version in [0, 6] {
            let refused = tables
                .query(&world.place, Some(version), &rows_query(), ask())
                .await;
            assert!(matches!(refused, Err(QueryError::NoSuchVersion { .. })));
            assert!(tables.snapshot(&world.place, Some(version)).await.is_err());
            let refused = tables.restore(&world.place, version, "usr_1").await;
            assert!(matches!(refused, Err(IngestError::NoSuchVersion { .. })));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_versions_with_checkpoints_open_anew() {
    let world = world();
    for i in 0..45 {
        world.csv(&format!("a (x),b\n{i},v\n")).await.unwrap();
    }
    assert!(
        world
            .disk()
            .iter()
            .any(|(name, _)| name.contains("checkpoint"))
    );
    let fresh = open(
        world.folder.path(),
        &world.clock,
        2,
        RequestLimits::default(),
    );
    let latest = fresh.latest(&world.place).await.unwrap().unwrap();
    assert_eq!((latest.version, latest.rows), (45, 45));
    let answer = fresh
        .query(&world.place, None, &rows_query(), ask())
        .await
        .unwrap();
    let told: Vec<_> = rows(&answer)
        .iter()
        .map(|row| row["a (x)"].clone())
        .collect();
    assert_eq!(
        told,
        (0..45).map(|i| json!(i)).collect::<Vec<_>>(),
        "in the order of upload"
    );
    assert_eq!(fresh.versions(&world.place).await.unwrap().len(), 45);
    assert_eq!(at(&world, &fresh, 21).await.len(), 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_versions_answers_no_rows() {
    let world = world();
    let answer = world.query(&rows_query()).await.unwrap();
    assert_eq!(
        (answer.version, answer.rows(), answer.total_rows),
        (None, 0, 0)
    );
    assert!(
        world
            .tables
            .versions(&world.place)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        world.tables.snapshot(&world.place, None).await.unwrap(),
        None
    );
    assert!(world.tables.snapshot(&world.place, Some(1)).await.is_err());
    assert!(
        world
            .tables
            .restore(&world.place, 1, "usr_1")
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_who_append_at_once_all_land_and_no_row_is_lost() {
    let world = world();
    // Two processes on one store: nothing but the log keeps them apart.
    let other = open(
        world.folder.path(),
        &world.clock,
        2,
        RequestLimits::default(),
    );
    let mut tasks = Vec::new();
    for writer in 0..8 {
        let tables = if writer % 2 == 0 {
            world.tables.clone()
        } else {
            other.clone()
        };
        let place = world.place.clone();
        let mut spool = tables.spool().unwrap();
        let text = format!("w,i\n{writer},0\n{writer},1\n{writer},2\n");
        spool.write(text.as_bytes()).await.unwrap();
        let file = spool.finish("w.csv").await.unwrap();
        tasks.push(tokio::spawn(async move {
            tables
                .ingest(
                    &place,
                    NewVersion::new(vec![file], Mode::Append),
                    "usr_1",
                    None,
                )
                .await
        }));
    }
    let mut versions = BTreeSet::new();
    for task in tasks {
        versions.insert(task.await.unwrap().unwrap().version);
    }
    assert_eq!(versions, (1..=8).collect());
    for tables in [&world.tables, &other] {
        let answer = tables
            .query(&world.place, None, &rows_query(), ask())
            .await
            .unwrap();
        let mut told = lines(&answer);
        // Each upload's rows stay together and in order.
        for three in told.chunks(3) {
            assert!(
                three
                    .iter()
                    .enumerate()
                    .all(|(i, line)| line.ends_with(&format!(" {i}")))
            );
        }
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 24);
    }
    // Every version is the one before it and three more rows.
    for version in 2..=8 {
        let (before, after) = (
            at(&world, &other, version - 1).await,
            at(&world, &other, version).await,
        );
        assert_eq!(after[..before.len()], before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_ends_even_when_nobody_waits_for_it() {
    let world = world();
    let mut text = "a\n".to_owned();
    (0..50_000).for_each(|i| text.push_str(&format!("{i}\n")));
    let upload = world.csv(&text);
    let gone = tokio::time::timeout(std::time::Duration::from_millis(30), upload).await;
    let begun = world.disk().len();
    for _ in 0..200 {
        if world.tables.latest(&world.place).await.unwrap().is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let latest = world.tables.latest(&world.place).await.unwrap();
    // Dropped before the upload was handed over, it makes nothing; after, it makes all of it.
    match latest {
        Some(latest) => assert_eq!(latest.rows, 50_000),
        None => assert!(gone.is_err() && begun == 0),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_table_leaves_nothing_and_another_one_is_untouched() {
    let world = world();
    world.csv("a\n1\n").await.unwrap();
    let other = Place::new(
        "prj_00000000000000000000000000000001".parse().unwrap(),
        CollectionId::generate(&*world.clock, &world.rng),
        DataKey::generate(&SystemRng),
    );
    let file = world.file("o.csv", b"z\n7\n").await;
    world
        .tables
        .ingest(
            &other,
            NewVersion::new(vec![file], Mode::Append),
            "usr_1",
            None,
        )
        .await
        .unwrap();
    world.query(&rows_query()).await.unwrap();
    world.tables.drop_collection(&world.place).await.unwrap();
    assert_eq!(world.tables.latest(&world.place).await.unwrap(), None);
    assert_eq!(world.query(&rows_query()).await.unwrap().rows(), 0);
    let left = world.disk();
    assert!(
        left.iter()
            .all(|(name, _)| name.contains("prj_00000000000000000000000000000001"))
    );
    let rest = world
        .tables
        .query(&other, None, &rows_query(), ask())
        .await
        .unwrap();
    assert_eq!(lines(&rest), ["7"]);
    let project = "prj_00000000000000000000000000000001".parse().unwrap();
    world.tables.drop_project(&project).await.unwrap();
    assert!(world.disk().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_remembered_for_its_version_and_no_other() {
    let world = world();
    world.csv("a\n1\n2\n").await.unwrap();
    let asked = |text: serde_json::Value| Query {
        filters: vec![filter(text)],
        ..rows_query()
    };
    let query = asked(json!({"column": "a", "op": "in", "values": [2, 1]}));
    let same = asked(json!({"column": "a", "op": "in", "values": [1, 2, 1]}));
    assert!(!world.query(&query).await.unwrap().cached);
    assert!(world.query(&query).await.unwrap().cached);
    assert!(
        world.query(&same).await.unwrap().cached,
        "the same question in other words"
    );
    world.csv("a\n1\n").await.unwrap();
    let after = world.query(&query).await.unwrap();
    assert!(!after.cached);
    assert_eq!(after.total_rows, 3);
    let before = world
        .tables
        .query(&world.place, Some(1), &query, ask())
        .await
        .unwrap();
    assert!(before.cached);
    assert_eq!(before.total_rows, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_takes_too_long_is_ended() {
    let world = world();
    let mut text = "a,b\n".to_owned();
    (0..100_000).for_each(|i| text.push_str(&format!("{i},{}\n", i % 977)));
    world.csv(&text).await.unwrap();
    let impatient = Ask {
        fairness: "usr_1",
        wall_ms_max: 0,
    };
    let refused = world
        .tables
        .query(&world.place, None, &rows_query(), impatient)
        .await;
    assert!(
        matches!(refused, Err(QueryError::Deadline { wall_ms_max: 0 })),
        "{refused:?}"
    );
    assert_eq!(world.query(&rows_query()).await.unwrap().rows(), 100_000);
}
