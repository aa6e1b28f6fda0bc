//! The history of a dashboard.

use super::show::code_permit;
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::{JsonBody, Params};
use crate::http::credentials::CallerIs;
use crate::http::ids::Ids;
use crate::http::list::{ListOf, Paging};
use crate::http::precondition::etag;
use crate::http::problem::Problem;
use ::access::{Detail, Target, TargetKind};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use dashboards::Revision;
use domain::action::{EditDashboard, ViewDashboard};
use domain::id::DashboardId;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which revision to go back to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevertBody {
    /// Its number.
    revision: u64,
}

pub(super) async fn list(
    Allowed(permit): Allowed<ViewDashboard>,
    ids: Ids,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<Revision>>, Problem> {
    let id: DashboardId = ids.get("dashboard")?;
    permit.note(Some(Target::new(TargetKind::Dashboard, &id)), Detail::None)?;
    let (after, limit) = (paging.cursor()?, paging.limit()?);
    let (items, next) = dashboards::revisions(&permit, &id, after.as_ref(), limit).await?;
    Ok(ListOf::page(items, next.as_ref()))
}

pub(super) async fn show(
    Allowed(permit): Allowed<ViewDashboard>,
    State(app): State<App>,
    CallerIs(caller): CallerIs,
    ids: Ids,
) -> Result<impl IntoResponse, Problem> {
    let id: DashboardId = ids.get("dashboard")?;
    let number: u64 = ids.get("revision")?;
    permit.note(
        Some(Target::new(TargetKind::Dashboard, &id)),
        Detail::Revision { revision: number },
    )?;
    let code = code_permit(&app, &caller, &permit).await?;
    let found = dashboards::revision(&permit, &id, number, code.as_ref()).await?;
    Ok((etag(found.revision), Json(found)))
}

pub(super) async fn revert(
    Allowed(permit): Allowed<EditDashboard>,
    ids: Ids,
    JsonBody(body): JsonBody<RevertBody>,
) -> Result<impl IntoResponse, Problem> {
    let saved = dashboards::revert(&permit, &ids.get("dashboard")?, body.revision).await?;
    Ok((etag(saved.revision), Json(saved)))
}
