//! `GET /projects/{project}/collections`, by name.

use super::wire::CollectionBody;
use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::list::{ListOf, Paging};
use crate::http::problem::Problem;
use ::access::{Detail, Order};
use axum::Json;
use domain::action::ViewProject;
use domain::entity::Collection;

pub(super) async fn list(
    Allowed(permit): Allowed<ViewProject>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<CollectionBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let (after, limit) = (paging.cursor()?, paging.limit()?);
    let page = permit
        .list::<Collection>("name", &[], Order::Ascending, after.as_ref(), limit)
        .await?;
    let items = page
        .items
        .iter()
        .map(|found| CollectionBody::from(&found.value))
        .collect();
    Ok(ListOf::page(items, page.next.as_ref()))
}
