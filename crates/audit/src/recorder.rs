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
    /// Set when queued events cannot be written; from then on reads are refused until a write succeeds.
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
        self.enqueue(event, written)?;
        Ok(Pending(wait))
    }

    fn enqueue(&self, event: Event, written: oneshot::Sender<()>) -> Result<(), AuditError> {
        let event = Some(event);
        let queued = self.0.queue.try_send(Queued { event, written });
        queued.map_err(|_| AuditError::Behind)
    }

    /// Queues an event that no caller can be told about any more (a permit was dropped), also while
    /// reads are refused. If even that fails, reads are refused until the journal is well again.
    pub fn queue_or_refuse_reads(&self, event: Event) {
        let (written, _) = oneshot::channel();
        if self.0.enabled && self.enqueue(event, written).is_err() {
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
        while let Err(error) = write(&journal, &batch).await {
            broken.store(true, Ordering::Release);
            tracing::error!(%error, waiting = batch.len(), "the audit log cannot be written");
            // What was answered is not forgotten: it is written as soon as that is possible again.
            tokio::time::sleep(wait).await;
        }
        broken.store(false, Ordering::Release);
        for queued in batch.drain(..) {
            let _ = queued.written.send(());
        }
    }
}

async fn write(journal: &Journal, batch: &[Queued]) -> Result<(), StoreError> {
    let events = batch.iter().filter_map(|queued| queued.event.as_ref());
    journal.append(events.filter_map(entry).collect()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use domain::action::ActionName;
    use domain::time::{CountingRng, ManualClock};
    use store::sqlite::{self, SqliteSettings};
    use store::{JournalBackend, JournalQuery, Record};

    /// A journal whose disk is full for a while.
    struct Full {
        journal: Journal,
        full: AtomicBool,
    }

    #[async_trait]
    impl JournalBackend for Full {
        async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError> {
            match self.full.load(Ordering::Acquire) {
                true => Err(StoreError::Failed("the disk is full".to_owned())),
                false => self.journal.append(entries).await,
            }
        }

        async fn read(&self, query: JournalQuery) -> Result<Vec<Record>, StoreError> {
            self.journal.read(query).await
        }

        async fn head(&self) -> Result<Option<(u64, [u8; 32])>, StoreError> {
            self.journal.head().await
        }

        async fn check(&self) -> Result<(), StoreError> {
            self.journal.check().await
        }

        async fn close(&self) {
            self.journal.close().await;
        }
    }

    #[tokio::test]
    async fn events_wait_while_the_log_cannot_be_written_and_reads_go_on_once_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let (_, journal) = sqlite::open(SqliteSettings {
            path_documents: folder.path().join("documents.db"),
            path_journal: folder.path().join("audit.db"),
            key: &keys::Secret::new([7; 32]),
            readers: 1,
        })
        .await
        .unwrap();
        let full = Arc::new(Full {
            journal,
            full: AtomicBool::new(true),
        });
        let limits = AuditLimits {
            audit_queue_ms_max: 10,
            ..AuditLimits::default()
        };
        let audit = Audit::start(AuditSettings {
            journal: Journal::new(Arc::clone(&full) as Arc<dyn JournalBackend>),
            limits,
            enabled: true,
            clock: Arc::new(ManualClock::default()),
            rng: Arc::new(CountingRng::default()),
        })
        .await
        .unwrap();
        let read = || {
            let kind = Kind::Action(ActionName::QueryData);
            audit.event(kind, EventOutcome::Allowed, Actor::Anyone)
        };
        let first = read();
        let answered = audit.queue(first.clone()).unwrap();
        while audit.queue(read()).is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // A permit that was dropped has nobody to refuse.
        let dropped = read();
        audit.queue_or_refuse_reads(dropped.clone());
        assert!(full.journal.head().await.unwrap().is_none());
        full.full.store(false, Ordering::Release);
        answered.durable().await.unwrap();
        while audit.queue(read()).is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        audit.flush().await.unwrap();
        let kept = full
            .read(JournalQuery {
                limit: 1_000,
                ..JournalQuery::default()
            })
            .await
            .unwrap();
        for event in [first, dropped] {
            let id = event.id.to_string();
            let found = kept
                .iter()
                .filter(|record| String::from_utf8_lossy(&record.body).contains(&id));
            assert_eq!(found.count(), 1, "{id}");
        }
    }
}
