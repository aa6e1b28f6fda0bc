//! The journal: a list that only grows, chained record by record.

use crate::backend::JournalBackend;
use crate::error::StoreError;
use crate::key::Key;
use domain::Timestamp;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The hash before the first record.
pub const GENESIS: [u8; 32] = [0; 32];

/// What is appended.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When it happened, for questions by time. The chain covers the body only, so the body must say it too.
    pub at: Timestamp,
    /// The body, which the journal does not look into.
    pub body: Vec<u8>,
    /// Where it is found again, any number of entries in any index.
    pub index_keys: Vec<(&'static str, Key)>,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number, counted from 1 without holes.
    pub seq: u64,
    /// Its body.
    pub body: Vec<u8>,
    /// The hash of the record before, or [`GENESIS`].
    pub prev_hash: [u8; 32],
    /// Its hash: see [`chain_hash`].
    pub hash: [u8; 32],
}

/// Which records. They come in the order of their numbers.
#[derive(Debug, Clone, Default)]
pub struct JournalQuery {
    /// Only records that hold each of these keys, exactly.
    pub indexes: Vec<(&'static str, Key)>,
    /// Only records with a larger number.
    pub after: Option<u64>,
    /// Only records with a smaller number.
    pub before: Option<u64>,
    /// Only records at or after this moment.
    pub from: Option<Timestamp>,
    /// Only records before this moment.
    pub to: Option<Timestamp>,
    /// Newest first.
    pub descending: bool,
    /// At most so many.
    pub limit: u32,
}

/// The hash of a record: SHA-256 of the hash before it, its number (eight bytes, big-endian) and its body.
#[must_use]
pub fn chain_hash(prev_hash: &[u8; 32], seq: u64, body: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(prev_hash);
    digest.update(seq.to_be_bytes());
    digest.update(body);
    digest.finalize().into()
}

/// A journal. Cheap to clone.
#[derive(Clone)]
pub struct Journal(Arc<dyn JournalBackend>);

impl Journal {
    /// A journal kept by `backend`.
    #[must_use]
    pub fn new(backend: Arc<dyn JournalBackend>) -> Self {
        Self(backend)
    }

    /// Appends entries as one, in this order, with no others between. On return they are on the
    /// disk. Concurrent calls share one transaction. Answers their numbers.
    ///
    /// # Errors
    /// [`StoreError::Closed`], or [`StoreError::Failed`]: then none of them is there.
    pub async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError> {
        self.0.append(entries).await
    }

    /// Reads records.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(&self, query: JournalQuery) -> Result<Vec<Record>, StoreError> {
        self.0.read(query).await
    }

    /// Number and hash of the last record; `None` when there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn head(&self) -> Result<Option<(u64, [u8; 32])>, StoreError> {
        self.0.head().await
    }

    /// Reads all it lies in, also what no record needs, such as an index.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a byte of it was changed.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.0.check().await
    }

    /// Finishes what is queued and refuses what comes later.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Journal")
    }
}
