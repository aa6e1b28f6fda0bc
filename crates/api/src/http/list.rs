//! Lists: `?limit=&cursor=` in, `{items, next_cursor}` out.

use super::problem::Problem;
use access::Cursor;
use domain::limits::RequestLimits;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The parameters of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paging {
    limit: Option<u64>,
    cursor: Option<String>,
}

impl Paging {
    /// How many, within what is allowed.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        limit(self.limit)
    }

    /// Where the page before ended.
    pub(crate) fn cursor(&self) -> Result<Option<Cursor>, Problem> {
        self.cursor
            .as_deref()
            .map(|text| {
                text.parse()
                    .map_err(|_| Problem::invalid("/cursor", "this is not a cursor of this list"))
            })
            .transpose()
    }
}

/// Checks the number of items asked for.
pub(crate) fn limit(asked: Option<u64>) -> Result<u32, Problem> {
    let limits = RequestLimits::default();
    let most = limits.list_items_max;
    match asked.unwrap_or(limits.list_items_default) {
        0 => Err(Problem::invalid("/limit", format!("1 to {most}"))),
        asked if asked > most => Err(Problem::invalid("/limit", format!("1 to {most}"))),
        asked => Ok(u32::try_from(asked).unwrap_or(u32::MAX)),
    }
}

/// One page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListOf<T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    /// Where the next one starts; `null` when this is the last.
    pub(crate) next_cursor: Option<String>,
}

impl<T> ListOf<T> {
    /// A list that is complete.
    pub(crate) fn all(items: Vec<T>) -> axum::Json<Self> {
        axum::Json(Self {
            items,
            next_cursor: None,
        })
    }

    /// One page of a longer list.
    pub(crate) fn page(items: Vec<T>, next: Option<&Cursor>) -> axum::Json<Self> {
        axum::Json(Self {
            items,
            next_cursor: next.map(ToString::to_string),
        })
    }
}
