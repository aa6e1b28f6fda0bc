//! Turning cells of text into typed columns.

use super::cell;
use crate::schema::arrow_type;
use deltalake::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch,
    StringBuilder, TimestampMicrosecondBuilder,
};
use deltalake::arrow::datatypes::SchemaRef;
use deltalake::arrow::error::ArrowError;
use domain::ColumnType;
use std::sync::Arc;

const MICROS_A_DAY: i64 = 86_400_000_000;

/// A cell that its column's type does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotOfType;

enum Builder {
    Text(StringBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Moment {
        values: TimestampMicrosecondBuilder,
        zoned: bool,
    },
}

/// One column being filled.
pub(crate) struct ColumnBuilder {
    builder: Builder,
    /// The type was stated by a person: `007` is then the number 7.
    stated: bool,
}

impl ColumnBuilder {
    pub(crate) fn new(kind: ColumnType, stated: bool) -> Self {
        let builder = match kind {
            ColumnType::String | ColumnType::Category => Builder::Text(StringBuilder::new()),
            ColumnType::Int64 => Builder::Int(Int64Builder::new()),
            ColumnType::Float64 => Builder::Float(Float64Builder::new()),
            ColumnType::Bool => Builder::Bool(BooleanBuilder::new()),
            ColumnType::Date => Builder::Date(Date32Builder::new()),
            ColumnType::Timestamp | ColumnType::TimestampTz => Builder::Moment {
                values: TimestampMicrosecondBuilder::new().with_data_type(arrow_type(kind)),
                zoned: kind == ColumnType::TimestampTz,
            },
        };
        Self { builder, stated }
    }

    /// Adds a cell. In a text column only an empty cell is missing; elsewhere `NA` and the like are too.
    pub(crate) fn push(&mut self, text: &str) -> Result<(), NotOfType> {
        let stated = self.stated;
        if let Builder::Text(values) = &mut self.builder {
            values.append_option((!text.is_empty()).then_some(text));
            return Ok(());
        }
        let text = text.trim_matches(' ');
        if cell::is_missing(text) {
            self.push_missing();
            return Ok(());
        }
        match &mut self.builder {
            Builder::Text(_) => {}
            Builder::Int(values) => {
                let loose = || stated.then(|| text.parse().ok()).flatten();
                let value = cell::parse_int(text).or_else(loose);
                values.append_value(value.ok_or(NotOfType)?);
            }
            Builder::Float(values) => {
                let loose = || stated.then(|| text.parse::<f64>().ok()).flatten();
                let value = cell::parse_float(text).or_else(loose).ok_or(NotOfType)?;
                // Adding zero turns -0.0 into 0.0, so that a filter for 0 finds it.
                values.append_option((!value.is_nan()).then_some(value + 0.0));
            }
            Builder::Bool(values) => {
                values.append_value(cell::parse_bool(text).ok_or(NotOfType)?);
            }
            Builder::Date(values) => {
                values.append_value(cell::parse_date(text).ok_or(NotOfType)?);
            }
            Builder::Moment { values, zoned } => {
                let midnight = || {
                    let day = cell::parse_date(text).filter(|_| !*zoned)?;
                    Some(i64::from(day) * MICROS_A_DAY)
                };
                let value = cell::parse_moment(text)
                    .filter(|moment| moment.zoned == *zoned)
                    .map(|moment| moment.micros)
                    .or_else(midnight);
                values.append_value(value.ok_or(NotOfType)?);
            }
        }
        Ok(())
    }

    fn push_missing(&mut self) {
        match &mut self.builder {
            Builder::Text(values) => values.append_null(),
            Builder::Int(values) => values.append_null(),
            Builder::Float(values) => values.append_null(),
            Builder::Bool(values) => values.append_null(),
            Builder::Date(values) => values.append_null(),
            Builder::Moment { values, .. } => values.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match &mut self.builder {
            Builder::Text(values) => Arc::new(values.finish()),
            Builder::Int(values) => Arc::new(values.finish()),
            Builder::Float(values) => Arc::new(values.finish()),
            Builder::Bool(values) => Arc::new(values.finish()),
            Builder::Date(values) => Arc::new(values.finish()),
            Builder::Moment { values, .. } => Arc::new(values.finish()),
        }
    }
}

/// Ends a batch and begins the next.
pub(crate) fn finish(
    schema: &SchemaRef,
    builders: &mut [ColumnBuilder],
) -> Result<RecordBatch, ArrowError> {
    let columns = builders.iter_mut().map(ColumnBuilder::finish).collect();
    RecordBatch::try_new(Arc::clone(schema), columns)
}
