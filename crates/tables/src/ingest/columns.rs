//! Turning cells of text into typed columns.

use super::cell;
use super::reading::Markers;
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

/// What a cell holds for a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'t> {
    Missing,
    Text(&'t str),
    Int(i64),
    Float(f64),
    Bool(bool),
    Date(i32),
    Micros(i64),
}

/// One column being filled.
pub(crate) struct ColumnBuilder {
    builder: Builder,
    /// The type was stated by a person: `007` is then the number 7, and `29.02.2024` a day.
    stated: bool,
    /// What stands for "no value" here beside the usual markers.
    markers: Markers,
}

impl ColumnBuilder {
    pub(crate) fn new(kind: ColumnType, stated: bool, markers: Markers) -> Self {
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
        Self {
            builder,
            stated,
            markers,
        }
    }

    /// What a cell holds. In a text column only an empty cell and the markers a person named are
    /// missing; elsewhere `NA` and the like are too.
    pub(crate) fn value<'t>(&self, text: &'t str) -> Result<Value<'t>, NotOfType> {
        let stated = self.stated;
        let marked = |text: &str| self.markers.iter().any(|marker| marker == text);
        if let Builder::Text(_) = &self.builder {
            let missing =
                text.is_empty() || (!self.markers.is_empty() && marked(cell::trimmed(text)));
            return Ok(if missing {
                Value::Missing
            } else {
                Value::Text(text)
            });
        }
        let text = cell::trimmed(text);
        if cell::is_missing(text) || marked(text) {
            return Ok(Value::Missing);
        }
        let value = match &self.builder {
            Builder::Text(_) => return Ok(Value::Text(text)),
            Builder::Int(_) => {
                let loose = || stated.then(|| text.parse().ok()).flatten();
                cell::parse_int(text).or_else(loose).map(Value::Int)
            }
            Builder::Float(_) => {
                let loose = || stated.then(|| text.parse::<f64>().ok()).flatten();
                cell::parse_float(text).or_else(loose).map(Value::Float)
            }
            Builder::Bool(_) => cell::parse_bool(text).map(Value::Bool),
            Builder::Date(_) => {
                let loose = || stated.then(|| cell::parse_local_date(text)).flatten();
                cell::parse_date(text).or_else(loose).map(Value::Date)
            }
            Builder::Moment { zoned, .. } => {
                let midnight = || {
                    let loose = || stated.then(|| cell::parse_local_date(text)).flatten();
                    let day = cell::parse_date(text).or_else(loose).filter(|_| !*zoned)?;
                    Some(i64::from(day) * MICROS_A_DAY)
                };
                cell::parse_moment(text)
                    .filter(|moment| moment.zoned == *zoned)
                    .map(|moment| moment.micros)
                    .or_else(midnight)
                    .map(Value::Micros)
            }
        };
        value.ok_or(NotOfType)
    }

    /// Adds a cell.
    pub(crate) fn push(&mut self, text: &str) -> Result<(), NotOfType> {
        let value = self.value(text)?;
        match (&mut self.builder, value) {
            (Builder::Text(values), Value::Text(text)) => values.append_value(text),
            (Builder::Int(values), Value::Int(value)) => values.append_value(value),
            // Adding zero turns -0.0 into 0.0, so that a filter for 0 finds it.
            (Builder::Float(values), Value::Float(value)) => {
                values.append_option((!value.is_nan()).then_some(value + 0.0));
            }
            (Builder::Bool(values), Value::Bool(value)) => values.append_value(value),
            (Builder::Date(values), Value::Date(value)) => values.append_value(value),
            (Builder::Moment { values, .. }, Value::Micros(value)) => values.append_value(value),
            _ => self.push_missing(),
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
