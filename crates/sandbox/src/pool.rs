//! The sandbox as the rest of the server sees it: start it, run jobs, ask how it is.
//!
//! Workers are forked and warmed ahead. A run takes one, another is forked in its place, and the one that was taken
//! is killed at the end of its run, however that came about: by its answer, by a limit, or because whoever waited
//! for the run has gone away.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::limits::CodeLimits;
use rustix::process::{Signal, pidfd_send_signal};
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc};

use crate::conversation::{End, Printed, Task, converse};
use crate::error::{Place, RunError, StartError};
use crate::frame::Frame;
use crate::guest;
use crate::python::{self, Interpreter};
use crate::status::{self, Status};
use crate::wall::{self, Step};
use crate::walls::Walls;
use crate::zygote::{Orderly, Worker, Zygote};

/// Workers kept ready beyond those that run at once.
const SPARE: usize = 1;
/// How long a run waits for a worker when the zygote is being started again.
const WORKER_WAIT: Duration = Duration::from_secs(30);
/// How long after a silent end the zygote's word on it is awaited.
const ENDED_WAIT: Duration = Duration::from_secs(2);
/// Pause before a zygote that has died is started again, doubled up to the maximum while it keeps dying.
const RESTART_WAIT: Duration = Duration::from_millis(500);
const RESTART_WAIT_MAX: Duration = Duration::from_secs(60);

/// The program that becomes the interpreter, see [`crate::launcher_main`].
#[derive(Debug, Clone)]
pub struct Launcher {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

/// How the sandbox is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The interpreter, see [`crate::find_python`].
    pub python: PathBuf,
    /// What is started first.
    pub launcher: Launcher,
    /// Runs at the same time.
    pub workers: usize,
    /// Runs that may wait beyond those; one more is `busy`.
    pub queue: usize,
    /// Limits of the self-test, and an upper bound for every job's own.
    pub limits: CodeLimits,
    /// Which walls stand.
    #[cfg(feature = "one-wall")]
    pub walls: Walls,
}

impl Settings {
    /// Both walls, two runs at a time, and the limits of the product.
    #[must_use]
    pub fn new(python: PathBuf, launcher: Launcher) -> Self {
        Self {
            python,
            launcher,
            workers: 2,
            queue: 32,
            limits: CodeLimits::default(),
            #[cfg(feature = "one-wall")]
            walls: Walls::Both,
        }
    }

    /// Both walls, unless this crate's own tests ask otherwise.
    pub(crate) fn walls(&self) -> Walls {
        #[cfg(feature = "one-wall")]
        {
            self.walls
        }
        #[cfg(not(feature = "one-wall"))]
        {
            Walls::Both
        }
    }
}

/// A script, its data and what it may use.
#[derive(Debug, Clone)]
pub struct Job {
    /// The script.
    pub code: String,
    /// Its `df`.
    pub frame: Frame,
    /// What it may use; never more than the sandbox's own settings.
    pub limits: CodeLimits,
}

/// What a run gave.
#[derive(Debug, Clone)]
pub struct Run {
    /// The figure, sanitised: `data`, `layout` and, when it has any, `frames`.
    pub figure: Value,
    /// What the script printed.
    pub stdout: String,
    /// Whether it printed more than is kept.
    pub stdout_cut: bool,
    /// From the job being handed over to the sanitised figure, in milliseconds.
    pub duration_ms: u64,
}

struct Inner {
    settings: Settings,
    confine: Vec<Step>,
    orderly: Orderly,
    workers: tokio::sync::Mutex<mpsc::UnboundedReceiver<Worker>>,
    running: Semaphore,
    waiting: AtomicUsize,
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

/// Kills a worker when dropped: at the end of its run, and when nobody waits for it any more.
struct KillOnDrop(OwnedFd);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        // Fails when the worker has ended already, which is what is wanted.
        let _ = pidfd_send_signal(&self.0, Signal::KILL);
    }
}

/// One place in the queue, given back when dropped.
struct Place_<'a>(&'a AtomicUsize);

impl Drop for Place_<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
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
            running: Semaphore::new(settings.workers.max(1)),
            waiting: AtomicUsize::new(0),
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

    /// Runs a script. Dropping the future kills the run.
    ///
    /// # Errors
    /// See [`RunError`].
    pub async fn run(&self, job: Job) -> Result<Run, RunError> {
        match &*self.0 {
            State::On(inner) => inner.run(job).await,
            State::Off(reason) => Err(RunError::Off {
                reason: reason.clone(),
            }),
        }
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

impl Inner {
    async fn run(&self, job: Job) -> Result<Run, RunError> {
        let limits = lower(job.limits, self.settings.limits);
        if self.settings.walls().guard() {
            refuse_by_source(&job.code, &limits)?;
        }
        if job.frame.bytes() > limits.code_frame_bytes_max {
            return Err(RunError::Memory(Place::says(format!(
                "The data has {} bytes; a run may have {}. Filter it or choose fewer columns.",
                job.frame.bytes(),
                limits.code_frame_bytes_max
            ))));
        }
        let task = Task {
            code: job.code,
            frame: job.frame,
            limits,
            attempts: Vec::new(),
            confine: self.settings.walls().kernel(),
        };
        let (body, cut, printed, started) = self.work(Arc::new(task)).await?;
        let walls = self.settings.walls();
        let figure = tokio::task::spawn_blocking(move || walls.figure(&body)).await;
        let stdout = printed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match figure {
            Ok(Ok(figure)) => Ok(Run {
                figure,
                stdout,
                stdout_cut: cut,
                duration_ms: milliseconds(started.elapsed()),
            }),
            Ok(Err(error)) => Err(RunError::Output(Place {
                stdout,
                stdout_cut: cut,
                ..Place::says(error.to_string())
            })),
            Err(_) => Err(RunError::Output(Place::says(
                "The figure could not be read.",
            ))),
        }
    }

    /// Queues, takes a worker, talks to it. Gives the answer's bytes, unread.
    async fn work(&self, task: Arc<Task>) -> Result<(Vec<u8>, bool, Printed, Instant), RunError> {
        let most = self.settings.workers.max(1) + self.settings.queue;
        if self.waiting.fetch_add(1, Ordering::SeqCst) >= most {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            return Err(RunError::Busy);
        }
        let _place = Place_(&self.waiting);
        let _turn = self
            .running
            .acquire()
            .await
            .map_err(|_| off("it is shutting down"))?;
        // A zygote that died leaves workers behind that died with it: each is found stale and passed over.
        for _ in 0..=self.settings.workers.max(1) + SPARE {
            let worker = self.take().await?;
            let _killer = KillOnDrop(worker.process);
            let printed = Printed::default();
            let started = Instant::now();
            let talk = {
                let (task, printed) = (Arc::clone(&task), Arc::clone(&printed));
                let (socket, bytes) = (worker.socket, worker.interpreter_bytes);
                tokio::task::spawn_blocking(move || converse(socket, bytes, &task, &printed))
            };
            let end = talk
                .await
                .map_err(|_| RunError::Failed(Place::says("The run was interrupted.")))?;
            let said = |message: String| Place {
                stdout: printed
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone(),
                ..Place::says(message)
            };
            return match end {
                End::Stale => continue,
                End::Figure(body, cut) => Ok((body, cut, printed, started)),
                End::Error(error) => Err(with_text(error, &printed)),
                End::Late => Err(RunError::Timeout(said(format!(
                    "The script ran longer than {} s.",
                    seconds(task.limits.code_wall_ms_max)
                )))),
                End::Silent => {
                    let status = tokio::time::timeout(ENDED_WAIT, worker.ended).await;
                    Err(silent_end(
                        status.ok().and_then(Result::ok),
                        &task.limits,
                        said,
                    ))
                }
            };
        }
        Err(off(
            "its workers end before they can work; the log says more",
        ))
    }

    /// The next worker; another is forked in its place at once.
    async fn take(&self) -> Result<Worker, RunError> {
        let next = async { self.workers.lock().await.recv().await };
        let worker = tokio::time::timeout(WORKER_WAIT, next)
            .await
            .map_err(|_| off("no worker could be started; the log says more"))?
            .ok_or_else(|| off("it is shutting down"))?;
        self.orderly.fork();
        Ok(worker)
    }

    /// A worker, sealed like every other, tries what must be impossible.
    async fn self_test(&self) -> Result<(), StartError> {
        let frame = Frame::seal(&arrow_schema::Schema::empty(), &[])
            .map_err(|error| StartError::SelfTest(error.to_string()))?;
        let task = Task {
            code: String::new(),
            frame,
            limits: self.settings.limits,
            attempts: wall::attempts::attempts(),
            confine: true,
        };
        let (body, ..) = self
            .work(Arc::new(task))
            .await
            .map_err(|error| StartError::SelfTest(error.to_string()))?;
        let report: Vec<(String, i32)> = serde_json::from_slice(&body)
            .map_err(|error| StartError::SelfTest(error.to_string()))?;
        match wall::attempts::not_refused(&report) {
            None => Ok(()),
            Some(reason) => Err(StartError::SelfTest(reason)),
        }
    }
}

/// The thread that keeps a zygote alive for as long as the sandbox is.
struct Supervisor {
    settings: Settings,
    confine: Vec<Step>,
    orderly: Orderly,
    deliver: mpsc::UnboundedSender<Worker>,
    inner: std::sync::Weak<Inner>,
}

impl Supervisor {
    fn stopping(&self) -> bool {
        self.inner
            .upgrade()
            .is_none_or(|inner| inner.stopping.load(Ordering::SeqCst))
    }

    fn supervise(self, first: tokio::sync::oneshot::Sender<Result<String, StartError>>) {
        let python = match python::ask(&self.settings.python) {
            Ok(python) => python,
            Err(error) => {
                let _ = first.send(Err(error));
                return;
            }
        };
        let mut zygote = match Zygote::start(&self.settings, &python, &self.confine) {
            Ok(zygote) => zygote,
            Err(error) => {
                let _ = first.send(Err(error));
                return;
            }
        };
        if first.send(Ok(zygote.python.clone())).is_err() {
            return;
        }
        loop {
            let count = self.settings.workers.max(1) + SPARE;
            zygote.serve(&self.orderly, count, |worker| {
                self.deliver.send(worker).is_ok()
            });
            match self.restart(&python) {
                Some(next) => zygote = next,
                None => return,
            }
        }
    }

    /// A new zygote, tried until there is one or the sandbox is gone.
    fn restart(&self, python: &Interpreter) -> Option<Zygote> {
        let mut wait = RESTART_WAIT;
        loop {
            if self.stopping() {
                return None;
            }
            tracing::warn!("the sandbox's zygote ended and is started again");
            std::thread::sleep(wait);
            if self.stopping() {
                return None;
            }
            match Zygote::start(&self.settings, python, &self.confine) {
                Ok(zygote) => {
                    self.say(None);
                    return Some(zygote);
                }
                Err(error) => {
                    tracing::error!(%error, "the sandbox cannot be started");
                    self.say(Some(error.to_string()));
                    wait = (wait * 2).min(RESTART_WAIT_MAX);
                }
            }
        }
    }

    fn say(&self, reason: Option<String>) {
        if let Some(inner) = self.inner.upgrade() {
            let mut status = inner.status.lock().unwrap_or_else(PoisonError::into_inner);
            status.on = reason.is_none();
            status.reason = reason;
        }
    }
}

/// The lower of each limit.
fn lower(job: CodeLimits, most: CodeLimits) -> CodeLimits {
    CodeLimits {
        code_wall_ms_max: job.code_wall_ms_max.min(most.code_wall_ms_max),
        code_cpu_ms_max: job.code_cpu_ms_max.min(most.code_cpu_ms_max),
        code_memory_extra_bytes_max: job
            .code_memory_extra_bytes_max
            .min(most.code_memory_extra_bytes_max),
        code_result_bytes_max: job.code_result_bytes_max.min(most.code_result_bytes_max),
        code_text_bytes_max: job.code_text_bytes_max.min(most.code_text_bytes_max),
        code_source_bytes_max: job.code_source_bytes_max.min(most.code_source_bytes_max),
        code_depth_max: job.code_depth_max.min(most.code_depth_max),
        code_frame_bytes_max: job.code_frame_bytes_max.min(most.code_frame_bytes_max),
    }
}

/// What the source shows is refused before the first statement runs, so that such a script prints nothing.
fn refuse_by_source(code: &str, limits: &CodeLimits) -> Result<(), RunError> {
    let most = usize::try_from(limits.code_source_bytes_max).unwrap_or(usize::MAX);
    if code.len() > most {
        return Err(RunError::Syntax(Place::says(format!(
            "The script has {} bytes; {most} are allowed.",
            code.len()
        ))));
    }
    let depth = usize::try_from(limits.code_depth_max).unwrap_or(usize::MAX);
    match crate::check::first(code, depth) {
        None => Ok(()),
        Some(finding) => {
            let place = Place {
                line: Some(finding.line),
                column: Some(finding.column),
                ..Place::says(finding.message)
            };
            Err(match finding.code {
                crate::FindingCode::Syntax => RunError::Syntax(place),
                crate::FindingCode::Refused => RunError::Refused(place),
            })
        }
    }
}

/// Puts what was printed beside the error.
fn with_text(mut error: RunError, printed: &Printed) -> RunError {
    let text = printed
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    match &mut error {
        RunError::Syntax(place)
        | RunError::Refused(place)
        | RunError::Failed(place)
        | RunError::NoFigure(place)
        | RunError::Timeout(place)
        | RunError::Memory(place)
        | RunError::Output(place)
        | RunError::Cancelled(place) => place.stdout = text,
        RunError::Busy | RunError::Off { .. } => {}
    }
    error
}

/// What a worker's exit status says about a run without an answer.
fn silent_end(
    status: Option<i32>,
    limits: &CodeLimits,
    said: impl Fn(String) -> Place,
) -> RunError {
    match status.map(|status| status & 0x7f) {
        Some(libc::SIGXCPU) => RunError::Timeout(said(format!(
            "The script used more than {} s of processor time.",
            seconds(limits.code_cpu_ms_max)
        ))),
        // Not by us: the kernel ends the largest process when the machine's memory is used up. An abort is what C++
        // does when memory is refused to it.
        Some(libc::SIGKILL | libc::SIGABRT) => RunError::Memory(said(
            "The script needed more memory than a run may use.".to_owned(),
        )),
        Some(libc::SIGSEGV | libc::SIGBUS | libc::SIGILL) => RunError::Failed(said(
            "The interpreter crashed while it ran the script.".to_owned(),
        )),
        _ => RunError::Failed(said("The run ended without an answer.".to_owned())),
    }
}

fn off(reason: &str) -> RunError {
    RunError::Off {
        reason: reason.to_owned(),
    }
}

fn seconds(ms: u64) -> String {
    if ms.is_multiple_of(1000) {
        format!("{}", ms / 1000)
    } else {
        format!("{:.1}", Duration::from_millis(ms).as_secs_f64())
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
