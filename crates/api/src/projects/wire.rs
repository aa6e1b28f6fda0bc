//! A project as it goes over the wire.

use crate::App;
use crate::http::problem::Problem;
use ::access::Permit;
use domain::action::{Action, ActionName, Project as OnProject, ScopeKind};
use domain::entity::{Collection, Dashboard, Project};
use domain::id::{ProjectId, UserId};
use domain::limits::CodeLimits;
use domain::{ProjectCodeLimits, ProjectRole, Timestamp, matrix};
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
    /// None of its owners can sign in any more. Told to admins, false for everybody else.
    pub(crate) orphaned: bool,
    /// Made by the demo, from numbers that nobody measured.
    pub(crate) synthetic: bool,
    /// How many collections it has.
    pub(crate) collections: u64,
    /// How many dashboards it has.
    pub(crate) dashboards: u64,
    /// What the caller may do in it, by the name of the action.
    pub(crate) can: BTreeMap<String, bool>,
    /// What its owner allows code, where that is less than the installation does; null when nowhere.
    pub(crate) code_limits: Option<ProjectCodeLimits>,
    /// The limits in force for its code: the lower of its own and the installation's.
    pub(crate) code_limits_effective: CodeLimitsBody,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
}

/// Limits on one run of code.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct CodeLimitsBody {
    /// Wall-clock time, in milliseconds.
    code_wall_ms_max: u64,
    /// Processor time, in milliseconds.
    code_cpu_ms_max: u64,
    /// Memory beyond the interpreter's own and the data frame, in bytes.
    code_memory_extra_bytes_max: u64,
    /// The figure as JSON, in bytes.
    code_result_bytes_max: u64,
    /// Printed text, in bytes.
    code_text_bytes_max: u64,
    /// The source, in bytes.
    code_source_bytes_max: u64,
    /// Nesting of brackets and blocks in the source.
    code_depth_max: u64,
    /// The data frame, in bytes.
    code_frame_bytes_max: u64,
}

impl From<CodeLimits> for CodeLimitsBody {
    fn from(limits: CodeLimits) -> Self {
        Self {
            code_wall_ms_max: limits.code_wall_ms_max,
            code_cpu_ms_max: limits.code_cpu_ms_max,
            code_memory_extra_bytes_max: limits.code_memory_extra_bytes_max,
            code_result_bytes_max: limits.code_result_bytes_max,
            code_text_bytes_max: limits.code_text_bytes_max,
            code_source_bytes_max: limits.code_source_bytes_max,
            code_depth_max: limits.code_depth_max,
            code_frame_bytes_max: limits.code_frame_bytes_max,
        }
    }
}

impl ProjectBody {
    /// A project with the role somebody has in it, and nothing in it yet.
    pub(crate) fn of(app: &App, project: &Project, role: ProjectRole, via_admin: bool) -> Self {
        let own = project.code_limits;
        Self {
            id: project.id.clone(),
            name: project.name.clone(),
            description: project.description.clone(),
            role,
            via_admin,
            orphaned: false,
            synthetic: project.synthetic,
            collections: 0,
            dashboards: 0,
            can: can(|action| matrix::role_allows(role, action)),
            code_limits: (!own.is_empty()).then_some(own),
            code_limits_effective: own.in_force(app.code_limits()).into(),
            created_at: project.created_at,
            updated_at: project.updated_at,
        }
    }

    /// A project with counts of what lies in it.
    pub(crate) async fn counted<A: Action<On = OnProject>>(
        app: &App,
        permit: &Permit<A>,
        project: &Project,
    ) -> Result<Self, Problem> {
        let role = permit.role().ok_or_else(Problem::not_found)?;
        let mut body = Self::of(app, project, role, permit.via_admin());
        body.can = can(|action| permit.would_allow(action));
        body.orphaned = permit.is_orphaned().await?;
        body.collections = permit.count::<Collection>().await?;
        body.dashboards = permit.count::<Dashboard>().await?;
        Ok(body)
    }
}

/// Every action on a project by its name, with whether the caller may do it.
fn can(may: impl Fn(ActionName) -> bool) -> BTreeMap<String, bool> {
    let all = ActionName::ALL.iter();
    all.filter(|action| action.scope() == ScopeKind::Project)
        .map(|action| (action.as_str().to_owned(), may(*action)))
        .collect()
}

/// A person, or an account of a program, by id and name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonBody {
    /// The id.
    pub(crate) id: String,
    /// What others see; empty when the account is gone.
    pub(crate) name: String,
}

/// A person with the name they have now.
pub(crate) fn person(id: Option<&UserId>, names: &HashMap<UserId, String>) -> Option<PersonBody> {
    id.map(|id| PersonBody {
        id: id.to_string(),
        name: names.get(id).cloned().unwrap_or_default(),
    })
}
