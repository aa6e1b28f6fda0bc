//! From the files of an upload to one new version of a table, or to nothing.
//!
//! Types are guessed from the first rows; the rows are then written under that guess. Should a cell
//! further down not fit, all rows are looked at and written again under what fits them all, so a
//! guess is never wrong, only sometimes slow. Memory does not grow with the files.

mod cell;
mod columnar;
mod columns;
mod delimited;
mod error;
mod excel;
mod ipc;
mod notes;
mod parquet;
mod preview;
mod reading;
mod records;
mod rows;
mod sniff;
mod source;
mod upsert;
mod workbook;
mod write;

pub(crate) use cell::{parse_date, parse_moment};
pub use error::IngestError;
pub use notes::{ColumnNote, OddCell};
pub use preview::Preview;
pub(crate) use preview::preview;
pub(crate) use reading::Report;
pub use reading::{BadRows, Reading};
pub(crate) use upsert::key_columns;

use crate::error::TableError;
use crate::log::{Commit, DataFile, Operation, TableLog, TableVersion};
use crate::place::Place;
use crate::room::Room;
use crate::schema::TableSchema;
use crate::spool::SourceFile;
use crate::tables::Inner;
use deltalake::arrow::array::RecordBatch;
use domain::Column;
use domain::limits::RequestLimits;
use object_store::ObjectStore;
use reading::Aside;
use source::{Source, infer};
use std::sync::Arc;
use tokio::sync::mpsc;
use write::{FileWriter, Written};

/// Rows of each file that types are first guessed from.
const SAMPLE_ROWS: u64 = 20_000;
/// Batches between the thread that reads and the one that writes.
const QUEUE: usize = 4;
/// How often a commit is tried on top of those of others.
const TRIES: usize = 100;

/// Whether more rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    More,
    Stop,
}

/// Takes the rows of a file, batch by batch.
pub(crate) trait RowSink {
    fn push(&mut self, batch: RecordBatch) -> Result<Cut, IngestError>;

    /// Where rows that do not fit go; `None` when one refuses the upload.
    fn aside(&mut self) -> Option<&mut Aside>;
}

/// Gives rows to the writer, and keeps those that do not fit.
struct ToWriter {
    sender: mpsc::Sender<RecordBatch>,
    aside: Option<Aside>,
}

impl RowSink for ToWriter {
    fn push(&mut self, batch: RecordBatch) -> Result<Cut, IngestError> {
        // The writer has gone when it failed; its error is the one that is told.
        Ok(match self.sender.blocking_send(batch) {
            Ok(()) => Cut::More,
            Err(_) => Cut::Stop,
        })
    }

    fn aside(&mut self) -> Option<&mut Aside> {
        self.aside.as_mut()
    }
}

/// What becomes of the rows that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// They stay, and the new ones follow them.
    Append,
    /// They are replaced.
    Overwrite,
    /// Those with a key of the new ones are replaced by them, the others stay.
    Upsert {
        /// The column whose value is the key, or several with commas between them.
        key: String,
    },
}

/// A version that an upload or a restore has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingested {
    /// Its number.
    pub version: u64,
    /// Rows of this upload; of a restore, the rows restored.
    pub rows: u64,
    /// Rows of the version.
    pub total_rows: u64,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Bytes of its files.
    pub bytes: u64,
    /// Rows of this upload that did not fit and were set aside.
    pub set_aside: u64,
    /// Rows of this upload that took the place of others with the same key.
    pub updated: u64,
}

/// The files of an upload and what is to become of them.
#[derive(Debug)]
pub struct NewVersion {
    /// The files, received.
    pub files: Vec<SourceFile>,
    /// Added to the rows that are there, or instead of them.
    pub mode: Mode,
    /// The types as the person wants them. When `None`, those of the table if rows are added, else
    /// guessed from the files.
    pub schema: Option<Vec<Column>>,
    /// How the files are to be read.
    pub reading: Reading,
    /// What the project may hold; `None` for as much as the store takes.
    pub room: Option<Room>,
}

impl NewVersion {
    /// Files read as they are, with their types guessed.
    #[must_use]
    pub fn new(files: Vec<SourceFile>, mode: Mode) -> Self {
        Self {
            files,
            mode,
            schema: None,
            reading: Reading::default(),
            room: None,
        }
    }
}

/// An upload as it was asked for.
pub(crate) struct Upload {
    pub(crate) new: NewVersion,
    pub(crate) by: String,
    pub(crate) note: Option<String>,
}

/// Opens all files on a thread that may block. A panic of a reader, deep in a library, on a file made
/// to cause it, is a bad file.
pub(crate) async fn open(
    files: Vec<SourceFile>,
    limits: RequestLimits,
    reading: Reading,
) -> Result<Vec<Source>, IngestError> {
    if files.is_empty() {
        return Err(IngestError::NoFile);
    }
    if files.len() as u64 > limits.upload_files_max {
        return Err(IngestError::TooManyFiles {
            files_max: limits.upload_files_max,
        });
    }
    blocking(move || {
        files
            .iter()
            .map(|file| Source::open(file, limits, &reading))
            .collect()
    })
    .await
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IngestError> + Send + 'static,
) -> Result<T, IngestError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => {
            Err(IngestError::bad("upload", None, "the file cannot be read"))
        }
        Err(error) => Err(error.into()),
    }
}

/// How the rows are to be stored, and who says so.
struct Target {
    schema: TableSchema,
    /// A person gave the types.
    stated: bool,
    /// The types were guessed, and may be widened.
    guessed: bool,
}

pub(crate) async fn ingest(
    inner: Arc<Inner>,
    place: Place,
    upload: Upload,
) -> Result<Ingested, IngestError> {
    let limits = inner.limits;
    let NewVersion {
        files,
        mode,
        schema,
        reading,
        room,
    } = upload.new;
    let aside = reading.aside(limits);
    let by_key = match &mode {
        Mode::Upsert { key } => Some(key.clone()),
        Mode::Append | Mode::Overwrite => None,
    };
    let sources = Arc::new(open(files, limits, reading).await?);
    let store = inner.sealed(&place);
    let log = TableLog::new(Arc::clone(&store), &place)?;
    let before = inner.latest(&place).await?;
    let kept = before.filter(|_| mode != Mode::Overwrite);
    let mut target = target(&sources, schema, kept.as_deref()).await?;
    if let Some(key) = &by_key {
        key_columns(&target.schema, key)?;
    }
    let setting_aside = aside.is_some();
    let mut written = write(&store, &place, &sources, &target, aside.clone()).await;
    if target.guessed
        // Who sets rows aside wants the types of the first rows, not those that fit every slip.
        && !setting_aside
        && matches!(
            written,
            Err(IngestError::BadFile {
                column: Some(_),
                line: Some(_),
                ..
            })
        )
    {
        target.schema = guess(&sources, u64::MAX).await?;
        written = write(&store, &place, &sources, &target, aside).await;
    }
    let (written, aside) = written.map_err(|error| match (error, &kept) {
        (
            IngestError::BadFile {
                file,
                line,
                column: Some(column),
                message,
            },
            Some(_),
        ) => IngestError::SchemaMismatch {
            file,
            line,
            column: Some(column),
            message: format!("{message}, which this column of the table has"),
        },
        (error, _) => error,
    })?;
    let report = match aside.filter(|aside| aside.rows > 0) {
        Some(aside) => {
            let kept = write::report(&store, &place.folder(), aside).await;
            if kept.is_err() {
                write::remove(&store, &place.folder(), &written).await;
            }
            Some(kept?)
        }
        None => None,
    };
    let commit = Commit {
        operation: Operation::Append,
        by: upload.by,
        note: upload.note,
        at: inner.clock.now(),
        rows: written.iter().map(|file| file.rows).sum(),
        updated: 0,
        report: report.clone(),
    };
    let schema = &target.schema;
    let landed = match &by_key {
        Some(key) => {
            upsert::land(&inner, &place, &log, (schema, key), &written, commit, room).await
        }
        None => {
            land(
                &inner,
                &place,
                &log,
                (schema, &mode),
                &written,
                commit,
                room,
            )
            .await
        }
    };
    if landed.is_err() {
        write::remove(&store, &place.folder(), &written).await;
        if let Some(report) = &report {
            write::remove_report(&store, &place.folder(), report).await;
        }
    } else {
        crate::sweep::sweep(&inner, &place, &log).await;
    }
    landed
}

async fn guess(sources: &Arc<Vec<Source>>, rows_max: u64) -> Result<TableSchema, IngestError> {
    let sources = Arc::clone(sources);
    blocking(move || Ok(TableSchema::new(infer(&sources, rows_max)?.0))).await
}

async fn target(
    sources: &Arc<Vec<Source>>,
    stated: Option<Vec<Column>>,
    kept: Option<&TableVersion>,
) -> Result<Target, IngestError> {
    let Some(columns) = stated else {
        let schema = match kept {
            Some(kept) => kept.schema.clone(),
            None => guess(sources, SAMPLE_ROWS).await?,
        };
        return Ok(Target {
            schema,
            stated: false,
            guessed: kept.is_none(),
        });
    };
    for (index, column) in columns.iter().enumerate() {
        let earlier = columns.get(..index).unwrap_or_default();
        if earlier.iter().any(|other| other.name == column.name) {
            return Err(IngestError::Schema {
                pointer: format!("/{index}/name"),
                message: format!("the column \"{}\" is stated twice", column.name),
            });
        }
    }
    for source in sources.iter() {
        source
            .order(&columns)
            .map_err(|message| IngestError::Schema {
                pointer: String::new(),
                message: format!("{}: {message}", source.name()),
            })?;
    }
    let schema = match kept {
        None => TableSchema::new(columns),
        Some(kept) => {
            let held = &kept.schema.columns;
            let differs = columns.iter().find(|column| !held.contains(column));
            if let Some(column) = differs {
                return Err(IngestError::SchemaMismatch {
                    file: sources.first().map_or("", Source::name).to_owned(),
                    line: None,
                    column: Some(column.name.clone()),
                    message: format!(
                        "stated as {}, but the table has it otherwise or not at all",
                        column.kind.as_str()
                    ),
                });
            }
            kept.schema.clone()
        }
    };
    Ok(Target {
        schema,
        stated: true,
        guessed: false,
    })
}

/// Writes all rows of all files. On an error nothing is left.
async fn write(
    store: &Arc<dyn ObjectStore>,
    place: &Place,
    sources: &Arc<Vec<Source>>,
    target: &Target,
    aside: Option<Aside>,
) -> Result<(Vec<Written>, Option<Aside>), IngestError> {
    let (sender, mut rows) = mpsc::channel(QUEUE);
    let reading = {
        let (sources, schema, stated) = (Arc::clone(sources), target.schema.clone(), target.stated);
        tokio::spawn(blocking(move || {
            let mut sink = ToWriter { sender, aside };
            for source in sources.iter() {
                source.read_rows(&schema, stated, &mut sink)?;
            }
            Ok(sink.aside)
        }))
    };
    let writer = FileWriter::new(Arc::clone(store), place.folder(), target.schema.clone());
    let written = writer.write_all(&mut rows).await;
    drop(rows);
    let read = reading
        .await
        .map_err(IngestError::from)
        .and_then(|read| read);
    let error = match (written, read) {
        (Ok(files), Ok(aside)) if !files.is_empty() => return Ok((files, aside)),
        (Ok(_), Ok(_)) => IngestError::Empty {
            file: sources.first().map_or("", Source::name).to_owned(),
        },
        (Ok(files), Err(error)) => {
            write::remove(store, &place.folder(), &files).await;
            error
        }
        (Err(error), _) => error,
    };
    Err(error)
}

/// Commits written files, on top of what others commit at the same time.
async fn land(
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
        let kept = before.as_deref().filter(|_| *mode == Mode::Append);
        if kept.is_some_and(|kept| kept.schema != *schema) {
            return Err(IngestError::Conflict);
        }
        commit.operation = match (&before, mode) {
            (None, _) => Operation::Create,
            (Some(_), Mode::Overwrite) => Operation::Overwrite,
            (Some(_), _) => Operation::Append,
        };
        let mut files = kept.map(|kept| kept.files.clone()).unwrap_or_default();
        let newest = before.iter().flat_map(|before| &before.files);
        let newest = newest.map(|file| file.order).max().unwrap_or(i64::MIN);
        let order = commit.at.timestamp_millis().max(newest.saturating_add(1));
        files.extend(data_files(written, order));
        let next = TableVersion {
            version: before.as_ref().map_or(1, |before| before.version + 1),
            schema: schema.clone(),
            files,
        };
        if let Some(room) = &room {
            room.admits(inner, place, &next).await?;
        }
        if let Some(version) = log.commit(before.as_deref(), &next, &commit).await? {
            inner.landed(place, version);
            return Ok(ingested(&next, &commit));
        }
    }
    Err(IngestError::Conflict)
}

/// Written files as files of a version, at this place among the others.
fn data_files(written: &[Written], order: i64) -> Vec<DataFile> {
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
        };
        if let Some(made) = log.commit(Some(&before), &next, &commit).await? {
            inner.landed(&place, made);
            return Ok(ingested(&next, &commit));
        }
    }
    Err(IngestError::Conflict)
}

impl From<IngestError> for TableError {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Failed(error) => error,
            other => Self::Stopped(other.to_string()),
        }
    }
}
