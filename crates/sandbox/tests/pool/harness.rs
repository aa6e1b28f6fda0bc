//! A sandbox and a frame.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_array::{DictionaryArray, TimestampMicrosecondArray, types::Int32Type};
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
    let n = 60_i64;
    let text = |name: fn(i64) -> String| -> ArrayRef {
        Arc::new(StringArray::from((0..n).map(name).collect::<Vec<_>>()))
    };
    let numbers = |number: fn(i64) -> Option<f64>| -> ArrayRef {
        Arc::new(Float64Array::from((0..n).map(number).collect::<Vec<_>>()))
    };
    let day = 86_400_000_000_i64;
    let times: Vec<i64> = (0..n).map(|i| 1_704_067_200_000_000 + i * day).collect();
    let level: DictionaryArray<Int32Type> =
        (0..n).map(|i| ["low", "high"][(i % 2) as usize]).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "species",
            text(|i| ["Adelie", "Gentoo", "Chinstrap"][(i % 3) as usize].to_owned()),
        ),
        ("island", text(|i| format!("island {}", i % 4))),
        (
            "mass",
            numbers(|i| (i % 7 != 0).then_some(3000.0 + (i * 37 % 900) as f64)),
        ),
        ("bill", numbers(|i| Some(30.0 + (i * 13 % 29) as f64 / 2.0))),
        (
            "year",
            Arc::new(Int64Array::from(
                (0..n).map(|i| 2007 + i % 3).collect::<Vec<_>>(),
            )),
        ),
        (
            "ok",
            Arc::new(BooleanArray::from(
                (0..n).map(|i| i % 2 == 0).collect::<Vec<_>>(),
            )),
        ),
        (
            "when",
            Arc::new(TimestampMicrosecondArray::from(times.clone())),
        ),
        (
            "utc",
            Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
        ),
        ("level", Arc::new(level)),
        ("count", numbers(|i| Some((i % 5) as f64))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}
