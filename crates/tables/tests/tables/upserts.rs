//! Keyed upserts, what differs between versions, and what a kill leaves behind.

use crate::support::*;
use domain::limits::RequestLimits;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};
use tables::{IngestError, Ingested, Mode, NewVersion, Operation, QueryError, Tables};

fn by(key: &str) -> Mode {
    Mode::Upsert {
        key: key.to_owned(),
    }
}

impl World {
    async fn upsert(&self, key: &str, csv: &str) -> Result<Ingested, IngestError> {
        self.upload("u.csv", csv.as_bytes(), by(key)).await
    }

    async fn rows_at(&self, version: u64) -> Vec<String> {
        let found = self
            .tables
            .query(&self.place, Some(version), &rows_query(), ask())
            .await;
        lines(&found.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upsert_replaces_rows_of_its_keys_adds_the_others_and_is_one_version() {
    let world = world();
    world.csv("id,n\na,1\nb,2\n").await.unwrap();
    world.csv("id,n\nc,3\nd,4\n").await.unwrap();
    let made = world.upsert("id", "n,id\n20,b\n5,e\n").await.unwrap();
    assert_eq!(
        (made.version, made.rows, made.updated, made.total_rows),
        (3, 2, 1, 5)
    );
    assert_eq!(
        world.rows_at(3).await,
        ["\"a\" 1", "\"c\" 3", "\"d\" 4", "\"b\" 20", "\"e\" 5"]
    );
    assert_eq!(
        world.rows_at(2).await,
        ["\"a\" 1", "\"b\" 2", "\"c\" 3", "\"d\" 4"],
        "a version never changes"
    );
    // All rows of a file replaced; and again, of a file that was written for an upsert.
    let made = world
        .upsert("id", "id,n\nc,30\nd,40\na,10\n")
        .await
        .unwrap();
    assert_eq!((made.updated, made.total_rows), (3, 5));
    let versions = world.tables.versions(&world.place).await.unwrap();
    let newest = &versions[0];
    assert_eq!(newest.operation, Operation::Upsert);
    let change = newest.change.unwrap();
    assert_eq!(
        (change.rows_added, change.rows_removed, change.rows_updated),
        (0, 0, 3)
    );
    let appended = versions[2].change.unwrap();
    assert_eq!((appended.rows_added, appended.rows_removed), (2, 0));
    world
        .tables
        .restore(&world.place, 2, "usr_1")
        .await
        .unwrap();
    assert_eq!(world.rows_at(5).await, world.rows_at(2).await);
    // As another process sees it.
    let fresh = open(
        world.folder.path(),
        &world.clock,
        2,
        RequestLimits::default(),
    );
    let found = fresh
        .query(&world.place, Some(3), &rows_query(), ask())
        .await
        .unwrap();
    assert_eq!(lines(&found), world.rows_at(3).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_is_told_and_nothing_is_left() {
    let world = world();
    world.csv("id,part,n\na,x,1\na,y,2\n").await.unwrap();
    let before = world.disk();
    for (key, csv, words) in [
        ("no", "id,part,n\na,x,1\n", "no column \"no\""),
        ("id,no", "id,part,n\na,x,1\n", "no column \"no\""),
        ("id", "id,part,n\nq,x,1\nq,y,2\n", "\"q\" stands twice"),
        ("id,part", "id,part,n\nq,x,1\nq,,2\n", "no value in its key"),
    ] {
        let refused = world.upsert(key, csv).await.unwrap_err();
        assert!(matches!(refused, IngestError::Key { .. }), "{refused:?}");
        assert!(refused.to_string().contains(words), "{refused}");
        assert!(world.disk() == before, "{key}");
    }
    let refused = world.upsert("id", "id,part\na,x\n").await;
    assert!(
        matches!(refused, Err(IngestError::SchemaMismatch { .. })),
        "{refused:?}"
    );
    let made = world
        .upsert("id, part", "id,part,n\na,y,9\na,z,3\n")
        .await
        .unwrap();
    assert_eq!((made.updated, made.total_rows), (1, 3));
    let limits = RequestLimits {
        keyed_rows_max: 1,
        ..RequestLimits::default()
    };
    let small = world_with(2, limits);
    let refused = small.upsert("id", "id\n1\n2\n").await;
    assert!(
        matches!(refused, Err(IngestError::Key { .. })),
        "{refused:?}"
    );
    assert!(small.disk().is_empty());
}

/// Upserts, appends and overwrites as a map would do them.
#[tokio::test(flavor = "multi_thread")]
async fn upserts_agree_with_a_map() {
    let world = world();
    let mut oracle: BTreeMap<u64, u64> = BTreeMap::new();
    let mut random = 7_u64;
    let mut next = |below: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (random >> 33) % below
    };
    for round in 0..12_u64 {
        let mut rows = BTreeMap::new();
        for _ in 0..next(40) + 1 {
            rows.insert(next(60), round * 1_000 + next(1_000));
        }
        let known = rows.keys().filter(|key| oracle.contains_key(key)).count();
        let lines: String = rows.iter().map(|(k, v)| format!("{k},{v}\n")).collect();
        let made = world.upsert("k", &format!("k,v\n{lines}")).await.unwrap();
        assert_eq!(made.updated, known as u64);
        oracle.extend(rows);
        let mut found: Vec<(u64, u64)> = world
            .all()
            .await
            .iter()
            .map(|row| (row["k"].as_u64().unwrap(), row["v"].as_u64().unwrap()))
            .collect();
        found.sort_unstable();
        assert_eq!(found, oracle.clone().into_iter().collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_upserts_at_once_both_land_and_no_key_is_there_twice() {
    let world = world();
    let rows: String = (0..200).map(|n| format!("{n},0\n")).collect();
    world.csv(&format!("k,v\n{rows}")).await.unwrap();
    let other = open(
        world.folder.path(),
        &world.clock,
        2,
        RequestLimits::default(),
    );
    let upsert = |tables: Tables, value: u64| {
        let place = world.place.clone();
        async move {
            let mut spool = tables.spool().unwrap();
            let rows: String = (0..150).map(|n| format!("{},{value}\n", n * 2)).collect();
            spool
                .write(format!("k,v\n{rows}").as_bytes())
                .await
                .unwrap();
            let file = spool.finish("u.csv").await.unwrap();
            let new = NewVersion::new(vec![file], by("k"));
            tables.ingest(&place, new, "usr_1", None).await.unwrap()
        }
    };
    let (a, b) = tokio::join!(upsert(world.tables.clone(), 1), upsert(other, 2));
    assert_ne!(a.version, b.version);
    let last = if a.version > b.version { 1 } else { 2 };
    let all = world.all().await;
    let mut keys: Vec<u64> = all.iter().map(|row| row["k"].as_u64().unwrap()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((keys.len(), all.len()), (250, 250));
    assert!(all.iter().all(|row| row["v"]
        == json!(if row["k"].as_u64().unwrap() % 2 == 0 {
            last
        } else {
            0
        })));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_are_compared_by_columns_counts_and_keys() {
    let world = world();
    world.csv("id,n,old\na,1,x\nb,2,x\nc,3,x\n").await.unwrap();
    world.csv("id,n,old\nd,4,x\n").await.unwrap();
    world
        .upsert("id", "id,n,old\nb,20,x\nc,3,x\ne,5,x\n")
        .await
        .unwrap();
    let file = b"id,n,new\na,1.5,true\ne,5,false\n";
    world.upload("o.csv", file, Mode::Overwrite).await.unwrap();
    let diff = async |from, to, key| {
        world
            .tables
            .diff(&world.place, (from, to), key, ask())
            .await
    };
    let found = diff(1, 3, Some("id")).await.unwrap();
    assert_eq!((found.from, found.to), ((1, 3), (3, 5)));
    assert!(found.columns_added.is_empty() && found.columns_changed.is_empty());
    let keys = found.keys.unwrap();
    assert_eq!(
        keys.added,
        (2, vec!["\"d\"".to_owned(), "\"e\"".to_owned()])
    );
    assert_eq!(keys.changed, (1, vec!["\"b\"".to_owned()]));
    assert_eq!(keys.removed.0, 0);
    let back = diff(3, 1, Some("id")).await.unwrap().keys.unwrap();
    assert_eq!((back.added.0, back.removed.0, back.changed.0), (0, 2, 1));
    let other = diff(3, 4, Some("id")).await.unwrap();
    assert_eq!(kinds(&other.columns_added), "new:bool");
    assert_eq!(kinds(&other.columns_removed), "old:string");
    assert_eq!(other.columns_changed[0].0, "n");
    let keys = other.keys.unwrap();
    assert_eq!((keys.added.0, keys.removed.0, keys.changed.0), (0, 3, 2));
    assert_eq!(
        diff(2, 2, Some("id")).await.unwrap().keys.unwrap(),
        tables::KeyDiff::default()
    );
    assert!(diff(1, 2, None).await.unwrap().keys.is_none());
    assert!(matches!(
        diff(1, 9, None).await,
        Err(QueryError::NoSuchVersion { version: 9 })
    ));
    assert!(matches!(
        diff(1, 2, Some("no")).await,
        Err(QueryError::Shape { .. })
    ));
    let unfit = diff(1, 3, Some("old")).await.unwrap_err();
    assert!(unfit.to_string().contains("stands twice"), "{unfit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_or_missing_commit_is_an_error_and_never_an_older_version() {
    let world = world();
    for n in 0..4 {
        world.csv(&format!("a\n{n}\n")).await.unwrap();
    }
    let names = world.disk().into_iter().map(|(name, _)| name);
    let commits: Vec<_> = names
        .filter(|name| name.contains("_delta_log") && name.ends_with(".json"))
        .map(|name| world.folder.path().join(name))
        .collect();
    assert_eq!(commits.len(), 4);
    let fresh = || {
        open(
            world.folder.path(),
            &world.clock,
            2,
            RequestLimits::default(),
        )
    };
    let append = async |tables: Tables| {
        let file = world.file("c.csv", b"a\n9\n").await;
        let new = NewVersion::new(vec![file], Mode::Append);
        tables.ingest(&world.place, new, "usr_1", None).await
    };
    for (at, cut) in [(3, true), (3, false), (1, true), (1, false), (0, false)] {
        let whole = std::fs::read(&commits[at]).unwrap();
        let is_last = at == 3;
        if cut {
            std::fs::write(&commits[at], &whole[..whole.len() / 2]).unwrap();
        } else {
            std::fs::remove_file(&commits[at]).unwrap();
        }
        let tables = fresh();
        if cut || !is_last {
            assert!(tables.latest(&world.place).await.is_err(), "{at} {cut}");
            let refused = append(tables).await;
            assert!(
                matches!(refused, Err(IngestError::Failed(_))),
                "{at} {cut}: {refused:?}"
            );
        }
        std::fs::write(&commits[at], &whole).unwrap();
        let latest = fresh().latest(&world.place).await.unwrap().unwrap();
        assert_eq!((latest.version, latest.rows), (4, 4), "{at} {cut}");
    }
    assert_eq!(append(fresh()).await.unwrap().version, 5);
}

#[expect(
    clippy::disallowed_methods,
    reason = "the age of a file is the file system's, which knows no other clock"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_kill_left_is_swept_when_it_is_old_and_nothing_else_is() {
    let world = world();
    world.csv("a\n1\n").await.unwrap();
    world
        .upload("b.csv", b"a\n2\n", Mode::Overwrite)
        .await
        .unwrap();
    let folder = world.folder.path().join("objects");
    let listed = || {
        world
            .disk()
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    let part = listed()
        .into_iter()
        .find(|name| name.contains("part-"))
        .unwrap();
    let collection = world.folder.path().join(part).parent().unwrap().to_owned();
    assert!(collection.starts_with(&folder));
    let bytes = std::fs::read(
        collection
            .read_dir()
            .unwrap()
            .find_map(|entry| {
                let path = entry.unwrap().path();
                path.is_file().then_some(path)
            })
            .unwrap(),
    )
    .unwrap();
    let two_days_ago = now() - Duration::from_secs(48 * 3_600);
    let plant = |name: &str, at: SystemTime| {
        let path = collection.join(name);
        std::fs::write(&path, &bytes).unwrap();
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(at)
            .unwrap();
        path
    };
    let age_all = || {
        for entry in collection.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let file = std::fs::File::options().write(true).open(&path).unwrap();
                file.set_modified(two_days_ago).unwrap();
            }
        }
    };
    age_all();
    let left = plant(
        "part-00000000000000000000000000000000-00000.parquet",
        two_days_ago,
    );
    let report = plant("aside-00000000000000000000000000000000.csv", two_days_ago);
    let under_way = plant("part-11111111111111111111111111111111-00000.parquet", now());
    let fresh = open(
        world.folder.path(),
        &world.clock,
        2,
        RequestLimits::default(),
    );
    let file = world.file("c.csv", b"a\n3\n").await;
    let new = NewVersion::new(vec![file], Mode::Append);
    fresh
        .ingest(&world.place, new, "usr_1", None)
        .await
        .unwrap();
    assert!(!left.exists() && !report.exists(), "{:?}", listed());
    assert!(under_way.exists(), "an upload that is under way");
    for version in 1..=3 {
        let answer = fresh
            .query(&world.place, Some(version), &rows_query(), ask())
            .await
            .unwrap();
        assert!(answer.rows() > 0, "every version is whole");
    }
}
