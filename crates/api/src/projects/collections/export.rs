//! `GET /projects/{project}/collections/{collection}/export`: rows of a version as a file, sent while it is made.
//!
//! It is a GET so that a browser saves it by itself and `curl -o` is enough; the filter is text for the same reason.

use super::format::Format;
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
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use domain::action::{Action, ExportData};
use domain::query::Filter;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _};
use serde::Deserialize;
use tables::{QueryError, Selection};

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

/// What becomes of text that a spreadsheet would compute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Formulas {
    #[default]
    Guard,
    Keep,
}

pub(super) async fn export(
    Allowed(permit): Allowed<ExportData>,
    State(app): State<App>,
    ids: Ids,
    Params(wanted): Params<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let collection = locate(&permit, &ids).await?;
    let format = match wanted.format {
        Some(format) => format,
        None => Format::accepted(&headers, &["*/*", "text/*"])?.unwrap_or(Format::Csv),
    };
    let filters: Vec<Filter> = list(wanted.filters.as_deref(), "filters")?.unwrap_or_default();
    let conditions = filters.len() as u64 + u64::from(wanted.filter.is_some());
    let selection = Selection {
        version: wanted.version,
        columns: list(wanted.columns.as_deref(), "columns")?,
        filters,
        filter: wanted.filter,
    };
    let written = format.written(wanted.formulas == Formulas::Guard);
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
        (header::CONTENT_TYPE, format.content_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (
            HeaderName::from_static("x-version"),
            export.version.to_string(),
        ),
    ];
    let body = Body::from_stream(while_allowed(permit, export.bytes));
    Ok((head, body).into_response())
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
