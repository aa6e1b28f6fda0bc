//! Routes of a project's members.

use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::ids::Ids;
use crate::http::list::ListOf;
use crate::http::problem::Problem;
use crate::http::routes::{Doc, Routes};
use ::access::{Detail, Target, TargetKind, projects};
use axum::Json;
use axum::http::StatusCode;
use domain::ProjectRole;
use domain::action::{ListMembers, ManageMembers};
use domain::entity::Principal;
use domain::id::{GroupId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody with a role in a project.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberBody {
    /// `user`, `group` or `anyone`.
    kind: &'static str,
    /// The id.
    id: String,
    /// What others see.
    name: String,
    /// The role granted.
    role: ProjectRole,
}

impl From<projects::Member> for MemberBody {
    fn from(member: projects::Member) -> Self {
        let (kind, id) = match member.principal {
            Principal::User(id) => ("user", id.into()),
            Principal::Group(id) => ("group", id.into()),
            Principal::Anyone => ("anyone", "anyone".to_owned()),
        };
        Self {
            kind,
            id,
            name: member.name,
            role: member.role,
        }
    }
}

/// A role to be granted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleBody {
    /// The role.
    role: ProjectRole,
}

pub(super) fn routes() -> Routes {
    Routes::under("/api/v1/projects/{project}")
        .add(
            Doc::get("/members", "Who has a role in a project").list::<MemberBody>(),
            list,
        )
        .add(
            Doc::put("/members/users/{user}", "Grant a person a role")
                .body::<RoleBody>()
                .answer::<MemberBody>(200),
            grant_user,
        )
        .add(
            Doc::put("/members/groups/{group}", "Grant a group a role")
                .body::<RoleBody>()
                .answer::<MemberBody>(200),
            grant_group,
        )
        .add(
            Doc::put("/members/anyone", "Let everyone look, signed in or not")
                .body::<RoleBody>()
                .answer::<MemberBody>(200),
            grant_anyone,
        )
        .add(
            Doc::delete("/members/users/{user}", "Withdraw a person's role"),
            withdraw_user,
        )
        .add(
            Doc::delete("/members/groups/{group}", "Withdraw a group's role"),
            withdraw_group,
        )
        .add(
            Doc::delete("/members/anyone", "Let only members look"),
            withdraw_anyone,
        )
}

async fn list(Allowed(permit): Allowed<ListMembers>) -> Result<Json<ListOf<MemberBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let members = projects::members(&permit).await?;
    Ok(ListOf::all(members.into_iter().map(Into::into).collect()))
}

async fn grant_user(
    allowed: Allowed<ManageMembers>,
    ids: Ids,
    JsonBody(body): JsonBody<RoleBody>,
) -> Result<Json<MemberBody>, Problem> {
    let user: UserId = ids.get("user")?;
    let target = Target::new(TargetKind::User, &user);
    grant(allowed, Principal::User(user), target, body.role).await
}

async fn grant_group(
    allowed: Allowed<ManageMembers>,
    ids: Ids,
    JsonBody(body): JsonBody<RoleBody>,
) -> Result<Json<MemberBody>, Problem> {
    let group: GroupId = ids.get("group")?;
    let target = Target::new(TargetKind::Group, &group);
    grant(allowed, Principal::Group(group), target, body.role).await
}

async fn grant_anyone(
    allowed: Allowed<ManageMembers>,
    JsonBody(body): JsonBody<RoleBody>,
) -> Result<Json<MemberBody>, Problem> {
    let target = everyone(&allowed)?;
    grant(allowed, Principal::Anyone, target, body.role).await
}

/// What a grant to everyone is on: there is no person or group to name.
fn everyone(allowed: &Allowed<ManageMembers>) -> Result<Target, Problem> {
    Ok(Target::new(TargetKind::Project, allowed.0.project_id()?))
}

async fn grant(
    Allowed(permit): Allowed<ManageMembers>,
    principal: Principal,
    target: Target,
    role: ProjectRole,
) -> Result<Json<MemberBody>, Problem> {
    let member = permit
        .act(Some(target), Detail::None, move |act| async move {
            projects::set_member(&act, principal, role).await
        })
        .await?;
    Ok(Json(member.into()))
}

async fn withdraw_user(allowed: Allowed<ManageMembers>, ids: Ids) -> Result<StatusCode, Problem> {
    let user: UserId = ids.get("user")?;
    let target = Target::new(TargetKind::User, &user);
    withdraw(allowed, Principal::User(user), target).await
}

async fn withdraw_group(allowed: Allowed<ManageMembers>, ids: Ids) -> Result<StatusCode, Problem> {
    let group: GroupId = ids.get("group")?;
    let target = Target::new(TargetKind::Group, &group);
    withdraw(allowed, Principal::Group(group), target).await
}

async fn withdraw_anyone(allowed: Allowed<ManageMembers>) -> Result<StatusCode, Problem> {
    let target = everyone(&allowed)?;
    withdraw(allowed, Principal::Anyone, target).await
}

async fn withdraw(
    Allowed(permit): Allowed<ManageMembers>,
    principal: Principal,
    target: Target,
) -> Result<StatusCode, Problem> {
    permit
        .act(Some(target), Detail::None, move |act| async move {
            projects::remove_member(&act, &principal).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
