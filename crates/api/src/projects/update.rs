//! `PATCH /projects/{project}`.

use super::wire::ProjectBody;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::problem::Problem;
use ::access::Detail;
use ::access::projects::{self, ProjectPatch};
use axum::Json;
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
}

pub(crate) async fn update(
    Allowed(permit): Allowed<ManageProject>,
    JsonBody(body): JsonBody<ProjectPatchBody>,
) -> Result<Json<ProjectBody>, Problem> {
    let patch = ProjectPatch {
        name: body.name,
        description: body.description,
    };
    let project = permit
        .act(None, Detail::None, |act| async move {
            projects::update(&act, patch).await
        })
        .await?;
    Ok(Json(ProjectBody::counted(&permit, &project).await?))
}
