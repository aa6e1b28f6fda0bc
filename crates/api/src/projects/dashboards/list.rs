//! `GET /projects/{project}/dashboards`.

use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::list::{ListOf, Paging};
use crate::http::problem::Problem;
use ::access::Detail;
use axum::Json;
use dashboards::Summary;
use domain::action::ViewDashboard;

pub(super) async fn list(
    Allowed(permit): Allowed<ViewDashboard>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<Summary>>, Problem> {
    permit.note(None, Detail::None)?;
    let (after, limit) = (paging.cursor()?, paging.limit()?);
    let (items, next) = dashboards::list(&permit, after.as_ref(), limit).await?;
    Ok(ListOf::page(items, next.as_ref()))
}
