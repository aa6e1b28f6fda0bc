//! `GET /projects/{project}/dashboards/{dashboard}`. Code is in it for those who may read code.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::credentials::CallerIs;
use crate::http::ids::Ids;
use crate::http::precondition::etag;
use crate::http::problem::Problem;
use ::access::{Caller, Detail, Permit, Target, TargetKind};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::action::{ActionName, ReadCode, ViewDashboard};
use domain::id::DashboardId;

/// The permit to read code, for those whose role has it. Asking without the role would put a refusal
/// into the log that nobody meant.
pub(super) async fn code_permit(
    app: &App,
    caller: &Caller,
    permit: &Permit<ViewDashboard>,
) -> Result<Option<Permit<ReadCode>>, Problem> {
    if !permit.would_allow(ActionName::ReadCode) {
        return Ok(None);
    }
    Ok(Some(
        app.guard().on_project(caller, permit.project_id()?).await?,
    ))
}

pub(super) async fn show(
    Allowed(permit): Allowed<ViewDashboard>,
    State(app): State<App>,
    CallerIs(caller): CallerIs,
    ids: Ids,
) -> Result<impl IntoResponse, Problem> {
    let id: DashboardId = ids.get("dashboard")?;
    permit.note(Some(Target::new(TargetKind::Dashboard, &id)), Detail::None)?;
    let code = code_permit(&app, &caller, &permit).await?;
    let found = dashboards::get(&permit, &id, code.as_ref()).await?;
    Ok((etag(found.revision), Json(found)))
}
