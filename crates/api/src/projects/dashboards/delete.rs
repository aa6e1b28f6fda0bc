//! `DELETE /projects/{project}/dashboards/{dashboard}`.

use crate::http::allowed::Allowed;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use axum::http::StatusCode;
use domain::action::DeleteDashboard;

pub(super) async fn delete(
    Allowed(permit): Allowed<DeleteDashboard>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    dashboards::delete(&permit, &ids.get("dashboard")?).await?;
    Ok(StatusCode::NO_CONTENT)
}
