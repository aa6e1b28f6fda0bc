//! Where a table lies: derived from ids that the server gave out, never from text of a client.

use domain::{CollectionId, ProjectId};
use keys::DataKeys;
use object_store::path::Path;

/// One collection of one project, and the keys its bytes are sealed with.
#[derive(Debug, Clone)]
pub struct Place {
    pub(crate) project: ProjectId,
    pub(crate) collection: CollectionId,
    pub(crate) keys: DataKeys,
}

impl Place {
    /// The place of a collection. Only who has found the collection through a permit makes one.
    #[must_use]
    pub fn new(project: ProjectId, collection: CollectionId, keys: impl Into<DataKeys>) -> Self {
        Self {
            project,
            collection,
            keys: keys.into(),
        }
    }

    /// The folder of the collection in every store: `project/collection`.
    pub(crate) fn folder(&self) -> Path {
        Path::from_iter([self.project.as_str(), self.collection.as_str()])
    }
}
