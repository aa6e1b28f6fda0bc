//! Deleting a dashboard with its history.

use super::DashboardError;
use access::{ActError, Detail, Permit, Target, TargetKind};
use domain::action::DeleteDashboard;
use domain::entity::{Dashboard, DashboardRevision};
use domain::id::DashboardId;

/// Deletes a dashboard and all its revisions.
///
/// # Errors
/// When there is none, the permit no longer holds, or the store fails.
pub async fn delete(
    permit: &Permit<DeleteDashboard>,
    id: &DashboardId,
) -> Result<(), ActError<DashboardError>> {
    let target = Target::new(TargetKind::Dashboard, id);
    let id = id.clone();
    permit
        .act(Some(target), Detail::None, move |act| async move {
            // A save in between makes the head another one; deleting still means all of it.
            for _ in 0..8 {
                let head = act.permit().locate::<Dashboard>(&id).await?;
                let head = head.ok_or(DashboardError::NotFound)?;
                match act.delete(&head).await {
                    Ok(()) => {
                        act.delete_under::<DashboardRevision>(&[id.as_str()])
                            .await?;
                        return Ok(());
                    }
                    Err(error) if super::is_race(&error) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(DashboardError::Access(access::AccessError::Store(
                access::StoreError::Stale,
            )))
        })
        .await
}
