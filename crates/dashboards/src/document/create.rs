//! Making a dashboard.

use super::{DashboardError, Document, Draft, check, document};
use access::{Act, ActError, Detail, Permit, Target, TargetKind};
use domain::action::CreateDashboard;
use domain::entity::{Dashboard, DashboardRevision};
use domain::id::DashboardId;
use domain::limits::CodeLimits;

/// Makes a dashboard with its first revision.
///
/// # Errors
/// When the draft cannot be kept, the permit no longer holds, or the store fails.
pub async fn create(
    permit: &Permit<CreateDashboard>,
    draft: Draft,
    code: &CodeLimits,
) -> Result<Document, ActError<DashboardError>> {
    let draft = check(draft, code).map_err(ActError::Failed)?;
    permit
        .act(None, Detail::None, move |act| async move {
            let project = act.permit().project_id()?.clone();
            let head = Dashboard {
                id: DashboardId::generate(act.clock(), act.rng()),
                project,
                title: draft.title,
                revision: 1,
                tabs: draft.tabs,
                narrowing: None,
                created_at: act.now(),
                created_by: act.permit().user().cloned(),
                updated_at: act.now(),
                updated_by: act.permit().user().cloned(),
                changed_by: act.event().clone(),
            };
            insert(&act, &head).await?;
            Ok(document(act.permit(), &head).await?)
        })
        .await
}

async fn insert(act: &Act<CreateDashboard>, head: &Dashboard) -> Result<(), DashboardError> {
    // The revision first: a head without its revision would show what cannot be gone back to.
    act.insert(&first_revision(head)).await?;
    act.insert(head).await?;
    act.describe(
        Some(Target::new(TargetKind::Dashboard, &head.id)),
        Detail::Revision { revision: 1 },
    );
    Ok(())
}

fn first_revision(head: &Dashboard) -> DashboardRevision {
    DashboardRevision {
        dashboard: head.id.clone(),
        project: head.project.clone(),
        revision: 1,
        title: head.title.clone(),
        tabs: head.tabs.clone(),
        created_at: head.created_at,
        created_by: head.created_by.clone(),
        changed_by: head.changed_by.clone(),
    }
}
