//! Acts of somebody who has no permit yet: recorded as intent, done to their end, recorded as outcome.

use crate::error::Unavailable;
use crate::identity::Identity;
use access::FailureCode;
use audit::{Detail, Event, EventOutcome, Kind, Origin, Target};
use domain::Actor;
use domain::id::EventId;

/// Who does what from where, for the log.
#[derive(Debug, Clone)]
pub(crate) struct Announcement {
    pub(crate) kind: Kind,
    pub(crate) actor: Actor,
    pub(crate) origin: Origin,
    pub(crate) target: Option<Target>,
    pub(crate) detail: Detail,
}

impl Identity {
    /// Announces a change durably, does it in a task of its own to its end, even when the client
    /// has gone, and records how it ended. The work gets the id of the announcement.
    pub(crate) async fn announced<T, E, F>(
        &self,
        announcement: Announcement,
        work: impl FnOnce(Self, EventId) -> F + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: FailureCode + From<Unavailable> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send,
    {
        let identity = self.clone();
        let task = tokio::spawn(async move {
            let intent = identity.event(&announcement, EventOutcome::Allowed);
            let recorded = identity.0.audit.record(intent).await;
            let id = recorded.map_err(|error| E::from(error.into()))?;
            let result = work(identity.clone(), id.clone()).await;
            let outcome = match &result {
                Ok(_) => EventOutcome::Done,
                Err(_) => EventOutcome::Failed,
            };
            let mut event = identity.event(&announcement, outcome);
            event.intent = Some(id);
            if let Err(error) = &result {
                event.detail = Detail::Failure {
                    code: error.code().to_owned(),
                };
            }
            identity.0.audit.queue_or_refuse_reads(event);
            result
        });
        task.await
            .map_err(|_| E::from(Unavailable::Inside("a task that ended early")))?
    }

    /// Records that something was not done. When that cannot be, the answer is an error too.
    pub(crate) fn refused(&self, announcement: &Announcement) -> Result<(), Unavailable> {
        let event = self.event(announcement, EventOutcome::Denied);
        self.0.audit.queue(event)?;
        Ok(())
    }

    fn event(&self, announcement: &Announcement, outcome: EventOutcome) -> Event {
        let actor = announcement.actor.clone();
        let mut event = self.0.audit.event(announcement.kind, outcome, actor);
        event.origin = announcement.origin.clone();
        event.target = announcement.target.clone();
        event.detail = announcement.detail.clone();
        event
    }
}
