//! One document is the unit of atomic change, whoever races.

use super::{Note, Store, at_once};
use crate::{Document, Index, Key, Order, PRIMARY, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) async fn a_document_is_inserted_read_replaced_and_deleted((documents, _): Store) {
    let mut note = Note::new("a", 1);
    assert_eq!(documents.get::<Note>(&note.key()).await, Ok(None));
    assert_eq!(documents.insert(&note).await, Ok(1));
    assert_eq!(
        documents.insert(&note).await,
        Err(StoreError::Exists { kind: "note" })
    );
    note.title = "other".into();
    assert_eq!(documents.replace(&note, 1).await, Ok(2));
    assert_eq!(documents.replace(&note, 1).await, Err(StoreError::Stale));
    assert_eq!(
        documents.replace(&note, u64::MAX).await,
        Err(StoreError::Stale)
    );
    let stored = documents.get::<Note>(&note.key()).await.unwrap().unwrap();
    assert_eq!((stored.value, stored.revision), (note.clone(), 2));
    assert_eq!(
        documents.delete::<Note>(&note.key(), 1).await,
        Err(StoreError::Stale)
    );
    assert_eq!(documents.delete::<Note>(&note.key(), 2).await, Ok(()));
    assert_eq!(documents.get::<Note>(&note.key()).await, Ok(None));
    assert_eq!(
        documents.delete::<Note>(&note.key(), 2).await,
        Err(StoreError::Stale)
    );
    assert_eq!(documents.replace(&note, 2).await, Err(StoreError::Stale));
    let title = Key::new().text("a").text("other");
    assert_eq!(documents.find::<Note>("title", &title).await, Ok(None));
}

pub(crate) async fn one_of_fifty_replacers_wins_each_round((documents, _): Store) {
    let note = Note::new("a", 1);
    documents.insert(&note).await.unwrap();
    for round in 1..=20 {
        let results = at_once(50, |racer| {
            let (documents, mut note) = (documents.clone(), note.clone());
            note.rank = racer;
            async move { documents.replace(&note, round).await.map(|_| racer) }
        })
        .await;
        let winners: Vec<_> = results.iter().filter_map(|r| r.as_ref().ok()).collect();
        assert_eq!(winners.len(), 1, "round {round}");
        let lost = |r: &&Result<u64, StoreError>| **r == Err(StoreError::Stale);
        assert_eq!(results.iter().filter(lost).count(), 49);
        let stored = documents.get::<Note>(&note.key()).await.unwrap().unwrap();
        assert_eq!(
            (stored.value.rank, stored.revision),
            (*winners[0], round + 1)
        );
    }
}

pub(crate) async fn one_of_fifty_holders_of_a_unique_key_wins_and_the_others_leave_nothing(
    (documents, _): Store,
) {
    let results = at_once(50, |id| {
        let (documents, mut note) = (documents.clone(), Note::new("a", id));
        note.title = "the one".into();
        note.tags = vec!["x".into()];
        async move { documents.insert(&note).await }
    })
    .await;
    let lost = Err(StoreError::Duplicate { index: "title" });
    assert_eq!(results.iter().filter(|r| **r == Ok(1)).count(), 1);
    assert_eq!(results.iter().filter(|r| **r == lost).count(), 49);
    let space = Key::new().text("a");
    assert_eq!(documents.count::<Note>(PRIMARY, &space).await, Ok(1));
    assert_eq!(documents.count::<Note>("tag", &space).await, Ok(1));

    // The same title in another space is another key, and a replacement must not take a held one.
    let mut other = Note::new("b", 1);
    other.title = "the one".into();
    documents.insert(&other).await.unwrap();
    let mut second = Note::new("b", 2);
    documents.insert(&second).await.unwrap();
    second.title = "the one".into();
    let refused = documents.replace(&second, 1).await;
    assert_eq!(refused, Err(StoreError::Duplicate { index: "title" }));
    // What was refused is as it was, its old entry included.
    let title = Key::new().text("b").text("note 2");
    let kept = documents.find::<Note>("title", &title).await.unwrap();
    assert_eq!(kept.unwrap().revision, 1);
}

pub(crate) async fn one_of_fifty_inserters_of_a_key_wins((documents, _): Store) {
    let results = at_once(50, |racer| {
        let (documents, mut note) = (documents.clone(), Note::new("a", 1));
        note.title = format!("racer {racer}");
        async move { documents.insert(&note).await }
    })
    .await;
    let lost = Err(StoreError::Exists { kind: "note" });
    assert_eq!(results.iter().filter(|r| **r == Ok(1)).count(), 1);
    assert_eq!(results.iter().filter(|r| **r == lost).count(), 49);
}

pub(crate) async fn a_failed_change_does_not_disturb_its_neighbours((documents, _): Store) {
    documents.insert(&Note::new("a", 1_000)).await.unwrap();
    let results = at_once(100, |id| {
        let (documents, mut note) = (documents.clone(), Note::new("a", id));
        if id % 2 == 0 {
            note.title = "note 1000".into();
        }
        async move { (id, documents.insert(&note).await.is_ok()) }
    })
    .await;
    for (id, inserted) in results {
        let found = documents.get::<Note>(&Note::new("a", id).key()).await;
        assert_eq!(
            (inserted, found.unwrap().is_some()),
            (id % 2 == 1, id % 2 == 1)
        );
    }
}

pub(crate) async fn a_replaced_document_leaves_its_old_entries((documents, _): Store) {
    let mut note = Note::new("a", 1);
    // The same tag twice is one entry.
    note.tags = vec!["red".into(), "green".into(), "red".into()];
    documents.insert(&note).await.unwrap();
    let (red, blue) = (
        Key::new().text("a").text("red"),
        Key::new().text("a").text("blue"),
    );
    assert_eq!(documents.count::<Note>("tag", &red).await, Ok(1));
    note.tags = vec!["blue".into(), "green".into()];
    documents.replace(&note, 1).await.unwrap();
    assert_eq!(documents.count::<Note>("tag", &red).await, Ok(0));
    assert_eq!(documents.count::<Note>("tag", &blue).await, Ok(1));
    documents.delete::<Note>(&note.key(), 2).await.unwrap();
    assert_eq!(documents.count::<Note>("tag", &Key::new()).await, Ok(0));
    assert_eq!(documents.count::<Note>("title", &Key::new()).await, Ok(0));
}

macro_rules! memo {
    ($name:ident, $schema:literal, $field:ident) => {
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            $field: String,
        }

        impl Document for $name {
            const KIND: &'static str = "memo";
            const SCHEMA: u32 = $schema;
            const INDEXES: &'static [Index] = &[];

            fn key(&self) -> Key {
                Key::new().text("memo")
            }

            fn index_keys(&self) -> Vec<(&'static str, Key)> {
                Vec::new()
            }

            fn upgrade(from: u32, body: Value) -> Value {
                // Two steps, so that a body two versions old takes both, in order.
                match from {
                    1 => json!({ "middle": format!("{} first", body["old"].as_str().unwrap()) }),
                    _ => json!({ "new": format!("{} second", body["middle"].as_str().unwrap()) }),
                }
            }
        }
    };
}
memo!(OldMemo, 1, old);
memo!(NewMemo, 3, new);

pub(crate) async fn an_old_body_is_upgraded_and_a_newer_one_is_refused((documents, _): Store) {
    let old = OldMemo { old: "text".into() };
    documents.insert(&old).await.unwrap();
    let read = documents.get::<NewMemo>(&old.key()).await.unwrap().unwrap();
    assert_eq!(read.value.new, "text first second");
    documents.replace(&read.value, read.revision).await.unwrap();
    let newer = StoreError::Newer {
        kind: "memo",
        found: 3,
        known: 1,
    };
    assert_eq!(documents.get::<OldMemo>(&old.key()).await, Err(newer));
}

pub(crate) async fn an_undeclared_index_is_refused((documents, _): Store) {
    let undeclared = StoreError::UndeclaredIndex {
        kind: "note",
        index: "colour",
    };
    let found = documents.find::<Note>("colour", &Key::new()).await;
    assert_eq!(found, Err(undeclared.clone()));
    let listed = documents
        .list::<Note>("colour", &Key::new(), Order::Ascending, None, 1)
        .await;
    assert_eq!(listed, Err(undeclared));
}

pub(crate) async fn a_batch_reads_several_kinds((documents, _): Store) {
    let (note, memo) = (Note::new("a", 1), NewMemo { new: "x".into() });
    documents.insert(&note).await.unwrap();
    documents.insert(&memo).await.unwrap();
    let mut batch = documents.batch();
    let first = batch.add::<Note>(&note.key());
    let absent = batch.add::<Note>(&Note::new("a", 2).key());
    let second = batch.add::<NewMemo>(&memo.key());
    let mut got = batch.read().await.unwrap();
    assert_eq!(got.take(second).unwrap().unwrap().value, memo);
    assert_eq!(got.take(absent).unwrap(), None);
    assert_eq!(got.take(first).unwrap().unwrap().value, note);
    let many = documents
        .get_many::<Note>(&[Note::new("a", 2).key(), note.key()])
        .await
        .unwrap();
    assert_eq!(many[0], None);
    assert_eq!(many[1].as_ref().unwrap().value, note);
}
