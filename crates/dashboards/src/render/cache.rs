//! Results that are remembered.
//!
//! A version never changes, so what a result was computed from names it: the collection, the
//! version, the question in its one canonical form, how it is drawn, and for code also the digests
//! of the code and of what runs it. Whoever may not see the collection never gets as far as here.

use super::line::{Drawn, Failure, Shown};
use domain::CollectionId;
use moka::future::Cache;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::future::Future;
use std::io::Write;
use std::sync::Arc;

/// What a result is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Identity([u8; 32]);

impl Identity {
    /// Of a result of some kind, from all it depends on.
    pub(crate) fn of(
        kind: &str,
        collection: &CollectionId,
        version: u64,
        parts: &impl Serialize,
    ) -> Result<Self, Failure> {
        let named = (kind, collection, version, parts);
        let bytes = serde_json::to_vec(&named).map_err(|error| {
            tracing::error!(%error, "a question cannot be written down");
            Failure::Broken
        })?;
        Ok(Self(Sha256::digest(&bytes).into()))
    }
}

/// A result as it is kept.
#[derive(Debug, Clone)]
struct Kept {
    shown: Arc<Shown>,
    truncated: bool,
    bytes: u32,
}

/// The results, bounded by their size.
#[derive(Debug, Clone)]
pub(crate) struct Results(Cache<Identity, Kept>);

impl Results {
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self(
            Cache::builder()
                .max_capacity(bytes_max)
                .weigher(|_, kept: &Kept| kept.bytes)
                .build(),
        )
    }

    /// The result, computed when it is not known. Who asks for the same at the same time waits for
    /// the one that computes; a failure is not kept.
    pub(crate) async fn get(
        &self,
        identity: Identity,
        compute: impl Future<Output = Result<(Shown, bool), Failure>>,
    ) -> Result<Drawn, Failure> {
        let entry = self
            .0
            .entry(identity)
            .or_try_insert_with(async {
                let (shown, truncated) = compute.await?;
                Ok::<_, Failure>(Kept {
                    bytes: size(&shown),
                    shown: Arc::new(shown),
                    truncated,
                })
            })
            .await
            .map_err(|error: Arc<Failure>| Failure::clone(&error))?;
        let cached = !entry.is_fresh();
        let kept = entry.into_value();
        Ok(Drawn {
            shown: kept.shown,
            cached,
            truncated: kept.truncated,
        })
    }
}

/// The size on the wire, which is near the size in memory.
fn size(shown: &Shown) -> u32 {
    struct Count(u32);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self
                .0
                .saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, shown) {
        Ok(()) => count.0,
        // Nothing that cannot be sent is worth keeping.
        Err(_) => u32::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn identity(version: u64, part: &str) -> Identity {
        let id = format!("col_{}", "1".repeat(32)).parse().unwrap();
        Identity::of("card", &id, version, &part).unwrap()
    }

    fn text(html: &str) -> Shown {
        Shown::Text {
            html: html.to_owned(),
        }
    }

    #[tokio::test]
    async fn a_result_is_computed_once_and_another_version_is_another_result() {
        let results = Results::new(1 << 20);
        let runs = AtomicU32::new(0);
        let compute = || async {
            runs.fetch_add(1, Ordering::SeqCst);
            Ok((text("a"), true))
        };
        let first = results.get(identity(1, "q"), compute()).await.unwrap();
        let second = results.get(identity(1, "q"), compute()).await.unwrap();
        assert!(!first.cached && second.cached && second.truncated);
        results.get(identity(2, "q"), compute()).await.unwrap();
        results.get(identity(1, "r"), compute()).await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let results = Results::new(1 << 20);
        let failed = results
            .get(identity(1, "q"), async { Err(Failure::TooSlow) })
            .await;
        assert!(matches!(failed, Err(Failure::TooSlow)));
        let good = results
            .get(identity(1, "q"), async { Ok((text("a"), false)) })
            .await;
        assert!(!good.unwrap().cached);
    }
}
