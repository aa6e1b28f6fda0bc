//! `DELETE /projects/{project}/collections/{collection}`.

use super::wire::{locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::Detail;
use axum::extract::State;
use axum::http::StatusCode;
use domain::action::DeleteCollection;

pub(super) async fn delete(
    Allowed(permit): Allowed<DeleteCollection>,
    State(app): State<App>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    let collection = locate(&permit, &ids).await?;
    let collections = app.collections().clone();
    permit
        .act(target(&collection), Detail::None, move |act| async move {
            collections.delete(&act, &collection).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
