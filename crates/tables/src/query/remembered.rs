//! What was answered before: a version never changes, so an answer is known by collection, version
//! and question. Two who ask the same at the same time are answered by one computation.

use super::Answer;
use super::scan::Footers;
use domain::{CollectionId, Expression, Filter, Query, Scalar};
use moka::future::Cache;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Bytes of footers held.
const FOOTER_BYTES: u64 = 64 << 20;
/// Counts of matching rows held; each is one number a file.
const COUNTS_MAX: u64 = 4_096;

/// An answer's name: which version of which table, and the digest of what was asked.
pub(crate) type Key = (CollectionId, u64, [u8; 32]);

/// All that is remembered.
pub(crate) struct Remembered {
    pub(crate) answers: Cache<Key, Arc<Answer>>,
    pub(crate) counts: Cache<Key, Arc<Vec<u64>>>,
    pub(crate) footers: Footers,
}

impl Remembered {
    pub(crate) fn new(cache_bytes: u64) -> Self {
        let weight = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        Self {
            answers: Cache::builder()
                .max_capacity(cache_bytes)
                .weigher(move |_: &Key, answer: &Arc<Answer>| weight(answer.memory()))
                .support_invalidation_closures()
                .build(),
            counts: Cache::new(COUNTS_MAX),
            footers: Cache::builder()
                .max_capacity(FOOTER_BYTES)
                .weigher(move |_, footer: &Arc<_>| weight(memory_of(footer)))
                .build(),
        }
    }

    /// Forgets what was answered of a table that is no more.
    pub(crate) fn forget(&self, collection: &CollectionId) {
        let gone = collection.clone();
        if let Err(error) = self
            .answers
            .invalidate_entries_if(move |(collection, ..), _| *collection == gone)
        {
            tracing::warn!(%error, "the answers of a removed table stay until they are displaced");
        }
    }
}

fn memory_of(footer: &deltalake::parquet::file::metadata::ParquetMetaData) -> usize {
    footer.memory_size()
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Filters in one order, their lists sorted: those that ask the same read the same.
fn canonical(filters: &[Filter]) -> Result<Vec<String>, serde_json::Error> {
    let mut texts = Vec::with_capacity(filters.len());
    for filter in filters {
        let mut filter = filter.clone();
        let set = matches!(filter.op, domain::FilterOp::In | domain::FilterOp::NotIn);
        if let (true, Some(values)) = (set, &mut filter.values) {
            values.sort_by_cached_key(text_of);
            values.dedup();
        }
        texts.push(serde_json::to_string(&filter)?);
    }
    texts.sort();
    texts.dedup();
    Ok(texts)
}

fn text_of(scalar: &Scalar) -> String {
    serde_json::to_string(scalar).unwrap_or_default()
}

/// The digest of a question. An expression is known by its one form, so that two spellings are one question.
pub(crate) fn question(
    query: &Query,
    expression: Option<&Expression>,
) -> Result<[u8; 32], serde_json::Error> {
    let shape = serde_json::to_string(&query.shape)?;
    let filters = canonical(&query.filters)?;
    let expression = expression.map(ToString::to_string);
    Ok(digest(&serde_json::to_string(&(
        shape, filters, expression,
    ))?))
}

/// The digest of conditions alone.
pub(crate) fn conditions(
    filters: &[Filter],
    expression: Option<&Expression>,
) -> Result<[u8; 32], serde_json::Error> {
    let expression = expression.map(ToString::to_string);
    Ok(digest(&serde_json::to_string(&(
        canonical(filters)?,
        expression,
    ))?))
}
