//! A sandbox for tests, one for each choice of walls, and a small frame.

use domain::limits::CodeLimits;
use sandbox::{Frame, Job, Launcher, Run, RunError, Sandbox, Settings, Walls, find_python};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use super::sample;

/// One runtime for all tests: workers and their pipes outlive a single test.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: std::sync::OnceLock<Runtime> = std::sync::OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

pub(crate) fn settings(walls: Walls, workers: usize, queue: usize) -> Settings {
    Settings {
        python: find_python(std::env::var_os("DEPICTIO_PYTHON").map(Into::into))
            .unwrap_or_else(|error| panic!("{error}")),
        launcher: Launcher {
            program: env!("CARGO_BIN_EXE_sandbox-launcher").into(),
            args: Vec::new(),
        },
        workers,
        queue,
        person_running_max: 2,
        person_waiting_max: 100,
        limits: CodeLimits {
            code_wall_ms_max: 20_000,
            ..CodeLimits::default()
        },
        walls,
    }
}

pub(crate) async fn sandbox(walls: Walls) -> &'static Sandbox {
    static BOTH: OnceCell<Sandbox> = OnceCell::const_new();
    static GUARD: OnceCell<Sandbox> = OnceCell::const_new();
    static KERNEL: OnceCell<Sandbox> = OnceCell::const_new();
    static NONE: OnceCell<Sandbox> = OnceCell::const_new();
    let cell = match walls {
        Walls::Both => &BOTH,
        Walls::Guard => &GUARD,
        Walls::Kernel => &KERNEL,
        Walls::None => &NONE,
    };
    cell.get_or_init(|| async {
        Sandbox::start(settings(walls, 2, 200))
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    })
    .await
}

/// The frame of most tests.
pub(crate) fn frame() -> Frame {
    let batch = sample::sixty_rows();
    Frame::seal(&batch.schema(), &[batch]).unwrap()
}

pub(crate) fn job(code: &str) -> Job {
    Job {
        code: code.to_owned(),
        frame: frame(),
        limits: CodeLimits {
            code_wall_ms_max: 20_000,
            ..CodeLimits::default()
        },
    }
}

pub(crate) async fn run(walls: Walls, code: &str) -> Result<Run, RunError> {
    sandbox(walls).await.run(job(code)).await
}
