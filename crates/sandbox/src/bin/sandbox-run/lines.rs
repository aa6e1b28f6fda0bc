//! The lines of `sandbox-run`: jobs in, answers out.

use std::io::{BufRead, Read as _};
use std::time::Duration;

use sandbox::{Run, RunError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc::Sender;

use super::late;

/// A longer line is answered as no job, and skipped.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// A job.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) id: Value,
    pub(crate) code: String,
    pub(crate) wall_ms: Option<u64>,
    pub(crate) cpu_ms: Option<u64>,
}

/// One line of the input.
#[derive(Debug)]
pub(crate) enum Line {
    Job(Request),
    Bad { id: Value, message: String },
}

/// What is said of a job.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    id: Value,
    outcome: &'static str,
    figure: Option<Value>,
    stdout: String,
    stdout_cut: bool,
    code: Option<&'static str>,
    line: Option<u32>,
    column: Option<u32>,
    message: Option<String>,
    ms: f64,
    /// Modules that were loaded while the script ran.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    late_imports: Vec<String>,
}

/// Hands each line on until the input ends or nobody takes them. Blocking.
pub(crate) fn read(mut input: impl BufRead, lines: &Sender<Line>) {
    for number in 1_u64.. {
        let Some(line) = next(&mut input, number) else {
            return;
        };
        if let Some(line) = line
            && lines.blocking_send(line).is_err()
        {
            return;
        }
    }
}

/// The next line; none at the end, and an empty one is none to answer.
fn next(input: &mut impl BufRead, number: u64) -> Option<Option<Line>> {
    let mut bytes = Vec::new();
    let read = input
        .by_ref()
        .take(LINE_BYTES_MAX)
        .read_until(b'\n', &mut bytes);
    if read.ok()? == 0 {
        return None;
    }
    if bytes.last() != Some(&b'\n') && u64::try_from(bytes.len()) == Ok(LINE_BYTES_MAX) {
        input.skip_until(b'\n').ok()?;
        return Some(Some(Line::Bad {
            id: Value::Null,
            message: format!("Line {number} is longer than {LINE_BYTES_MAX} bytes."),
        }));
    }
    if bytes.trim_ascii().is_empty() {
        return Some(None);
    }
    Some(Some(parse(&bytes, number)))
}

fn parse(bytes: &[u8], number: u64) -> Line {
    let bad = |id, why: String| Line::Bad {
        id,
        message: format!(
            "Line {number} is no job: {why}. A job is {{\"id\": .., \"code\": \"..\"}} on one line."
        ),
    };
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => return bad(Value::Null, error.to_string()),
    };
    let Some(id) = value.as_object().map(|object| object.get("id").cloned()) else {
        return bad(Value::Null, "it is no JSON object".to_owned());
    };
    let Some(id) = id else {
        return bad(Value::Null, "it has no id".to_owned());
    };
    match serde_json::from_value(value) {
        Ok(request) => Line::Job(request),
        Err(error) => bad(id, error.to_string()),
    }
}

impl Answer {
    /// The answer to a line that is no job.
    pub(crate) fn bad(id: Value, message: String) -> Self {
        Self {
            id,
            outcome: "error",
            figure: None,
            stdout: String::new(),
            stdout_cut: false,
            code: Some("failed"),
            line: None,
            column: None,
            message: Some(message),
            ms: 0.0,
            late_imports: Vec::new(),
        }
    }

    /// The answer to a job.
    pub(crate) fn of(id: Value, outcome: Result<Run, RunError>, took: Duration) -> Self {
        let ms = (took.as_secs_f64() * 1e6).round() / 1e3;
        match outcome {
            Ok(mut run) => Self {
                id,
                outcome: "ok",
                figure: Some(run.figure),
                late_imports: late::take(&mut run.stdout),
                stdout: run.stdout,
                stdout_cut: run.stdout_cut,
                code: None,
                line: None,
                column: None,
                message: None,
                ms,
            },
            Err(error) => {
                let mut place = error.place().cloned().unwrap_or_default();
                Self {
                    late_imports: late::take(&mut place.stdout),
                    stdout: place.stdout,
                    stdout_cut: place.stdout_cut,
                    code: Some(error.code()),
                    line: place.line,
                    column: place.column,
                    ms,
                    ..Self::bad(id, error.to_string())
                }
            }
        }
    }
}
