//! A collection as it goes over the wire.

use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::{Located, Permit, Target, TargetKind};
use domain::action::{Action, Project};
use domain::entity::Collection;
use domain::id::CollectionId;
use domain::{Column, Timestamp};
use serde::Serialize;
use tables::{Ingested, Snapshot};
use utoipa::ToSchema;

/// A collection and what its latest version holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CollectionBody {
    /// The id.
    id: CollectionId,
    /// What it is called.
    name: String,
    /// What it holds.
    description: String,
    /// Rows of the latest version; 0 before the first upload.
    rows: u64,
    /// The latest version; `null` before the first upload.
    version: Option<u64>,
    /// Columns of the latest version.
    columns: Vec<Column>,
    /// Bytes of the latest version.
    bytes: u64,
    /// How many of the latest versions are kept; `null` for all.
    keep_versions: Option<u64>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<&Collection> for CollectionBody {
    fn from(collection: &Collection) -> Self {
        Self {
            id: collection.id.clone(),
            name: collection.name.clone(),
            description: collection.description.clone(),
            rows: collection.rows,
            version: collection.version,
            columns: collection.columns.clone(),
            bytes: collection.bytes,
            keep_versions: collection.retention.keep,
            created_at: collection.created_at,
            updated_at: collection.updated_at,
        }
    }
}

impl CollectionBody {
    /// With what the table itself says, which is the truth.
    pub(super) fn with(mut self, latest: Option<Snapshot>) -> Self {
        if let Some(latest) = latest {
            self.version = Some(latest.version);
            self.rows = latest.rows;
            self.columns = latest.columns;
            self.bytes = latest.bytes;
        }
        self
    }
}

/// A version that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionMade {
    /// Its number.
    version: u64,
    /// Rows of this upload.
    rows: u64,
    /// Rows of this version.
    total_rows: u64,
    /// Its columns.
    columns: Vec<Column>,
    /// Rows of this upload that did not fit and were set aside.
    set_aside: u64,
    /// Rows of this upload that took the place of others with the same key.
    rows_updated: u64,
}

impl From<Ingested> for VersionMade {
    fn from(made: Ingested) -> Self {
        Self {
            version: made.version,
            rows: made.rows,
            total_rows: made.total_rows,
            columns: made.columns,
            set_aside: made.set_aside,
            rows_updated: made.updated,
        }
    }
}

/// Finds the collection that the path names.
pub(super) async fn locate<A: Action<On = Project>>(
    permit: &Permit<A>,
    ids: &Ids,
) -> Result<Located<Collection, A>, Problem> {
    let id: CollectionId = ids.get("collection")?;
    permit
        .locate::<Collection>(&id)
        .await?
        .ok_or_else(Problem::not_found)
}

/// The collection, for a record.
pub(super) fn target(collection: &Collection) -> Option<Target> {
    Some(Target::new(TargetKind::Collection, &collection.id))
}
