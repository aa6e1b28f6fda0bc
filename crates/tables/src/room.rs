//! How much a project holds, and whether what comes still fits.

use crate::copies::is_copy;
use crate::error::TableError;
use crate::ingest::IngestError;
use crate::log::TableVersion;
use crate::place::Place;
use crate::tables::{Inner, Tables};
use domain::ProjectId;
use domain::limits::ProjectLimits;
use futures::TryStreamExt as _;
use object_store::ObjectStore as _;
use object_store::path::Path;

/// What a project may hold, and what it has besides the table in question.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// What it may hold.
    pub limits: ProjectLimits,
    /// Rows of its other tables.
    pub rows_elsewhere: u64,
}

impl Room {
    /// Whether a version may be committed, whose files are all written. What others write at the same
    /// moment is counted too, so that no two of them fit where one does.
    pub(crate) async fn admits(
        &self,
        inner: &Inner,
        place: &Place,
        next: &TableVersion,
    ) -> Result<(), IngestError> {
        let rows = next.rows().saturating_add(self.rows_elsewhere);
        check("rows", rows, self.limits.project_rows_max)?;
        let bytes = inner.held(&place.project).await?;
        check("bytes", bytes, self.limits.project_bytes_max)
    }
}

fn check(what: &'static str, held: u64, max: u64) -> Result<(), IngestError> {
    match held > max {
        true => Err(IngestError::ProjectFull { what, held, max }),
        false => Ok(()),
    }
}

impl Inner {
    /// Bytes of all that lies in the store for a project, but for sorted copies: they are the server's, not the project's.
    pub(crate) async fn held(&self, project: &ProjectId) -> Result<u64, TableError> {
        let listed = self.store.list(Some(&Path::from(project.as_str())));
        let sum = listed.try_fold(0_u64, |sum, meta| async move {
            let is_copy = meta.location.filename().is_some_and(is_copy);
            Ok(sum + if is_copy { 0 } else { meta.size })
        });
        Ok(sum.await?)
    }
}

impl Tables {
    /// Bytes of all versions of all tables of a project, as they lie in the store.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn held(&self, project: &ProjectId) -> Result<u64, TableError> {
        let (inner, project) = (std::sync::Arc::clone(&self.inner), project.clone());
        self.inner
            .engine
            .run(async move { inner.held(&project).await })
            .await?
    }
}
