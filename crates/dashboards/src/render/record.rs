//! The record of a run of code: who, which code on which data, held to which limits, and how it ended.
//!
//! Every run has one, also the run that nobody waited for to its end: its record is written when it is dropped.

use super::line::Failure;
use super::session::{Session, Source};
use access::{Detail, EventOutcome, Kind, Target, TargetKind};
use sandbox::Run;
use tokio::time::Instant;

/// The record of one run, not yet written.
pub(super) struct Record<'a> {
    session: &'a Session,
    source: &'a Source,
    sha256: &'a str,
    rows: Option<u64>,
    started: Option<Instant>,
    written: bool,
}

impl<'a> Record<'a> {
    pub(super) fn begin(session: &'a Session, source: &'a Source, sha256: &'a str) -> Self {
        Self {
            session,
            source,
            sha256,
            rows: None,
            started: None,
            written: false,
        }
    }

    /// It has its data; what it takes counts from here.
    pub(super) fn runs_on(&mut self, rows: u64) {
        self.rows = Some(rows);
        self.started = Some(Instant::now());
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the log cannot keep up; what was drawn must then not be shown.
    pub(super) fn end(mut self, result: &Result<(Run, u64), Failure>) -> Result<(), Failure> {
        let written = match result {
            Ok(_) => self.write(EventOutcome::Done, "done"),
            Err(failure) => self.write(EventOutcome::Failed, failure.code()),
        };
        written.map_err(|error| super::ask::broken(&error, "a run of code could not be recorded"))
    }

    fn write(
        &mut self,
        outcome: EventOutcome,
        ended: &'static str,
    ) -> Result<(), access::AccessError> {
        self.written = true;
        let took = self.started.map(|started| started.elapsed());
        let took = took.unwrap_or_default();
        let inner = &self.session.inner;
        inner.counts.ended(ended, took.as_secs_f64());
        let detail = Detail::Code {
            sha256: self.sha256.to_owned(),
            ended: ended.to_owned(),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            guard: Some(inner.guard.clone()),
            version: self.source.version(),
            rows: self.rows,
            limits: Some(self.session.code_limits),
        };
        let target = Target::new(TargetKind::Collection, self.source.id());
        let permit = &self.session.permit;
        permit.also(Kind::CodeRun, outcome, Some(target), detail)
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        if !self.written
            && let Err(error) = self.write(EventOutcome::Failed, "cancelled")
        {
            // Nobody waits for the run, so nobody can be refused.
            tracing::error!(%error, "a cancelled run of code could not be recorded");
        }
    }
}
