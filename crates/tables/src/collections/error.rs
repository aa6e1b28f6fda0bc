//! Why something with a collection did not happen.

use crate::error::TableError;
use crate::ingest::IngestError;
use crate::query::QueryError;
use crate::tables::SnapshotError;
use access::{AccessError, FailureCode, StoreError};
use domain::name::NameError;

/// Why something with a collection did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CollectionError {
    /// A name or description that cannot be kept.
    #[error("{source}")]
    Text {
        /// Which field, as a JSON pointer.
        pointer: &'static str,
        /// What is wrong.
        source: NameError,
    },
    /// Another collection of the project has this name.
    #[error("another collection of this project has this name")]
    Taken,
    /// The project has as many collections as it may.
    #[error("this project has {max} collections, and more are not allowed: delete one first")]
    TooMany {
        /// How many are allowed.
        max: u64,
    },
    /// There is no such collection.
    #[error("there is no such collection")]
    NoSuchCollection,
    /// There is no such version.
    #[error("there is no version {0}")]
    NoSuchVersion(u64),
    /// There was such a version; it is kept no longer.
    #[error(
        "version {0} was removed: this collection keeps only its latest versions, and those that dashboards are pinned to"
    )]
    VersionRemoved(u64),
    /// A file cannot become a table.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// A question that cannot be asked, or took too much.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The project's key does not unwrap under the master key.
    #[error("the project's data cannot be unsealed with this master key")]
    Key,
    /// Documents or the log failed.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Tables failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<SnapshotError> for CollectionError {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::NoSuchVersion { version } => Self::NoSuchVersion(version),
            SnapshotError::Failed(error) => Self::Table(error),
        }
    }
}

impl CollectionError {
    /// A failure of a write, where a taken name is the caller's and not the store's.
    pub(super) fn of_write(error: AccessError) -> Self {
        match error {
            AccessError::Store(StoreError::Duplicate { .. }) => Self::Taken,
            other => Self::Access(other),
        }
    }
}

impl FailureCode for CollectionError {
    fn code(&self) -> &'static str {
        match self {
            Self::Text { .. } => "invalid",
            Self::Taken => "name_taken",
            Self::TooMany { .. } | Self::Ingest(IngestError::ProjectFull { .. }) => "project_full",
            Self::NoSuchCollection => "not_found",
            Self::NoSuchVersion(_) => "no_such_version",
            Self::VersionRemoved(_) => "version_removed",
            Self::Ingest(IngestError::Cut) => "body_cut",
            Self::Ingest(_) => "bad_file",
            Self::Query(_) => "bad_query",
            Self::Key => "sealed",
            Self::Access(_) | Self::Table(_) => "unavailable",
        }
    }
}
