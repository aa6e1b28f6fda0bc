//! What Parquet and Arrow files have in common: columns that know their type, cast to the table's.

use super::error::IngestError;
use super::{Cut, RowSink};
use crate::engine::BATCH_ROWS;
use crate::schema::{TableSchema, arrow_type};
use deltalake::arrow::array::{Array as _, ArrayRef, AsArray as _, Float64Array, RecordBatch};
use deltalake::arrow::compute::{CastOptions, cast_with_options};
use deltalake::arrow::datatypes::{DataType, Fields, Float64Type};
use domain::ColumnType;
use domain::limits::RequestLimits;
use std::sync::Arc;

/// The columns of a file, by name and type.
pub(crate) type NamesAndKinds = (Vec<String>, Vec<ColumnType>);

/// Reads the columns of a file, refusing types that have no place in a table.
pub(crate) fn columns_of(
    file: &str,
    fields: &Fields,
    limits: RequestLimits,
) -> Result<NamesAndKinds, IngestError> {
    if fields.len() as u64 > limits.table_columns_max {
        return Err(IngestError::TooManyColumns {
            file: file.to_owned(),
            columns_max: limits.table_columns_max,
        });
    }
    let mut columns = NamesAndKinds::default();
    for field in fields {
        let kind = kind_of(field.data_type()).ok_or_else(|| {
            let message = format!("the type {} is not supported", field.data_type());
            IngestError::bad_column(file, field.name(), message)
        })?;
        columns.0.push(field.name().clone());
        columns.1.push(kind);
    }
    Ok(columns)
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

/// Counts what a file unpacks to, and gives its rows on under the table's types.
pub(crate) struct ColumnarRows<'a> {
    file: &'a str,
    schema: &'a TableSchema,
    order: &'a [usize],
    limits: RequestLimits,
    left: u64,
}

impl<'a> ColumnarRows<'a> {
    /// `order` says, for each column of the schema, where it stands in the file.
    pub(crate) fn new(
        file: &'a str,
        schema: &'a TableSchema,
        order: &'a [usize],
        limits: RequestLimits,
    ) -> Self {
        Self {
            file,
            schema,
            order,
            limits,
            left: limits.upload_unpacked_bytes_max,
        }
    }

    /// Gives a batch on, in pieces: one that repeats a long text has a size only once it is text.
    pub(crate) fn push(
        &mut self,
        batch: &RecordBatch,
        sink: &mut dyn RowSink,
    ) -> Result<Cut, IngestError> {
        let mut from = 0;
        while from < batch.num_rows() {
            let piece = batch.slice(from, BATCH_ROWS.min(batch.num_rows() - from));
            from += piece.num_rows();
            let mut columns = Vec::with_capacity(self.order.len());
            for (column, position) in self.schema.columns.iter().zip(self.order) {
                let values = piece.columns().get(*position).ok_or_else(|| {
                    IngestError::bad(self.file, None, "a batch lacks one of its columns")
                })?;
                let cast = self
                    .cast(values, column.kind)
                    .map_err(|message| IngestError::bad_column(self.file, &column.name, message))?;
                let bytes = cast.to_data().get_slice_memory_size().unwrap_or(usize::MAX) as u64;
                self.left = self.left.checked_sub(bytes).ok_or(IngestError::TooLarge {
                    file: self.file.to_owned(),
                    bytes_max: self.limits.upload_unpacked_bytes_max,
                })?;
                columns.push(cast);
            }
            let batch = RecordBatch::try_new(Arc::clone(&self.schema.arrow), columns)?;
            if sink.push(batch)? == Cut::Stop {
                return Ok(Cut::Stop);
            }
        }
        Ok(Cut::More)
    }

    fn cast(&self, values: &ArrayRef, kind: ColumnType) -> Result<ArrayRef, String> {
        let max = self.limits.table_cell_bytes_max;
        if let Some(dictionary) = values.as_any_dictionary_opt() {
            // One long text that is named by many rows is long once here, and many times below.
            let texts = cast_with_options(dictionary.values(), &DataType::LargeUtf8, &LENIENT);
            if texts.is_ok_and(|texts| longest(&texts) > max) {
                return Err(format!("a cell has more than {max} bytes"));
            }
        }
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
        if longest(&cast) > max {
            return Err(format!("a cell has more than {max} bytes"));
        }
        Ok(cast)
    }
}

const LENIENT: CastOptions<'static> = CastOptions {
    safe: true,
    format_options: deltalake::arrow::util::display::FormatOptions::new(),
};

/// Bytes of the longest text.
fn longest(values: &ArrayRef) -> u64 {
    let short = values.as_string_opt::<i32>();
    let short = short.and_then(|texts| texts.iter().flatten().map(str::len).max());
    let long = values.as_string_opt::<i64>();
    let long = long.and_then(|texts| texts.iter().flatten().map(str::len).max());
    short.or(long).unwrap_or(0) as u64
}
