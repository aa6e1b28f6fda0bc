//! What every store must do, written against the interface alone. A new store runs the same stories.

pub(crate) mod changes;
pub(crate) mod journal;
pub(crate) mod lists;

use crate::{Document, Documents, Index, Journal, Key};
use serde::{Deserialize, Serialize};
use std::future::Future;

/// Calls `$run!(name)` for each story, so that a store's tests list them all by name.
macro_rules! stories {
    ($run:ident) => {
        $run! {
            changes::a_document_is_inserted_read_replaced_and_deleted
            changes::one_of_fifty_replacers_wins_each_round
            changes::one_of_fifty_holders_of_a_unique_key_wins_and_the_others_leave_nothing
            changes::one_of_fifty_inserters_of_a_key_wins
            changes::a_failed_change_does_not_disturb_its_neighbours
            changes::a_replaced_document_leaves_its_old_entries
            changes::an_old_body_is_upgraded_and_a_newer_one_is_refused
            changes::an_undeclared_index_is_refused
            changes::a_batch_reads_several_kinds
            lists::pages_equal_a_sorted_list
            lists::pages_over_several_prefixes_equal_a_merged_list
            lists::a_prefix_falls_alone
            lists::a_made_up_cursor_stays_within_its_list
            journal::concurrent_appends_make_one_chain_without_holes
            journal::questions_equal_a_filtered_list
        }
    };
}
pub(crate) use stories;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) space: String,
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) tags: Vec<String>,
    pub(crate) rank: u64,
}

impl Note {
    pub(crate) fn new(space: &str, id: u64) -> Self {
        Self {
            space: space.to_owned(),
            id,
            title: format!("note {id}"),
            tags: Vec::new(),
            rank: 0,
        }
    }
}

impl Document for Note {
    const KIND: &'static str = "note";
    const SCHEMA: u32 = 1;
    const INDEXES: &'static [Index] = &[Index::unique("title"), Index::ordered("tag")];

    fn key(&self) -> Key {
        Key::new().text(&self.space).number(self.id)
    }

    fn index_keys(&self) -> Vec<(&'static str, Key)> {
        let tags = self.tags.iter().map(|tag| {
            let at = Key::new().text(&self.space).text(tag);
            ("tag", at.number(self.rank))
        });
        let title = Key::new().text(&self.space).text(&self.title);
        std::iter::once(("title", title)).chain(tags).collect()
    }
}

/// Runs `count` futures at once, from a common start.
pub(crate) async fn at_once<F>(count: u64, make: impl Fn(u64) -> F) -> Vec<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(count as usize));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (start, work) = (start.clone(), make(number));
            tokio::spawn(async move {
                start.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

/// A store to be tested: stories take both halves, so that all have one shape.
pub(crate) type Store = (Documents, Journal);
