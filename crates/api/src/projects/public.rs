//! `GET /public/projects`: what everyone may look at, signed in or not.

use crate::App;
use crate::http::body::Params;
use crate::http::list::{ListOf, Paging};
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::State;
use domain::entity::Project;
use domain::id::ProjectId;
use serde::Serialize;
use utoipa::ToSchema;

/// A project that is open to everyone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicProjectBody {
    /// The id.
    id: ProjectId,
    /// What it is called.
    name: String,
    /// What it is about.
    description: String,
}

impl From<Project> for PublicProjectBody {
    fn from(project: Project) -> Self {
        Self {
            id: project.id,
            name: project.name,
            description: project.description,
        }
    }
}

pub(crate) async fn list(
    State(app): State<App>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<PublicProjectBody>>, Problem> {
    let (after, limit) = (paging.cursor()?, paging.limit()?);
    let page = app.guard().public_projects(after.as_ref(), limit).await?;
    let items = page.items.into_iter().map(|project| project.value.into());
    Ok(ListOf::page(items.collect(), page.next.as_ref()))
}
