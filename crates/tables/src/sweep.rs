//! Removing what a kill left behind: files that an upload wrote and that never became part of a version.
//!
//! Such files are sealed and never read; they only take up room. A collection is swept once in the
//! life of a process, after an upload to it. A file of an upload under way, of this process or
//! another one, is not listed by any version either, so only what is older than a day goes.

use crate::error::TableError;
use crate::log::TableLog;
use crate::place::Place;
use crate::tables::Inner;
use object_store::ObjectStoreExt as _;
use std::sync::PoisonError;

/// No upload lasts that long.
const OLD_HOURS: i64 = 24;

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
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "files that belonged to no version were removed"),
        Err(error) => tracing::warn!(%error, "a collection was not swept"),
    }
}

async fn remove_unlisted(inner: &Inner, place: &Place, log: &TableLog) -> Result<u64, TableError> {
    // Listed first: a file that becomes part of a version from now on is not among them.
    let folder = place.folder();
    let listed = inner.store.list_with_delimiter(Some(&folder)).await?;
    let ours = |name: &str| name.starts_with("part-") || name.starts_with("aside-");
    // The newest file's age is the store's own notion of the present.
    let newest = listed
        .objects
        .iter()
        .map(|object| object.last_modified)
        .max();
    let old: Vec<_> = listed
        .objects
        .into_iter()
        .filter(|object| object.location.filename().is_some_and(ours))
        .filter(|object| {
            let age = newest.map(|newest| newest - object.last_modified);
            age.is_some_and(|age| age.num_hours() >= OLD_HOURS)
        })
        .collect();
    if old.is_empty() {
        return Ok(0);
    }
    let known = log.all_files(inner.latest_number(place).await?).await?;
    let mut removed = 0;
    for object in old {
        let name = object.location.filename().unwrap_or_default();
        if !known.contains(name) {
            inner.store.delete(&object.location).await?;
            removed += 1;
        }
    }
    Ok(removed)
}
