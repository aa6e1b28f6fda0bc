//! `PATCH /projects/{project}/collections/{collection}`.

use super::wire::{CollectionBody, locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::Detail;
use axum::Json;
use axum::extract::State;
use domain::action::WriteCollection;
use serde::Deserialize;
use tables::CollectionPatch;
use utoipa::ToSchema;

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CollectionPatchBody {
    /// A new name.
    name: Option<String>,
    /// A new description.
    description: Option<String>,
}

pub(super) async fn update(
    Allowed(permit): Allowed<WriteCollection>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<CollectionPatchBody>,
) -> Result<Json<CollectionBody>, Problem> {
    let collection = locate(&permit, &ids).await?;
    let patch = CollectionPatch {
        name: body.name,
        description: body.description,
    };
    let (collections, id) = (app.collections().clone(), collection.id.clone());
    let changed = permit
        .act(target(&collection), Detail::None, move |act| async move {
            collections.update(&act, &id, patch).await
        })
        .await?;
    Ok(Json(CollectionBody::from(&changed)))
}
