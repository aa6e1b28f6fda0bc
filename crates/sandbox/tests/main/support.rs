//! A sandbox for tests, one for each choice of walls, and a small frame.

use std::sync::Arc;

use arrow_array::Array as _;
use arrow_array::types::Int32Type;
use arrow_array::{
    BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use domain::limits::CodeLimits;
use sandbox::{Frame, Job, Launcher, Run, RunError, Sandbox, Settings, Walls, find_python};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

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

/// Sixty rows with a column of each type.
pub(crate) fn frame() -> Frame {
    let n = 60_i64;
    let text = |f: &dyn Fn(i64) -> String| StringArray::from((0..n).map(f).collect::<Vec<_>>());
    let species = ["Adelie", "Gentoo", "Chinstrap"];
    let day = 86_400_000_000_i64;
    let times: Vec<i64> = (0..n).map(|i| 1_704_067_200_000_000 + i * day).collect();
    let dictionary: DictionaryArray<Int32Type> =
        (0..n).map(|i| ["low", "high"][(i % 2) as usize]).collect();
    let schema = Schema::new(vec![
        Field::new("species", DataType::Utf8, true),
        Field::new("island", DataType::Utf8, true),
        Field::new("mass", DataType::Float64, true),
        Field::new("bill", DataType::Float64, true),
        Field::new("year", DataType::Int64, true),
        Field::new("ok", DataType::Boolean, true),
        Field::new("day", DataType::Date32, true),
        Field::new(
            "when",
            DataType::Timestamp(TimeUnit::Microsecond, None),
            true,
        ),
        Field::new(
            "utc",
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            true,
        ),
        Field::new("level", dictionary.data_type().clone(), true),
    ]);
    let batch = RecordBatch::try_new(
        Arc::new(schema.clone()),
        vec![
            Arc::new(text(&|i| species[(i % 3) as usize].to_owned())),
            Arc::new(text(&|i| format!("island {}", i % 4))),
            Arc::new(Float64Array::from(
                (0..n)
                    .map(|i| (i % 7 != 0).then_some(3000.0 + (i * 37 % 900) as f64))
                    .collect::<Vec<_>>(),
            )),
            Arc::new(Float64Array::from(
                (0..n)
                    .map(|i| 30.0 + (i * 13 % 29) as f64 / 2.0)
                    .collect::<Vec<_>>(),
            )),
            Arc::new(Int64Array::from(
                (0..n).map(|i| 2007 + i % 3).collect::<Vec<_>>(),
            )),
            Arc::new(BooleanArray::from(
                (0..n).map(|i| i % 2 == 0).collect::<Vec<_>>(),
            )),
            Arc::new(Date32Array::from(
                (0..n).map(|i| 19_700 + i as i32).collect::<Vec<_>>(),
            )),
            Arc::new(TimestampMicrosecondArray::from(times.clone())),
            Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
            Arc::new(dictionary),
        ],
    )
    .unwrap();
    Frame::seal(&schema, &[batch]).unwrap()
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

/// Runs the scripts a few at a time and gives the outcomes in order.
pub(crate) fn run_all(walls: Walls, scripts: &[&str]) -> Vec<Result<Run, RunError>> {
    runtime().block_on(async {
        let handles: Vec<_> = scripts
            .iter()
            .map(|code| (*code).to_owned())
            .map(|code| tokio::spawn(async move { run(walls, &code).await }))
            .collect();
        let mut outcomes = Vec::new();
        for handle in handles {
            outcomes.push(handle.await.unwrap());
        }
        outcomes
    })
}
