//! The history of a collection.

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
use domain::Timestamp;
use domain::action::{QueryData, WriteCollection};
use domain::id::UserId;
use serde::{Deserialize, Serialize};
use tables::Operation;
use utoipa::ToSchema;

/// One version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionBody {
    /// Its number.
    version: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// By whom; `null` for the server itself.
    created_by: Option<PersonBody>,
    /// How: `create`, `append`, `overwrite` or `restore`.
    operation: String,
    /// How many rows it has.
    rows: u64,
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
    let items = versions
        .into_iter()
        .map(|version| VersionBody {
            version: version.version,
            created_at: version.created_at,
            created_by: person(version.created_by.parse().ok().as_ref(), &names),
            operation: operation(version.operation).to_owned(),
            rows: version.rows,
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
    let made = permit
        .act(target(&collection), Detail::None, move |act| async move {
            collections.restore(&act, &collection, body.version).await
        })
        .await?;
    Ok(Json(made.into()))
}
