//! The rows of an upload as files in the store that belong to no version yet.

use super::error::IngestError;
use super::reading::{Aside, Report};
use super::source::{Source, infer};
use super::upsert::key_columns;
use super::write::{self, FileWriter, Written};
use super::{Cut, Mode, Reading, RowSink};
use crate::log::TableVersion;
use crate::place::Place;
use crate::schema::TableSchema;
use crate::spool::SourceFile;
use crate::tables::Inner;
use deltalake::arrow::array::RecordBatch;
use domain::Column;
use domain::limits::RequestLimits;
use object_store::ObjectStore;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Rows of each file that types are first guessed from.
pub(super) const SAMPLE_ROWS: u64 = 20_000;
/// Batches between the thread that reads and the one that writes.
const QUEUE: usize = 4;

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

/// What is to be read, and how.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) files: Vec<SourceFile>,
    pub(super) mode: Mode,
    /// The types as the person wants them.
    pub(super) schema: Option<Vec<Column>>,
    pub(super) reading: Reading,
}

/// Rows that were written and are part of no version.
pub(super) struct Draft {
    pub(super) schema: TableSchema,
    pub(super) written: Vec<Written>,
    pub(super) report: Option<Report>,
}

impl Draft {
    /// Leaves nothing of it.
    pub(super) async fn discard(&self, store: &Arc<dyn ObjectStore>, place: &Place) {
        write::remove(store, &place.folder(), &self.written).await;
        if let Some(report) = &self.report {
            write::remove_report(store, &place.folder(), report).await;
        }
    }
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

/// Reads all files and writes their rows. On an error nothing is left.
pub(super) async fn draft(
    inner: &Inner,
    place: &Place,
    wanted: Wanted,
) -> Result<Draft, IngestError> {
    let limits = inner.limits;
    let aside = wanted.reading.aside(limits);
    let setting_aside = aside.is_some();
    let sources = Arc::new(open(wanted.files, limits, wanted.reading).await?);
    let store = inner.sealed(place);
    let before = inner.latest(place).await?;
    let kept = before.filter(|_| wanted.mode != Mode::Overwrite);
    let mut target = target(&sources, wanted.schema, kept.as_deref()).await?;
    if let Mode::Upsert { key } = &wanted.mode {
        key_columns(&target.schema, key)?;
    }
    let mut written = write(&store, place, &sources, &target, aside.clone()).await;
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
        written = write(&store, place, &sources, &target, aside).await;
    }
    let (written, aside) = written.map_err(|error| of_the_table(error, kept.is_some()))?;
    let mut draft = Draft {
        schema: target.schema,
        written,
        report: None,
    };
    if let Some(aside) = aside.filter(|aside| aside.rows > 0) {
        match write::report(&store, &place.folder(), aside).await {
            Ok(report) => draft.report = Some(report),
            Err(error) => {
                draft.discard(&store, place).await;
                return Err(error);
            }
        }
    }
    Ok(draft)
}

/// A cell that does not fit a column which the table has already is the table's word against the file's.
fn of_the_table(error: IngestError, kept: bool) -> IngestError {
    match error {
        IngestError::BadFile {
            file,
            line,
            column: Some(column),
            message,
        } if kept => IngestError::SchemaMismatch {
            file,
            line,
            column: Some(column),
            message: format!("{message}, which this column of the table has"),
        },
        error => error,
    }
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
