//! Writing events: durably for a change, within a stated bound for a read.

use crate::event::{Event, EventOutcome, Kind};
use domain::id::EventId;
use domain::limits::AuditLimits;
use domain::{Actor, Clock, Rng, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::{Entry, Journal, Key, StoreError};
use tokio::sync::{mpsc, oneshot};

/// Why an event could not be kept, and so the act must not go on.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// More events wait than the bound allows.
    #[error("the audit log cannot keep up; nothing was done")]
    Behind,
    /// The journal does not take entries.
    #[error("the audit log cannot be written; nothing was done")]
    Journal(#[source] StoreError),
    /// The journal holds something that is not an event.
    #[error("entry {0} of the audit log cannot be read")]
    Unreadable(u64),
}

/// What the recorder needs.
pub struct AuditSettings {
    /// Where entries go.
    pub journal: Journal,
    /// The bounds.
    pub limits: AuditLimits,
    /// `AUDIT_LOG_ENABLED`.
    pub enabled: bool,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub rng: Arc<dyn Rng>,
}

/// The audit log.
#[derive(Clone)]
pub struct Audit(Arc<Inner>);

struct Inner {
    journal: Journal,
    queue: mpsc::Sender<Queued>,
    enabled: bool,
    /// Set when queued events were lost; from then on reads are refused until a write succeeds.
    broken: Arc<AtomicBool>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

struct Queued {
    /// `None` only marks a place in the queue, for someone who waits until all before it is written.
    event: Option<Event>,
    written: oneshot::Sender<()>,
}

/// An event on its way; awaiting it makes sure that it is durable.
pub struct Pending(oneshot::Receiver<()>);

impl Pending {
    /// Waits until the event is durable.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn durable(self) -> Result<(), AuditError> {
        self.0.await.map_err(|_| AuditError::Behind)
    }
}

impl Audit {
    /// Starts the recorder; must be called within a tokio runtime.
    ///
    /// When the log is switched off, that itself is recorded.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn start(settings: AuditSettings) -> Result<Self, AuditError> {
        let AuditSettings {
            journal,
            limits,
            enabled,
            clock,
            rng,
        } = settings;
        let capacity = usize::try_from(limits.audit_queue_events_max).unwrap_or(usize::MAX);
        let (queue, waiting) = mpsc::channel(capacity.clamp(1, 1 << 20));
        let broken = Arc::new(AtomicBool::new(false));
        let wait = Duration::from_millis(limits.audit_queue_ms_max);
        tokio::spawn(write_queued(
            journal.clone(),
            waiting,
            wait,
            Arc::clone(&broken),
        ));
        let audit = Self(Arc::new(Inner {
            journal,
            queue,
            enabled,
            broken,
            clock,
            rng,
        }));
        if !enabled {
            let event = audit.event(Kind::AuditOff, EventOutcome::Done, Actor::Operator);
            audit.append(vec![event]).await?;
        }
        Ok(audit)
    }

    /// Whether events are kept.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.0.enabled
    }

    /// The present, as the log sees it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// A new event, not yet recorded.
    #[must_use]
    pub fn event(&self, kind: Kind, outcome: EventOutcome, actor: Actor) -> Event {
        let id = EventId::generate(self.0.clock.as_ref(), self.0.rng.as_ref());
        Event::new(id, self.now(), kind, outcome, actor)
    }

    /// Records durably: when this returns, the event is on disk.
    ///
    /// # Errors
    /// When it could not be written. What the event announces must then not happen.
    pub async fn record(&self, event: Event) -> Result<EventId, AuditError> {
        let id = event.id.clone();
        if self.0.enabled {
            self.append(vec![event]).await?;
        }
        Ok(id)
    }

    /// Queues the event of a read, to be durable within the stated bound.
    ///
    /// # Errors
    /// When the bound cannot be kept. The read must then be refused.
    pub fn queue(&self, event: Event) -> Result<Pending, AuditError> {
        let (written, wait) = oneshot::channel();
        if !self.0.enabled {
            let _ = written.send(());
            return Ok(Pending(wait));
        }
        if self.0.broken.load(Ordering::Acquire) {
            return Err(AuditError::Behind);
        }
        self.0
            .queue
            .try_send(Queued {
                event: Some(event),
                written,
            })
            .map_err(|_| AuditError::Behind)?;
        Ok(Pending(wait))
    }

    /// Queues an event that no caller can be told about any more (a permit was dropped). If even
    /// that fails, reads are refused until the journal is well again.
    pub fn queue_or_refuse_reads(&self, event: Event) {
        if self.queue(event).is_err() {
            self.0.broken.store(true, Ordering::Release);
            tracing::error!("the audit log lost an event; reads are refused until it writes again");
        }
    }

    /// Waits until everything queued so far is durable.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn flush(&self) -> Result<(), AuditError> {
        if !self.0.enabled {
            return Ok(());
        }
        let (written, wait) = oneshot::channel();
        let queued = Queued {
            event: None,
            written,
        };
        self.0
            .queue
            .send(queued)
            .await
            .map_err(|_| AuditError::Behind)?;
        Pending(wait).durable().await
    }

    async fn append(&self, events: Vec<Event>) -> Result<(), AuditError> {
        let entries = events.iter().filter_map(entry).collect();
        self.0
            .journal
            .append(entries)
            .await
            .map_err(AuditError::Journal)?;
        self.0.broken.store(false, Ordering::Release);
        Ok(())
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.0.journal
    }
}

/// The journal's entry of an event, with the keys it can be found by.
fn entry(event: &Event) -> Option<Entry> {
    let body = serde_json::to_vec(event).ok()?;
    let mut index_keys = vec![("type", Key::new().text(event.kind.as_str()))];
    if let Some(user) = event.actor.user() {
        index_keys.push(("actor", Key::new().text(user.as_str())));
    }
    if let Some(project) = &event.project {
        index_keys.push(("project", Key::new().text(project.as_str())));
    }
    Some(Entry {
        at: event.at,
        body,
        index_keys,
    })
}

/// Writes what is queued, many events in one transaction, none later than the bound.
async fn write_queued(
    journal: Journal,
    mut waiting: mpsc::Receiver<Queued>,
    wait: Duration,
    broken: Arc<AtomicBool>,
) {
    let mut batch = Vec::new();
    // A short pause lets a burst share one transaction and stays well inside the bound.
    let pause = wait / 10;
    while waiting.recv_many(&mut batch, 1_000).await > 0 {
        if batch.len() < 1_000 {
            tokio::time::sleep(pause).await;
            while batch.len() < 1_000 {
                match waiting.try_recv() {
                    Ok(more) => batch.push(more),
                    Err(_) => break,
                }
            }
        }
        let entries = batch
            .iter()
            .filter_map(|queued| queued.event.as_ref().and_then(entry))
            .collect();
        match journal.append(entries).await {
            Ok(_) => {
                broken.store(false, Ordering::Release);
                for queued in batch.drain(..) {
                    let _ = queued.written.send(());
                }
            }
            Err(error) => {
                broken.store(true, Ordering::Release);
                tracing::error!(%error, lost = batch.len(), "the audit log cannot be written");
                batch.clear();
                // Keep trying with an empty hand: the next durable record clears the flag.
                tokio::time::sleep(wait).await;
            }
        }
    }
}
