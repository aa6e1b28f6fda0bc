//! Renaming and describing a project.

use super::{ProjectError, change, checked_description, checked_name};
use crate::act::Act;
use domain::action::ManageProject;
use domain::entity::Project;

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProjectPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new description.
    pub description: Option<String>,
}

/// Changes a project's name and description.
///
/// # Errors
/// When one cannot be kept, or the project is gone.
pub async fn update(
    act: &Act<ManageProject>,
    patch: ProjectPatch,
) -> Result<Project, ProjectError> {
    let name = patch.name.as_deref().map(checked_name).transpose()?;
    let description = patch
        .description
        .as_deref()
        .map(checked_description)
        .transpose()?;
    change(act, |project| {
        if let Some(name) = &name {
            project.name.clone_from(name);
        }
        if let Some(description) = &description {
            project.description.clone_from(description);
        }
        Ok(())
    })
    .await
}
