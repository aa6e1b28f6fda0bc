//! Making a project. Whoever makes it owns it.

use super::{ProjectError, checked_description, checked_name};
use crate::act::Act;
use audit::{Detail, Target, TargetKind};
use domain::action::CreateProject;
use domain::entity::{Grant, Principal, Project};
use domain::id::{ProjectId, UserId};
use domain::{ProjectCodeLimits, ProjectRole};

/// What a project starts with.
pub struct NewProject {
    /// Its id, made before its data key, which is bound to it.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// Its description; may be empty.
    pub description: String,
    /// Made by the demo, from numbers that nobody measured.
    pub synthetic: bool,
    /// Its data key, wrapped.
    pub data_key: String,
    /// Who owns it.
    pub owner: UserId,
}

/// Makes a project.
///
/// # Errors
/// When its name or description cannot be kept, or the store fails.
pub async fn create(act: &Act<CreateProject>, new: NewProject) -> Result<Project, ProjectError> {
    let project = Project {
        id: new.id,
        name: checked_name(&new.name)?,
        description: checked_description(&new.description)?,
        synthetic: new.synthetic,
        grants: vec![Grant {
            to: Principal::User(new.owner),
            role: ProjectRole::Owner,
        }],
        data_key: new.data_key,
        code_limits: ProjectCodeLimits::default(),
        created_at: act.now(),
        updated_at: act.now(),
        changed_by: act.event().clone(),
    };
    act.documents().insert(&project).await?;
    act.describe(
        Some(Target::new(TargetKind::Project, &project.id)),
        Detail::None,
    );
    Ok(project)
}
