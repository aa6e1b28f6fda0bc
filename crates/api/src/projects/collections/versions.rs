//! The history of a collection.

use super::retention::follow;
use super::wire::{VersionMade, locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::ids::Ids;
use crate::http::list::ListOf;
use crate::http::problem::Problem;
use crate::projects::wire::{PersonBody, person};
use ::access::Detail;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use domain::action::{ExportData, QueryData, WriteCollection};
use domain::id::{ServiceId, UserId};
use serde::{Deserialize, Serialize};
use tables::{CollectionError, Operation};
use utoipa::ToSchema;

/// One version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionBody {
    /// Its number.
    version: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// By whom, a person or an account of a program; `null` for the server itself.
    created_by: Option<PersonBody>,
    /// How: `create`, `append`, `overwrite`, `upsert` or `restore`.
    operation: String,
    /// How many rows it has.
    rows: u64,
    /// Rows of its upload that did not fit and were set aside.
    set_aside: u64,
    /// Rows that were not there before; `null` for versions made before this was kept.
    rows_added: Option<u64>,
    /// Rows that are there no longer.
    rows_removed: Option<u64>,
    /// Rows that took the place of others with the same key.
    rows_updated: Option<u64>,
    /// Bytes of its files.
    bytes: Option<u64>,
    /// It is kept no longer: its rows cannot be asked for.
    removed: bool,
}

/// Which version to make the latest again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreBody {
    /// Its number.
    version: u64,
}

fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "create",
        Operation::Append => "append",
        Operation::Overwrite => "overwrite",
        Operation::Restore => "restore",
        Operation::Upsert => "upsert",
    }
}

pub(super) async fn list(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
) -> Result<Json<ListOf<VersionBody>>, Problem> {
    let collection = locate(&permit, &ids).await?;
    permit.note(target(&collection), Detail::None)?;
    let versions = app.collections().versions(&collection).await?;
    let makers = versions
        .iter()
        .filter_map(|version| version.created_by.parse::<UserId>().ok());
    let names = permit.names(makers).await?;
    let programs = versions
        .iter()
        .filter_map(|version| version.created_by.parse::<ServiceId>().ok());
    let programs = permit.service_names(programs).await?;
    let maker = |id: &str| match id.parse::<ServiceId>() {
        Ok(program) => Some(PersonBody {
            name: programs.get(&program).cloned().unwrap_or_default(),
            id: program.into(),
        }),
        Err(_) => person(id.parse().ok().as_ref(), &names),
    };
    let items = versions
        .into_iter()
        .map(|version| VersionBody {
            version: version.version,
            created_at: version.created_at,
            created_by: maker(&version.created_by),
            operation: operation(version.operation).to_owned(),
            rows: version.rows,
            set_aside: version.set_aside,
            rows_added: version.change.map(|change| change.rows_added),
            rows_removed: version.change.map(|change| change.rows_removed),
            rows_updated: version.change.map(|change| change.rows_updated),
            bytes: version.change.map(|change| change.bytes),
            removed: !collection.retention.offers(version.version),
        })
        .collect();
    Ok(ListOf::all(items))
}

pub(super) async fn restore(
    Allowed(permit): Allowed<WriteCollection>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<RestoreBody>,
) -> Result<Json<VersionMade>, Problem> {
    let collection = locate(&permit, &ids).await?;
    let collections = app.collections().clone();
    let told = collection.clone();
    let made = permit
        .act(target(&collection), Detail::None, move |act| async move {
            collections.restore(&act, &collection, body.version).await
        })
        .await?;
    follow(&app, &told);
    Ok(Json(made.into()))
}

/// The rows that an upload set aside, as CSV: file, line, column, what is wrong, and the row.
pub(super) async fn set_aside(
    Allowed(permit): Allowed<ExportData>,
    State(app): State<App>,
    ids: Ids,
) -> Result<Response, Problem> {
    let collection = locate(&permit, &ids).await?;
    let number: u64 = ids.get("version")?;
    permit.note(target(&collection), Detail::None)?;
    let report = app.collections().set_aside(&collection, number).await;
    let report = report.map_err(|error| match error {
        CollectionError::NoSuchVersion(_) | CollectionError::VersionRemoved(_) => {
            Problem::not_found()
        }
        other => other.into(),
    })?;
    let report = report.unwrap_or_else(|| "file,line,column,problem,row\n".to_owned());
    let name = format!("attachment; filename=\"set-aside-{number}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, report).into_response())
}
