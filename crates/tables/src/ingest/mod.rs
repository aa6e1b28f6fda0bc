//! From the files of an upload to one new version of a table, or to nothing.
//!
//! Types are guessed from the first rows; the rows are then written under that guess. Should a cell
//! further down not fit, all rows are looked at and written again under what fits them all, so a
//! guess is never wrong, only sometimes slow. Memory does not grow with the files.
//!
//! A file is read while it still arrives. What is written of it waits for the word that nothing
//! else came with it.

mod cell;
mod columnar;
mod columns;
mod delimited;
mod draft;
mod error;
mod excel;
mod file;
mod ipc;
mod land;
mod merge;
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
pub(crate) use draft::{blocking, open};
pub use error::IngestError;
pub(crate) use file::{OpenFile, encode_column};
pub(crate) use land::restore;
pub use notes::{ColumnNote, OddCell};
pub use preview::Preview;
pub(crate) use preview::preview;
pub(crate) use reading::Report;
pub use reading::{BadRows, Reading};
pub(crate) use upsert::key_columns;
pub(crate) use write::random_name;

use crate::error::TableError;
use crate::log::{Commit, Operation, TableLog};
use crate::place::Place;
use crate::room::Room;
use crate::spool::SourceFile;
use crate::tables::Inner;
use deltalake::arrow::array::RecordBatch;
use domain::Column;
use draft::{Wanted, draft};
use land::land;
use reading::Aside;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::oneshot;

/// An upload that lasts longer is broken off.
const UPLOAD_HOURS_MAX: i64 = 12;

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
    /// The files, received; or the first one while it arrives, when `more` will say what followed.
    pub files: Vec<SourceFile>,
    /// What follows those files, said once all has arrived. Dropping the other end breaks the upload off.
    pub more: Option<oneshot::Receiver<More>>,
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
            more: None,
            mode,
            schema: None,
            reading: Reading::default(),
            room: None,
        }
    }
}

/// What followed the files that an upload began with.
#[derive(Debug, Default)]
pub struct More {
    /// More files.
    pub files: Vec<SourceFile>,
    /// The types as the person wants them, when they were said only now.
    pub schema: Option<Vec<Column>>,
}

/// An upload as it was asked for.
pub(crate) struct Upload {
    pub(crate) new: NewVersion,
    pub(crate) by: String,
    pub(crate) note: Option<String>,
}

pub(crate) async fn ingest(
    inner: Arc<Inner>,
    place: Place,
    upload: Upload,
) -> Result<Ingested, IngestError> {
    let began = inner.clock.now();
    let new = upload.new;
    let mut wanted = Wanted {
        files: new.files,
        mode: new.mode,
        schema: new.schema,
        reading: new.reading,
    };
    let store = inner.sealed(&place);
    let mut drafted = draft(&inner, &place, wanted.clone()).await;
    if let Some(more) = new.more {
        // Nearly every upload is one file, and was read while it arrived. When more followed, it counts for nothing.
        let more = more.await.map_err(|_| IngestError::Cut);
        if !matches!(&more, Ok(More { files, schema: None }) if files.is_empty()) {
            if let Ok(drafted) = &drafted {
                drafted.discard(&store, &place).await;
            }
            let more = more?;
            wanted.files.extend(more.files);
            wanted.schema = more.schema.or(wanted.schema);
            drafted = draft(&inner, &place, wanted.clone()).await;
        }
    }
    let drafted = drafted?;
    let log = TableLog::new(Arc::clone(&store), &place)?;
    let commit = Commit {
        operation: Operation::Append,
        by: upload.by,
        note: upload.note,
        at: inner.clock.now(),
        rows: drafted.written.iter().map(|file| file.rows).sum(),
        updated: 0,
        report: drafted.report.clone(),
        moved: HashSet::new(),
    };
    let (schema, written) = (&drafted.schema, &drafted.written);
    let landed = match &wanted.mode {
        // Whoever sweeps takes files for forgotten that belong to no version for longer than this.
        _ if (commit.at - began).num_hours() >= UPLOAD_HOURS_MAX => Err(IngestError::Cut),
        Mode::Upsert { key } => {
            upsert::land(
                &inner,
                &place,
                &log,
                (schema, key),
                written,
                commit,
                new.room,
            )
            .await
        }
        mode => {
            land(
                &inner,
                &place,
                &log,
                (schema, mode),
                written,
                commit,
                new.room,
            )
            .await
        }
    };
    match &landed {
        Ok(_) => crate::sweep::sweep(&inner, &place, &log).await,
        // These may be the files of a version. If they are not, they are swept one day.
        Err(IngestError::Failed(TableError::Unknown(_))) => {}
        Err(_) => drafted.discard(&store, &place).await,
    }
    landed
}

impl From<IngestError> for TableError {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Failed(error) => error,
            other => Self::Stopped(other.to_string()),
        }
    }
}
