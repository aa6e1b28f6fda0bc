//! `GET /projects`: one decision and one event for the whole list.

use super::wire::ProjectBody;
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::list::{ListOf, Paging};
use crate::http::problem::Problem;
use ::access::{Detail, Visible};
use axum::Json;
use axum::extract::State;
use domain::action::ListProjects;

pub(crate) async fn list(
    Allowed(permit): Allowed<ListProjects>,
    State(app): State<App>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<ProjectBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let visible = Visible::of(permit).await?;
    let page = visible
        .projects(paging.cursor()?.as_ref(), paging.limit()?)
        .await?;
    let shown: Vec<_> = page.items.iter().map(|project| &project.value).collect();
    let orphans = visible.orphans(&shown).await?;
    let counts = visible.counts(&shown).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for (project, counted) in shown.into_iter().zip(counts) {
        let Some(role) = visible.role_in(project) else {
            continue;
        };
        let mut body = ProjectBody::of(&app, project, role, visible.via_admin());
        body.orphaned = orphans.contains(&project.id);
        (body.collections, body.dashboards) = counted;
        items.push(body);
    }
    Ok(ListOf::page(items, page.next.as_ref()))
}
