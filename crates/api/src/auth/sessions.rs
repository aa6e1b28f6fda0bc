//! The caller's own sessions.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::ids::Ids;
use crate::http::list::{ListOf, Paging};
use crate::http::problem::Problem;
use access::{Detail, Target, TargetKind};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Timestamp;
use domain::action::{ManageAccount, ReadAccount};
use domain::id::SessionId;
use serde::Serialize;
use utoipa::ToSchema;

/// One open session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionBody {
    /// The id.
    id: SessionId,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last refreshed.
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Timestamp,
    /// When it ends at the latest.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// What the client called itself.
    user_agent: Option<String>,
    /// The address it was last refreshed from.
    address: Option<String>,
    /// The one this request came with.
    current: bool,
}

pub(super) async fn list(
    Allowed(permit): Allowed<ReadAccount>,
    State(app): State<App>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<SessionBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let (after, limit) = (paging.cursor()?, paging.limit()?);
    let (found, next) = app
        .identity()
        .sessions(&permit, after.as_ref(), limit)
        .await?;
    let items = found
        .into_iter()
        .map(|session| SessionBody {
            id: session.id,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            user_agent: session.user_agent,
            address: session.address.map(|address| address.to_string()),
            current: session.current,
        })
        .collect();
    Ok(ListOf::page(items, next.as_ref()))
}

pub(super) async fn end(
    Allowed(permit): Allowed<ManageAccount>,
    State(app): State<App>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    let id: SessionId = ids.get("session")?;
    let target = Target::new(TargetKind::Session, &id);
    permit
        .act(Some(target), Detail::None, move |act| async move {
            app.identity().end_session(&act, &id).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
