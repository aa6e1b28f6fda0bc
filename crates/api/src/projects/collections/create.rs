//! `POST /projects/{project}/collections`.

use super::wire::CollectionBody;
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::problem::Problem;
use ::access::Detail;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::action::CreateCollection;
use serde::Deserialize;
use tables::NewCollection;
use utoipa::ToSchema;

/// A new collection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCollectionBody {
    /// What it is called; unique in the project but for case.
    name: String,
    /// What it holds.
    #[serde(default)]
    description: String,
}

pub(super) async fn create(
    Allowed(permit): Allowed<CreateCollection>,
    State(app): State<App>,
    JsonBody(body): JsonBody<NewCollectionBody>,
) -> Result<(StatusCode, Json<CollectionBody>), Problem> {
    let new = NewCollection {
        name: body.name,
        description: body.description,
    };
    let collections = app.collections().clone();
    let made = permit
        .act(None, Detail::None, |act| async move {
            collections.create(&act, new).await
        })
        .await?;
    Ok((StatusCode::CREATED, Json(CollectionBody::from(&made))))
}
