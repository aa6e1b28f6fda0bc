//! A Parquet file as it was sent: its columns, and its rows cast to the table's types.

use super::error::IngestError;
use super::{Cut, RowSink};
use crate::engine::BATCH_ROWS;
use crate::schema::{TableSchema, arrow_type};
use crate::spool::{FileReader, SourceFile};
use bytes::Bytes;
use deltalake::arrow::array::{ArrayRef, AsArray as _, Float64Array, RecordBatch};
use deltalake::arrow::compute::{CastOptions, cast_with_options};
use deltalake::arrow::datatypes::{DataType, Float64Type};
use deltalake::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake::parquet::errors::{ParquetError, Result as ParquetResult};
use deltalake::parquet::file::reader::{ChunkReader, Length};
use domain::ColumnType;
use domain::limits::RequestLimits;
use std::io::{BufReader, Read as _};
use std::sync::Arc;

/// A received file as the Parquet reader wants it: read at any place, by several at once.
struct Chunks(SourceFile);

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.0.bytes
    }
}

impl ChunkReader for Chunks {
    type T = BufReader<FileReader>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(BufReader::new(FileReader {
            file: Arc::clone(&self.0.file),
            at: start,
        }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.0.bytes) {
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

fn kind_of(data_type: &DataType) -> Option<ColumnType> {
    Some(match data_type {
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => ColumnType::Int64,
        DataType::Float16
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => ColumnType::Float64,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            ColumnType::String
        }
        // How pandas and Arrow store what they call a category.
        DataType::Dictionary(_, value) if kind_of(value) == Some(ColumnType::String) => {
            ColumnType::Category
        }
        DataType::Dictionary(_, value) => return kind_of(value),
        DataType::Boolean => ColumnType::Bool,
        DataType::Date32 | DataType::Date64 => ColumnType::Date,
        DataType::Timestamp(_, None) => ColumnType::Timestamp,
        DataType::Timestamp(_, Some(_)) => ColumnType::TimestampTz,
        _ => return None,
    })
}

impl ParquetSource {
    pub(crate) fn open(file: &SourceFile, limits: RequestLimits) -> Result<Self, IngestError> {
        let builder = Self::builder(file)?;
        let fields = builder.schema().fields();
        if fields.len() as u64 > limits.table_columns_max {
            return Err(IngestError::TooManyColumns {
                file: file.name.clone(),
                columns_max: limits.table_columns_max,
            });
        }
        let mut names = Vec::with_capacity(fields.len());
        let mut kinds = Vec::with_capacity(fields.len());
        for field in fields {
            let kind = kind_of(field.data_type()).ok_or_else(|| {
                let message = format!("the type {} is not supported", field.data_type());
                IngestError::bad_column(&file.name, field.name(), message)
            })?;
            names.push(field.name().clone());
            kinds.push(kind);
        }
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
        ParquetRecordBatchReaderBuilder::try_new(Chunks(file.clone()))
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
            IngestError::bad(
                &self.file.name,
                None,
                format!("not readable Parquet: {message}"),
            )
        };
        let reader = Self::builder(&self.file)?
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|e| unreadable(e.to_string()))?;
        for batch in reader {
            let batch = batch.map_err(|e| unreadable(e.to_string()))?;
            let mut columns = Vec::with_capacity(order.len());
            for (column, position) in schema.columns.iter().zip(order) {
                let values = batch
                    .columns()
                    .get(*position)
                    .ok_or_else(|| unreadable("a batch without one of its columns".to_owned()))?;
                let cast = self.cast(values, column.kind).map_err(|message| {
                    IngestError::bad_column(&self.file.name, &column.name, message)
                })?;
                columns.push(cast);
            }
            let batch = RecordBatch::try_new(Arc::clone(&schema.arrow), columns)?;
            if sink.push(batch)? == Cut::Stop {
                break;
            }
        }
        Ok(())
    }

    fn cast(&self, values: &ArrayRef, kind: ColumnType) -> Result<ArrayRef, String> {
        let strict = CastOptions {
            safe: false,
            ..CastOptions::default()
        };
        let cast =
            cast_with_options(values, &arrow_type(kind), &strict).map_err(|e| e.to_string())?;
        if let Some(floats) = cast.as_primitive_opt::<Float64Type>() {
            // NaN is a missing value, as it is for pandas, and -0.0 is 0.0, so that filters find it.
            let clean: Float64Array = floats.unary_opt(|v| (!v.is_nan()).then_some(v + 0.0));
            return Ok(Arc::new(clean));
        }
        if let Some(texts) = cast.as_string_opt::<i32>() {
            let longest = texts.iter().flatten().map(str::len).max().unwrap_or(0);
            if longest as u64 > self.limits.table_cell_bytes_max {
                let max = self.limits.table_cell_bytes_max;
                return Err(format!("a cell has more than {max} bytes"));
            }
        }
        Ok(cast)
    }
}
