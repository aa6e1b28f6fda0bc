//! Figures that code draws.
//!
//! The code gets the rows its component may show, filtered and at one version, and nothing else.
//! What it drew is remembered under the digests of the code and of what runs it: a new guard or
//! library runs it again.

use super::ask::{frame, misfit};
use super::cache::Identity;
use super::line::{Drawn, Failure, Shown};
use super::session::{Code, Session, Source};
use crate::filters::Conditions;
use access::{Detail, EventOutcome, Kind, Target, TargetKind};
use domain::dashboard::Content;
use sandbox::{Job, Run, RunError};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

pub(super) async fn draw(
    session: &Session,
    content: &Content,
    code: &str,
    columns: Option<&[String]>,
) -> Result<Drawn, Failure> {
    if session.code == Code::Forbidden {
        return Err(Failure::CodeForbidden);
    }
    let source = session.content_source(content)?;
    let snapshot = source.data()?;
    for (index, name) in columns.unwrap_or_default().iter().enumerate() {
        if !snapshot.columns.iter().any(|column| column.name == *name) {
            return Err(misfit(format!("/content/columns/{index}"), name));
        }
    }
    let conditions = session.conditions(source)?;
    let digest = hex(&Sha256::digest(code.as_bytes()));
    let guard = session.inner.settings.sandbox.digest();
    let parts = (&conditions.filters, columns, &digest, guard);
    let identity = Identity::of("code", source.id(), snapshot.version, &parts)?;
    let compute = async {
        let (run, rows) = run(session, source, &conditions, (code, columns), digest).await?;
        let shown = Shown::Figure {
            figure: run.figure,
            stdout: Some(run.stdout),
            rows,
        };
        Ok((shown, false))
    };
    session.inner.results.get(identity, compute).await
}

async fn run(
    session: &Session,
    source: &Source,
    conditions: &Conditions,
    (code, columns): (&str, Option<&[String]>),
    digest: String,
) -> Result<(Run, u64), Failure> {
    let settings = &session.inner.settings;
    let (frame, rows) = frame(session, source, conditions, columns).await?;
    let started = Instant::now();
    let job = Job {
        code: code.to_owned(),
        frame,
        limits: settings.code_limits,
    };
    let result = settings.sandbox.run(job).await;
    record(session, source, digest, &result, started)?;
    match result {
        Ok(run) => Ok((run, rows)),
        Err(error) => Err(Failure::Code(error)),
    }
}

/// Every run is in the log, with the digest of its source and how it ended.
fn record(
    session: &Session,
    source: &Source,
    sha256: String,
    result: &Result<Run, RunError>,
    started: Instant,
) -> Result<(), Failure> {
    let (outcome, ended) = match result {
        Ok(_) => (EventOutcome::Done, "done"),
        Err(error) => (EventOutcome::Failed, error.code()),
    };
    let detail = Detail::Code {
        sha256,
        ended: ended.to_owned(),
        duration_ms: super::component::milliseconds(started),
    };
    let target = Target::new(TargetKind::Collection, source.id());
    session
        .permit
        .also(Kind::CodeRun, outcome, Some(target), detail)
        .map_err(|error| {
            tracing::error!(%error, "a run of code could not be recorded");
            Failure::Broken
        })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
