//! Removing files that nobody reads: what a kill left behind, and what only removed versions had, with their sorted
//! copies.
//!
//! A kill leaves files that an upload wrote and that never became part of a version. Such files are
//! sealed and never read; they only take up room. A collection is swept of them once in the life of a
//! process, after an upload to it. A file of an upload under way, of this process or another one, is
//! not listed by any version either, so only what is older than a day goes.

use crate::copies::{is_copy, stays_with};
use crate::error::TableError;
use crate::log::TableLog;
use crate::place::Place;
use crate::tables::Inner;
use object_store::{ObjectMeta, ObjectStoreExt as _};
use std::sync::PoisonError;

/// No upload lasts that long.
const OLD_HOURS: i64 = 24;

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files.
    pub files: u64,
    /// Their bytes, as they lay in the store.
    pub bytes: u64,
}

/// Sweeps a collection when this process has not done so yet. A failure only leaves the files there.
pub(crate) async fn sweep(inner: &Inner, place: &Place, log: &TableLog) {
    let first = {
        let mut swept = inner.swept.lock().unwrap_or_else(PoisonError::into_inner);
        swept.insert(place.collection.clone())
    };
    if !first {
        return;
    }
    match remove_unlisted(inner, place, log).await {
        Ok(Swept { files: 0, .. }) => {}
        Ok(Swept { files, .. }) => {
            tracing::info!(files, "files that belonged to no version were removed");
        }
        Err(error) => tracing::warn!(%error, "a collection was not swept"),
    }
}

/// Removes what no version lists and is old.
async fn remove_unlisted(
    inner: &Inner,
    place: &Place,
    log: &TableLog,
) -> Result<Swept, TableError> {
    // Listed first: a file that becomes part of a version from now on is not among them.
    let listed = listed(inner, place).await?;
    // The newest file's age is the store's own notion of the present.
    let newest = listed.iter().map(|object| object.last_modified).max();
    let old = |object: &ObjectMeta| {
        let age = newest.map(|newest| newest - object.last_modified);
        age.is_some_and(|age| age.num_hours() >= OLD_HOURS)
    };
    let old: Vec<_> = listed.into_iter().filter(old).collect();
    if old.is_empty() {
        return Ok(Swept::default());
    }
    let names = log
        .names(inner.latest_number(place).await?, |_| true)
        .await?;
    remove(inner, old, |name| !names.all.contains(name)).await
}

/// Removes what only versions have that are not offered.
pub(crate) async fn remove_unoffered(
    inner: &Inner,
    place: &Place,
    offers: impl Fn(u64) -> bool,
) -> Result<Swept, TableError> {
    let log = TableLog::new(inner.sealed(place), place)?;
    let listed = listed(inner, place).await?;
    let names = log.names(inner.latest_number(place).await?, offers).await?;
    remove(inner, listed, |name| {
        names.all.contains(name) && !names.used.contains(name)
    })
    .await
}

async fn listed(inner: &Inner, place: &Place) -> Result<Vec<ObjectMeta>, TableError> {
    let listed = inner
        .store
        .list_with_delimiter(Some(&place.folder()))
        .await?;
    let ours = |object: &ObjectMeta| {
        let name = object.location.filename();
        name.is_some_and(|name| {
            name.starts_with("part-") || name.starts_with("aside-") || is_copy(name)
        })
    };
    Ok(listed.objects.into_iter().filter(ours).collect())
}

async fn remove(
    inner: &Inner,
    objects: Vec<ObjectMeta>,
    goes: impl Fn(&str) -> bool,
) -> Result<Swept, TableError> {
    let mut swept = Swept::default();
    for object in objects {
        if object
            .location
            .filename()
            .map(stays_with)
            .is_some_and(&goes)
        {
            inner.store.delete(&object.location).await?;
            swept.files += 1;
            swept.bytes += object.size;
        }
    }
    Ok(swept)
}
