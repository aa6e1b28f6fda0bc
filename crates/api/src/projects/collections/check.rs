//! `POST /projects/{project}/collections/{collection}/filter`: reads a filter as text and asks no table, so that
//! an editor can say what is wrong while somebody still types.

use super::wire::{locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::Detail;
use axum::Json;
use axum::extract::State;
use domain::Expression;
use domain::action::QueryData;
use domain::query::Filter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A filter to read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckBody {
    /// The text, as in `docs/filters.md`.
    filter: String,
    /// The version whose columns it names; the latest when absent.
    version: Option<u64>,
}

/// What was read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Checked {
    /// The filter in the one form in which it is kept.
    filter: String,
    /// The columns it reads, each once.
    columns: Vec<String>,
    /// How many conditions it joins.
    conditions: u64,
    /// The same as a list of filters; `null` when a list cannot say it.
    filters: Option<Vec<Filter>>,
    /// The version it was read for; `null` before the first upload.
    version: Option<u64>,
}

pub(super) async fn check(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<CheckBody>,
) -> Result<Json<Checked>, Problem> {
    let collection = locate(&permit, &ids).await?;
    permit.note(target(&collection), Detail::None)?;
    let snapshot = app
        .collections()
        .snapshot(&collection, body.version)
        .await?;
    let version = snapshot.as_ref().map(|snapshot| snapshot.version);
    let columns = snapshot
        .map(|snapshot| snapshot.columns)
        .unwrap_or_default();
    let read = Expression::read(&body.filter, &columns, app.limits())
        .map_err(|error| Problem::unread_filter(&error))?;
    Ok(Json(Checked {
        filter: read.to_string(),
        columns: read.columns().into_iter().map(str::to_owned).collect(),
        conditions: read.conditions() as u64,
        filters: read.to_filters(),
        version,
    }))
}
