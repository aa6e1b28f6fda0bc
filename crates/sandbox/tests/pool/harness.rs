//! A sandbox and a frame.

use arrow_array::RecordBatch;
use domain::limits::CodeLimits;
use sandbox::{Frame, Job, Launcher, Sandbox, Settings, find_python};

pub(crate) fn settings() -> Settings {
    let python = find_python(std::env::var_os("DEPICTIO_PYTHON").map(Into::into))
        .unwrap_or_else(|error| panic!("{error}"));
    let launcher = Launcher {
        program: env!("CARGO_BIN_EXE_sandbox-launcher").into(),
        args: Vec::new(),
    };
    Settings {
        limits: limits(),
        ..Settings::new(python, launcher)
    }
}

/// Held by whoever starts a sandbox.
pub(crate) static STARTS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

pub(crate) async fn start(settings: Settings) -> Sandbox {
    let _one = STARTS.lock().await;
    start_now(settings).await
}

/// For whoever holds [`STARTS`].
pub(crate) async fn start_now(settings: Settings) -> Sandbox {
    Sandbox::start(settings)
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Generous, because tests run beside each other.
pub(crate) fn limits() -> CodeLimits {
    CodeLimits {
        code_wall_ms_max: 30_000,
        code_cpu_ms_max: 20_000,
        ..CodeLimits::default()
    }
}

pub(crate) fn job(code: &str) -> Job {
    Job {
        code: code.to_owned(),
        frame: seal(&table()),
        limits: limits(),
    }
}

pub(crate) fn seal(table: &RecordBatch) -> Frame {
    Frame::seal(&table.schema(), std::slice::from_ref(table)).unwrap()
}

/// Sixty rows with a column of each ordinary type.
pub(crate) fn table() -> RecordBatch {
    super::sample::sixty_rows()
}
