//! Written files become a version, on top of what others commit at the same time.

use super::error::IngestError;
use super::merge::merged;
use super::write::Written;
use super::{Ingested, Mode};
use crate::error::TableError;
use crate::log::{Commit, DataFile, Operation, TableLog, TableVersion};
use crate::place::Place;
use crate::room::Room;
use crate::schema::TableSchema;
use crate::tables::Inner;
use std::collections::HashSet;
use std::sync::Arc;

/// How often a commit is tried on top of those of others.
pub(super) const TRIES: usize = 100;

/// Commits written files, on top of what others commit at the same time.
pub(super) async fn land(
    inner: &Inner,
    place: &Place,
    log: &TableLog,
    (schema, mode): (&TableSchema, &Mode),
    written: &[Written],
    mut commit: Commit,
    room: Option<Room>,
) -> Result<Ingested, IngestError> {
    for _ in 0..TRIES {
        let before = inner.latest(place).await?;
        let kept = before.as_ref().filter(|_| *mode == Mode::Append);
        if kept.is_some_and(|kept| kept.schema != *schema) {
            return Err(IngestError::Conflict);
        }
        let merged = merged(inner, place, kept).await;
        commit.operation = match (&before, mode) {
            (None, _) => Operation::Create,
            (Some(_), Mode::Overwrite) => Operation::Overwrite,
            (Some(_), _) => Operation::Append,
        };
        commit.moved.clone_from(&merged.moved);
        let mut files = merged.files();
        files.extend(data_files(written, next_order(before.as_deref(), &commit)));
        let next = next(before.as_deref(), schema, files);
        let attempt = attempt(inner, place, log, (before.as_deref(), &next), &commit, room);
        let attempt = attempt.await;
        if attempt.leaves_nothing() {
            merged.discard(inner, place).await;
        }
        if let Some(ended) = attempt.ended() {
            return ended;
        }
    }
    Err(IngestError::Conflict)
}

/// What became of an attempt to make a version.
pub(super) enum Attempt {
    Made(Ingested),
    /// Somebody else made the version of this number.
    Beaten,
    Refused(IngestError),
    /// Nobody can tell whether it was made.
    Unknown(IngestError),
}

impl Attempt {
    /// Whether what was written for it is of no version.
    pub(super) fn leaves_nothing(&self) -> bool {
        matches!(self, Self::Beaten | Self::Refused(_))
    }

    /// How the upload ends; `None` when it is to be tried again.
    pub(super) fn ended(self) -> Option<Result<Ingested, IngestError>> {
        match self {
            Self::Made(made) => Some(Ok(made)),
            Self::Beaten => None,
            Self::Refused(error) | Self::Unknown(error) => Some(Err(error)),
        }
    }
}

/// Tries to commit a version on top of the one before, when there is room for it.
pub(super) async fn attempt(
    inner: &Inner,
    place: &Place,
    log: &TableLog,
    (before, next): (Option<&TableVersion>, &TableVersion),
    commit: &Commit,
    room: Option<Room>,
) -> Attempt {
    if let Some(room) = room
        && let Err(error) = room.admits(inner, place, next).await
    {
        return Attempt::Refused(error);
    }
    match log.commit(before, next, commit).await {
        Ok(Some(version)) => {
            inner.landed(place, version);
            Attempt::Made(ingested(next, commit))
        }
        Ok(None) => Attempt::Beaten,
        Err(error @ TableError::Unknown(_)) => Attempt::Unknown(error.into()),
        Err(error) => Attempt::Refused(error.into()),
    }
}

/// The version after this one.
pub(super) fn next(
    before: Option<&TableVersion>,
    schema: &TableSchema,
    files: Vec<DataFile>,
) -> TableVersion {
    TableVersion {
        version: before.map_or(1, |before| before.version + 1),
        schema: schema.clone(),
        files,
    }
}

/// The place of new files, after all that are there.
pub(super) fn next_order(before: Option<&TableVersion>, commit: &Commit) -> i64 {
    let held = before.into_iter().flat_map(|before| &before.files);
    let newest = held.map(|file| file.order).max().unwrap_or(i64::MIN);
    commit.at.timestamp_millis().max(newest.saturating_add(1))
}

/// Written files as files of a version, at this place among the others.
pub(super) fn data_files(written: &[Written], order: i64) -> Vec<DataFile> {
    let files = written.iter().map(|file| DataFile {
        name: file.name.clone(),
        rows: file.rows,
        bytes: file.bytes,
        order,
    });
    files.collect()
}

fn ingested(next: &TableVersion, commit: &Commit) -> Ingested {
    Ingested {
        version: next.version,
        rows: commit.rows,
        total_rows: next.rows(),
        columns: next.schema.columns.clone(),
        bytes: next.bytes(),
        set_aside: commit.report.as_ref().map_or(0, |report| report.rows),
        updated: commit.updated,
    }
}

/// Makes an earlier version the latest again.
pub(crate) async fn restore(
    inner: Arc<Inner>,
    place: Place,
    version: u64,
    by: String,
) -> Result<Ingested, IngestError> {
    let log = TableLog::new(inner.sealed(&place), &place)?;
    for _ in 0..TRIES {
        let no_such = IngestError::NoSuchVersion { version };
        let Some(before) = inner.latest(&place).await? else {
            return Err(no_such);
        };
        if version == 0 || version > before.version {
            return Err(no_such);
        }
        let wanted = inner.version(&place, version).await?;
        let next = TableVersion {
            version: before.version + 1,
            ..TableVersion::clone(&wanted)
        };
        let commit = Commit {
            operation: Operation::Restore,
            by: by.clone(),
            note: Some(format!("version {version}")),
            at: inner.clock.now(),
            rows: next.rows(),
            updated: 0,
            report: None,
            moved: HashSet::new(),
        };
        if let Some(made) = log.commit(Some(&before), &next, &commit).await? {
            inner.landed(&place, made);
            return Ok(ingested(&next, &commit));
        }
    }
    Err(IngestError::Conflict)
}
