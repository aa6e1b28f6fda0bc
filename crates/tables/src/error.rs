//! What can go wrong beneath every use case: the store, the log, the engine.

/// A failure that no change of the request would mend.
///
/// Its text is for the log of the server, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The object store failed.
    #[error("object store: {0}")]
    Store(#[from] object_store::Error),
    /// A version was being committed, and nobody can tell whether it is there.
    #[error("object store, while a version was committed: {0}")]
    Unknown(object_store::Error),
    /// The Delta log cannot be read.
    #[error("table log: {0}")]
    Log(String),
    /// A data file cannot be read or written.
    #[error("data file: {0}")]
    File(#[from] deltalake::parquet::errors::ParquetError),
    /// The query engine failed.
    #[error("query engine: {0}")]
    Engine(#[from] deltalake::datafusion::error::DataFusionError),
    /// An Arrow computation failed.
    #[error("arrow: {0}")]
    Arrow(#[from] deltalake::arrow::error::ArrowError),
    /// A file of the server itself cannot be used.
    #[error("spool: {0}")]
    Spool(#[from] std::io::Error),
    /// A task of the engine ended without an answer.
    #[error("the engine stopped: {0}")]
    Stopped(String),
}

impl TableError {
    /// Whether the disk has no room left.
    #[must_use]
    pub fn is_storage_full(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            let of_system = error.downcast_ref::<std::io::Error>();
            if of_system.is_some_and(|error| error.kind() == std::io::ErrorKind::StorageFull) {
                return true;
            }
            // An error of the system says no source, but may carry one.
            let carried = of_system.and_then(std::io::Error::get_ref);
            cause = carried.map_or_else(|| error.source(), |carried| Some(carried));
        }
        false
    }
}

impl From<deltalake::DeltaTableError> for TableError {
    fn from(error: deltalake::DeltaTableError) -> Self {
        Self::Log(error.to_string())
    }
}

impl From<crate::schema::SchemaError> for TableError {
    fn from(error: crate::schema::SchemaError) -> Self {
        Self::Log(error.to_string())
    }
}

impl From<serde_json::Error> for TableError {
    fn from(error: serde_json::Error) -> Self {
        Self::Log(error.to_string())
    }
}

impl From<tokio::task::JoinError> for TableError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Stopped(error.to_string())
    }
}
