//! Renaming and describing a project, and limiting its code.

use super::{ProjectError, change, checked_description, checked_name};
use crate::act::Act;
use audit::{Detail, Target, TargetKind};
use domain::ProjectCodeLimits;
use domain::action::ManageProject;
use domain::entity::Project;
use domain::limits::CodeLimits;
use std::collections::BTreeMap;

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProjectPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new description.
    pub description: Option<String>,
    /// New limits on code, in place of all it had.
    pub code_limits: Option<ProjectCodeLimits>,
}

/// Changes a project's name, description and limits on code, which are at most those of the installation.
///
/// # Errors
/// When one cannot be kept, or the project is gone.
pub async fn update(
    act: &Act<ManageProject>,
    patch: ProjectPatch,
    installation: &CodeLimits,
) -> Result<Project, ProjectError> {
    let name = patch.name.as_deref().map(checked_name).transpose()?;
    let description = patch
        .description
        .as_deref()
        .map(checked_description)
        .transpose()?;
    if let Some(limits) = &patch.code_limits {
        let flaws = limits.flaws(installation);
        if !flaws.is_empty() {
            return Err(ProjectError::CodeLimits(flaws));
        }
    }
    let project = change(act, |project| {
        if let Some(name) = &name {
            project.name.clone_from(name);
        }
        if let Some(description) = &description {
            project.description.clone_from(description);
        }
        if let Some(limits) = patch.code_limits {
            project.code_limits = limits;
        }
        Ok(())
    })
    .await?;
    if let Some(limits) = &patch.code_limits {
        act.describe(
            Some(Target::new(TargetKind::Project, &project.id)),
            Detail::Settings {
                changed: by_name(limits),
            },
        );
    }
    Ok(project)
}

/// The limits as the log keeps them: a number, or that the installation's is in force.
fn by_name(limits: &ProjectCodeLimits) -> BTreeMap<String, String> {
    let value = |own: Option<u64>| own.map_or_else(|| "installation".to_owned(), |n| n.to_string());
    let entries = limits.entries().into_iter();
    entries
        .map(|(name, own)| (name.to_owned(), value(own)))
        .collect()
}
