//! Rows as a file that is sent while it is made: each encoder keeps what it must and gives the rest away.

mod csv;

use crate::error::TableError;
use crate::json;
use crate::query::Answer;
use crate::schema::arrow_type;
use csv::Csv;
use deltalake::arrow::array::RecordBatch;
use deltalake::arrow::datatypes::{Field, Schema, SchemaRef};
use deltalake::arrow::ipc::writer::StreamWriter;
use deltalake::parquet::arrow::ArrowWriter;
use deltalake::parquet::basic::{Compression, ZstdLevel};
use deltalake::parquet::file::properties::WriterProperties;
use domain::Column;
use std::sync::Arc;

/// Bytes of a Parquet row group held before it is written out.
const GROUP_BYTES: usize = 16 << 20;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated values (RFC 4180), in UTF-8, with a line of names.
    Csv {
        /// Text that a spreadsheet would take for a formula gets an apostrophe before it.
        guarded: bool,
    },
    /// Parquet, compressed with Zstandard.
    Parquet,
    /// A stream of Arrow IPC.
    Arrow,
    /// One JSON object a line, with the values of the HTTP interface.
    JsonLines,
}

/// Makes one file out of batches.
pub(crate) enum Encoder {
    Csv(Csv),
    Parquet(Box<ArrowWriter<Vec<u8>>>),
    Arrow(Box<StreamWriter<Vec<u8>>>),
    JsonLines,
}

fn schema(columns: &[Column]) -> SchemaRef {
    let fields: Vec<Field> = columns
        .iter()
        .map(|column| Field::new(&column.name, arrow_type(column.kind), true))
        .collect();
    Arc::new(Schema::new(fields))
}

impl Encoder {
    pub(crate) fn new(format: FileFormat, columns: &[Column]) -> Result<Self, TableError> {
        Ok(match format {
            FileFormat::Csv { guarded } => Self::Csv(Csv::new(columns, guarded)),
            FileFormat::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_created_by("depictio".to_owned())
                    .build();
                let writer = ArrowWriter::try_new(Vec::new(), schema(columns), Some(properties))?;
                Self::Parquet(Box::new(writer))
            }
            FileFormat::Arrow => Self::Arrow(Box::new(StreamWriter::try_new(
                Vec::new(),
                &schema(columns),
            )?)),
            FileFormat::JsonLines => Self::JsonLines,
        })
    }

    /// What can be sent after these rows; nothing while a row group is still open.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, TableError> {
        match self {
            Self::Csv(csv) => Ok(csv.rows(batch)),
            Self::Parquet(writer) => {
                writer.write(batch)?;
                if writer.in_progress_size() > GROUP_BYTES {
                    writer.flush()?;
                }
                Ok(std::mem::take(writer.inner_mut()))
            }
            Self::Arrow(writer) => {
                writer.write(batch)?;
                Ok(std::mem::take(writer.get_mut()))
            }
            Self::JsonLines => {
                let mut lines = Vec::new();
                for row in json::rows(std::slice::from_ref(batch)) {
                    serde_json::to_writer(&mut lines, &row)?;
                    lines.push(b'\n');
                }
                Ok(lines)
            }
        }
    }

    /// The end of the file.
    pub(crate) fn finish(self) -> Result<Vec<u8>, TableError> {
        Ok(match self {
            Self::Csv(mut csv) => csv.head(),
            Self::Parquet(writer) => writer.into_inner()?,
            Self::Arrow(writer) => writer.into_inner()?,
            Self::JsonLines => Vec::new(),
        })
    }
}

impl Answer {
    /// Its rows as one file.
    ///
    /// # Errors
    /// When they cannot be written so.
    pub fn file(&self, format: FileFormat) -> Result<Vec<u8>, TableError> {
        let mut encoder = Encoder::new(format, &self.columns)?;
        let mut bytes = Vec::new();
        for batch in self.batches.iter().filter(|batch| batch.num_rows() > 0) {
            bytes.extend(encoder.write(batch)?);
        }
        bytes.extend(encoder.finish()?);
        Ok(bytes)
    }
}
