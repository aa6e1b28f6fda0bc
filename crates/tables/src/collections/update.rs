//! Renaming and describing a collection, and keeping its hint of what the table holds.

use super::create::{checked_description, checked_name};
use super::{CollectionError, Collections};
use access::{AccessError, Act, StoreError};
use domain::action::{Action, Change, Project, WriteCollection};
use domain::entity::Collection;
use domain::id::CollectionId;

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct CollectionPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new description.
    pub description: Option<String>,
}

impl Collections {
    /// Changes a collection's name and description.
    ///
    /// # Errors
    /// When one cannot be kept, the name is taken, or the collection is gone.
    pub async fn update(
        &self,
        act: &Act<WriteCollection>,
        id: &CollectionId,
        patch: CollectionPatch,
    ) -> Result<Collection, CollectionError> {
        let name = patch.name.as_deref().map(checked_name).transpose()?;
        let description = patch
            .description
            .as_deref()
            .map(checked_description)
            .transpose()?;
        change(act, id, |collection| {
            if let Some(name) = &name {
                collection.name.clone_from(name);
            }
            if let Some(description) = &description {
                collection.description.clone_from(description);
            }
        })
        .await
    }
}

/// Reads a collection, changes it and writes it back, again when somebody was faster.
pub(super) async fn change<A: Change + Action<On = Project>>(
    act: &Act<A>,
    id: &CollectionId,
    edit: impl Fn(&mut Collection),
) -> Result<Collection, CollectionError> {
    for _ in 0..16 {
        let Some(located) = act.permit().locate::<Collection>(id).await? else {
            return Err(CollectionError::NoSuchCollection);
        };
        let mut collection = Collection::clone(&located);
        edit(&mut collection);
        collection.updated_at = act.now();
        collection.changed_by = act.event().clone();
        match act.replace(&located, &collection).await {
            Ok(_) => return Ok(collection),
            Err(AccessError::Store(StoreError::Stale)) => {}
            Err(error) => return Err(CollectionError::of_write(error)),
        }
    }
    Err(AccessError::Store(StoreError::Stale).into())
}
