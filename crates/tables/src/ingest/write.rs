//! Writing rows as sealed Parquet files that read well.
//!
//! A file holds at most [`FILE_ROWS`] rows. It is also the unit by which queries are computed side
//! by side and their partial results combined in order, so these numbers are part of what makes a
//! sum the same to the last bit on any machine: change them and new uploads may differ in it.

use super::error::IngestError;
use super::file::{Group, OpenFile};
use super::reading::{Aside, Report};
use crate::schema::TableSchema;
use deltalake::arrow::array::{Array as _, RecordBatch};
use deltalake::parquet::errors::ParquetError;
use domain::Rng as _;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

/// Rows of one file.
pub(super) const FILE_ROWS: usize = 4 * GROUP_ROWS;
/// Rows of one row group: large enough to be read in one go, small enough to be passed over.
const GROUP_ROWS: usize = 128 * 1024;
/// A row group also ends here, so that wide tables need no more memory than narrow ones.
const GROUP_BYTES: usize = 64 << 20;
/// Row groups that are encoded at the same time.
const ENCODED_AT_ONCE: usize = 2;

/// A file written and not yet part of any version.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// Writes the files of one upload.
pub(crate) struct FileWriter {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    schema: TableSchema,
    upload: String,
    /// The file that this one takes the place of.
    instead_of: Option<String>,
    /// Rows of the next group, and their bytes in memory.
    gathered: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    files: usize,
    /// The file that groups are encoded for.
    open: Option<OpenFile>,
    encoding: VecDeque<AbortOnDropHandle<Result<Group, ParquetError>>>,
    /// A file that is full, while it ends.
    ending: Option<JoinHandle<Result<Written, IngestError>>>,
    written: Vec<Written>,
}

impl FileWriter {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, folder: Path, schema: TableSchema) -> Self {
        Self {
            store,
            folder,
            schema,
            upload: random_name(),
            instead_of: None,
            gathered: Vec::new(),
            rows: 0,
            bytes: 0,
            files: 0,
            open: None,
            encoding: VecDeque::new(),
            ending: None,
            written: Vec::new(),
        }
    }

    /// Writes the rows that are left of one file, under a name that stands where its name stood: files
    /// of one upload are ordered by their names.
    pub(crate) fn in_place_of(
        store: Arc<dyn ObjectStore>,
        folder: Path,
        schema: TableSchema,
        name: &str,
    ) -> Self {
        // `part-`, 32 digits of the upload, `-` and five of the file's number.
        let stem = name.get(..43).unwrap_or(name).to_owned();
        Self {
            instead_of: Some(stem),
            ..Self::new(store, folder, schema)
        }
    }

    /// Ends the last file and gives all that were written. On an error nothing that was written is left.
    pub(crate) async fn end(mut self) -> Result<Vec<Written>, IngestError> {
        let ended = async {
            self.encode()?;
            self.close().await?;
            self.ended().await
        };
        match ended.await {
            Ok(()) => Ok(self.written),
            Err(error) => {
                self.give_up().await;
                Err(error)
            }
        }
    }

    /// Leaves nothing of what was written.
    pub(crate) async fn give_up(mut self) {
        // Dropping an unfinished file leaves no object; one that is ending is ended first, and then removed.
        self.encoding.clear();
        drop(self.open.take());
        let _ = self.ended().await;
        remove(&self.store, &self.folder, &self.written).await;
    }

    /// Writes all that comes. On an error nothing that was written is left.
    pub(crate) async fn write_all(
        mut self,
        rows: &mut Receiver<RecordBatch>,
    ) -> Result<Vec<Written>, IngestError> {
        while let Some(batch) = rows.recv().await {
            if let Err(error) = self.write(batch).await {
                self.give_up().await;
                return Err(error);
            }
        }
        self.end().await
    }

    pub(crate) async fn write(&mut self, batch: RecordBatch) -> Result<(), IngestError> {
        let mut from = 0;
        while from < batch.num_rows() {
            let in_file = self.open.as_ref().map_or(0, |open| open.rows);
            let room = GROUP_ROWS.min(FILE_ROWS - in_file) - self.rows;
            let take = room.min(batch.num_rows() - from);
            let slice = batch.slice(from, take);
            from += take;
            self.rows += take;
            self.bytes += bytes_of(&slice);
            self.gathered.push(slice);
            if take == room || self.bytes > GROUP_BYTES {
                self.encode()?;
                if self
                    .open
                    .as_ref()
                    .is_some_and(|open| open.rows == FILE_ROWS)
                {
                    self.close().await?;
                }
                while self.encoding.len() >= ENCODED_AT_ONCE {
                    self.take().await?;
                }
            }
        }
        Ok(())
    }

    /// Begins to encode the gathered rows.
    fn encode(&mut self) -> Result<(), IngestError> {
        let gathered = std::mem::take(&mut self.gathered);
        (self.rows, self.bytes) = (0, 0);
        let Some(first) = gathered.first() else {
            return Ok(());
        };
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin(first)?,
        };
        self.encoding.push_back(open.encode(gathered)?);
        self.open = Some(open);
        Ok(())
    }

    /// The next file; its first rows say how its columns are best stored.
    fn begin(&mut self, first: &RecordBatch) -> Result<OpenFile, IngestError> {
        let (upload, number) = (&self.upload, self.files);
        let name = match &self.instead_of {
            Some(stem) => format!("{stem}-{upload}.parquet"),
            None => format!("part-{upload}-{number:05}.parquet"),
        };
        self.files += 1;
        OpenFile::new(&self.store, &self.folder, name, &self.schema, first)
    }

    /// Puts the oldest encoded group into the file.
    async fn take(&mut self) -> Result<(), IngestError> {
        if let (Some(encoding), Some(open)) = (self.encoding.pop_front(), &mut self.open) {
            open.take(encoding.await??).await?;
        }
        Ok(())
    }

    /// Ends the file, beside the writing of the next one.
    async fn close(&mut self) -> Result<(), IngestError> {
        while !self.encoding.is_empty() {
            self.take().await?;
        }
        self.ended().await?;
        self.ending = self.open.take().map(|open| tokio::spawn(open.end()));
        Ok(())
    }

    /// Waits for the file that is ending.
    async fn ended(&mut self) -> Result<(), IngestError> {
        if let Some(ending) = self.ending.take() {
            self.written.push(ending.await??);
        }
        Ok(())
    }
}

/// Bytes that rows take in memory; of a slice, its share.
fn bytes_of(batch: &RecordBatch) -> usize {
    let columns = batch.columns().iter();
    columns
        .map(|column| column.to_data().get_slice_memory_size().unwrap_or(0))
        .sum()
}

/// Thirty-two digits that no other file has.
pub(crate) fn random_name() -> String {
    let mut random = [0_u8; 16];
    keys::SystemRng.fill(&mut random);
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the report of rows set aside.
pub(crate) async fn report(
    store: &Arc<dyn ObjectStore>,
    folder: &Path,
    aside: Aside,
) -> Result<Report, IngestError> {
    let report = Report {
        name: format!("aside-{}.csv", random_name()),
        rows: aside.rows,
    };
    let path = folder.clone().join(report.name.as_str());
    store.put(&path, aside.csv.into()).await?;
    Ok(report)
}

/// Removes a report that belongs to no version.
pub(crate) async fn remove_report(store: &Arc<dyn ObjectStore>, folder: &Path, report: &Report) {
    let path = folder.clone().join(report.name.as_str());
    if let Err(error) = store.delete(&path).await {
        tracing::warn!(%error, "an unused report could not be removed");
    }
}

/// Removes files that belong to no version. One that cannot be removed is only unused space.
pub(crate) async fn remove(store: &Arc<dyn ObjectStore>, folder: &Path, files: &[Written]) {
    for file in files {
        let path = folder.clone().join(file.name.as_str());
        if let Err(error) = store.delete(&path).await {
            tracing::warn!(%error, "an unused file could not be removed");
        }
    }
}
