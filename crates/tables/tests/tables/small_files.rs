//! Many small uploads become few files, and nobody sees it but who waits for an answer.

use crate::support::{World, ask, open, rows, rows_query, world};
use domain::limits::RequestLimits;
use serde_json::Value;
use std::collections::BTreeMap;
use tables::{Mode, Operation};

fn data_files(world: &World) -> usize {
    let names = world.disk().into_iter();
    names.filter(|(name, _)| name.contains("part-")).count()
}

/// Files that the latest version reads.
async fn files_of_latest(world: &World) -> usize {
    let latest = world.tables.latest(&world.place).await.unwrap().unwrap();
    let only = move |version| version == latest.version;
    world
        .tables
        .remove_unoffered(&world.place, only)
        .await
        .unwrap();
    data_files(world)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_appends_leave_few_files_and_every_version_as_it_was() {
    let world = world();
    const UPLOADS: u64 = 70;
    for n in 0..UPLOADS {
        let made = world.csv(&format!("n,text\n{n},a\n{n},b\n")).await.unwrap();
        assert_eq!(
            (made.version, made.rows, made.total_rows),
            (n + 1, 2, 2 * n + 2)
        );
    }
    let of = |answer: &tables::Answer| -> Vec<u64> {
        rows(answer)
            .iter()
            .map(|row| row["n"].as_u64().unwrap())
            .collect()
    };
    for version in [1, 7, 8, 9, 17, 64, 65, UPLOADS] {
        let asked = world
            .tables
            .query(&world.place, Some(version), &rows_query(), ask())
            .await;
        let expected: Vec<u64> = (0..version).flat_map(|n| [n, n]).collect();
        assert_eq!(of(&asked.unwrap()), expected, "version {version}");
    }
    let versions = world.tables.versions(&world.place).await.unwrap();
    assert_eq!(versions.len() as u64, UPLOADS);
    for info in &versions {
        let change = info.change.unwrap();
        assert_eq!(
            (change.rows_added, change.rows_removed),
            (2, 0),
            "version {}",
            info.version
        );
    }
    // An older version comes back as it was, in other files.
    let restored = world
        .tables
        .restore(&world.place, 5, "usr_tester")
        .await
        .unwrap();
    assert_eq!(restored.total_rows, 10);
    let last = world.tables.versions(&world.place).await.unwrap().remove(0);
    assert_eq!(last.operation, Operation::Restore);
    let change = last.change.unwrap();
    assert_eq!(
        (change.rows_added, change.rows_removed),
        (0, 2 * UPLOADS - 10)
    );
    world
        .tables
        .restore(&world.place, UPLOADS, "usr_tester")
        .await
        .unwrap();
    let files = files_of_latest(&world).await;
    assert!(files < 20, "{files} files for {UPLOADS} uploads");
    assert_eq!(world.all().await.len() as u64, 2 * UPLOADS);
}

#[tokio::test(flavor = "multi_thread")]
async fn upserts_into_merged_files_replace_and_leave_nothing_behind() {
    let world = world();
    let mut model: BTreeMap<u64, u64> = BTreeMap::new();
    for n in 0..60_u64 {
        // A key of before in every third one; else new ones only.
        let keys = if n % 3 == 2 { vec![n, n / 2] } else { vec![n] };
        let lines: String = keys.iter().map(|key| format!("{key},{n}\n")).collect();
        let mode = Mode::Upsert {
            key: "key".to_owned(),
        };
        let csv = format!("key,value\n{lines}");
        let made = world.upload("u.csv", csv.as_bytes(), mode);
        let replaced = keys.iter().filter(|key| model.contains_key(key)).count() as u64;
        assert_eq!(made.await.unwrap().updated, replaced);
        model.extend(keys.into_iter().map(|key| (key, n)));
    }
    let all = world.all().await;
    let found: BTreeMap<u64, u64> = all
        .iter()
        .map(|row| (row["key"].as_u64().unwrap(), row["value"].as_u64().unwrap()))
        .collect();
    assert_eq!((all.len(), &found), (model.len(), &model));
    // No file is there that no version names: a later process would sweep it, once it is old.
    let before = data_files(&world);
    let old = std::time::SystemTime::UNIX_EPOCH;
    for (name, _) in world.disk() {
        let file = std::fs::File::open(world.folder.path().join(name)).unwrap();
        file.set_modified(old).unwrap();
    }
    let later = World {
        tables: open(
            world.folder.path(),
            &world.clock,
            1,
            RequestLimits::default(),
        ),
        ..world
    };
    later.csv("key,value\n1000,0\n").await.unwrap();
    assert!(data_files(&later) > before);
    let files = files_of_latest(&later).await;
    assert!(files < 20 && files < before, "{files} files of {before}");
    let (world, extra) = (later, 1);
    let first: Vec<Value> = world.column("key").await;
    assert_eq!(first.len(), model.len() + extra);
}
