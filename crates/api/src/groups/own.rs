//! `GET /auth/groups`: the groups one is in or maintains.

use crate::http::allowed::Allowed;
use crate::http::list::ListOf;
use crate::http::problem::Problem;
use access::Detail;
use axum::Json;
use domain::action::ReadAccount;
use domain::id::GroupId;
use serde::Serialize;
use utoipa::ToSchema;

/// A group of one's own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnGroupBody {
    /// The id.
    id: GroupId,
    /// What it is called.
    name: String,
    /// One is in it.
    member: bool,
    /// One may edit who is in it.
    maintainer: bool,
}

pub(super) async fn list(
    Allowed(permit): Allowed<ReadAccount>,
) -> Result<Json<ListOf<OwnGroupBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let own = permit.own_groups().await?;
    let items = own
        .into_iter()
        .map(|own| OwnGroupBody {
            id: own.group.id,
            name: own.group.name,
            member: own.member,
            maintainer: own.maintainer,
        })
        .collect();
    Ok(ListOf::all(items))
}
