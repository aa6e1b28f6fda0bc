//! Collections as people know them: documents in a project, each with its table, behind permits.
//!
//! Everything here takes what proves the right to it: a permit, a document located under one, or an
//! act. The place of a table comes from such a document alone, so no id of a client ever becomes a
//! path.

mod create;
mod data;
mod delete;
mod error;
mod keys;
mod retention;
mod sort;
mod update;
mod upload;
mod usage;

pub use self::keys::{DataKeysInForce, rotate_data_key};
pub use create::NewCollection;
pub use error::CollectionError;
pub use update::CollectionPatch;
pub use usage::Usage;

use crate::error::TableError;
use crate::place::Place;
use crate::spool::Spool;
use crate::tables::Tables;
use ::keys::{DataKey, MasterKey, SealError};
use access::{AccessError, Act, Located};
use domain::action::{self, Action, DeleteProject};
use domain::entity::Collection;
use domain::limits::ProjectLimits;
use domain::{ProjectId, Rng};

/// The collections of the installation. Cheap to clone.
#[derive(Clone)]
pub struct Collections {
    tables: Tables,
    master: MasterKey,
    limits: ProjectLimits,
}

impl Collections {
    /// Collections over these tables, whose projects' keys are wrapped under this key and hold at most
    /// so much.
    #[must_use]
    pub fn new(tables: Tables, master: MasterKey, limits: ProjectLimits) -> Self {
        Self {
            tables,
            master,
            limits,
        }
    }

    /// What the configuration allows every project to hold; an admin may allow less.
    #[must_use]
    pub fn configured(&self) -> &ProjectLimits {
        &self.limits
    }

    /// Where the first file of an upload is received. A spool holds only what its sender brings, so it
    /// needs no permit; making a version of it does.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn spool(&self) -> Result<Spool, TableError> {
        self.tables.spool()
    }

    /// Removes the files of the project that is being deleted. Its key is gone by then, so they only
    /// take up room.
    ///
    /// # Errors
    /// When the store fails; what is left is removed by calling again.
    pub async fn drop_files(&self, act: &Act<DeleteProject>) -> Result<(), CollectionError> {
        Ok(self.tables.drop_project(act.permit().project_id()?).await?)
    }

    /// A data key for a new project, wrapped under the master key and bound to the project.
    ///
    /// # Errors
    /// Only when the library refuses the master key.
    pub fn new_project_key(&self, project: &ProjectId, rng: &dyn Rng) -> Result<String, SealError> {
        self.master
            .wrap(&DataKey::generate(rng), project.as_str(), rng)
    }

    /// Where the table of a located collection lies.
    ///
    /// # Errors
    /// When the project's key does not unwrap.
    fn place<A: Action<On = action::Project>>(
        &self,
        collection: &Located<Collection, A>,
    ) -> Result<Place, CollectionError> {
        let project = &collection.permit().project()?.value;
        if project.id != collection.project {
            return Err(AccessError::ForeignProject.into());
        }
        let keys = self
            .master
            .unwrap_all(&project.data_key, project.id.as_str())
            .map_err(|_| CollectionError::Key)?;
        Ok(Place::new(project.id.clone(), collection.id.clone(), keys))
    }
}
