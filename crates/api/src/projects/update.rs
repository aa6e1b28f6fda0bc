//! `PATCH /projects/{project}`.

use super::wire::ProjectBody;
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::{JsonBody, present};
use crate::http::problem::Problem;
use ::access::Detail;
use ::access::projects::{self, ProjectPatch};
use axum::Json;
use axum::extract::State;
use domain::ProjectCodeLimits;
use domain::action::ManageProject;
use serde::Deserialize;
use utoipa::ToSchema;

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectPatchBody {
    /// A new name.
    name: Option<String>,
    /// A new description.
    description: Option<String>,
    /// Limits on code in place of all the project had; null for those of the installation. None may be above the
    /// installation's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<ProjectCodeLimits>)]
    code_limits: Option<Option<ProjectCodeLimits>>,
}

pub(crate) async fn update(
    Allowed(permit): Allowed<ManageProject>,
    State(app): State<App>,
    JsonBody(body): JsonBody<ProjectPatchBody>,
) -> Result<Json<ProjectBody>, Problem> {
    let patch = ProjectPatch {
        name: body.name,
        description: body.description,
        code_limits: body.code_limits.map(Option::unwrap_or_default),
    };
    let installation = *app.code_limits();
    let project = permit
        .act(None, Detail::None, move |act| async move {
            projects::update(&act, patch, &installation).await
        })
        .await?;
    Ok(Json(ProjectBody::counted(&app, &permit, &project).await?))
}
