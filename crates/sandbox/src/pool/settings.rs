//! How the sandbox is set up, and what goes into and comes out of a run.

use std::path::PathBuf;

use domain::limits::CodeLimits;
use serde_json::Value;

use crate::frame::Frame;
use crate::walls::Walls;

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
    /// Admissions beyond those that may wait in all; one more is `busy`.
    pub queue: usize,
    /// Admissions that one person holds at a time, from [`crate::Sandbox::admit`] to the end of the run.
    pub person_running_max: usize,
    /// Admissions of one person that may wait beyond those; one more is `busy`.
    pub person_waiting_max: usize,
    /// Limits of the self-test, and an upper bound for every job's own.
    pub limits: CodeLimits,
    /// Which walls stand.
    #[cfg(feature = "one-wall")]
    pub walls: Walls,
}

impl Settings {
    /// Both walls, two runs at a time, and the limits of the product. One dashboard may hold a hundred components.
    #[must_use]
    pub fn new(python: PathBuf, launcher: Launcher) -> Self {
        Self {
            python,
            launcher,
            workers: 2,
            queue: 1_000,
            person_running_max: 2,
            person_waiting_max: 100,
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

/// The lower of each limit.
pub(super) fn lower(job: CodeLimits, most: CodeLimits) -> CodeLimits {
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
