//! A project as it goes over the wire.

use crate::http::problem::Problem;
use ::access::Permit;
use domain::action::{Action, ActionName, Project as OnProject, ScopeKind};
use domain::entity::{Collection, Dashboard, Project};
use domain::id::{ProjectId, UserId};
use domain::{ProjectRole, Timestamp, matrix};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

/// A project, as the caller may see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectBody {
    /// The id.
    pub(crate) id: ProjectId,
    /// What it is called.
    pub(crate) name: String,
    /// What it is about.
    pub(crate) description: String,
    /// The caller's role.
    pub(crate) role: ProjectRole,
    /// The role comes from being an admin of the system.
    pub(crate) via_admin: bool,
    /// Made by the demo, from numbers that nobody measured.
    pub(crate) synthetic: bool,
    /// How many collections it has.
    pub(crate) collections: u64,
    /// How many dashboards it has.
    pub(crate) dashboards: u64,
    /// What the caller may do in it, by the name of the action.
    pub(crate) can: BTreeMap<String, bool>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
}

impl ProjectBody {
    /// A project with the role somebody has in it, and nothing in it yet.
    pub(crate) fn of(project: &Project, role: ProjectRole, via_admin: bool) -> Self {
        let can = ActionName::ALL
            .iter()
            .filter(|action| action.scope() == ScopeKind::Project)
            .map(|action| {
                (
                    action.as_str().to_owned(),
                    matrix::role_allows(role, *action),
                )
            })
            .collect();
        Self {
            id: project.id.clone(),
            name: project.name.clone(),
            description: project.description.clone(),
            role,
            via_admin,
            synthetic: project.synthetic,
            collections: 0,
            dashboards: 0,
            can,
            created_at: project.created_at,
            updated_at: project.updated_at,
        }
    }

    /// A project with counts of what lies in it.
    pub(crate) async fn counted<A: Action<On = OnProject>>(
        permit: &Permit<A>,
        project: &Project,
    ) -> Result<Self, Problem> {
        let role = permit.role().ok_or_else(Problem::not_found)?;
        let mut body = Self::of(project, role, permit.via_admin());
        body.collections = permit.count::<Collection>().await?;
        body.dashboards = permit.count::<Dashboard>().await?;
        Ok(body)
    }
}

/// A person by id and name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonBody {
    /// The id.
    pub(crate) id: UserId,
    /// What others see; empty when the account is gone.
    pub(crate) name: String,
}

/// A person with the name they have now.
pub(crate) fn person(id: Option<&UserId>, names: &HashMap<UserId, String>) -> Option<PersonBody> {
    id.map(|id| PersonBody {
        id: id.clone(),
        name: names.get(id).cloned().unwrap_or_default(),
    })
}
