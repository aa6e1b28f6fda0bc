//! `POST /projects/{project}/collections/{collection}/query`: rows of a version, as
//! JSON or, by `Accept`, as a file.

use super::format::Format;
use super::wire::{locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::Detail;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Column;
use domain::action::QueryData;
use domain::query::{Filter, Query, Shape, Sort};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tables::Answer;
use utoipa::ToSchema;

/// What is answered as JSON.
const JSON: [&str; 3] = ["application/json", "application/*", "*/*"];

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueryBody {
    /// Columns, in this order; all when absent.
    columns: Option<Vec<String>>,
    /// Conditions, all of which a row must meet.
    #[serde(default)]
    filters: Vec<Filter>,
    /// A filter as text that a row must meet besides, as in `docs/filters.md`.
    filter: Option<String>,
    /// Order, most important first; that of upload when absent.
    #[serde(default)]
    sort: Vec<Sort>,
    /// At most so many rows: 100 when absent, 10,000 at most.
    limit: Option<u64>,
    /// Skipping so many.
    offset: Option<u64>,
    /// Where the page before ended, instead of `offset` and `version`.
    cursor: Option<String>,
    /// A version; the latest when absent.
    version: Option<u64>,
}

/// Rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowsBody {
    /// The columns, in the order asked for.
    columns: Vec<Column>,
    /// One object a row, by column.
    rows: Vec<Map<String, Value>>,
    /// The version they are of; `null` before the first upload.
    version: Option<u64>,
    /// How many rows meet the conditions.
    total_rows: u64,
    /// Whether rows after these are left out.
    truncated: bool,
    /// Where the next page starts; `null` when this is the last.
    next_cursor: Option<String>,
}

/// A page's place: the version it is of and the rows before it, so that paging never mixes versions.
struct Place {
    version: u64,
    offset: u64,
}

impl Place {
    fn parse(text: &str) -> Result<Self, Problem> {
        text.strip_prefix('v')
            .and_then(|rest| rest.split_once('-'))
            .and_then(|(version, offset)| {
                Some(Self {
                    version: version.parse().ok()?,
                    offset: offset.parse().ok()?,
                })
            })
            .ok_or_else(|| Problem::invalid("/cursor", "this is not a cursor of this query"))
    }

    fn text(&self) -> String {
        format!("v{}-{}", self.version, self.offset)
    }
}

pub(super) async fn query(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
    headers: HeaderMap,
    JsonBody(body): JsonBody<QueryBody>,
) -> Result<Response, Problem> {
    let collection = locate(&permit, &ids).await?;
    let format = Format::accepted(&headers, &JSON)?;
    let most = app.limits().query_rows_max;
    let limit = body.limit.unwrap_or(app.limits().query_rows_default);
    if limit > most {
        return Err(Problem::invalid("/limit", format!("at most {most} rows")));
    }
    let (version, offset) = match (&body.cursor, body.offset, body.version) {
        (Some(cursor), None, None) => {
            let place = Place::parse(cursor)?;
            (Some(place.version), place.offset)
        }
        (Some(_), ..) => {
            return Err(Problem::invalid(
                "/cursor",
                "a cursor stands instead of offset and version",
            ));
        }
        (None, offset, version) => (version, offset.unwrap_or(0)),
    };
    let filters = body.filters.len() as u64 + u64::from(body.filter.is_some());
    let shape = Shape::Rows {
        columns: body.columns,
        sort: body.sort,
        limit,
        offset,
    };
    let query = Query {
        filters: body.filters,
        filter: body.filter,
        shape,
    };
    let answer = tokio::select! {
        answer = app.collections().query(&collection, version, &query) => answer?,
        () = permit.ended() => return Err(Problem::not_found()),
    };
    let count: u64 = answer
        .batches
        .iter()
        .map(|batch| batch.num_rows() as u64)
        .sum();
    permit.note(
        target(&collection),
        Detail::Query {
            version: answer.version,
            rows: count,
            filters,
        },
    )?;
    let next = answer
        .version
        .filter(|_| count > 0 && offset + count < answer.total_rows)
        .map(|version| {
            Place {
                version,
                offset: offset + count,
            }
            .text()
        });
    if let Some(format) = format {
        return file(&answer, format, next);
    }
    Ok(Json(RowsBody {
        rows: tables::json::rows(&answer.batches),
        columns: answer.columns,
        version: answer.version,
        total_rows: answer.total_rows,
        truncated: answer.truncated,
        next_cursor: next,
    })
    .into_response())
}

/// The rows as a file; what JSON says beside them is in headers.
fn file(answer: &Answer, format: Format, next: Option<String>) -> Result<Response, Problem> {
    let bytes = answer.file(format.written(true));
    let bytes = bytes.map_err(|error| Problem::unavailable(&error))?;
    let head = [
        (header::CONTENT_TYPE, format.content_type().to_owned()),
        (
            HeaderName::from_static("x-version"),
            answer
                .version
                .map_or_else(String::new, |version| version.to_string()),
        ),
        (
            HeaderName::from_static("x-total-rows"),
            answer.total_rows.to_string(),
        ),
        (
            HeaderName::from_static("x-next-cursor"),
            next.unwrap_or_default(),
        ),
    ];
    Ok((StatusCode::OK, head, bytes).into_response())
}
