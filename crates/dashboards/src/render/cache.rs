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
use std::sync::atomic::{AtomicBool, Ordering};

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
    /// the one that computes; a failure is not kept, and one that has to do with who computed is
    /// nobody else's.
    pub(crate) async fn get<F>(
        &self,
        identity: Identity,
        compute: impl Fn() -> F,
    ) -> Result<Drawn, Failure>
    where
        F: Future<Output = Result<(Shown, bool), Failure>>,
    {
        loop {
            let own = AtomicBool::new(false);
            let entry = self.0.entry(identity).or_try_insert_with(async {
                own.store(true, Ordering::Relaxed);
                let (shown, truncated) = compute().await?;
                Ok::<_, Failure>(Kept {
                    bytes: size(&shown),
                    shown: Arc::new(shown),
                    truncated,
                })
            });
            let entry = match entry.await {
                Ok(entry) => entry,
                Err(error) if error.is_personal() && !own.load(Ordering::Relaxed) => continue,
                Err(error) => return Err(Failure::clone(&error)),
            };
            let cached = !entry.is_fresh();
            let kept = entry.into_value();
            return Ok(Drawn {
                shown: kept.shown,
                cached,
                truncated: kept.truncated,
            });
        }
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
    use std::sync::atomic::AtomicU32;
    use std::time::Duration;

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
        let first = results.get(identity(1, "q"), compute).await.unwrap();
        let second = results.get(identity(1, "q"), compute).await.unwrap();
        assert!(!first.cached && second.cached && second.truncated);
        results.get(identity(2, "q"), compute).await.unwrap();
        results.get(identity(1, "r"), compute).await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let results = Results::new(1 << 20);
        let failed = results
            .get(identity(1, "q"), || async { Err(Failure::TooSlow) })
            .await;
        assert!(matches!(failed, Err(Failure::TooSlow)));
        let good = results
            .get(identity(1, "q"), || async { Ok((text("a"), false)) })
            .await;
        assert!(!good.unwrap().cached);
    }

    #[tokio::test]
    async fn who_waits_is_not_told_that_another_was_busy() {
        let results = Results::new(1 << 20);
        let busy = || async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            Err(Failure::Code(sandbox::RunError::Busy))
        };
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            Err(Failure::TooSlow)
        };
        let good = || async { Ok((text("a"), false)) };
        let (theirs, ours) = tokio::join!(
            results.get(identity(1, "q"), busy),
            results.get(identity(1, "q"), good)
        );
        assert!(matches!(
            theirs,
            Err(Failure::Code(sandbox::RunError::Busy))
        ));
        assert!(!ours.unwrap().cached);
        // What is wrong with the question itself is everybody's.
        let (first, second) = tokio::join!(
            results.get(identity(2, "q"), slow),
            results.get(identity(2, "q"), good)
        );
        assert!(matches!(first, Err(Failure::TooSlow)));
        assert!(matches!(second, Err(Failure::TooSlow)));
    }

    #[tokio::test]
    async fn who_waits_goes_on_when_the_one_that_computes_goes_away() {
        let results = Results::new(1 << 20);
        let endless = {
            let results = results.clone();
            tokio::spawn(async move {
                let never = || std::future::pending::<Result<(Shown, bool), Failure>>();
                results.get(identity(1, "q"), never).await
            })
        };
        tokio::time::sleep(Duration::from_millis(20)).await;
        let ours = results.get(identity(1, "q"), || async { Ok((text("a"), false)) });
        let (ours, ()) = tokio::join!(ours, async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            endless.abort();
        });
        assert!(!ours.unwrap().cached);
    }
}
