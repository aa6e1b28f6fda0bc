//! `GET /projects/{project}`.

use super::wire::ProjectBody;
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::problem::Problem;
use ::access::Detail;
use axum::Json;
use axum::extract::State;
use domain::action::ViewProject;

pub(crate) async fn show(
    Allowed(permit): Allowed<ViewProject>,
    State(app): State<App>,
) -> Result<Json<ProjectBody>, Problem> {
    permit.note(None, Detail::None)?;
    let project = &permit.project()?.value;
    Ok(Json(ProjectBody::counted(&app, &permit, project).await?))
}
