//! An act: a permit whose intent is durable. Every write takes one.

use crate::error::{AccessError, Refusal};
use crate::living::Changed;
use crate::located::{InProject, Located};
use crate::permit::Permit;
use audit::{Detail, EventOutcome, Kind, Target};
use domain::action::{self, Action, Change};
use domain::id::EventId;
use domain::{Clock, Rng, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use store::Documents;

/// A permit older than this is decided again before it changes anything.
const PERMIT_AGE_MS_MAX: i64 = 5_000;

/// How a use case that failed is named in the log: a problem's code, never free text.
pub trait FailureCode {
    /// The code.
    fn code(&self) -> &'static str;
}

/// Why an act did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ActError<E> {
    /// The permit's reason has gone, or the intent could not be recorded. Nothing was done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The use case failed.
    #[error(transparent)]
    Failed(E),
}

/// A change that may happen and has been announced. It exists only while it happens.
pub struct Act<A: Change> {
    permit: Permit<A>,
    intent: EventId,
    outcome: Mutex<(Option<Target>, Detail)>,
}

impl<A: Change> Permit<A> {
    /// Announces a change durably, does it in a task of its own to its end (even when the client
    /// has gone), and records its outcome durably.
    ///
    /// # Errors
    /// When the permit no longer holds, when the intent cannot be recorded, or when the work fails.
    pub async fn act<T, E, F, W>(
        &self,
        target: Option<Target>,
        detail: Detail,
        work: W,
    ) -> Result<T, ActError<E>>
    where
        T: Send + 'static,
        E: FailureCode + Send + 'static,
        F: Future<Output = Result<T, E>> + Send,
        W: FnOnce(Arc<Act<A>>) -> F + Send + 'static,
    {
        let permit = self.clone();
        let task = tokio::spawn(async move { permit.perform(target, detail, work).await });
        match task.await {
            Ok(result) => result,
            Err(_) => Err(ActError::Refused(Refusal::Failed(AccessError::Store(
                store::StoreError::Failed("the act ended before its time".to_owned()),
            )))),
        }
    }

    async fn perform<T, E, F, W>(
        self,
        target: Option<Target>,
        detail: Detail,
        work: W,
    ) -> Result<T, ActError<E>>
    where
        E: FailureCode,
        F: Future<Output = Result<T, E>>,
        W: FnOnce(Arc<Act<A>>) -> F,
    {
        let shared = Arc::clone(&self.inner.shared);
        if (shared.now() - self.inner.at).num_milliseconds() > PERMIT_AGE_MS_MAX {
            shared.still_allows(&self.inner).await?;
        }
        let mut intent = match self.inner.take_record() {
            Some(event) => event,
            None => {
                // The permit's own record was written by an earlier act under the same permit.
                let kind = Kind::Action(A::NAME);
                let actor = self.inner.caller.actor.clone();
                let mut event = shared.audit.event(kind, EventOutcome::Allowed, actor);
                event.because = Some(self.inner.decision.because.clone());
                event
            }
        };
        intent.project = self
            .inner
            .project
            .as_ref()
            .map(|project| project.value.id.clone());
        intent.origin = self.inner.caller.origin.clone();
        intent.target = target.or(intent.target);
        intent.detail = detail;
        let mut outcome = intent.clone();
        let id = shared.audit.record(intent).await.map_err(Refusal::from)?;

        let told = Mutex::new((outcome.target.take(), Detail::None));
        let act = Arc::new(Act {
            permit: self,
            intent: id.clone(),
            outcome: told,
        });
        let result = work(Arc::clone(&act)).await;

        let (target, detail) = act
            .outcome
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        outcome.id = EventId::generate(shared.clock.as_ref(), shared.rng.as_ref());
        outcome.at = shared.now();
        outcome.intent = Some(id);
        outcome.because = None;
        outcome.target = target;
        (outcome.outcome, outcome.detail) = match &result {
            Ok(_) => (EventOutcome::Done, detail),
            Err(error) => (
                EventOutcome::Failed,
                Detail::Failure {
                    code: error.code().to_owned(),
                },
            ),
        };
        if let Err(error) = shared.audit.record(outcome).await {
            // The intent is on disk and open; the next start settles it.
            tracing::error!(%error, "an outcome could not be recorded");
        }
        result.map_err(ActError::Failed)
    }
}

impl<A: Change> Act<A> {
    /// The permit it rests on.
    #[must_use]
    pub fn permit(&self) -> &Permit<A> {
        &self.permit
    }

    /// The event of the intent, to be stored in what changes.
    #[must_use]
    pub fn event(&self) -> &EventId {
        &self.intent
    }

    /// When, for what changes.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.permit.inner.shared.now()
    }

    /// The clock, for ids.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.permit.inner.shared.clock.as_ref()
    }

    /// The generator, for ids.
    #[must_use]
    pub fn rng(&self) -> &dyn Rng {
        self.permit.inner.shared.rng.as_ref()
    }

    /// Says for the record what was changed and how.
    pub fn describe(&self, target: Option<Target>, detail: Detail) {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        if target.is_some() {
            outcome.0 = target;
        }
        outcome.1 = detail;
    }

    pub(crate) fn documents(&self) -> &Documents {
        &self.permit.inner.shared.documents
    }
}

impl<A: Change + Action<On = action::Project>> Act<A> {
    fn check<T: InProject>(&self, document: &T) -> Result<(), AccessError> {
        if document.project() == self.permit.project_id()? {
            Ok(())
        } else {
            Err(AccessError::ForeignProject)
        }
    }

    /// Inserts a document of the permit's project. Answers its revision.
    ///
    /// # Errors
    /// When its key or a unique index is taken, or the store fails.
    pub async fn insert<T: InProject>(&self, document: &T) -> Result<u64, AccessError> {
        self.check(document)?;
        Ok(self.documents().insert(document).await?)
    }

    /// Replaces what was located, when nobody changed it since.
    ///
    /// # Errors
    /// [`store::StoreError::Stale`] when somebody did.
    pub async fn replace<T: InProject, B: Action>(
        &self,
        located: &Located<T, B>,
        document: &T,
    ) -> Result<u64, AccessError> {
        self.check(document)?;
        if document.key() != located.key() {
            return Err(AccessError::ForeignProject);
        }
        Ok(self
            .documents()
            .replace(document, located.revision())
            .await?)
    }

    /// Deletes what was located, when nobody changed it since.
    ///
    /// # Errors
    /// [`store::StoreError::Stale`] when somebody did.
    pub async fn delete<T: InProject, B: Action>(
        &self,
        located: &Located<T, B>,
    ) -> Result<(), AccessError> {
        self.check::<T>(located)?;
        Ok(self
            .documents()
            .delete::<T>(&located.key(), located.revision())
            .await?)
    }

    /// Ends the permits that may rest on what has just been taken away in the project.
    ///
    /// # Errors
    /// Never for an act on a project.
    pub fn end_permits(&self) -> Result<(), AccessError> {
        let changed = Changed::Project(self.permit.project_id()?.clone());
        self.permit.inner.shared.living.signal(&changed);
        Ok(())
    }

    /// Deletes all documents of a kind whose key starts with the permit's project and then these ids.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_under<T: InProject>(&self, ids: &[&str]) -> Result<u64, AccessError> {
        let key = ids.iter().fold(
            domain::key::Key::new().id(self.permit.project_id()?),
            |key, id| key.text(id),
        );
        Ok(self.documents().delete_prefix::<T>(&key).await?)
    }
}
