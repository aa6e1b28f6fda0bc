//! What many rows come to: groups, bins, quantiles and correlations, under the same conditions as rows.

use super::wire::{locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::{Detail, Permit};
use axum::Json;
use axum::extract::State;
use domain::Column;
use domain::action::QueryData;
use domain::query::{Filter, Measure, Query, Shape};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Groups, and what is made of each.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AggregateBody {
    /// Columns that make a group; none: all rows are one.
    #[serde(default)]
    group_by: Vec<String>,
    /// What is made of each group: columns `m0`, `m1`, .. of the answer. At most 50.
    measures: Vec<Measure>,
    /// At most so many groups: 100 when absent, 10,000 at most.
    limit: Option<u64>,
    /// Conditions, all of which a row must meet.
    #[serde(default)]
    filters: Vec<Filter>,
    /// A filter as text that a row must meet besides, as in `docs/filters.md`.
    filter: Option<String>,
    /// A version; the latest when absent.
    version: Option<u64>,
}

/// Equal bins of a number or a time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistogramBody {
    /// The column.
    column: String,
    /// How many bins, from the smallest to the largest value: 30 when absent, 10,000 at most.
    bins: Option<u64>,
    /// One set of bins a value of this column.
    group_by: Option<String>,
    /// Conditions, all of which a row must meet.
    #[serde(default)]
    filters: Vec<Filter>,
    /// A filter as text that a row must meet besides, as in `docs/filters.md`.
    filter: Option<String>,
    /// A version; the latest when absent.
    version: Option<u64>,
}

/// Quantiles of a column of numbers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuantilesBody {
    /// The column.
    column: String,
    /// Which parts of the values lie below, each from 0 to 1: columns `q0`, `q1`, .. of the answer.
    at: Vec<f64>,
    /// Columns that make a group; none: all rows are one.
    #[serde(default)]
    group_by: Vec<String>,
    /// At most so many groups: 100 when absent, 10,000 at most.
    limit: Option<u64>,
    /// Conditions, all of which a row must meet.
    #[serde(default)]
    filters: Vec<Filter>,
    /// A filter as text that a row must meet besides, as in `docs/filters.md`.
    filter: Option<String>,
    /// A version; the latest when absent.
    version: Option<u64>,
}

/// How columns of numbers go together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrelationsBody {
    /// The columns, 2 to 50.
    columns: Vec<String>,
    /// Conditions, all of which a row must meet.
    #[serde(default)]
    filters: Vec<Filter>,
    /// A filter as text that a row must meet besides, as in `docs/filters.md`.
    filter: Option<String>,
    /// A version; the latest when absent.
    version: Option<u64>,
}

/// A small table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryAnswer {
    /// Its columns.
    columns: Vec<Column>,
    /// One object a row, by column.
    rows: Vec<Map<String, Value>>,
    /// How many there are before any limit: groups, pairs of columns, or, of a histogram, rows counted.
    total: u64,
    /// Whether groups are left out.
    truncated: bool,
    /// The version it is of; `null` before the first upload.
    version: Option<u64>,
}

/// The most measures of one question.
const MEASURES_MAX: usize = 50;

async fn answer(
    permit: &Permit<QueryData>,
    app: &App,
    ids: &Ids,
    version: Option<u64>,
    query: Query,
) -> Result<Json<SummaryAnswer>, Problem> {
    let collection = locate(permit, ids).await?;
    let answer = tokio::select! {
        answer = app.collections().query(&collection, version, &query) => answer?,
        () = permit.ended() => return Err(Problem::not_found()),
    };
    let most = app.limits().query_rows_max;
    if answer.rows() > most {
        return Err(Problem::invalid(
            "",
            format!("this comes to more than {most} rows: ask for fewer bins, or group by a column with fewer values"),
        )
        .with_code("too_large"));
    }
    let rows = tables::json::rows(&answer.batches);
    let detail = Detail::Query {
        version: answer.version,
        rows: rows.len() as u64,
        filters: query.filters.len() as u64 + u64::from(query.filter.is_some()),
    };
    permit.note(target(&collection), detail)?;
    Ok(Json(SummaryAnswer {
        columns: answer.columns,
        rows,
        total: answer.total_rows,
        truncated: answer.truncated,
        version: answer.version,
    }))
}

/// How many groups are answered.
fn groups(app: &App, asked: Option<u64>) -> Result<u64, Problem> {
    let most = app.limits().query_rows_max;
    match asked.unwrap_or(app.limits().query_rows_default) {
        limit if (1..=most).contains(&limit) => Ok(limit),
        _ => Err(Problem::invalid("/limit", format!("1 to {most}"))),
    }
}

pub(super) async fn aggregate(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<AggregateBody>,
) -> Result<Json<SummaryAnswer>, Problem> {
    if body.measures.is_empty() || body.measures.len() > MEASURES_MAX {
        return Err(Problem::invalid(
            "/measures",
            format!("1 to {MEASURES_MAX}"),
        ));
    }
    let query = Query {
        filters: body.filters,
        filter: body.filter,
        shape: Shape::Aggregate {
            group_by: body.group_by,
            measures: body.measures,
            limit: Some(groups(&app, body.limit)?),
        },
    };
    answer(&permit, &app, &ids, body.version, query).await
}

pub(super) async fn histogram(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<HistogramBody>,
) -> Result<Json<SummaryAnswer>, Problem> {
    let query = Query {
        filters: body.filters,
        filter: body.filter,
        shape: Shape::Bins {
            column: body.column,
            bins: body.bins.unwrap_or(30),
            group_by: body.group_by,
        },
    };
    answer(&permit, &app, &ids, body.version, query).await
}

pub(super) async fn quantiles(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<QuantilesBody>,
) -> Result<Json<SummaryAnswer>, Problem> {
    let query = Query {
        filters: body.filters,
        filter: body.filter,
        shape: Shape::Quantiles {
            column: body.column,
            at: body.at,
            group_by: body.group_by,
            limit: groups(&app, body.limit)?,
        },
    };
    answer(&permit, &app, &ids, body.version, query).await
}

pub(super) async fn correlations(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<CorrelationsBody>,
) -> Result<Json<SummaryAnswer>, Problem> {
    let query = Query {
        filters: body.filters,
        filter: body.filter,
        shape: Shape::Correlations {
            columns: body.columns,
        },
    };
    answer(&permit, &app, &ids, body.version, query).await
}
