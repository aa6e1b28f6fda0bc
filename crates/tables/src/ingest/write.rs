//! Writing rows as sealed Parquet files that read well.
//!
//! A file holds at most [`FILE_ROWS`] rows. It is also the unit by which queries are computed side
//! by side and their partial results combined in order, so these numbers are part of what makes a
//! sum the same to the last bit on any machine: change them and new uploads may differ in it.

use super::error::IngestError;
use super::reading::{Aside, Report};
use crate::schema::TableSchema;
use deltalake::arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use deltalake::arrow::datatypes::{DataType, Float64Type, Int64Type};
use deltalake::parquet::arrow::AsyncArrowWriter;
use deltalake::parquet::basic::{Compression, ZstdLevel};
use deltalake::parquet::file::properties::WriterProperties;
use deltalake::parquet::schema::types::ColumnPath;
use domain::Rng as _;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::mpsc::Receiver;

/// Rows of one file.
const FILE_ROWS: usize = 4 * GROUP_ROWS;
/// Rows of one row group: large enough to be read in one go, small enough to be passed over.
const GROUP_ROWS: usize = 128 * 1024;
/// A row group also ends here, so that wide tables need no more memory than narrow ones.
const GROUP_BYTES: usize = 64 << 20;

/// A file written and not yet part of any version.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

struct Open {
    name: String,
    path: Path,
    rows: usize,
    writer: AsyncArrowWriter<BufWriter>,
}

/// Writes the files of one upload.
pub(crate) struct FileWriter {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    schema: TableSchema,
    upload: String,
    /// The file that this one takes the place of.
    instead_of: Option<String>,
    open: Option<Open>,
    written: Vec<Written>,
}

impl FileWriter {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, folder: Path, schema: TableSchema) -> Self {
        let upload = random_name();
        Self {
            store,
            folder,
            schema,
            upload,
            instead_of: None,
            open: None,
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

    /// Ends the last file and gives all that were written.
    pub(crate) async fn end(mut self) -> Result<Vec<Written>, IngestError> {
        match self.close().await {
            Ok(()) => Ok(self.written),
            Err(error) => {
                self.give_up().await;
                Err(error)
            }
        }
    }

    /// Leaves nothing of what was written.
    pub(crate) async fn give_up(mut self) {
        // Dropping an unfinished upload leaves no object.
        drop(self.open.take());
        remove(&self.store, &self.folder, &self.written).await;
    }

    /// Writes all that comes. On an error nothing that was written is left.
    pub(crate) async fn write_all(
        mut self,
        rows: &mut Receiver<RecordBatch>,
    ) -> Result<Vec<Written>, IngestError> {
        let mut outcome = Ok(());
        while let Some(batch) = rows.recv().await {
            outcome = self.write(batch).await;
            if outcome.is_err() {
                break;
            }
        }
        if outcome.is_ok() {
            outcome = self.close().await;
        }
        match outcome {
            Ok(()) => Ok(self.written),
            Err(error) => {
                // Dropping an unfinished upload leaves no object.
                drop(self.open.take());
                remove(&self.store, &self.folder, &self.written).await;
                Err(error)
            }
        }
    }

    pub(crate) async fn write(&mut self, batch: RecordBatch) -> Result<(), IngestError> {
        let mut from = 0;
        while from < batch.num_rows() {
            let mut open = match self.open.take() {
                Some(open) => open,
                None => self.begin(&batch)?,
            };
            let take = (FILE_ROWS - open.rows).min(batch.num_rows() - from);
            open.writer.write(&batch.slice(from, take)).await?;
            open.rows += take;
            from += take;
            if open.writer.in_progress_size() > GROUP_BYTES {
                open.writer.flush().await?;
            }
            let full = open.rows == FILE_ROWS;
            self.open = Some(open);
            if full {
                self.close().await?;
            }
        }
        Ok(())
    }

    /// Opens the next file; its first rows say how its columns are best stored.
    fn begin(&self, rows: &RecordBatch) -> Result<Open, IngestError> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_created_by("depictio".to_owned());
        for (name, column) in self.schema.physical.iter().zip(rows.columns()) {
            if hardly_repeats(column) {
                let path = ColumnPath::new(vec![name.clone()]);
                properties = properties.set_column_dictionary_enabled(path.clone(), false);
                if column.data_type() == &DataType::Float64 {
                    // Digits that never repeat hardly shrink, and unpacking them is most of what reading costs.
                    let plain = Compression::UNCOMPRESSED;
                    properties = properties.set_column_compression(path, plain);
                }
            }
        }
        let properties = properties.build();
        let number = self.written.len();
        let name = match &self.instead_of {
            Some(stem) => format!("{stem}-{}.parquet", self.upload),
            None => format!("part-{}-{number:05}.parquet", self.upload),
        };
        let path = self.folder.clone().join(name.as_str());
        let object = BufWriter::new(Arc::clone(&self.store), path.clone());
        let schema = self.schema.for_parquet();
        Ok(Open {
            name,
            path,
            rows: 0,
            writer: AsyncArrowWriter::try_new(object, schema, Some(properties))?,
        })
    }

    async fn close(&mut self) -> Result<(), IngestError> {
        if let Some(open) = self.open.take() {
            open.writer.close().await?;
            let bytes = self.store.head(&open.path).await?.size;
            self.written.push(Written {
                name: open.name,
                rows: open.rows as u64,
                bytes,
            });
        }
        Ok(())
    }
}

/// Whether nearly every number differs from every other one: a dictionary of them would be longer than they are, and
/// slower to write and to read.
fn hardly_repeats(column: &ArrayRef) -> bool {
    /// Fewer values tell too little.
    const VALUES_MIN: usize = 1_000;
    let whole = match column.data_type() {
        DataType::Float64 => {
            let floats = column.as_primitive::<Float64Type>().values().iter();
            floats
                .map(|value| value.to_bits())
                .collect::<HashSet<u64>>()
        }
        DataType::Int64 => {
            let whole = column.as_primitive::<Int64Type>().values().iter();
            whole.map(|value| value.cast_unsigned()).collect()
        }
        _ => return false,
    };
    column.len() >= VALUES_MIN && whole.len() * 10 > column.len() * 9
}

fn random_name() -> String {
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
