//! The engine's own runtime: DataFusion's work on threads of lower priority than the server's.
//!
//! The server's runtime does I/O only; whatever computes runs here, so that a heavy query slows
//! other queries and nothing else. Everyone waits in one queue, and nobody holds more than their
//! share of it, so that one person's heavy queries do not starve others' small ones.

use crate::error::TableError;
use deltalake::datafusion::execution::TaskContext;
use deltalake::datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use deltalake::datafusion::execution::memory_pool::{GreedyMemoryPool, TrackConsumersPool};
use deltalake::datafusion::execution::runtime_env::RuntimeEnvBuilder;
use deltalake::datafusion::prelude::{SessionConfig, SessionContext};
use std::collections::HashMap;
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::AbortOnDropHandle;

/// Added to the niceness of the engine's threads (0 to 19): other work of the server goes first.
const NICENESS: i32 = 10;
/// Stack of each of the engine's threads.
const STACK_BYTES: usize = 16 << 20;
/// Turns at one time for each thread.
const PLACES: usize = 4;
/// Rows in one batch between operators.
pub(crate) const BATCH_ROWS: usize = 8_192;

pub(crate) struct Engine {
    runtime: Option<Runtime>,
    context: SessionContext,
    threads: usize,
    queue: Arc<Semaphore>,
    shares: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// The right to compute, held while a query runs.
pub(crate) struct Turn {
    _share: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Engine {
    pub(crate) fn new(threads: usize, memory_bytes: usize) -> Result<Self, TableError> {
        let threads = threads.max(1);
        let runtime = Builder::new_multi_thread()
            // Two at least: the Delta kernel waits for its own reads on this runtime.
            .worker_threads(threads.max(2))
            .thread_name("tables")
            // Plans are trees that are walked in recursion, in frames that are large without optimisation.
            .thread_stack_size(STACK_BYTES)
            .on_thread_start(|| {
                // On Linux this names the calling thread. A refusal costs fairness, not correctness.
                if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
                    tracing::warn!(%error, "the engine's threads keep the usual priority");
                }
            })
            .enable_all()
            .build()?;
        let named = NonZeroUsize::new(3).unwrap_or(NonZeroUsize::MIN);
        let pool = TrackConsumersPool::new(GreedyMemoryPool::new(memory_bytes), named);
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            // What does not fit in memory is an error: a spilled file would lie unsealed on disk.
            .with_disk_manager_builder(
                DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled),
            )
            .build_arc()?;
        let config = SessionConfig::new()
            .with_batch_size(BATCH_ROWS)
            // One stream a plan; what runs side by side is decided by the units of the scan, so
            // that no answer depends on the number of cores.
            .with_target_partitions(1);
        Ok(Self {
            runtime: Some(runtime),
            context: SessionContext::new_with_config_rt(config, environment),
            threads,
            queue: Arc::new(Semaphore::new(threads * PLACES)),
            shares: Mutex::default(),
        })
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    pub(crate) fn context(&self) -> &SessionContext {
        &self.context
    }

    pub(crate) fn task(&self) -> Arc<TaskContext> {
        self.context.task_ctx()
    }

    /// Waits for a turn: first for one of the person's own, then for one of all.
    pub(crate) async fn turn(&self, person: &str) -> Result<Turn, TableError> {
        let own = {
            let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
            shares.retain(|_, share| share.strong_count() > 0);
            let known = shares.get(person).and_then(Weak::upgrade);
            let own = known.unwrap_or_else(|| Arc::new(Semaphore::new(self.threads)));
            shares.insert(person.to_owned(), Arc::downgrade(&own));
            own
        };
        let stopped = |_| TableError::Stopped("the queue is closed".to_owned());
        Ok(Turn {
            _share: own.acquire_owned().await.map_err(stopped)?,
            _place: Arc::clone(&self.queue)
                .acquire_owned()
                .await
                .map_err(stopped)?,
        })
    }

    /// Waits until no question is computed, but no longer than about `most`. It stands in nobody's way meanwhile.
    pub(crate) async fn quiet(&self, most: Duration) {
        /// Between two looks.
        const LOOK: Duration = Duration::from_millis(50);
        let mut waited = Duration::ZERO;
        while waited < most && self.queue.available_permits() < self.threads * PLACES {
            tokio::time::sleep(LOOK).await;
            waited += LOOK;
        }
    }

    /// Runs on the engine's threads. Dropping the returned future ends the work.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, TableError> {
        let runtime = self.runtime()?;
        Ok(AbortOnDropHandle::new(runtime.spawn(work)).await?)
    }

    /// Starts work on the engine's threads. Dropping the handle ends it.
    pub(crate) fn spawn(
        &self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<AbortOnDropHandle<()>, TableError> {
        Ok(AbortOnDropHandle::new(self.runtime()?.spawn(work)))
    }

    /// Runs on the engine's threads to its end, whether or not anyone still waits.
    pub(crate) async fn run_to_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, TableError> {
        Ok(self.runtime()?.spawn(work).await?)
    }

    fn runtime(&self) -> Result<&Runtime, TableError> {
        self.runtime
            .as_ref()
            .ok_or_else(|| TableError::Stopped("the engine is closed".to_owned()))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else {
            return;
        };
        // A runtime must not be waited for within another one, and its threads must not be let go while they end: the C
        // library may then look at what a thread has already given back. So another thread waits for them.
        let held = Arc::new(Mutex::new(Some(runtime)));
        let given = Arc::clone(&held);
        let take = |held: &Mutex<Option<Runtime>>| {
            held.lock().unwrap_or_else(PoisonError::into_inner).take()
        };
        let waiter = std::thread::Builder::new().name("tables-end".to_owned());
        if waiter.spawn(move || drop(take(&given))).is_err()
            && let Some(runtime) = take(&held)
        {
            runtime.shutdown_background();
        }
    }
}
