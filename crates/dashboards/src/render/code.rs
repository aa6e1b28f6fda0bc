//! Figures that code draws.
//!
//! The code gets the rows its component may show, filtered and at one version, and nothing else.
//! What it drew is remembered under the digests of the code and of what runs it: a new guard or
//! library runs it again.

use super::ask::{frame, misfit};
use super::cache::Identity;
use super::columns::wanted;
use super::line::{Drawn, Failure, Shown};
use super::load::cache_asked;
use super::record::Record;
use super::session::{Code, Session, Source};
use crate::filters::Conditions;
use domain::dashboard::Content;
use sandbox::{Job, Run};
use sha2::{Digest, Sha256};

/// What is run, and on what.
struct Script<'a> {
    code: &'a str,
    /// Of the code.
    digest: &'a str,
    conditions: &'a Conditions,
    columns: Option<&'a [String]>,
}

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
    // Both shape what is remembered: text that was cut for one limit is not the text of a larger one.
    let limits = &session.code_limits;
    let shaping = (limits.code_text_bytes_max, limits.code_result_bytes_max);
    let guard = &session.inner.guard;
    let parts = (&conditions.filters, columns, &digest, guard, shaping);
    let identity = Identity::of("code", source.id(), snapshot.version, &parts)?;
    let compute = || async {
        let columns = wanted(code, columns, &snapshot.columns);
        let script = Script {
            code,
            digest: &digest,
            conditions: &conditions,
            columns: columns.as_deref(),
        };
        let (run, rows) = run(session, source, &script).await?;
        let shown = Shown::Figure {
            figure: run.figure,
            stdout: Some(run.stdout),
            stdout_cut: run.stdout_cut,
            rows,
        };
        Ok((shown, false))
    };
    let drawn = session.inner.results.get(identity, compute).await;
    if let Ok(drawn) = &drawn {
        cache_asked("results", drawn.cached);
    }
    drawn
}

/// One run, with its record. When nobody waits for it any more, both end here.
async fn run(
    session: &Session,
    source: &Source,
    script: &Script<'_>,
) -> Result<(Run, u64), Failure> {
    let _asked = session.inner.counts.asked();
    let mut record = Record::begin(session, source, script.digest);
    let result = work(session, source, script, &mut record).await;
    record.end(&result)?;
    result
}

/// The place of the person comes first: whoever has none yet has no data in memory either.
async fn work(
    session: &Session,
    source: &Source,
    script: &Script<'_>,
    record: &mut Record<'_>,
) -> Result<(Run, u64), Failure> {
    let inner = &session.inner;
    let admission = inner.settings.sandbox.admit(&session.person).await;
    let admission = admission.map_err(Failure::Code)?;
    let version = source.data()?.version;
    let parts = (&script.conditions.filters, script.columns);
    let identity = Identity::of("frame", source.id(), version, &parts)?;
    let make = || frame(session, source, script.conditions, script.columns);
    let (sealed, kept) = inner.frames.get(identity, make).await?;
    cache_asked("frames", kept);
    record.runs_on(sealed.rows);
    let _ready = inner.counts.ready();
    let job = Job {
        code: script.code.to_owned(),
        frame: sealed.frame.clone(),
        limits: session.code_limits,
    };
    let run = admission.run(job).await.map_err(Failure::Code)?;
    Ok((run, sealed.rows))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
