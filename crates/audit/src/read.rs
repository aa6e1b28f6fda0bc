//! Reading events back, newest first.

use crate::event::{Event, Kind};
use crate::recorder::{Audit, AuditError};
use domain::Timestamp;
use domain::id::{ProjectId, UserId};
use store::{JournalQuery, Key};

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// By this person.
    pub actor: Option<UserId>,
    /// In this project.
    pub project: Option<ProjectId>,
    /// At or after this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// With a smaller number: where the page before ended.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: u32,
}

/// An event with its number and hash.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its number in the log, counted from 1.
    pub seq: u64,
    /// The hash that chains it to all before.
    pub hash: [u8; 32],
    /// The event.
    pub event: Event,
}

impl Audit {
    /// Events that were durable before this call, newest first. What this process has queued is
    /// waited for, so a person who looks sees what they did a moment ago.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn read(&self, query: EventQuery) -> Result<Vec<Recorded>, AuditError> {
        self.flush().await?;
        let mut indexes = Vec::new();
        if let Some(kind) = query.kind {
            indexes.push(("type", Key::new().text(kind.as_str())));
        }
        if let Some(actor) = &query.actor {
            indexes.push(("actor", Key::new().text(actor.as_str())));
        }
        if let Some(project) = &query.project {
            indexes.push(("project", Key::new().text(project.as_str())));
        }
        let query = JournalQuery {
            indexes,
            after: None,
            before: query.before,
            from: query.from,
            to: query.to,
            descending: true,
            limit: query.limit,
        };
        let records = self
            .journal()
            .read(query)
            .await
            .map_err(AuditError::Journal)?;
        records
            .into_iter()
            .map(|record| {
                let event = serde_json::from_slice(&record.body)
                    .map_err(|_| AuditError::Unreadable(record.seq))?;
                Ok(Recorded {
                    seq: record.seq,
                    hash: record.hash,
                    event,
                })
            })
            .collect()
    }

    /// Number and hash of the last event.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn checkpoint(&self) -> Result<Option<(u64, [u8; 32])>, AuditError> {
        self.flush().await?;
        self.journal().head().await.map_err(AuditError::Journal)
    }
}
