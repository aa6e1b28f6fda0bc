//! What a store must be able to do, in bytes. Everything typed stands above it, so a second store
//! implements these two traits and nothing else.

use crate::document::{Cursor, Index};
use crate::error::StoreError;
use crate::journal::{Entry, JournalQuery, Record};
use async_trait::async_trait;

/// A document as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawDocument {
    /// Its revision.
    pub revision: u64,
    /// The schema its body was written with.
    pub schema: u32,
    /// Its body, JSON.
    pub body: Vec<u8>,
}

/// One change of one document.
#[derive(Debug)]
pub enum Write {
    /// Insert it when its key is free.
    Insert {
        /// Its schema, body and index entries.
        content: Content,
    },
    /// Replace it when it has this revision.
    Replace {
        /// The revision it must have.
        expected: u64,
        /// Its new schema, body and index entries.
        content: Content,
    },
    /// Delete it when it has this revision.
    Delete {
        /// The revision it must have.
        expected: u64,
    },
}

/// What is written of a document.
#[derive(Debug)]
pub struct Content {
    /// The schema of the body.
    pub schema: u32,
    /// The body, JSON.
    pub body: Vec<u8>,
    /// Its entries, each in an index its kind declares.
    pub entries: Vec<(Index, Vec<u8>)>,
}

/// One stretch of an index.
#[derive(Debug, Clone)]
pub struct ScanRange {
    /// The first key in it.
    pub low: Vec<u8>,
    /// The first key after it.
    pub high: Vec<u8>,
    /// How many leading bytes its keys share; ranges of one scan are merged by what follows.
    pub shared: usize,
}

/// A part of a list: the entries of several ranges, merged by (what follows the shared bytes,
/// document), each such pair once.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The kind of document.
    pub kind: &'static str,
    /// The index, or `None` for the documents' own keys.
    pub index: Option<&'static str>,
    /// The ranges.
    pub ranges: Vec<ScanRange>,
    /// Largest first.
    pub descending: bool,
    /// Only what comes after this place.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: u32,
}

/// One entry that a scan found, with its document.
#[derive(Debug, Clone)]
pub struct RawHit {
    /// The entry's place.
    pub place: Cursor,
    /// The document.
    pub document: RawDocument,
}

/// A store of documents.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Reads documents by kind and key, in the order asked for, as of one moment.
    async fn read(
        &self,
        keys: Vec<(&'static str, Vec<u8>)>,
    ) -> Result<Vec<Option<RawDocument>>, StoreError>;

    /// Reads a part of a list.
    async fn scan(&self, scan: Scan) -> Result<Vec<RawHit>, StoreError>;

    /// The keys of the documents of one range of an index, in its order, without the documents.
    async fn keys(
        &self,
        kind: &'static str,
        index: &'static str,
        range: ScanRange,
        limit: u32,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let scan = Scan {
            kind,
            index: Some(index),
            ranges: vec![range],
            descending: false,
            after: None,
            limit,
        };
        let hits = self.scan(scan).await?.into_iter();
        Ok(hits.map(|hit| hit.place.document).collect())
    }

    /// Counts the entries of one range.
    async fn count(
        &self,
        kind: &'static str,
        index: Option<&'static str>,
        range: ScanRange,
    ) -> Result<u64, StoreError>;

    /// Counts the entries of each of several ranges, in one trip where the store can.
    async fn count_each(
        &self,
        kind: &'static str,
        index: Option<&'static str>,
        ranges: Vec<ScanRange>,
    ) -> Result<Vec<u64>, StoreError> {
        let mut counts = Vec::with_capacity(ranges.len());
        for range in ranges {
            counts.push(self.count(kind, index, range).await?);
        }
        Ok(counts)
    }

    /// Changes one document and its index entries as one; durable on return. Answers the new
    /// revision, or the deleted one.
    async fn write(
        &self,
        kind: &'static str,
        key: Vec<u8>,
        write: Write,
    ) -> Result<u64, StoreError>;

    /// Deletes all documents of a kind whose keys lie in the range. Answers how many.
    async fn delete_range(&self, kind: &'static str, range: ScanRange) -> Result<u64, StoreError>;

    /// Finishes what is queued and refuses what comes later.
    async fn close(&self);
}

/// A store of one journal.
#[async_trait]
pub trait JournalBackend: Send + Sync {
    /// Appends entries as one; durable on return. Answers their numbers.
    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError>;

    /// Reads records.
    async fn read(&self, query: JournalQuery) -> Result<Vec<Record>, StoreError>;

    /// Number and hash of the last record.
    async fn head(&self) -> Result<Option<(u64, [u8; 32])>, StoreError>;

    /// Reads all it lies in, also what no record needs: [`StoreError::Corrupt`] when a byte of it was changed.
    async fn check(&self) -> Result<(), StoreError>;

    /// Finishes what is queued and refuses what comes later.
    async fn close(&self);
}
