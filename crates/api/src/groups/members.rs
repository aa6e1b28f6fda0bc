//! Who is in a group, and who may say so.

use crate::http::allowed::Allowed;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use access::{Detail, GroupError, Membership, Target, TargetKind};
use axum::http::StatusCode;
use domain::action::{ManageGroups, ManageMembership};
use domain::id::{GroupId, UserId};

pub(super) async fn join(
    allowed: Allowed<ManageMembership>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    change(allowed, &ids, Membership::Joins).await
}

pub(super) async fn leave(
    allowed: Allowed<ManageMembership>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    change(allowed, &ids, Membership::Leaves).await
}

async fn change(
    Allowed(permit): Allowed<ManageMembership>,
    ids: &Ids,
    membership: Membership,
) -> Result<StatusCode, Problem> {
    let user: UserId = ids.get("user")?;
    permit
        .act(None, Detail::None, move |act| async move {
            act.set_membership(&user, membership).await?;
            Ok::<_, GroupError>(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn name(allowed: Allowed<ManageGroups>, ids: Ids) -> Result<StatusCode, Problem> {
    maintain(allowed, &ids, true).await
}

pub(super) async fn unname(
    allowed: Allowed<ManageGroups>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    maintain(allowed, &ids, false).await
}

async fn maintain(
    Allowed(permit): Allowed<ManageGroups>,
    ids: &Ids,
    named: bool,
) -> Result<StatusCode, Problem> {
    let group: GroupId = ids.get("group")?;
    let user: UserId = ids.get("user")?;
    let target = Target::new(TargetKind::Group, &group);
    permit
        .act(Some(target), Detail::None, move |act| async move {
            act.set_maintainer(&group, &user, named).await?;
            Ok::<_, GroupError>(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
