//! Reading an answer's columns, whatever encoding the engine chose for them.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float64Type, Int64Type, TimestampMicrosecondType as MicrosecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value;

/// Why an answer cannot be drawn: it does not have the shape that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// A column is not there.
    #[error("the answer has no column at position {position}")]
    NoColumn {
        /// Which one, from 0.
        position: usize,
    },
    /// A column has a type no table has.
    #[error("the answer has a column of the unknown type {kind}")]
    UnknownType {
        /// The engine's name of the type.
        kind: String,
    },
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Missing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// Days since 1970.
    Day(i32),
    /// Microseconds since 1970.
    Moment(i64),
}

impl Cell {
    /// The value as a number.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            // Positions on a screen need no more than the 53 bits that are left.
            #[expect(clippy::cast_precision_loss, reason = "drawn, not counted")]
            Self::Int(n) => Some(*n as f64),
            Self::Float(f) => Some(*f),
            _ => None,
        }
    }

    /// The value as the text that names a category; not yet escaped.
    pub(crate) fn key(&self) -> Option<String> {
        match self {
            Self::Missing => None,
            Self::Bool(b) => Some(b.to_string()),
            Self::Int(n) => Some(n.to_string()),
            Self::Float(f) => Some(f.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Day(_) | Self::Moment(_) => self.time(),
        }
    }

    /// The value on an axis of numbers or times.
    pub(crate) fn position(&self) -> Value {
        match self {
            Self::Int(n) => Value::from(*n),
            Self::Float(f) => Value::from(*f),
            // Plotly knows no zones: a moment in UTC is drawn in UTC, and the axis says so.
            Self::Day(_) | Self::Moment(_) => self.time().map_or(Value::Null, Value::from),
            _ => Value::Null,
        }
    }

    /// The value as the wire carries it: times as RFC 3339 in UTC, also those without a zone.
    pub(crate) fn wire(&self) -> Value {
        match self {
            Self::Missing => Value::Null,
            Self::Bool(b) => Value::from(*b),
            Self::Int(n) => Value::from(*n),
            Self::Float(f) => Value::from(*f),
            Self::Text(text) => Value::from(text.as_str()),
            Self::Day(_) => self.time().map_or(Value::Null, Value::from),
            Self::Moment(micros) => chrono::DateTime::from_timestamp_micros(*micros)
                .map(|moment| moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
                .map_or(Value::Null, Value::from),
        }
    }

    fn time(&self) -> Option<String> {
        match self {
            Self::Day(days) => {
                let day = chrono::NaiveDate::from_num_days_from_ce_opt(days.checked_add(719_163)?)?;
                Some(day.format("%Y-%m-%d").to_string())
            }
            Self::Moment(micros) => moment(*micros),
            _ => None,
        }
    }
}

/// Microseconds since 1970 as text; a fraction of a second only when there is one.
pub(crate) fn moment(micros: i64) -> Option<String> {
    let moment = chrono::DateTime::from_timestamp_micros(micros)?;
    let fraction = if micros % 1_000_000 == 0 { "" } else { "%.6f" };
    Some(
        moment
            .format(&format!("%Y-%m-%d %H:%M:%S{fraction}"))
            .to_string(),
    )
}

/// One column of all batches, in order.
pub(crate) fn series(batches: &[RecordBatch], position: usize) -> Result<Vec<Cell>, DrawError> {
    let mut cells = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let column = batch
            .columns()
            .get(position)
            .ok_or(DrawError::NoColumn { position })?;
        read(column, &mut cells)?;
    }
    Ok(cells)
}

fn read(column: &ArrayRef, cells: &mut Vec<Cell>) -> Result<(), DrawError> {
    use DataType as T;
    let as_type = |kind: T| {
        arrow_cast::cast(column, &kind).map_err(|_| DrawError::UnknownType {
            kind: column.data_type().to_string(),
        })
    };
    let or_missing = |cell: Option<Cell>| cell.unwrap_or(Cell::Missing);
    match column.data_type() {
        T::Null => cells.extend(std::iter::repeat_n(Cell::Missing, column.len())),
        T::Boolean => cells.extend(
            column
                .as_boolean()
                .iter()
                .map(|value| or_missing(value.map(Cell::Bool))),
        ),
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => {
            cells.extend(
                as_type(T::Int64)?
                    .as_primitive::<Int64Type>()
                    .iter()
                    .map(|value| or_missing(value.map(Cell::Int))),
            );
        }
        T::Float16
        | T::Float32
        | T::Float64
        | T::Decimal32(..)
        | T::Decimal64(..)
        | T::Decimal128(..)
        | T::Decimal256(..) => cells.extend(
            as_type(T::Float64)?
                .as_primitive::<Float64Type>()
                .iter()
                .map(|value| or_missing(value.filter(|f| f.is_finite()).map(Cell::Float))),
        ),
        T::Date32 | T::Date64 => cells.extend(
            as_type(T::Date32)?
                .as_primitive::<Date32Type>()
                .iter()
                .map(|value| or_missing(value.map(Cell::Day))),
        ),
        T::Timestamp(_, zone) => cells.extend(
            as_type(T::Timestamp(TimeUnit::Microsecond, zone.clone()))?
                .as_primitive::<MicrosecondType>()
                .iter()
                .map(|value| or_missing(value.map(Cell::Moment))),
        ),
        T::Utf8 | T::LargeUtf8 | T::Utf8View => cells.extend(
            as_type(T::Utf8)?
                .as_string::<i32>()
                .iter()
                .map(|value| or_missing(value.map(|text| Cell::Text(text.to_owned())))),
        ),
        T::Dictionary(_, values) => read(&as_type(values.as_ref().clone())?, cells)?,
        other => {
            return Err(DrawError::UnknownType {
                kind: other.to_string(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        Date32Array, DictionaryArray, Float64Array, StringViewArray, TimestampMicrosecondArray,
        types::Int32Type,
    };
    use std::sync::Arc;

    fn one(array: ArrayRef) -> Vec<Cell> {
        series(&[RecordBatch::try_from_iter([("a", array)]).unwrap()], 0).unwrap()
    }

    #[test]
    fn every_encoding_of_a_column_reads_alike() {
        let dictionary: DictionaryArray<Int32Type> = vec![Some("a"), None].into_iter().collect();
        let plain = vec![Cell::Text("a".to_owned()), Cell::Missing];
        assert_eq!(one(Arc::new(dictionary)), plain);
        assert_eq!(
            one(Arc::new(StringViewArray::from(vec![Some("a"), None]))),
            plain
        );
        let floats = Float64Array::from(vec![Some(1.5), Some(f64::NAN), None]);
        assert_eq!(
            one(Arc::new(floats)),
            [Cell::Float(1.5), Cell::Missing, Cell::Missing]
        );
    }

    #[test]
    fn times_are_written_as_axes_and_the_wire_want_them() {
        let day = one(Arc::new(Date32Array::from(vec![13_879])));
        assert_eq!(day[0].position(), "2008-01-01");
        let zoned =
            TimestampMicrosecondArray::from(vec![1_199_145_600_000_001]).with_timezone("UTC");
        let moment = one(Arc::new(zoned));
        assert_eq!(moment[0].position(), "2008-01-01 00:00:00.000001");
        assert_eq!(moment[0].wire(), "2008-01-01T00:00:00.000001Z");
        let extreme = one(Arc::new(Date32Array::from(vec![i32::MAX])));
        assert_eq!(extreme[0].position(), Value::Null);
    }

    #[test]
    fn an_answer_of_another_shape_is_an_error() {
        assert_eq!(
            series(
                &[RecordBatch::try_from_iter([(
                    "a",
                    Arc::new(Float64Array::from(vec![1.0])) as ArrayRef
                )])
                .unwrap()],
                3
            ),
            Err(DrawError::NoColumn { position: 3 })
        );
    }
}
