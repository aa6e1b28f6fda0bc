//! `GET /projects/{project}/access?user=`: why somebody has the role they have, and what they lack.
//! Everyone may ask about themselves; about others, and about everyone at once
//! (`GET /projects/{project}/audience`), owners and admins.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::credentials::CallerIs;
use crate::http::list::{ListOf, limit};
use crate::http::problem::Problem;
use ::access::{Detail, Permit, Target, TargetKind, projects};
use axum::Json;
use axum::extract::State;
use domain::action::{ActionName, ReadAccess, ScopeKind, ViewProject};
use domain::decision::{GrantUsed, Missing, Outcome, Via};
use domain::entity::Dashboard;
use domain::id::{DashboardId, UserId};
use domain::{Narrowing, ProjectRole};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    user: Option<UserId>,
    dashboard: Option<DashboardId>,
    action: Option<String>,
}

/// Which page of everyone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    dashboard: Option<DashboardId>,
    limit: Option<u64>,
    cursor: Option<String>,
}

/// One grant that counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantBody {
    /// The role it gives.
    role: ProjectRole,
    /// Through what: `user`, `group`, `anyone`, `system`, or `view_as` for who looks as a role.
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
    /// The role in force; `null` when nothing gives one, or a dashboard is narrowed to others.
    role: Option<ProjectRole>,
    /// The account is a system viewer's, who is capped at viewing.
    capped: bool,
    /// All grants that reach the person, strongest first.
    grants: Vec<GrantBody>,
    /// How the action asked about would be decided; absent when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<WouldBe>,
}

/// How an action would be decided.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WouldBe {
    /// The action.
    action: &'static str,
    /// `allowed`, `denied` or `hidden`.
    #[schema(value_type = String)]
    outcome: Outcome,
    /// What is missing, each by its kind: `{missing: "role", role}`, `{missing: "system_role", role}`,
    /// `{missing: "passage"}`.
    #[schema(value_type = Vec<Object>)]
    missing: Vec<Missing>,
}

/// Somebody who reaches a project or a dashboard.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReachingBody {
    /// `user`, or `anyone` for everyone whether signed in or not.
    kind: &'static str,
    /// The id; `anyone` for everyone.
    id: String,
    /// What others see.
    name: String,
    /// The role in force.
    role: ProjectRole,
    /// The account is a system viewer's, who is capped at viewing.
    capped: bool,
    /// Through what, strongest first.
    grants: Vec<GrantBody>,
}

fn grants<'a>(grants: &[GrantUsed], name: impl Fn(&str) -> Option<&'a String>) -> Vec<GrantBody> {
    let grants = grants.iter();
    grants
        .map(|grant| {
            let (via, group) = match &grant.via {
                Via::User => ("user", None),
                Via::Service => ("service", None),
                Via::Anyone => ("anyone", None),
                Via::System => ("system", None),
                Via::ViewAs => ("view_as", None),
                Via::Group { group } => {
                    let id = group.to_string();
                    let name = name(&id).cloned().unwrap_or_default();
                    ("group", Some(GroupName { id, name }))
                }
            };
            GrantBody {
                role: grant.role,
                via,
                group,
            }
        })
        .collect()
}

/// The narrowing of a dashboard; one that the caller may not know of is not found.
async fn narrowing(
    permit: &Permit<ViewProject>,
    dashboard: Option<&DashboardId>,
) -> Result<Option<Narrowing>, Problem> {
    let Some(id) = dashboard else {
        return Ok(None);
    };
    let head = permit.locate::<Dashboard>(id).await?;
    Ok(head.ok_or_else(Problem::not_found)?.narrowing.clone())
}

fn action(name: &str) -> Result<ActionName, Problem> {
    let mut all = ActionName::ALL.iter().copied();
    all.find(|action| action.as_str() == name && action.scope() == ScopeKind::Project)
        .ok_or_else(|| Problem::invalid("/action", "the name of an action on a project"))
}

pub(crate) async fn explain(
    Allowed(permit): Allowed<ViewProject>,
    State(app): State<App>,
    CallerIs(caller): CallerIs,
    Params(whose): Params<Whose>,
) -> Result<Json<AccessBody>, Problem> {
    let user = whose.user.or_else(|| caller.user().cloned());
    let target = user.as_ref().map(|id| Target::new(TargetKind::User, id));
    if user.as_ref() != caller.user() {
        let project = permit.project_id()?;
        let more = app.guard().on_project::<ReadAccess>(&caller, project);
        more.await?.note(target.clone(), Detail::None)?;
    }
    permit.note(target, Detail::None)?;
    let action = whose.action.as_deref().map(action).transpose()?;
    let narrowing = narrowing(&permit, whose.dashboard.as_ref()).await?;
    let found = match &user {
        Some(user) => projects::explain(&permit, user, narrowing.as_ref(), action)
            .await?
            .ok_or_else(Problem::not_found)?,
        None => projects::explain_caller(&permit, narrowing.as_ref(), action),
    };
    let name = |id: &str| {
        let named = found.groups.iter().find(|(group, _)| group == id);
        named.map(|(_, name)| name)
    };
    Ok(Json(AccessBody {
        role: found.role,
        capped: found.capped,
        grants: grants(&found.grants, name),
        decision: found.decision.map(|decision| WouldBe {
            action: decision.action.as_str(),
            outcome: decision.outcome,
            missing: decision.missing(),
        }),
    }))
}

pub(crate) async fn audience(
    Allowed(permit): Allowed<ReadAccess>,
    Params(page): Params<Page>,
) -> Result<Json<ListOf<ReachingBody>>, Problem> {
    let target = page.dashboard.as_ref();
    let target = target.map(|id| Target::new(TargetKind::Dashboard, id));
    permit.note(target, Detail::None)?;
    let after = page.cursor.as_deref().map(|text| {
        let wrong = || Problem::invalid("/cursor", "this is not a cursor of this list");
        text.parse::<UserId>().map_err(|_| wrong())
    });
    let after = after.transpose()?;
    let narrowing = narrowing(&permit.weaken(), page.dashboard.as_ref()).await?;
    let limit = limit(page.limit)?;
    let found = projects::audience(&permit, narrowing.as_ref(), after.as_ref(), limit).await?;
    let name = |id: &str| found.groups.iter().find(|(group, _)| group.as_str() == id);
    let name = |id: &str| name(id).map(|(_, name)| name);
    let everyone = found.everyone.filter(|_| after.is_none());
    let everyone = everyone.map(|role| ReachingBody {
        kind: "anyone",
        id: "anyone".to_owned(),
        name: "Everyone".to_owned(),
        role,
        capped: false,
        grants: grants(
            &[GrantUsed {
                role,
                via: Via::Anyone,
            }],
            name,
        ),
    });
    let people = found.people.iter().map(|one| ReachingBody {
        kind: "user",
        id: one.user.to_string(),
        name: one.name.clone(),
        role: one.role,
        capped: one.capped,
        grants: grants(&one.grants, name),
    });
    Ok(Json(ListOf {
        items: everyone.into_iter().chain(people).collect(),
        next_cursor: found.next.map(|id| id.to_string()),
    }))
}
