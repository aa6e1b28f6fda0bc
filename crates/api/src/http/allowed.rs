//! A permit as an extractor. It comes first in a handler's arguments, so the decision is made and
//! recorded before anything of the body is read.

use super::credentials::caller_of;
use super::ids;
use super::problem::Problem;
use crate::App;
use access::{Caller, Guard, Permit, Refusal};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::action::{Account, Action, Group, Project, Scope, System};
use domain::id::{DashboardId, GroupId, ProjectId};

/// The caller may do `A`, on what the path names.
pub(crate) struct Allowed<A: Action>(pub(crate) Permit<A>);

/// What the path names. What is no id at all names nothing.
pub(crate) struct Named {
    project: Option<ProjectId>,
    /// The outer is absent where the path names no dashboard at all.
    dashboard: Option<Option<DashboardId>>,
    group: Option<GroupId>,
}

impl Named {
    async fn of(parts: &mut Parts, app: &App) -> Self {
        Self {
            project: ids::parsed(parts, app, "project").await,
            dashboard: ids::raw(parts, app, "dashboard")
                .await
                .map(|id| id.parse().ok()),
            group: ids::parsed(parts, app, "group").await,
        }
    }
}

/// How a permit on a scope is asked for.
pub(crate) trait Admit<A: Action>: Scope {
    /// Asks the guard.
    fn admit(
        guard: &Guard,
        caller: &Caller,
        named: &Named,
    ) -> impl Future<Output = Result<Permit<A>, Refusal>> + Send;
}

impl<A: Action<On = Project>> Admit<A> for Project {
    async fn admit(guard: &Guard, caller: &Caller, named: &Named) -> Result<Permit<A>, Refusal> {
        match &named.project {
            Some(project) => match &named.dashboard {
                // A dashboard may be narrowed, so it is part of the decision.
                Some(id) => guard.on_dashboard::<A>(caller, project, id.as_ref()).await,
                None => guard.on_project::<A>(caller, project).await,
            },
            // What is no id at all names nothing, and is refused like what does not exist.
            None if caller.system_role().is_none() => Err(Refusal::Unauthenticated),
            None => Err(Refusal::Hidden),
        }
    }
}

impl<A: Action<On = Group>> Admit<A> for Group {
    async fn admit(guard: &Guard, caller: &Caller, named: &Named) -> Result<Permit<A>, Refusal> {
        guard.on_group::<A>(caller, named.group.as_ref()).await
    }
}

impl<A: Action<On = System>> Admit<A> for System {
    async fn admit(guard: &Guard, caller: &Caller, _named: &Named) -> Result<Permit<A>, Refusal> {
        guard.on_system::<A>(caller)
    }
}

impl<A: Action<On = Account>> Admit<A> for Account {
    async fn admit(guard: &Guard, caller: &Caller, _named: &Named) -> Result<Permit<A>, Refusal> {
        guard.on_account::<A>(caller)
    }
}

impl<A> FromRequestParts<App> for Allowed<A>
where
    A: Action,
    A::On: Admit<A>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = caller_of(parts, app).await?;
        let named = Named::of(parts, app).await;
        let permit = <A::On as Admit<A>>::admit(app.guard(), &caller, &named).await?;
        Ok(Self(permit))
    }
}
