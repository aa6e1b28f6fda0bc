//! The key of a project's data, wrapped. What is in it is not known here; only that it is replaced in
//! one step, and by whom.

use super::{ProjectError, change};
use crate::act::Act;
use audit::{Detail, Target, TargetKind};
use domain::action::ManageProject;
use domain::entity::Project;
use std::collections::BTreeMap;

/// Replaces a project's wrapped keys by what `next` makes of them. `named` is what the record says of
/// the keys after it, never the keys.
///
/// # Errors
/// [`ProjectError::Key`] with the words of `next`, or when the project is gone.
pub async fn replace_data_key(
    act: &Act<ManageProject>,
    next: impl Fn(&Project) -> Result<String, String>,
    named: impl Fn(&Project) -> String,
) -> Result<Project, ProjectError> {
    let project = change(act, |project| {
        project.data_key = next(project).map_err(ProjectError::Key)?;
        Ok(())
    })
    .await?;
    act.describe(
        Some(Target::new(TargetKind::Project, &project.id)),
        Detail::Settings {
            changed: BTreeMap::from([("data_key".to_owned(), named(&project))]),
        },
    );
    Ok(project)
}
