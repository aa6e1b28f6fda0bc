//! A permit: the proof that somebody may do one kind of action in one place.

use crate::caller::Caller;
use crate::error::AccessError;
use crate::guard::Shared;
use audit::{Detail, Event, Target};
use domain::action::{Action, Group as OnGroup, Project as OnProject, Weakens};
use domain::entity::Project;
use domain::id::{DashboardId, GroupId, ProjectId, UserId};
use domain::{Actor, Decision, ProjectRole, Subject, Timestamp};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use store::Stored;
use tokio_util::sync::CancellationToken;

/// May do `A`. Made only by the guard; cheap to clone, so that a stream can own one.
pub struct Permit<A: Action> {
    pub(crate) inner: Arc<Granted>,
    pub(crate) action: PhantomData<fn() -> A>,
}

impl<A: Action> Clone for Permit<A> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            action: PhantomData,
        }
    }
}

/// What the guard granted, to whom, where and why.
pub(crate) struct Granted {
    pub(crate) shared: Arc<Shared>,
    pub(crate) caller: Caller,
    pub(crate) project: Option<Stored<Project>>,
    pub(crate) group: Option<GroupId>,
    /// The dashboard the decision was on, when it was on one.
    pub(crate) dashboard: Option<DashboardId>,
    /// What reaches the caller in the project, without any narrowing.
    pub(crate) subject: Subject,
    /// The caller's groups.
    pub(crate) groups: Vec<GroupId>,
    pub(crate) decision: Decision,
    pub(crate) role: Option<ProjectRole>,
    pub(crate) at: Timestamp,
    pub(crate) ends: Vec<CancellationToken>,
    /// The record of the decision, until it is written: by `note` or by an act with what they know
    /// more of it, else as it is when the last clone goes.
    pub(crate) record: Mutex<Option<Event>>,
}

impl Drop for Granted {
    fn drop(&mut self) {
        let record = self
            .record
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(event) = record.take() {
            self.shared.audit.queue_or_refuse_reads(event);
        }
    }
}

impl Granted {
    pub(crate) fn take_record(&self) -> Option<Event> {
        self.record
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl<A: Action> Permit<A> {
    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.inner.caller.actor
    }

    /// The person, when it is one.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        self.inner.caller.user()
    }

    /// The decision with its reason.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.inner.decision
    }

    /// Writes the record of this decision with what it was on and what else is known.
    ///
    /// # Errors
    /// When the log cannot keep up; the read must then not go on.
    pub fn note(&self, target: Option<Target>, detail: Detail) -> Result<(), AccessError> {
        if let Some(mut event) = self.inner.take_record() {
            event.target = target.or(event.target);
            event.detail = detail;
            self.inner.shared.audit.queue(event)?;
        }
        Ok(())
    }

    /// Records something that happened under this permit, such as a run of code.
    ///
    /// # Errors
    /// When the log cannot keep up.
    pub fn also(
        &self,
        kind: audit::Kind,
        outcome: audit::EventOutcome,
        target: Option<Target>,
        detail: Detail,
    ) -> Result<(), AccessError> {
        let audit = &self.inner.shared.audit;
        let mut event = audit.event(kind, outcome, self.inner.caller.actor.clone());
        event.project = self
            .inner
            .project
            .as_ref()
            .map(|project| project.value.id.clone());
        event.origin = self.inner.caller.origin.clone();
        event.target = target;
        event.detail = detail;
        audit.queue(event)?;
        Ok(())
    }

    /// Returns when the reason for this permit is gone: the session ended, the account or the
    /// grants changed. Work that takes longer than a second races against it.
    pub async fn ended(&self) {
        let waits = self
            .inner
            .ends
            .iter()
            .map(|token| Box::pin(token.cancelled()));
        let waits: Vec<_> = waits.collect();
        if waits.is_empty() {
            std::future::pending::<()>().await;
        }
        select_first(waits).await;
    }

    /// The same permit for an action that whoever may do this one may do as well.
    #[must_use]
    pub fn weaken<B>(&self) -> Permit<B>
    where
        A: Weakens<B>,
        B: Action<On = A::On>,
    {
        Permit {
            inner: Arc::clone(&self.inner),
            action: PhantomData,
        }
    }
}

/// Waits for the first of several futures.
async fn select_first<F: Future<Output = ()> + Unpin>(mut waits: Vec<F>) {
    std::future::poll_fn(|context| {
        let done = waits
            .iter_mut()
            .any(|wait| std::pin::Pin::new(wait).poll(context).is_ready());
        if done {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

impl<A: Action<On = OnGroup>> Permit<A> {
    /// The group this permit is for.
    ///
    /// # Errors
    /// Never for a permit the guard made on a group.
    pub fn group_id(&self) -> Result<&GroupId, AccessError> {
        self.inner.group.as_ref().ok_or(AccessError::ForeignGroup)
    }
}

impl<A: Action<On = OnProject>> Permit<A> {
    /// The project this permit is for.
    ///
    /// # Errors
    /// Never for a permit the guard made on a project.
    pub fn project(&self) -> Result<&Stored<Project>, AccessError> {
        self.inner
            .project
            .as_ref()
            .ok_or(AccessError::ForeignProject)
    }

    /// The project's id.
    ///
    /// # Errors
    /// Never for a permit the guard made on a project.
    pub fn project_id(&self) -> Result<&ProjectId, AccessError> {
        Ok(&self.project()?.value.id)
    }

    /// Whether the project has no owner who can sign in; told to admins alone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_orphaned(&self) -> Result<bool, AccessError> {
        if !self.via_admin() {
            return Ok(false);
        }
        let project = &self.project()?.value;
        let found = crate::projects::orphans(&self.inner.shared.documents, &[project]).await?;
        Ok(!found.is_empty())
    }

    /// The caller's role in the project, as it was decided.
    #[must_use]
    pub fn role(&self) -> Option<ProjectRole> {
        self.inner.role
    }

    /// Whether the caller may do another action in the same project, by the same grants. For what a
    /// page shows as enabled; it permits nothing and is not a decision.
    #[must_use]
    pub fn would_allow(&self, action: domain::ActionName) -> bool {
        let caller = &self.inner.caller;
        let is_told = !(caller.is_visitor() && action.names_people());
        let is_kept = self.inner.subject.is_kept_from(action);
        let by_role = |role| domain::matrix::role_allows(role, action) && is_told && !is_kept;
        caller.maintains() || self.inner.role.is_some_and(by_role)
    }

    /// The caller's role comes from being an admin of the system.
    #[must_use]
    pub fn via_admin(&self) -> bool {
        self.inner.caller.system == Some(domain::SystemRole::Admin)
            && self.inner.caller.view_as.is_none()
    }
}
