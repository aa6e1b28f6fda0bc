//! The state of the installation, for everyone who has signed in.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::problem::Problem;
use access::Detail;
use axum::Json;
use axum::extract::State;
use domain::action::ReadStatus;
use operations::demo::{DemoProgress, DemoState};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Progress of the demo.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DemoBody {
    /// `none`, `running`, `done` or `failed`.
    state: &'static str,
    /// Rows made so far.
    rows_done: u64,
    /// Rows it will have.
    rows_total: u64,
}

impl From<DemoProgress> for DemoBody {
    fn from(progress: DemoProgress) -> Self {
        Self {
            state: match progress.state {
                DemoState::None => "none",
                DemoState::Running => "running",
                DemoState::Done => "done",
                DemoState::Failed => "failed",
            },
            rows_done: progress.rows_done,
            rows_total: progress.rows_total,
        }
    }
}

/// One layer of the sandbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LayerBody {
    name: String,
    active: bool,
    detail: String,
}

/// Whether user code can run, and behind which walls.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CodeModeBody {
    /// Whether user code can run.
    on: bool,
    /// Why not.
    reason: Option<String>,
    /// The walls.
    layers: Vec<LayerBody>,
    /// The interpreter and its libraries.
    python: String,
    /// Runs at the same time.
    workers: u64,
    /// Runs that may wait.
    queue: u64,
    /// Runs in a worker right now.
    running: u64,
    /// Runs that wait right now.
    waiting: u64,
    /// Runs since the start by how they ended: `done`, or the code of the error.
    runs: BTreeMap<String, u64>,
}

/// The state of the installation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusBody {
    /// The program's version.
    version: &'static str,
    /// Code Mode.
    code_mode: CodeModeBody,
    /// The demo.
    demo: DemoBody,
}

pub(super) async fn status(
    Allowed(permit): Allowed<ReadStatus>,
    State(app): State<App>,
) -> Result<Json<StatusBody>, Problem> {
    permit.note(None, Detail::None)?;
    let code = app.sandbox().status();
    let load = app.dashboards().code_load();
    let layers = code
        .layers
        .into_iter()
        .map(|layer| LayerBody {
            name: layer.name.into(),
            active: layer.active,
            detail: layer.detail,
        })
        .collect();
    Ok(Json(StatusBody {
        version: env!("CARGO_PKG_VERSION"),
        code_mode: CodeModeBody {
            on: code.on,
            reason: code.reason,
            layers,
            python: code.python,
            workers: app.code_mode().code_workers,
            queue: app.code_mode().code_queue_runs_max,
            running: load.running as u64,
            waiting: load.waiting as u64,
            runs: load
                .ended
                .into_iter()
                .map(|(how, count)| (how.to_owned(), count))
                .collect(),
        },
        demo: app.demo().into(),
    }))
}
