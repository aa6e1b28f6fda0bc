//! `GET /projects/{project}/access?user=`: why somebody has the role they have. Everyone may ask
//! about themselves; about others, whoever manages members.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::credentials::CallerIs;
use crate::http::problem::Problem;
use ::access::{Detail, Target, TargetKind, projects};
use axum::Json;
use axum::extract::State;
use domain::ProjectRole;
use domain::action::{ManageMembers, ViewProject};
use domain::decision::Via;
use domain::id::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    user: Option<UserId>,
}

/// One grant that counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantBody {
    /// The role it gives.
    role: ProjectRole,
    /// Through what: `user`, `group`, `anyone` or `system`.
    via: &'static str,
    /// The group, when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<GroupName>,
}

/// A group by id and name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupName {
    id: String,
    name: String,
}

/// A role with its reasons.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessBody {
    /// The role in force; `null` when nothing gives one.
    role: Option<ProjectRole>,
    /// All grants that reach the person, strongest first.
    grants: Vec<GrantBody>,
}

pub(crate) async fn explain(
    Allowed(permit): Allowed<ViewProject>,
    State(app): State<App>,
    CallerIs(caller): CallerIs,
    Params(whose): Params<Whose>,
) -> Result<Json<AccessBody>, Problem> {
    let user = match whose.user.or_else(|| caller.user().cloned()) {
        Some(user) => user,
        None => return Err(Problem::unauthenticated()),
    };
    if Some(&user) != caller.user() {
        let project = permit.project_id()?;
        let more = app
            .guard()
            .on_project::<ManageMembers>(&caller, project)
            .await?;
        more.note(Some(Target::new(TargetKind::User, &user)), Detail::None)?;
    }
    permit.note(Some(Target::new(TargetKind::User, &user)), Detail::None)?;
    let found = projects::explain(&permit, &user)
        .await?
        .ok_or_else(Problem::not_found)?;
    let name = |id: &str| {
        found
            .groups
            .iter()
            .find(|(group, _)| group == id)
            .map(|(_, name)| name.clone())
    };
    let grants = found
        .grants
        .iter()
        .map(|grant| {
            let (via, group) = match &grant.via {
                Via::User => ("user", None),
                Via::Anyone => ("anyone", None),
                Via::System => ("system", None),
                Via::Group { group } => {
                    let id = group.to_string();
                    let name = name(&id).unwrap_or_default();
                    ("group", Some(GroupName { id, name }))
                }
            };
            GrantBody {
                role: grant.role,
                via,
                group,
            }
        })
        .collect();
    Ok(Json(AccessBody {
        role: found.role,
        grants,
    }))
}
