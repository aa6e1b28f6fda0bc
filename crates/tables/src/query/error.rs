//! Why a question was not answered.

use crate::error::TableError;
use crate::tables::SnapshotError;
use domain::ExpressionError;
use std::sync::Arc;

/// Why a question was not answered.
#[derive(Debug, Clone, thiserror::Error)]
pub enum QueryError {
    /// A column is named that the table does not have.
    #[error("there is no column \"{name}\"{}", near_text(.near))]
    UnknownColumn {
        /// Where in the query, as a JSON pointer (RFC 6901).
        pointer: String,
        /// The name asked for.
        name: String,
        /// Names of columns that are much like it.
        near: Vec<String>,
    },
    /// A filter cannot be asked of its column.
    #[error("{message}")]
    Filter {
        /// Which filter, counted from 0.
        index: usize,
        /// Where in the filter, as a JSON pointer (RFC 6901).
        pointer: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// The filter expression cannot be asked of the table.
    #[error(transparent)]
    Expression(Box<ExpressionError>),
    /// Something else about the query cannot be.
    #[error("{message}")]
    Shape {
        /// Where in the query, as a JSON pointer (RFC 6901).
        pointer: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// There is no such version.
    #[error("there is no version {version}")]
    NoSuchVersion {
        /// The version asked for.
        version: u64,
    },
    /// The answer, or what it is made from, needs more memory than it may.
    #[error("the query needs more than {bytes_max} bytes of memory")]
    TooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// The answer took longer than it may.
    #[error("the query took longer than {wall_ms_max} ms and was ended")]
    Deadline {
        /// The limit.
        wall_ms_max: u64,
    },
    /// The server failed.
    #[error("{0}")]
    Failed(Arc<TableError>),
}

fn near_text(near: &[String]) -> String {
    match near {
        [] => String::new(),
        [one] => format!("; did you mean \"{one}\"?"),
        [first, rest @ ..] => {
            let rest: Vec<String> = rest.iter().map(|name| format!("\"{name}\"")).collect();
            format!("; did you mean \"{first}\" or {}?", rest.join(" or "))
        }
    }
}

impl From<TableError> for QueryError {
    fn from(error: TableError) -> Self {
        Self::Failed(Arc::new(error))
    }
}

impl From<SnapshotError> for QueryError {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::NoSuchVersion { version } => Self::NoSuchVersion { version },
            SnapshotError::Failed(error) => error.into(),
        }
    }
}

macro_rules! failed_from {
    ($($error:ty),+) => {$(
        impl From<$error> for QueryError {
            fn from(error: $error) -> Self {
                TableError::from(error).into()
            }
        }
    )+};
}

failed_from!(
    deltalake::arrow::error::ArrowError,
    deltalake::datafusion::error::DataFusionError,
    tokio::task::JoinError,
    serde_json::Error
);
