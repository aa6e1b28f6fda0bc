//! `GET /projects/{project}/usage`: what a project holds, and what it may.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::problem::Problem;
use ::access::Detail;
use axum::Json;
use axum::extract::State;
use domain::action::ViewProject;
use serde::Serialize;
use utoipa::ToSchema;

/// What a project holds, and what it may.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageBody {
    /// Bytes of all versions of all tables, as they lie in the store.
    bytes: u64,
    /// The limit.
    bytes_max: u64,
    /// Rows of the latest versions of all tables together.
    rows: u64,
    /// The limit, when rows are added.
    rows_max: u64,
    /// Tables.
    collections: u64,
    /// The limit.
    collections_max: u64,
}

pub(crate) async fn usage(
    Allowed(permit): Allowed<ViewProject>,
    State(app): State<App>,
) -> Result<Json<UsageBody>, Problem> {
    permit.note(None, Detail::None)?;
    let usage = app.collections().usage(&permit).await?;
    Ok(Json(UsageBody {
        bytes: usage.bytes,
        bytes_max: usage.limits.project_bytes_max,
        rows: usage.rows,
        rows_max: usage.limits.project_rows_max,
        collections: usage.collections,
        collections_max: usage.limits.project_collections_max,
    }))
}
