//! Saving a dashboard over the revision one has seen, and going back to an older one.

use super::{Checked, DashboardError, Document, Draft, at_revision, check, document, is_race};
use access::{Act, ActError, Detail, Located, Permit, Target, TargetKind};
use domain::action::EditDashboard;
use domain::entity::{Dashboard, DashboardRevision};
use domain::id::DashboardId;
use domain::limits::CodeLimits;

/// Saves a dashboard as revision `expected + 1`.
///
/// # Errors
/// [`DashboardError::Stale`] with the present document when somebody saved in between; when the
/// draft cannot be kept, the permit no longer holds, or the store fails.
pub async fn save(
    permit: &Permit<EditDashboard>,
    id: &DashboardId,
    expected: u64,
    draft: Draft,
    code: &CodeLimits,
) -> Result<Document, ActError<DashboardError>> {
    let draft = check(draft, code).map_err(ActError::Failed)?;
    let target = Target::new(TargetKind::Dashboard, id);
    let id = id.clone();
    permit
        .act(Some(target), Detail::None, move |act| async move {
            let head = find(&act, &id).await?;
            if head.revision != expected {
                return Err(stale(&act, &head).await?);
            }
            write(&act, head, draft).await
        })
        .await
}

/// Makes an older revision the newest one again; the history stays.
///
/// # Errors
/// As [`save`]; [`DashboardError::NotFound`] also when there is no such revision.
pub async fn revert(
    permit: &Permit<EditDashboard>,
    id: &DashboardId,
    revision: u64,
) -> Result<Document, ActError<DashboardError>> {
    let target = Target::new(TargetKind::Dashboard, id);
    let id = id.clone();
    permit
        .act(Some(target), Detail::None, move |act| async move {
            let head = find(&act, &id).await?;
            let old = act
                .permit()
                .locate_numbered::<DashboardRevision>(&id, revision)
                .await?
                .ok_or(DashboardError::NotFound)?;
            let draft = Checked {
                title: old.title.clone(),
                tabs: old.tabs.clone(),
            };
            write(&act, head, draft).await
        })
        .await
}

async fn find(
    act: &Act<EditDashboard>,
    id: &DashboardId,
) -> Result<Located<Dashboard, EditDashboard>, DashboardError> {
    let head = act.permit().locate::<Dashboard>(id).await?;
    head.ok_or(DashboardError::NotFound)
}

async fn stale(
    act: &Act<EditDashboard>,
    head: &Dashboard,
) -> Result<DashboardError, DashboardError> {
    let current = document(act.permit(), head).await?;
    Ok(DashboardError::Stale(Box::new(current)))
}

async fn write(
    act: &Act<EditDashboard>,
    head: Located<Dashboard, EditDashboard>,
    draft: Checked,
) -> Result<Document, DashboardError> {
    let next = DashboardRevision {
        dashboard: head.id.clone(),
        project: head.project.clone(),
        revision: head.revision + 1,
        title: draft.title,
        tabs: draft.tabs,
        created_at: act.now(),
        created_by: act.permit().user().cloned(),
        changed_by: act.event().clone(),
    };
    match act.insert(&next).await {
        Ok(_) => {}
        Err(error) if is_race(&error) => return Err(follow(act, head).await?),
        Err(error) => return Err(error.into()),
    }
    let saved = bring_up(act, head, &next).await?;
    act.describe(
        None,
        Detail::Revision {
            revision: saved.revision,
        },
    );
    Ok(document(act.permit(), &saved).await?)
}

/// Brings the head up to a revision that has just been inserted.
async fn bring_up(
    act: &Act<EditDashboard>,
    mut head: Located<Dashboard, EditDashboard>,
    next: &DashboardRevision,
) -> Result<Dashboard, DashboardError> {
    for _ in 0..8 {
        let saved = at_revision(&head, next);
        match act.replace(&head, &saved).await {
            Ok(_) => return Ok(saved),
            Err(error) if is_race(&error) => {}
            Err(error) => return Err(error.into()),
        }
        // Whoever found our revision taken brought the head up to it, or saved upon it. Else it was
        // narrowed in between, and that stays.
        head = find(act, &saved.id).await?;
        if head.revision >= saved.revision {
            return Ok(saved);
        }
    }
    Err(DashboardError::Access(access::AccessError::Store(
        access::StoreError::Stale,
    )))
}

/// Brings a head up to the revision that is already there: its writer is a moment behind, or has
/// crashed. Answers what to tell the one who came second.
async fn follow(
    act: &Act<EditDashboard>,
    head: Located<Dashboard, EditDashboard>,
) -> Result<DashboardError, DashboardError> {
    let taken = head.revision + 1;
    let there = act
        .permit()
        .locate_numbered::<DashboardRevision>(&head.id, taken)
        .await?;
    if let Some(there) = there {
        let current = at_revision(&head, &there);
        match act.replace(&head, &current).await {
            Err(error) if !is_race(&error) => return Err(error.into()),
            _ => {}
        }
    }
    let now = find(act, &head.id).await?;
    stale(act, &now).await
}
