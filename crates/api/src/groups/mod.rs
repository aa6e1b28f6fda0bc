//! Routes of groups and of the directory.

mod directory;
mod members;
mod own;

use crate::http::allowed::Allowed;
use crate::http::body::{JsonBody, Params};
use crate::http::ids::Ids;
use crate::http::list::{ListOf, Paging};
use crate::http::problem::Problem;
use crate::http::routes::{Doc, Routes};
use access::{Detail, Target, TargetKind};
use axum::Json;
use axum::http::StatusCode;
use domain::action::{ListGroups, ManageGroups, ViewGroup};
use domain::entity::Group;
use domain::id::{GroupId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody in a group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupMember {
    /// The id.
    id: UserId,
    /// What others see.
    display_name: String,
}

/// A group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupBody {
    /// The id.
    id: GroupId,
    /// What it is called.
    name: String,
    /// How many are in it.
    size: usize,
    /// Who is in it; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<GroupMember>>,
    /// Who may edit its membership besides admins; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    maintainers: Option<Vec<GroupMember>>,
}

impl From<&Group> for GroupBody {
    fn from(group: &Group) -> Self {
        Self {
            id: group.id.clone(),
            name: group.name.clone(),
            size: group.members.len(),
            members: None,
            maintainers: None,
        }
    }
}

/// A group's name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupNameBody {
    /// What it is to be called.
    name: String,
}

pub(crate) fn routes() -> Routes {
    Routes::under("/api/v1")
        .add(
            Doc::get("/groups", "All groups, by name").paged::<GroupBody>(),
            list,
        )
        .add(
            Doc::post("/groups", "Make a group")
                .body::<GroupNameBody>()
                .answer::<GroupBody>(201),
            create,
        )
        .add(
            Doc::get("/groups/{group}", "A group with its members").answer::<GroupBody>(200),
            show,
        )
        .add(
            Doc::patch("/groups/{group}", "Rename a group")
                .body::<GroupNameBody>()
                .answer::<GroupBody>(200),
            rename,
        )
        .add(
            Doc::delete("/groups/{group}", "Delete a group and its grants"),
            delete,
        )
        .add(
            Doc::put("/groups/{group}/members/{user}", "Add somebody to a group").empty(204),
            members::join,
        )
        .add(
            Doc::delete(
                "/groups/{group}/members/{user}",
                "Take somebody out of a group",
            ),
            members::leave,
        )
        .add(
            Doc::put(
                "/groups/{group}/maintainers/{user}",
                "Let somebody edit a group's membership",
            )
            .empty(204),
            members::name,
        )
        .add(
            Doc::delete(
                "/groups/{group}/maintainers/{user}",
                "Let somebody edit a group's membership no more",
            ),
            members::unname,
        )
        .add(
            Doc::get("/auth/groups", "The groups one is in or maintains")
                .list::<own::OwnGroupBody>(),
            own::list,
        )
        .add(
            Doc::get("/directory", "People and groups by the start of their name")
                .query("q", "the start of a name")
                .query("limit", "how many of each, 1 to 200")
                .list::<directory::DirectoryEntry>(),
            directory::search,
        )
}

async fn list(
    Allowed(permit): Allowed<ListGroups>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<GroupBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let page = permit
        .groups(paging.cursor()?.as_ref(), paging.limit()?)
        .await?;
    let items = page
        .items
        .iter()
        .map(|group| GroupBody::from(&group.value))
        .collect();
    Ok(ListOf::page(items, page.next.as_ref()))
}

async fn create(
    Allowed(permit): Allowed<ManageGroups>,
    JsonBody(body): JsonBody<GroupNameBody>,
) -> Result<(StatusCode, Json<GroupBody>), Problem> {
    let group = permit
        .act(None, Detail::None, |act| async move {
            act.create_group(&body.name).await
        })
        .await?;
    Ok((StatusCode::CREATED, Json(GroupBody::from(&group))))
}

async fn show(Allowed(permit): Allowed<ViewGroup>) -> Result<Json<GroupBody>, Problem> {
    permit.note(None, Detail::None)?;
    let found = permit.group().await?.ok_or_else(Problem::not_found)?;
    let mut body = GroupBody::from(&found.group);
    body.members = Some(people(found.members));
    body.maintainers = Some(people(found.maintainers));
    Ok(Json(body))
}

fn people(found: Vec<(UserId, String)>) -> Vec<GroupMember> {
    let people = found.into_iter();
    people
        .map(|(id, display_name)| GroupMember { id, display_name })
        .collect()
}

async fn rename(
    Allowed(permit): Allowed<ManageGroups>,
    ids: Ids,
    JsonBody(body): JsonBody<GroupNameBody>,
) -> Result<Json<GroupBody>, Problem> {
    let id: GroupId = ids.get("group")?;
    let target = Target::new(TargetKind::Group, &id);
    let group = permit
        .act(Some(target), Detail::None, move |act| async move {
            act.rename_group(&id, &body.name).await
        })
        .await?;
    Ok(Json(GroupBody::from(&group)))
}

async fn delete(Allowed(permit): Allowed<ManageGroups>, ids: Ids) -> Result<StatusCode, Problem> {
    let id: GroupId = ids.get("group")?;
    let target = Target::new(TargetKind::Group, &id);
    permit
        .act(Some(target), Detail::None, move |act| async move {
            act.delete_group(&id).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
