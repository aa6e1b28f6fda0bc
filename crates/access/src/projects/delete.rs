//! Deleting a project: its document first, and with it the key of its data, then what lay in it.

use super::ProjectError;
use crate::act::Act;
use crate::living::Changed;
use domain::action::DeleteProject;
use domain::entity::{Collection, Dashboard, DashboardRevision, Project, ServiceAccount};
use domain::key::Key;

/// Deletes a project. Once its document is gone, its data cannot be unsealed any more and nothing
/// in it can be reached; the rest is tidying up.
///
/// # Errors
/// When the project changed in between, or the store fails.
pub async fn delete(act: &Act<DeleteProject>) -> Result<(), ProjectError> {
    let project = act.permit().project()?;
    let key = Key::new().id(&project.value.id);
    act.documents()
        .delete::<Project>(&key, project.revision)
        .await?;
    act.permit()
        .inner
        .shared
        .living
        .signal(&Changed::Project(project.value.id.clone()));
    act.delete_under::<ServiceAccount>(&[]).await?;
    act.delete_under::<Collection>(&[]).await?;
    act.delete_under::<Dashboard>(&[]).await?;
    act.delete_under::<DashboardRevision>(&[]).await?;
    Ok(())
}
