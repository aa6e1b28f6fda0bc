//! `GET /projects/{project}/collections/{collection}`.

use super::wire::{CollectionBody, locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::Detail;
use axum::Json;
use axum::extract::State;
use domain::action::QueryData;

pub(super) async fn show(
    Allowed(permit): Allowed<QueryData>,
    State(app): State<App>,
    ids: Ids,
) -> Result<Json<CollectionBody>, Problem> {
    let collection = locate(&permit, &ids).await?;
    permit.note(target(&collection), Detail::None)?;
    let latest = app.collections().latest(&collection).await?;
    Ok(Json(CollectionBody::from(&*collection).with(latest)))
}
