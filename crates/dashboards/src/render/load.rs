//! What Code Mode is doing right now, and what came of its runs: for the status page and for measurements.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Code Mode at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeLoad {
    /// Runs in a worker.
    pub running: usize,
    /// Runs that wait for their data or for a worker.
    pub waiting: usize,
    /// Runs since the start by how they ended: `done`, or the code of the error.
    pub ended: BTreeMap<&'static str, u64>,
}

/// Counts runs while they last.
#[derive(Debug, Default)]
pub(super) struct Counts {
    asked: AtomicUsize,
    ready: AtomicUsize,
    ended: Mutex<BTreeMap<&'static str, u64>>,
}

/// One more, until it is dropped.
#[derive(Debug)]
pub(super) struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn one(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counts {
    /// A run was asked for.
    pub(super) fn asked(&self) -> Counted<'_> {
        Counted::one(&self.asked)
    }

    /// A run has its data.
    pub(super) fn ready(&self) -> Counted<'_> {
        Counted::one(&self.ready)
    }

    /// A run has ended.
    pub(super) fn ended(&self, how: &'static str, seconds: f64) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        *ended.entry(how).or_default() += 1;
        drop(ended);
        metrics::counter!("depictio_code_runs_total", "outcome" => how).increment(1);
        metrics::histogram!("depictio_code_run_duration_seconds").record(seconds);
    }

    /// What is going on. A run that has its data takes a free worker at once, so as many run as there are workers.
    pub(super) fn load(&self, workers: u64) -> CodeLoad {
        let workers = usize::try_from(workers).unwrap_or(usize::MAX);
        let running = self.ready.load(Ordering::Relaxed).min(workers);
        let asked = self.asked.load(Ordering::Relaxed);
        CodeLoad {
            running,
            waiting: asked.saturating_sub(running),
            ended: self
                .ended
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        }
    }
}

/// Whether a cache had what was asked for.
pub(super) fn cache_asked(cache: &'static str, hit: bool) {
    let answer = if hit { "hit" } else { "miss" };
    metrics::counter!("depictio_code_cache_total", "cache" => cache, "answer" => answer)
        .increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_run_as_there_are_workers_and_the_rest_waits() {
        let counts = Counts::default();
        let asked: Vec<_> = (0..5).map(|_| counts.asked()).collect();
        let ready: Vec<_> = (0..3).map(|_| counts.ready()).collect();
        let load = counts.load(2);
        assert_eq!((load.running, load.waiting), (2, 3));
        drop((asked, ready));
        counts.ended("done", 0.1);
        counts.ended("done", 0.1);
        let load = counts.load(2);
        assert_eq!((load.running, load.waiting), (0, 0));
        assert_eq!(load.ended, BTreeMap::from([("done", 2)]));
    }
}
