//! A Parquet file as it was sent: its columns, and its rows cast to the table's types.

use super::columnar::{ColumnarRows, columns_of};
use super::error::IngestError;
use super::{Cut, RowSink};
use crate::engine::BATCH_ROWS;
use crate::schema::TableSchema;
use crate::spool::SourceFile;
use bytes::Bytes;
use deltalake::arrow::error::ArrowError;
use deltalake::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake::parquet::errors::{ParquetError, Result as ParquetResult};
use deltalake::parquet::file::reader::{ChunkReader, Length};
use domain::ColumnType;
use domain::limits::RequestLimits;
use objects::ScratchReader;
use std::io::{BufReader, Read as _};

/// Rows of a row group that are read before the size of its batches is decided.
const PROBE_ROWS: usize = 64;
/// What one batch may take up in memory, as the first rows tell.
const BATCH_BYTES: usize = 32 << 20;

/// A received file as the Parquet reader wants it: read at any place, by several at once.
struct Chunks {
    file: SourceFile,
    bytes: u64,
}

impl Chunks {
    /// The whole of a file: its footer stands at its end.
    fn of(file: &SourceFile) -> std::io::Result<Self> {
        Ok(Self {
            file: file.clone(),
            bytes: file.bytes()?,
        })
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for Chunks {
    type T = BufReader<ScratchReader>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(BufReader::new(self.file.reader(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.bytes) {
            return Err(ParquetError::EOF("a range beyond the file".to_owned()));
        }
        let mut bytes = vec![0; length];
        self.get_read(start)?.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// A Parquet file whose footer was read.
pub(crate) struct ParquetSource {
    file: SourceFile,
    limits: RequestLimits,
    pub(crate) names: Vec<String>,
    pub(crate) kinds: Vec<ColumnType>,
    pub(crate) rows: u64,
}

impl ParquetSource {
    pub(crate) fn open(file: &SourceFile, limits: RequestLimits) -> Result<Self, IngestError> {
        let builder = Self::builder(file)?;
        let (names, kinds) = columns_of(&file.name, builder.schema().fields(), limits)?;
        let rows = builder.metadata().file_metadata().num_rows();
        Ok(Self {
            file: file.clone(),
            limits,
            names,
            kinds,
            rows: u64::try_from(rows).unwrap_or(0),
        })
    }

    fn builder(file: &SourceFile) -> Result<ParquetRecordBatchReaderBuilder<Chunks>, IngestError> {
        ParquetRecordBatchReaderBuilder::try_new(Chunks::of(file)?)
            .map_err(|e| IngestError::bad(&file.name, None, format!("not readable Parquet: {e}")))
    }

    /// Reads the rows into `sink` as `schema` wants them; `order` says, for each of its columns,
    /// where it stands in the file.
    pub(crate) fn read_rows(
        &self,
        schema: &TableSchema,
        order: &[usize],
        sink: &mut dyn RowSink,
    ) -> Result<(), IngestError> {
        let unreadable = |message: String| {
            let message = format!("not readable Parquet: {message}");
            IngestError::bad(&self.file.name, None, message)
        };
        let groups = Self::builder(&self.file)?.metadata().num_row_groups();
        let mut rows = ColumnarRows::new(&self.file.name, schema, order, self.limits);
        for group in 0..groups {
            let reader = |limit: Option<usize>, batch_rows: usize, from: usize| {
                let mut builder = Self::builder(&self.file)?
                    .with_row_groups(vec![group])
                    .with_offset(from)
                    .with_batch_size(batch_rows);
                if let Some(limit) = limit {
                    builder = builder.with_limit(limit);
                }
                builder.build().map_err(|e| unreadable(e.to_string()))
            };
            // The first rows tell how wide the others may be: a page of a few bytes can repeat one
            // long text as often as it likes.
            let (mut taken, mut widest) = (0, 0);
            for batch in reader(Some(PROBE_ROWS), PROBE_ROWS, 0)? {
                let batch = batch.map_err(|e: ArrowError| unreadable(e.to_string()))?;
                taken += batch.num_rows();
                widest = batch.get_array_memory_size() / batch.num_rows().max(1);
                if rows.push(&batch, sink)? == Cut::Stop {
                    return Ok(());
                }
            }
            let batch_rows = (BATCH_BYTES / widest.max(1)).clamp(PROBE_ROWS, BATCH_ROWS);
            for batch in reader(None, batch_rows, taken)? {
                let batch = batch.map_err(|e: ArrowError| unreadable(e.to_string()))?;
                if rows.push(&batch, sink)? == Cut::Stop {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
