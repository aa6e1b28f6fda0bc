//! `GET /projects/{project}/collections/{collection}/export`: rows of a version as a file, sent while it is made.
//!
//! It is a GET so that a browser saves it by itself and `curl -o` is enough; the filter is text for the same reason.

use super::wire::{locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::{Detail, Permit};
use axum::BoxError;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::action::{Action, ExportData};
use domain::query::Filter;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _};
use serde::Deserialize;
use tables::{FileFormat, QueryError, Selection};

/// What is wanted, and how.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    format: Option<Format>,
    version: Option<u64>,
    filter: Option<String>,
    /// A JSON list, as a query has it.
    filters: Option<String>,
    /// A JSON list of names.
    columns: Option<String>,
    #[serde(default)]
    formulas: Formulas,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Csv,
    Parquet,
    Arrow,
    Jsonl,
}

/// What becomes of text that a spreadsheet would compute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Formulas {
    #[default]
    Guard,
    Keep,
}

impl Format {
    const ALL: [Self; 4] = [Self::Csv, Self::Parquet, Self::Arrow, Self::Jsonl];

    fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Jsonl => "application/x-ndjson",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrows",
            Self::Jsonl => "jsonl",
        }
    }

    /// The first that the client takes, in the client's order; CSV when it takes anything.
    fn accepted(headers: &HeaderMap) -> Option<Self> {
        let mut named = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|one| one.split(';').next().unwrap_or_default().trim())
            .peekable();
        if named.peek().is_none() {
            return Some(Self::Csv);
        }
        named.find_map(|media| match media {
            "*/*" | "text/*" => Some(Self::Csv),
            media => Self::ALL.into_iter().find(|format| format.media() == media),
        })
    }
}

pub(super) async fn export(
    Allowed(permit): Allowed<ExportData>,
    State(app): State<App>,
    ids: Ids,
    Params(wanted): Params<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let collection = locate(&permit, &ids).await?;
    let format = match wanted.format.or_else(|| Format::accepted(&headers)) {
        Some(format) => format,
        None => return Err(not_acceptable()),
    };
    let filters: Vec<Filter> = list(wanted.filters.as_deref(), "filters")?.unwrap_or_default();
    let conditions = filters.len() as u64 + u64::from(wanted.filter.is_some());
    let selection = Selection {
        version: wanted.version,
        columns: list(wanted.columns.as_deref(), "columns")?,
        filters,
        filter: wanted.filter,
    };
    let written = match format {
        Format::Csv => FileFormat::Csv {
            guarded: wanted.formulas == Formulas::Guard,
        },
        Format::Parquet => FileFormat::Parquet,
        Format::Arrow => FileFormat::Arrow,
        Format::Jsonl => FileFormat::JsonLines,
    };
    let export = app
        .collections()
        .export(&collection, selection, written)
        .await?;
    let detail = Detail::Export {
        version: export.version,
        format: format.ending().to_owned(),
        filters: conditions,
    };
    permit.note(target(&collection), detail)?;
    let name = disposition(&collection.name, export.version, format);
    let head = [
        (header::CONTENT_TYPE, media(format)),
        (header::CONTENT_DISPOSITION, name),
        (
            HeaderName::from_static("x-version"),
            export.version.to_string(),
        ),
    ];
    let body = Body::from_stream(while_allowed(permit, export.bytes));
    Ok((head, body).into_response())
}

fn media(format: Format) -> String {
    match format {
        Format::Csv => "text/csv; charset=utf-8; header=present".to_owned(),
        other => other.media().to_owned(),
    }
}

fn not_acceptable() -> Problem {
    let known: Vec<&str> = Format::ALL.into_iter().map(Format::media).collect();
    Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "not_acceptable",
        format!(
            "Rows can be had as {}. Name one of them in Accept, or csv, parquet, arrow or jsonl in `format`.",
            known.join(", ")
        ),
    )
}

/// A list in a parameter, as JSON: names of columns may have any character in them.
fn list<T: serde::de::DeserializeOwned>(
    text: Option<&str>,
    name: &str,
) -> Result<Option<Vec<T>>, Problem> {
    text.map(serde_json::from_str).transpose().map_err(|error| {
        Problem::invalid(
            format!("/{name}"),
            format!("this is not the list wanted, as JSON: {error}"),
        )
    })
}

/// The name under which a browser saves it (RFC 6266): a plain one, and the collection's own (RFC 8187).
fn disposition(name: &str, version: u64, format: Format) -> String {
    let ending = format.ending();
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let own = format!("{name} v{version}.{ending}");
    let mut encoded = String::new();
    for byte in own.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}_v{version}.{ending}\"; filename*=UTF-8''{encoded}")
}

/// The bytes until the permission ends. A file that ends early cuts the connection, so that nobody takes it for whole.
fn while_allowed<A: Action>(
    permit: Permit<A>,
    bytes: BoxStream<'static, Result<Bytes, QueryError>>,
) -> impl Stream<Item = Result<Bytes, BoxError>> + Send {
    futures::stream::unfold(Some((permit, bytes)), |open| async move {
        let (permit, mut bytes) = open?;
        let next = tokio::select! {
            biased;
            () = permit.ended() => Err(BoxError::from("the permission ended")),
            next = bytes.next() => next?.map_err(BoxError::from),
        };
        match next {
            Ok(piece) => Some((Ok(piece), Some((permit, bytes)))),
            Err(cause) => {
                tracing::warn!(%cause, "an export was cut off");
                Some((Err(cause), None))
            }
        }
    })
}
