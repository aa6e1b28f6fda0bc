//! What a filter of a dashboard needs to know of a column: its values with counts, or its ends.

use super::wire::{locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::{Detail, Located};
use axum::Json;
use axum::extract::State;
use domain::action::QueryData;
use domain::entity::Collection;
use domain::query::{Filter, Query, Shape};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tables::Answer;
use utoipa::ToSchema;

/// Which values.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DistinctBody {
    /// Of which column.
    column: String,
    /// Only values whose text contains this, ignoring case.
    search: Option<String>,
    /// At most so many: 100 when absent, 1,000 at most.
    limit: Option<u64>,
    /// Conditions, all of which a row must meet.
    #[serde(default)]
    filters: Vec<Filter>,
    /// A filter as text that a row must meet besides, as in `docs/filters.md`.
    filter: Option<String>,
    /// A version; the latest when absent.
    version: Option<u64>,
}

/// One value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValueCount {
    /// The value. Missing ones are not listed.
    value: Value,
    /// In how many rows.
    count: u64,
}

/// Values, most frequent first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DistinctAnswer {
    /// The values.
    items: Vec<ValueCount>,
    /// How many distinct values there are.
    total: u64,
    /// Whether some are left out.
    truncated: bool,
    /// The version they are of.
    version: Option<u64>,
}

/// The ends of which column.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RangeBody {
    /// The column.
    column: String,
    /// Conditions, all of which a row must meet.
    #[serde(default)]
    filters: Vec<Filter>,
    /// A filter as text that a row must meet besides, as in `docs/filters.md`.
    filter: Option<String>,
    /// A version; the latest when absent.
    version: Option<u64>,
}

/// Smallest and largest value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RangeAnswer {
    /// The smallest; `null` when there is no value.
    min: Value,
    /// The largest.
    max: Value,
    /// The version they are of.
    version: Option<u64>,
}

async fn ask(
    app: &App,
    collection: &Located<Collection, QueryData>,
    version: Option<u64>,
    query: Query,
) -> Result<(Answer, Vec<Map<String, Value>>), Problem> {
    let permit = collection.permit();
    let answer = tokio::select! {
        answer = app.collections().query(collection, version, &query) => answer?,
        () = permit.ended() => return Err(Problem::not_found()),
    };
    let rows = tables::json::rows(&answer.batches);
    let detail = Detail::Query {
        version: answer.version,
        rows: rows.len() as u64,
        filters: query.filters.len() as u64 + u64::from(query.filter.is_some()),
    };
    permit.note(target(collection), detail)?;
    Ok((answer, rows))
}

pub(super) async fn distinct(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<DistinctBody>,
) -> Result<Json<DistinctAnswer>, Problem> {
    let collection = locate(&permit, &ids).await?;
    let most = app.limits().page_rows_max;
    let limit = body.limit.unwrap_or(100);
    if limit == 0 || limit > most {
        return Err(Problem::invalid("/limit", format!("1 to {most}")));
    }
    let query = Query {
        filters: body.filters,
        filter: body.filter,
        shape: Shape::Distinct {
            column: body.column,
            search: body.search,
            limit,
        },
    };
    let (answer, rows) = ask(&app, &collection, body.version, query).await?;
    let items = rows
        .into_iter()
        .map(|mut row| ValueCount {
            value: row.remove("value").unwrap_or(Value::Null),
            count: row.get("count").and_then(Value::as_u64).unwrap_or(0),
        })
        .collect();
    Ok(Json(DistinctAnswer {
        items,
        total: answer.total_rows,
        truncated: answer.truncated,
        version: answer.version,
    }))
}

pub(super) async fn range(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<RangeBody>,
) -> Result<Json<RangeAnswer>, Problem> {
    let collection = locate(&permit, &ids).await?;
    let query = Query {
        filters: body.filters,
        filter: body.filter,
        shape: Shape::Range {
            column: body.column,
        },
    };
    let (answer, rows) = ask(&app, &collection, body.version, query).await?;
    let mut row = rows.into_iter().next().unwrap_or_default();
    Ok(Json(RangeAnswer {
        min: row.remove("min").unwrap_or(Value::Null),
        max: row.remove("max").unwrap_or(Value::Null),
        version: answer.version,
    }))
}
