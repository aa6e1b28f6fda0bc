//! Copies of data files with their rows sorted by a column that people filter by.
//!
//! Rows keep the order of upload, and a filter on a column whose values are mixed must look at all of them. A copy of a
//! data file stands beside it under a name that says so, in no version and no entry of the history: it is made in the
//! background, read instead of the file where much less of it must be read, and goes when the file goes. What comes back is
//! the same to the last bit, so nobody but a clock can tell whether there is one.

mod due;
mod wishes;
mod write;

pub use due::{Due, Sorted};
pub(crate) use due::{due, sort};
pub(crate) use wishes::Wishes;
pub use wishes::{Wish, WishList};

use crate::error::TableError;
use crate::place::Place;
use crate::tables::Inner;
use domain::CollectionId;
use futures::TryStreamExt as _;
use moka::future::Cache;
use object_store::ObjectStore as _;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// What the name of a copy begins with.
const PREFIX: &str = "by-";
/// How long a list of copies is held: another process may make some.
const HELD: Duration = Duration::from_secs(300);
/// Lists held.
const LISTS_MAX: u64 = 1_024;

/// A copy of a data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SortedCopy {
    /// The physical name of the column that its rows are sorted by.
    pub(crate) column: String,
    /// Its own name within the collection's folder.
    pub(crate) name: String,
    pub(crate) bytes: u64,
}

/// The copies that a collection has, by the data file they are of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Copies(HashMap<String, Vec<SortedCopy>>);

/// The lists of copies that are held.
pub(crate) struct Lists(Cache<CollectionId, Arc<Copies>>);

/// The name of a copy of a data file. The mark is random: two servers may make the same copy, and an object that was read once
/// must never be another one.
fn name_of(column: &str, mark: &str, file: &str) -> String {
    format!("{PREFIX}{column}-{mark}-{file}")
}

/// The column and the data file that a copy's name says; `None` when it is no copy's.
fn told(name: &str) -> Option<(&str, &str)> {
    let (column, rest) = name.strip_prefix(PREFIX)?.split_once('-')?;
    let (_, file) = rest.split_once('-')?;
    Some((column, file))
}

/// Whether a name is a copy's.
pub(crate) fn is_copy(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// The file whose staying and going a file shares: a copy's is the data file it is of, any other's its own.
pub(crate) fn stays_with(name: &str) -> &str {
    told(name).map_or(name, |(_, file)| file)
}

impl Copies {
    /// The copies of a data file.
    pub(crate) fn of(&self, file: &str) -> &[SortedCopy] {
        self.0.get(file).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The columns that any file has a copy by, in the order of their names.
    fn columns(&self) -> Vec<&str> {
        let all = self.0.values().flatten();
        let mut columns: Vec<&str> = all.map(|copy| copy.column.as_str()).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}

impl Lists {
    pub(crate) fn new() -> Self {
        let lists = Cache::builder().max_capacity(LISTS_MAX);
        Self(lists.time_to_live(HELD).build())
    }

    /// Looks again next time.
    pub(crate) async fn forget(&self, collection: &CollectionId) {
        self.0.invalidate(collection).await;
    }
}

impl Inner {
    /// The copies of a collection's files.
    pub(crate) async fn copies(&self, place: &Place) -> Result<Arc<Copies>, TableError> {
        if let Some(held) = self.copies.0.get(&place.collection).await {
            return Ok(held);
        }
        let listed = self.sealed(place);
        let mut listed = listed.list(Some(&place.folder()));
        let mut copies = Copies::default();
        while let Some(object) = listed.try_next().await? {
            let Some(name) = object.location.filename() else {
                continue;
            };
            if let Some((column, file)) = told(name) {
                copies
                    .0
                    .entry(file.to_owned())
                    .or_default()
                    .push(SortedCopy {
                        column: column.to_owned(),
                        name: name.to_owned(),
                        bytes: object.size,
                    });
            }
        }
        let copies = Arc::new(copies);
        let held = Arc::clone(&copies);
        self.copies.0.insert(place.collection.clone(), held).await;
        Ok(copies)
    }
}
