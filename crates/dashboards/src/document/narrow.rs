//! Narrowing a dashboard to fewer people than its project, and opening it again.

use super::{DashboardError, Document, document, is_race};
use access::projects::is_member;
use access::{Act, ActError, Detail, Permit, Target, TargetKind};
use domain::action::NarrowDashboard;
use domain::dashboard::Flaw;
use domain::entity::{Dashboard, Principal};
use domain::id::DashboardId;
use domain::limits::RequestLimits;
use domain::narrowing::Narrowing;
use std::collections::BTreeSet;

/// Narrows a dashboard, or with `None` opens it to its project again. It counts from the next request
/// on, and streams that are open end.
///
/// # Errors
/// When there is no such dashboard, when somebody is named who has no role in the project, when the
/// permit no longer holds, or the store fails.
pub async fn narrow(
    permit: &Permit<NarrowDashboard>,
    id: &DashboardId,
    narrowing: Option<Narrowing>,
) -> Result<Document, ActError<DashboardError>> {
    let narrowing = match narrowing {
        Some(narrowing) => Some(checked(permit, narrowing).await.map_err(ActError::Failed)?),
        None => None,
    };
    let target = Target::new(TargetKind::Dashboard, id);
    let detail = Detail::Narrowing {
        narrowing: narrowing.clone(),
    };
    let id = id.clone();
    permit
        .act(Some(target), detail.clone(), move |act| async move {
            let saved = write(&act, &id, narrowing).await?;
            act.end_permits()?;
            act.describe(None, detail);
            Ok(document(act.permit(), &saved).await?)
        })
        .await
}

async fn write(
    act: &Act<NarrowDashboard>,
    id: &DashboardId,
    narrowing: Option<Narrowing>,
) -> Result<Dashboard, DashboardError> {
    for _ in 0..8 {
        let head = act.permit().locate::<Dashboard>(id).await?;
        let head = head.ok_or(DashboardError::NotFound)?;
        let mut saved = Dashboard::clone(&head);
        saved.narrowing.clone_from(&narrowing);
        saved.changed_by = act.event().clone();
        match act.replace(&head, &saved).await {
            Ok(_) => return Ok(saved),
            // Somebody saved in between; what they saved stays, and is narrowed.
            Err(error) if is_race(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(DashboardError::Access(access::AccessError::Store(
        access::StoreError::Stale,
    )))
}

/// Each name once, all of them with a role in the project.
async fn checked(
    permit: &Permit<NarrowDashboard>,
    narrowing: Narrowing,
) -> Result<Narrowing, DashboardError> {
    let Narrowing::Named { users, groups } = narrowing else {
        return Ok(narrowing);
    };
    let most = RequestLimits::default().narrowing_principals_max;
    if (users.len() + groups.len()) as u64 > most {
        return Err(DashboardError::Invalid(vec![Flaw {
            pointer: String::new(),
            message: format!("at most {most} people and groups; make a group of them"),
        }]));
    }
    let people = users.iter().cloned().map(Principal::User);
    let teams = groups.iter().cloned().map(Principal::Group);
    let places = (0..users.len()).map(|at| format!("/users/{at}"));
    let places = places.chain((0..groups.len()).map(|at| format!("/groups/{at}")));
    let mut flaws = Vec::new();
    for (principal, pointer) in people.chain(teams).zip(places) {
        if !is_member(permit, &principal).await? {
            let message = "this has no role in the project: give it one first".to_owned();
            flaws.push(Flaw { pointer, message });
        }
    }
    if !flaws.is_empty() {
        return Err(DashboardError::Invalid(flaws));
    }
    let once = |ids: Vec<_>| ids.into_iter().collect::<BTreeSet<_>>();
    Ok(Narrowing::Named {
        users: once(users).into_iter().collect(),
        groups: groups
            .into_iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
    })
}
