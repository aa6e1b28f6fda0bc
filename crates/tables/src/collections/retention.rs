//! Which versions of a collection are kept, and removing the others.

use super::update::change;
use super::{CollectionError, Collections};
use crate::sweep::Swept;
use access::{Act, Located};
use domain::Timestamp;
use domain::action::{Action, Project, RemoveVersions};
use domain::entity::Collection;
use domain::id::CollectionId;
use std::collections::BTreeSet;

impl Collections {
    /// Says how many of the latest versions are kept, `None` for all. What is beyond that and not pinned is offered
    /// no longer from now on.
    ///
    /// # Errors
    /// When the collection is gone, or the store fails.
    pub async fn keep(
        &self,
        act: &Act<RemoveVersions>,
        id: &CollectionId,
        keep: Option<u64>,
        pinned: &BTreeSet<u64>,
    ) -> Result<Collection, CollectionError> {
        let now = act.now();
        change(act, id, |collection| {
            collection.retention.keep = keep;
            let latest = collection.version.unwrap_or(0);
            collection.retention.leave(latest, pinned, now);
        })
        .await
    }

    /// Removes for good what has been leaving since `before` or longer and is pinned by nobody.
    ///
    /// # Errors
    /// When the collection is gone, or the store fails; what is left goes when this is called again.
    pub async fn remove_left(
        &self,
        act: &Act<RemoveVersions>,
        collection: &Located<Collection, RemoveVersions>,
        pinned: &BTreeSet<u64>,
        before: Timestamp,
    ) -> Result<(Collection, Swept), CollectionError> {
        let place = self.place(collection)?;
        // Nobody is offered them before a file goes: a crash in between only leaves files.
        let settled = change(act, &collection.id, |collection| {
            let latest = collection.version.unwrap_or(0);
            collection.retention.settle(latest, pinned, before);
        })
        .await?;
        let retention = settled.retention.clone();
        let swept = self
            .tables
            .remove_unoffered(&place, move |version| !retention.is_removed(version))
            .await?;
        Ok((settled, swept))
    }
}

/// Refuses a version that was removed, or is about to be.
pub(super) fn offered<A: Action<On = Project>>(
    collection: &Located<Collection, A>,
    version: Option<u64>,
) -> Result<(), CollectionError> {
    match version {
        Some(version) if !collection.retention.offers(version) => {
            Err(CollectionError::VersionRemoved(version))
        }
        _ => Ok(()),
    }
}
