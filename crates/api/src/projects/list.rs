//! `GET /projects`: one decision and one event for the whole list.

use super::wire::ProjectBody;
use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::list::{ListOf, Paging};
use crate::http::problem::Problem;
use ::access::{Detail, Visible};
use axum::Json;
use domain::action::ListProjects;

pub(crate) async fn list(
    Allowed(permit): Allowed<ListProjects>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<ProjectBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let visible = Visible::of(permit).await?;
    let page = visible
        .projects(paging.cursor()?.as_ref(), paging.limit()?)
        .await?;
    let items = page
        .items
        .iter()
        .filter_map(|project| {
            let role = visible.role_in(&project.value)?;
            Some(ProjectBody::of(&project.value, role, visible.via_admin()))
        })
        .collect();
    Ok(ListOf::page(items, page.next.as_ref()))
}
