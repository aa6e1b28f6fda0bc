//! The program that anyone can run scripts with, as the corpora are run: jobs in, answers out.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use super::aims::SECRET_NAME;

/// Runs at the same time: more than processors, for many only wait for the end of their second.
const JOBS: &str = "6";

/// One script to be run.
pub(crate) struct Job {
    pub(crate) id: usize,
    pub(crate) code: String,
    /// It uses something up: one second, and it must end.
    pub(crate) limit: bool,
}

/// What the program said of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    id: usize,
    pub(crate) outcome: String,
    pub(crate) figure: Option<Value>,
    pub(crate) stdout: String,
    pub(crate) code: Option<String>,
    pub(crate) line: Option<u32>,
    pub(crate) message: Option<String>,
    /// Modules that were loaded while the script ran; only the guard alone can tell.
    #[serde(default)]
    pub(crate) late_imports: Vec<String>,
}

/// Where the program is: as cargo says it at run time, else at the time this was compiled.
fn program() -> OsString {
    std::env::var_os("CARGO_BIN_EXE_sandbox-run")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_sandbox-run").into())
}

/// Runs the scripts behind these walls and gives the answers by the jobs' ids.
pub(crate) fn run(walls: &str, frame: &Path, secret: &str, jobs: &[Job]) -> HashMap<usize, Answer> {
    let mut child = Command::new(program())
        .args([
            "--walls",
            walls,
            "--jobs",
            JOBS,
            "--wall-ms",
            "20000",
            "--frame",
        ])
        .arg(frame)
        .env(SECRET_NAME, secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut complaints = child.stderr.take().unwrap();
    let lines: Vec<String> = jobs.iter().map(line).collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            // A program that ended early is noticed by its missing answers.
            if writeln!(input, "{line}").is_err() {
                return;
            }
        }
    });
    let listener = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = complaints.read_to_string(&mut text);
        text
    });
    let mut answers = HashMap::new();
    for line in output.lines() {
        let line = line.unwrap();
        let answer: Answer =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        answers.insert(answer.id, answer);
    }
    writer.join().unwrap();
    let status = child.wait().unwrap();
    let complaints = listener.join().unwrap();
    assert!(
        status.success() && answers.len() == jobs.len(),
        "{walls}: {status}, {} answers for {} jobs: {complaints}",
        answers.len(),
        jobs.len()
    );
    answers
}

fn line(job: &Job) -> String {
    let mut line = json!({ "id": job.id, "code": job.code });
    if job.limit {
        line["wall_ms"] = json!(1_000);
        line["cpu_ms"] = json!(1_000);
    }
    line.to_string()
}

impl Answer {
    /// Everything that a script lets out.
    pub(crate) fn shown(&self) -> String {
        let figure = self
            .figure
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default();
        format!(
            "{}\n{}\n{figure}",
            self.stdout,
            self.message.as_deref().unwrap_or_default()
        )
    }

    /// How it ended, in a line.
    pub(crate) fn end(&self) -> String {
        let text = |text: &str| text.chars().take(200).collect::<String>();
        format!(
            "{} {} line {:?}: {} | {}",
            self.outcome,
            self.code.as_deref().unwrap_or("-"),
            self.line,
            text(self.message.as_deref().unwrap_or_default()),
            text(&self.stdout)
        )
    }
}
