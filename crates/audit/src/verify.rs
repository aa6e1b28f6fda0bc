//! Proof that the log is whole: all that it lies in is read, and every record's hash is made again from the first one
//! on.

use crate::recorder::{Audit, AuditError};
use store::{GENESIS, JournalQuery, chain_hash};

/// A log that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many events it has.
    pub events: u64,
    /// The hash of the last one. Kept elsewhere, it proves later that nothing before was changed.
    pub head: [u8; 32],
}

/// Where a log is not whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit log is broken at entry {seq}: it was changed, removed or put in between")]
pub struct Broken {
    /// The first entry whose number or hash is not what it must be.
    pub seq: u64,
}

impl Audit {
    /// Reads every byte and makes every hash again.
    ///
    /// # Errors
    /// The outer when the journal cannot be read; the inner says where it is broken.
    pub async fn verify(&self) -> Result<Result<Verified, Broken>, AuditError> {
        self.flush().await?;
        self.journal().check().await.map_err(AuditError::Journal)?;
        let (mut last, mut head) = (0, GENESIS);
        loop {
            let query = JournalQuery {
                after: Some(last),
                limit: 1_000,
                ..JournalQuery::default()
            };
            let records = self
                .journal()
                .read(query)
                .await
                .map_err(AuditError::Journal)?;
            if records.is_empty() {
                return Ok(Ok(Verified { events: last, head }));
            }
            for record in records {
                let expected = last + 1;
                let hash = chain_hash(&head, expected, &record.body);
                if record.seq != expected || record.prev_hash != head || record.hash != hash {
                    return Ok(Err(Broken { seq: expected }));
                }
                (last, head) = (expected, hash);
            }
        }
    }
}
