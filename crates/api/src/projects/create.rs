//! `POST /projects`.

use super::wire::ProjectBody;
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::problem::Problem;
use ::access::{Detail, projects};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ProjectRole;
use domain::action::CreateProject;
use serde::Deserialize;
use utoipa::ToSchema;

/// A new project.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProjectBody {
    /// What it is called.
    name: String,
    /// What it is about.
    #[serde(default)]
    description: String,
}

pub(crate) async fn create(
    Allowed(permit): Allowed<CreateProject>,
    State(app): State<App>,
    JsonBody(body): JsonBody<NewProjectBody>,
) -> Result<(StatusCode, Json<ProjectBody>), Problem> {
    let owner = permit
        .user()
        .cloned()
        .ok_or_else(Problem::unauthenticated)?;
    let new = app.new_project(body.name, body.description, owner)?;
    let project = permit
        .act(None, Detail::None, |act| async move {
            projects::create(&act, new).await
        })
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(ProjectBody::of(&app, &project, ProjectRole::Owner, false)),
    ))
}
