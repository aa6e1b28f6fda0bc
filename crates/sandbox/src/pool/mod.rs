//! The sandbox as the rest of the server sees it: start it, be admitted, run a job, ask how it is.
//!
//! Workers are forked and warmed ahead. A run takes one, another is forked in its place, and the one that was taken
//! is killed at the end of its run, however that came about: by its answer, by a limit, or because whoever waited
//! for the run has gone away.

mod ending;
mod queue;
mod run;
mod settings;
mod supervisor;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::error::{RunError, StartError};
use crate::guest;
use crate::status::{self, Status};
use crate::wall::{self, Step};
use crate::zygote::{Orderly, Worker};
use queue::{Queue, Ticket};
use supervisor::Supervisor;

pub use queue::Person;
pub use settings::{Job, Launcher, Run, Settings};

struct Inner {
    settings: Settings,
    confine: Vec<Step>,
    orderly: Orderly,
    workers: tokio::sync::Mutex<mpsc::UnboundedReceiver<Worker>>,
    queue: Arc<Queue>,
    status: Mutex<Status>,
    stopping: AtomicBool,
}

impl Drop for Inner {
    /// The zygote ends when its socket closes, and its supervisor with it.
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.orderly.close();
    }
}

/// The sandbox; cloning shares it.
#[derive(Clone)]
pub struct Sandbox(Arc<State>);

enum State {
    On(Arc<Inner>),
    Off(String),
}

/// A place for one run of a person, given back at the end of the run or when dropped.
///
/// Whoever prepares a run's data does so while holding this, so that no more frames are made than can run soon.
pub struct Admission {
    inner: Arc<Inner>,
    ticket: Ticket,
}

impl Sandbox {
    /// Code Mode that is off, with the reason that people are told.
    #[must_use]
    pub fn off(reason: impl Into<String>) -> Self {
        Self(Arc::new(State::Off(reason.into())))
    }

    /// Launches, warms and tests. Returns when a worker has shown that it can do nothing it must not.
    ///
    /// # Errors
    /// See [`StartError`]; Code Mode is then off, never weaker.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let landlock_abi = wall::landlock::detect();
        let confine = guest::confine(settings.walls(), landlock_abi);
        let (deliver, workers) = mpsc::unbounded_channel();
        let orderly = Orderly::default();
        let (first, started) = tokio::sync::oneshot::channel();
        let inner = Arc::new(Inner {
            confine: confine.clone(),
            orderly: orderly.clone(),
            workers: tokio::sync::Mutex::new(workers),
            queue: Arc::new(Queue::new(&settings)),
            status: Mutex::new(Status {
                on: true,
                reason: None,
                layers: status::layers(landlock_abi),
                python: String::new(),
            }),
            stopping: AtomicBool::new(false),
            settings,
        });
        let supervisor = Supervisor {
            settings: inner.settings.clone(),
            confine,
            orderly,
            deliver,
            inner: Arc::downgrade(&inner),
        };
        std::thread::Builder::new()
            .name("sandbox-supervisor".to_owned())
            .spawn(move || supervisor.supervise(first))
            .map_err(|error| StartError::Launch(error.to_string()))?;
        let python = started
            .await
            .map_err(|_| StartError::Launch("the supervisor ended".to_owned()))??;
        inner
            .status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .python = python;
        let sandbox = Self(Arc::new(State::On(Arc::clone(&inner))));
        if inner.settings.walls().kernel() {
            inner.self_test().await?;
        }
        Ok(sandbox)
    }

    /// A place for one run of this person. A few at a time have one, the rest wait in order. Dropping the future
    /// leaves the line.
    ///
    /// # Errors
    /// [`RunError::Busy`] when too many wait, of this person or in all; [`RunError::Off`].
    pub async fn admit(&self, person: &Person) -> Result<Admission, RunError> {
        match &*self.0 {
            State::On(inner) => {
                if let Some(error) = inner.off_now() {
                    return Err(error);
                }
                let ticket = inner.queue.enter(person)?;
                ticket.place().await;
                Ok(Admission {
                    inner: Arc::clone(inner),
                    ticket,
                })
            }
            State::Off(reason) => Err(ending::off(reason)),
        }
    }

    /// Runs a script for nobody in particular: for trials, where only the bound on all waiting runs applies.
    /// Dropping the future kills the run.
    ///
    /// # Errors
    /// See [`RunError`].
    pub async fn run(&self, job: Job) -> Result<Run, RunError> {
        self.admit(&Person::nobody()).await?.run(job).await
    }

    /// Whether Code Mode is on, and what protects it.
    #[must_use]
    pub fn status(&self) -> Status {
        match &*self.0 {
            State::On(inner) => inner
                .status
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            State::Off(reason) => Status::off(reason.clone()),
        }
    }

    /// Digest of guard, guest, wall and libraries: with code and data, it names a result.
    #[must_use]
    pub fn digest(&self) -> String {
        match &*self.0 {
            State::On(inner) => guest::digest(&inner.confine),
            State::Off(_) => guest::digest(&[]),
        }
    }
}

impl Admission {
    /// Runs a script, after waiting for a worker in a line that is fair between people. What is waited does not count
    /// against the script. Dropping the future kills the run.
    ///
    /// # Errors
    /// See [`RunError`].
    pub async fn run(self, job: Job) -> Result<Run, RunError> {
        self.inner.run(self.ticket, job).await
    }
}
