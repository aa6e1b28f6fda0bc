//! A list is one index, a span, a cursor and a limit, and equals what sorting by hand gives.

use super::{Note, Store};
use crate::{Cursor, Document, Documents, Key, Order, PRIMARY, Page, Span, StoreError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::future::Future;

/// Runs a property whose body awaits. Needs a runtime of several threads.
fn check<S: Strategy>(strategy: S, body: impl AsyncFn(S::Value)) {
    let mut runner = TestRunner::new(Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    });
    let runtime = tokio::runtime::Handle::current();
    let result = runner.run(&strategy, |value| {
        tokio::task::block_in_place(|| runtime.block_on(body(value)));
        Ok(())
    });
    result.unwrap();
}

/// Notes with few ranks and few tags, so that ties and repetitions are common.
fn notes() -> impl Strategy<Value = Vec<(u64, Vec<&'static str>)>> {
    let tags = proptest::collection::vec(proptest::sample::select(vec!["", "a", "ab", "b"]), 0..4);
    proptest::collection::vec((0..4_u64, tags), 0..24)
}

/// A space never used before, so that cases do not see one another.
fn space() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("space {}", NEXT.fetch_add(1, Ordering::Relaxed))
}

async fn fill(documents: &Documents, notes: Vec<(u64, Vec<&str>)>) -> (String, Vec<Note>) {
    let space = space();
    let mut all = Vec::new();
    for (id, (rank, tags)) in (0..).zip(notes) {
        let mut note = Note::new(&space, id);
        note.rank = rank;
        note.tags = tags.into_iter().map(str::to_owned).collect();
        documents.insert(&note).await.unwrap();
        all.push(note);
    }
    (space, all)
}

/// All pages one after the other, each cursor sent through its text as a client would.
async fn walk<F: Future<Output = Result<Page<Note>, StoreError>>>(
    limit: u32,
    list: impl Fn(Option<Cursor>) -> F,
) -> Vec<u64> {
    let (mut after, mut ids) = (None, Vec::new());
    loop {
        let page = list(after).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        ids.extend(page.items.iter().map(|note| note.value.id));
        match page.next {
            Some(next) => {
                assert_eq!(
                    page.items.len(),
                    limit as usize,
                    "only the last page is short"
                );
                after = Some(next.to_string().parse().unwrap());
            }
            None => return ids,
        }
    }
}

fn turned<T>(mut items: Vec<T>, order: Order) -> Vec<T> {
    if order == Order::Descending {
        items.reverse();
    }
    items
}

pub(crate) async fn pages_equal_a_sorted_list((documents, _): Store) {
    check((notes(), 1..7_u32, any::<bool>(), 0..4_u64), async |case| {
        let (notes, limit, up, from) = case;
        let order = if up {
            Order::Ascending
        } else {
            Order::Descending
        };
        let (space, all) = fill(&documents, notes).await;
        let here = Key::new().text(&space);

        let ids = walk(limit, |after| {
            let (documents, here) = (&documents, &here);
            async move {
                documents
                    .list(PRIMARY, here, order, after.as_ref(), limit)
                    .await
            }
        });
        let expected: Vec<_> = all.iter().map(|note| note.id).collect();
        assert_eq!(ids.await, turned(expected, order));

        // A multi-valued index: once an entry, by (rank, document), of one tag and not of longer ones.
        let tagged = here.clone().text("a");
        let mut expected: Vec<_> = all
            .iter()
            .filter(|note| note.tags.iter().any(|tag| tag == "a"))
            .map(|note| (note.rank, note.id))
            .collect();
        expected.sort_unstable();
        let ids = |entries: &[(u64, u64)]| entries.iter().map(|entry| entry.1).collect::<Vec<_>>();
        let found = walk(limit, |after| {
            let (documents, tagged) = (&documents, &tagged);
            async move {
                documents
                    .list("tag", tagged, order, after.as_ref(), limit)
                    .await
            }
        });
        assert_eq!(found.await, turned(ids(&expected), order));
        let count = documents.count::<Note>("tag", &tagged).await.unwrap();
        assert_eq!(count, expected.len() as u64);
        let tags = [tagged.clone(), here.clone().text("absent")];
        let counts = documents.count_each::<Note>("tag", &tags).await;
        assert_eq!(counts, Ok(vec![expected.len() as u64, 0]));
        // The same documents by their keys alone, as many as asked for.
        let keys = documents.keys::<Note>("tag", &tagged, limit).await.unwrap();
        let by_key = |id: &u64| here.clone().number(*id).as_bytes().to_vec();
        let first = ids(&expected)
            .iter()
            .map(by_key)
            .take(limit as usize)
            .collect::<Vec<_>>();
        assert_eq!(keys, first);

        // A range of the same index.
        let span = Span::between(&tagged.clone().number(from), &tagged.clone().number(3));
        expected.retain(|(rank, _)| (from..3).contains(rank));
        let found = walk(limit, |after| {
            let (documents, span) = (&documents, span.clone());
            async move {
                documents
                    .list("tag", span, order, after.as_ref(), limit)
                    .await
            }
        });
        assert_eq!(found.await, turned(ids(&expected), order));
    });
}

pub(crate) async fn pages_over_several_prefixes_equal_a_merged_list((documents, _): Store) {
    check(
        (notes(), 1..7_u32, any::<bool>()),
        async |(notes, limit, up)| {
            let order = if up {
                Order::Ascending
            } else {
                Order::Descending
            };
            let (space, all) = fill(&documents, notes).await;
            let prefixes = ["a", "b", "absent"].map(|tag| Key::new().text(&space).text(tag));
            let mut expected: Vec<_> = all
                .iter()
                .filter(|note| note.tags.iter().any(|tag| tag == "a" || tag == "b"))
                .map(|note| (note.rank, note.id))
                .collect();
            expected.sort_unstable();
            let expected = expected.into_iter().map(|entry| entry.1).collect();
            let found = walk(limit, |after| {
                let (documents, prefixes) = (&documents, &prefixes);
                async move {
                    documents
                        .list_any("tag", prefixes, order, after.as_ref(), limit)
                        .await
                }
            });
            assert_eq!(found.await, turned(expected, order));
        },
    );
    let nothing = documents
        .list_any::<Note>("tag", &[], Order::Ascending, None, 5)
        .await
        .unwrap();
    assert!(nothing.items.is_empty() && nothing.next.is_none());
}

pub(crate) async fn a_prefix_falls_alone((documents, _): Store) {
    for space in ["ab", "abc", "ab\0", "a"] {
        for id in 0..3 {
            documents.insert(&Note::new(space, id)).await.unwrap();
        }
    }
    let fallen = Key::new().text("ab");
    assert_eq!(documents.delete_prefix::<Note>(&fallen).await, Ok(3));
    assert_eq!(documents.delete_prefix::<Note>(&fallen).await, Ok(0));
    assert_eq!(documents.count::<Note>(PRIMARY, &Key::new()).await, Ok(9));
    // Its index entries went with it, so that the titles are free again.
    assert_eq!(documents.count::<Note>("title", &fallen).await, Ok(0));
    assert_eq!(documents.count::<Note>("title", &Key::new()).await, Ok(9));
}

pub(crate) async fn a_made_up_cursor_stays_within_its_list((documents, _): Store) {
    for space in ["a", "b", "c"] {
        for id in 0..3 {
            let mut note = Note::new(space, id);
            note.tags = vec!["t".into()];
            documents.insert(&note).await.unwrap();
        }
    }
    let here = Key::new().text("b");
    let parts = [
        vec![],
        vec![0],
        vec![0xFF; 4],
        Note::new("c", 1).key().as_bytes().to_vec(),
    ];
    for rest in &parts {
        for document in &parts {
            let cursor = Cursor {
                rest: rest.clone(),
                document: document.clone(),
            };
            for index in [PRIMARY, "tag", "title"] {
                for order in [Order::Ascending, Order::Descending] {
                    let list = documents.list::<Note>(index, &here, order, Some(&cursor), 50);
                    let page = list.await.unwrap();
                    assert!(page.items.iter().all(|note| note.value.space == "b"));
                    let span = Span::between(&here, &Key::new().text("c"));
                    let list = documents.list::<Note>(index, span, order, Some(&cursor), 50);
                    let page = list.await.unwrap();
                    assert!(page.items.iter().all(|note| note.value.space == "b"));
                }
            }
        }
    }
}
