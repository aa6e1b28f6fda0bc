//! `GET /projects/{project}/collections/{collection}/diff`.

use super::wire::{locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::Detail;
use axum::Json;
use axum::extract::State;
use domain::action::QueryData;
use domain::{Column, ColumnType};
use serde::{Deserialize, Serialize};
use tables::{Diff, KeyDiff};
use utoipa::ToSchema;

/// Which versions, and what tells their rows apart.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    from: u64,
    to: u64,
    key: Option<String>,
}

/// One of the two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SideBody {
    /// Its number.
    version: u64,
    /// How many rows it has.
    rows: u64,
}

/// A column whose type is another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetypedBody {
    /// The column.
    name: String,
    /// Its type in the earlier version.
    before: ColumnType,
    /// Its type in the later one.
    after: ColumnType,
}

/// How many rows, and the keys of the first of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeysBody {
    /// How many.
    rows: u64,
    /// The first hundred keys.
    first: Vec<String>,
}

/// Rows by their key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyDiffBody {
    /// Only in the later version.
    added: KeysBody,
    /// Only in the earlier version.
    removed: KeysBody,
    /// In both, and not the same.
    changed: KeysBody,
}

/// What differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DiffBody {
    /// The version looked back to.
    from: SideBody,
    /// The version looked at.
    to: SideBody,
    /// Columns that only the later one has.
    columns_added: Vec<Column>,
    /// Columns that only the earlier one has.
    columns_removed: Vec<Column>,
    /// Columns whose type is another.
    columns_changed: Vec<RetypedBody>,
    /// Rows by their key; `null` when none was named.
    keys: Option<KeyDiffBody>,
}

impl From<(u64, Vec<String>)> for KeysBody {
    fn from((rows, first): (u64, Vec<String>)) -> Self {
        Self { rows, first }
    }
}

impl From<KeyDiff> for KeyDiffBody {
    fn from(keys: KeyDiff) -> Self {
        Self {
            added: keys.added.into(),
            removed: keys.removed.into(),
            changed: keys.changed.into(),
        }
    }
}

impl From<Diff> for DiffBody {
    fn from(diff: Diff) -> Self {
        let side = |(version, rows)| SideBody { version, rows };
        let retyped = diff.columns_changed.into_iter();
        Self {
            from: side(diff.from),
            to: side(diff.to),
            columns_added: diff.columns_added,
            columns_removed: diff.columns_removed,
            columns_changed: retyped
                .map(|(name, before, after)| RetypedBody {
                    name,
                    before,
                    after,
                })
                .collect(),
            keys: diff.keys.map(KeyDiffBody::from),
        }
    }
}

pub(super) async fn diff(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
    Params(which): Params<Which>,
) -> Result<Json<DiffBody>, Problem> {
    let collection = locate(&permit, &ids).await?;
    permit.note(target(&collection), Detail::None)?;
    let versions = (which.from, which.to);
    let found = tokio::select! {
        found = app.collections().diff(&collection, versions, which.key.as_deref()) => found?,
        () = permit.ended() => return Err(Problem::not_found()),
    };
    Ok(Json(found.into()))
}
