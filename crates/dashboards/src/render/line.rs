//! What a render answers: one line a component, each on its own good or bad.

use domain::dashboard::Flaw;
use domain::{CollectionId, Column, ColumnType};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which version of each collection something was computed from; null for one without data.
pub type Versions = BTreeMap<CollectionId, Option<u64>>;

/// What a component shows.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shown {
    /// One number.
    Card {
        /// The number, text or time; null when there is nothing to compute it from.
        value: Value,
        /// The rows it was computed over.
        count: u64,
        /// The value's type.
        #[serde(rename = "type")]
        value_type: ColumnType,
    },
    /// A figure, drawn from a form or by code.
    Figure {
        /// Plotly's `{data, layout}`.
        figure: Value,
        /// What the code printed.
        #[serde(skip_serializing_if = "Option::is_none")]
        stdout: Option<String>,
        /// It printed more than is kept.
        #[serde(skip_serializing_if = "is_false")]
        stdout_cut: bool,
        /// What it is drawn from, before any limit: rows that match, or groups of them.
        rows: u64,
    },
    /// Rows.
    Table {
        /// The columns, in order.
        columns: Vec<Column>,
        /// The first page.
        rows: Vec<Value>,
        /// How many rows match.
        total_rows: u64,
    },
    /// Words.
    Text {
        /// Sanitised HTML.
        html: String,
    },
}

/// A component's result and what one must know of it.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The result, shared with the cache.
    pub shown: Arc<Shown>,
    /// It was not computed for this request.
    pub cached: bool,
    /// Rows or groups were cut or sampled.
    pub truncated: bool,
}

/// One component of a render.
#[derive(Debug)]
pub struct Line {
    /// Which component.
    pub component: String,
    /// What came of it.
    pub outcome: Result<Drawn, Failure>,
    /// What it was computed from.
    pub versions: Versions,
    /// How long it took, waiting included.
    pub duration_ms: u64,
}

/// Why a component shows nothing. Other components are not affected.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The collection was deleted, or never was one of this project.
    #[error("the collection of this component does not exist")]
    NoCollection,
    /// The component asks for a version that is not there.
    #[error("the collection has no version {0}")]
    NoVersion(u64),
    /// The component asks for a version that is kept no longer.
    #[error("version {0} of the collection was removed: choose another one, or the latest")]
    VersionRemoved(u64),
    /// The collection has no data yet.
    #[error("the collection is empty: upload a table first")]
    Empty,
    /// A filter that cannot be applied. What it would have filtered is not shown.
    #[error("a filter cannot be applied to this component")]
    Filters(Vec<Flaw>),
    /// The component's own settings do not fit the table.
    #[error("{}", .0.message)]
    Form(Flaw),
    /// Code that is not stored runs only for those who may write code.
    #[error("your role does not allow running code that is not saved")]
    CodeForbidden,
    /// The code gave no figure.
    #[error(transparent)]
    Code(sandbox::RunError),
    /// More data than a run of code may have.
    #[error("{0}")]
    TooLarge(String),
    /// Computing took longer than a query may.
    #[error("the query took too long; filter the data, or ask for less")]
    TooSlow,
    /// The permission ended while it was computed.
    #[error("your access to this project has changed")]
    Ended,
    /// The server failed. The reason is in its log.
    #[error("the server could not compute this component")]
    Broken,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Failure {
    /// Whether it has to do with who asked, and says nothing of what was asked.
    pub(crate) fn is_personal(&self) -> bool {
        matches!(
            self,
            Self::Code(sandbox::RunError::Busy | sandbox::RunError::Cancelled(_))
        )
    }

    /// The problem's code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoCollection => "collection_not_found",
            Self::NoVersion(_) => "version_not_found",
            Self::VersionRemoved(_) => "version_removed",
            Self::Empty => "no_data",
            Self::Filters(_) => "invalid_filter",
            Self::Form(_) => "invalid_component",
            Self::CodeForbidden => "forbidden",
            Self::Code(error) => error.code(),
            Self::TooLarge(_) => "memory",
            Self::TooSlow => "timeout",
            Self::Ended => "access_ended",
            Self::Broken => "internal",
        }
    }

    /// What is wrong with which field, for what is wrong with the input.
    #[must_use]
    pub fn flaws(&self) -> Vec<Flaw> {
        match self {
            Self::Filters(flaws) => flaws.clone(),
            Self::Form(flaw) => vec![flaw.clone()],
            _ => Vec::new(),
        }
    }
}

impl Drawn {
    /// A result that was computed just now and is whole.
    pub(crate) fn fresh(shown: Shown) -> Self {
        Self {
            shown: Arc::new(shown),
            cached: false,
            truncated: false,
        }
    }
}
