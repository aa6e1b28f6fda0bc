//! `DELETE /projects/{project}`: its key goes with it, then its files.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::problem::Problem;
use ::access::{Detail, projects};
use axum::extract::State;
use axum::http::StatusCode;
use domain::action::DeleteProject;

pub(crate) async fn delete(
    Allowed(permit): Allowed<DeleteProject>,
    State(app): State<App>,
) -> Result<StatusCode, Problem> {
    permit
        .act(None, Detail::None, |act| async move {
            projects::delete(&act).await?;
            app.drop_project_files(&act).await;
            Ok::<_, projects::ProjectError>(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
