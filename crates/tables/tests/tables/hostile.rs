//! Files of every kind with bytes changed, cut and repeated, and a log that says what no version of ours writes: an
//! upload is taken or told what is wrong with it, and a table is read or is not. `make fuzz` tries more of them.

use crate::columnar::arrow;
use crate::formats::parquet;
use crate::support::*;
use crate::workbooks::sheet;
use deltalake::arrow::array::*;
use domain::limits::RequestLimits;
use futures::TryStreamExt as _;
use keys::{DataKey, SystemRng};
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use objects::{Sealed, SealingKeys};
use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::Arc;
use tables::{IngestError, Mode, Place};

/// As many cases as asked for in the environment, else these.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => default,
        None => ProptestConfig { cases, ..default },
    }
}

#[derive(Debug, Clone)]
enum Change {
    Byte(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index),
    Remove(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        6 => (index(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        1 => index().prop_map(Change::Cut),
        2 => (index(), proptest::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => (index(), index()).prop_map(|(from, to)| Change::Repeat(from, to)),
        2 => (index(), 1_u8..40).prop_map(|(at, bytes)| Change::Remove(at, bytes)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let place = |at: &Index| at.index(bytes.len());
        match change {
            Change::Byte(at, byte) => {
                let at = place(at);
                bytes[at] = *byte;
            }
            Change::Cut(at) => {
                let at = place(at);
                bytes.truncate(at);
            }
            Change::Insert(at, more) => {
                let at = place(at);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Repeat(from, to) => {
                let (from, to) = (place(from), place(to));
                let part = bytes[from.min(to)..from.max(to)].to_vec();
                bytes.splice(to..to, part);
            }
            Change::Remove(at, count) => {
                let at = place(at);
                let end = (at + usize::from(*count)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    bytes
}

/// A good file of each kind.
async fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mut csv = "name,n,x,day,\"with \"\"quotes\"\"\"\n".to_owned();
    for i in 0..40 {
        csv.push_str(&format!(
            "w{},{i},{}.5,2024-02-{:02},\"a, b\"\n",
            i % 3,
            i * 7,
            i % 28 + 1
        ));
    }
    let n = Int64Array::from_iter((0..600).map(|i| (i % 7 != 0).then_some(i)));
    let text = StringArray::from_iter_values((0..600).map(|i| format!("word {}", i % 11)));
    let x = Float64Array::from_iter_values((0..600).map(|i| f64::from(i) / 4.0));
    let columns: [(&str, ArrayRef); 3] = [
        ("n", Arc::new(n)),
        ("text", Arc::new(text)),
        ("x", Arc::new(x)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    vec![
        ("a.csv", csv.clone().into_bytes()),
        ("a.csv.gz", gzip(csv.as_bytes()).await),
        ("a.csv.zst", zstd(csv.as_bytes()).await),
        ("a.tsv", csv.replace(',', "\t").into_bytes()),
        ("a.parquet", parquet(&batch)),
        ("a.arrow", arrow(std::slice::from_ref(&batch), false, None)),
        ("a.arrows", arrow(&[batch], true, None)),
        ("a.xlsx", sheet().await),
    ]
}

proptest! {
    #![proptest_config(config(160))]

    #[test]
    fn a_file_of_any_kind_that_was_changed_is_taken_or_told(
        kind in 0..8_usize,
        changes in proptest::collection::vec(change(), 0..5),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = world();
            world.csv("old\n1\n").await.unwrap();
            let before = world.disk();
            let (name, good) = files().await.swap_remove(kind);
            let bytes = changed(good.clone(), &changes);
            match world.upload(name, &bytes, Mode::Overwrite).await {
                Ok(taken) => prop_assert_eq!(world.all().await.len() as u64, taken.rows),
                Err(error) => {
                    prop_assert!(bytes != good, "{name} as it should be: {error}");
                    // A bad file is no failure of the server.
                    prop_assert!(!matches!(error, IngestError::Failed(_)), "{name}: {error}");
                    prop_assert_eq!(world.column("old").await, [1]);
                    prop_assert!(world.disk() == before, "{name} left something behind");
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_log_that_was_changed_is_read_or_is_not(changes in proptest::collection::vec(change(), 0..4), entry in any::<Index>()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = world();
            let ids: [String; 2] = { let place = format!("{:?}", world.place); parts(&place) };
            let key = DataKey::generate(&SystemRng);
            world.place = Place::new(ids[0].parse().unwrap(), ids[1].parse().unwrap(), key.clone());
            world.csv("a,b\n1,x\n2,y\n").await.unwrap();
            world.csv("a,b\n3,z\n").await.unwrap();
            // Who holds the key writes what he likes.
            let disk = objects::local(world.folder.path().join("objects")).unwrap();
            let store = Sealed::new(disk, SealingKeys::new(key));
            let log = Path::from_iter([ids[0].as_str(), ids[1].as_str(), "_delta_log"]);
            let entries: Vec<_> = store.list(Some(&log)).try_collect().await.unwrap();
            let at = &entries[entry.index(entries.len())].location;
            let bytes = store.get(at).await.unwrap().bytes().await.unwrap().to_vec();
            store.put(at, changed(bytes, &changes).into()).await.unwrap();
            let fresh = open(world.folder.path(), &world.clock, 2, RequestLimits::default());
            // Not more rows than there are, and no end of the process; what cannot be read is an error.
            if let Ok(answer) = fresh.query(&world.place, None, &rows_query(), ask()).await {
                prop_assert!(rows(&answer).len() <= 3);
            }
            let _ = fresh.latest(&world.place).await;
            Ok(())
        })?;
    }
}

/// The project's and the collection's id, as the place of a table shows them.
fn parts(place: &str) -> [String; 2] {
    let id = |prefix: &str| {
        let from = place.find(prefix).unwrap();
        let rest = &place[from..];
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap();
        rest[..end].to_owned()
    };
    [id("prj_"), id("col_")]
}
