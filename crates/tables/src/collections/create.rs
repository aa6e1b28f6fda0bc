//! Making a collection: a name without a table, until the first upload.

use super::{CollectionError, Collections};
use access::{Act, Detail, Target, TargetKind};
use domain::action::CreateCollection;
use domain::entity::Collection;
use domain::id::CollectionId;
use domain::limits::RequestLimits;
use domain::name;
use domain::retention::Retention;

/// What a collection starts with.
#[derive(Debug, Clone)]
pub struct NewCollection {
    /// Its name, unique in its project but for case.
    pub name: String,
    /// What it holds; may be empty.
    pub description: String,
}

pub(super) fn checked_name(text: &str) -> Result<String, CollectionError> {
    name::line(text, RequestLimits::default().name_chars_max).map_err(|source| {
        CollectionError::Text {
            pointer: "/name",
            source,
        }
    })
}

pub(super) fn checked_description(text: &str) -> Result<String, CollectionError> {
    name::text(text, RequestLimits::default().description_chars_max).map_err(|source| {
        CollectionError::Text {
            pointer: "/description",
            source,
        }
    })
}

impl Collections {
    /// Makes a collection.
    ///
    /// # Errors
    /// When its name or description cannot be kept, or the name is taken.
    pub async fn create(
        &self,
        act: &Act<CreateCollection>,
        new: NewCollection,
    ) -> Result<Collection, CollectionError> {
        let collection = Collection {
            id: CollectionId::generate(act.clock(), act.rng()),
            project: act.permit().project_id()?.clone(),
            name: checked_name(&new.name)?,
            description: checked_description(&new.description)?,
            columns: Vec::new(),
            version: None,
            rows: 0,
            bytes: 0,
            retention: Retention::default(),
            created_at: act.now(),
            updated_at: act.now(),
            changed_by: act.event().clone(),
        };
        act.insert(&collection)
            .await
            .map_err(CollectionError::of_write)?;
        // Counted when it is there, so that no two fit where one does.
        let limits = act.permit().project_limits(&self.limits).await?;
        let max = limits.project_collections_max;
        if act.permit().count::<Collection>().await? > max {
            act.delete_under::<Collection>(&[collection.id.as_str()])
                .await?;
            return Err(CollectionError::TooMany { max });
        }
        act.describe(
            Some(Target::new(TargetKind::Collection, &collection.id)),
            Detail::None,
        );
        Ok(collection)
    }
}
