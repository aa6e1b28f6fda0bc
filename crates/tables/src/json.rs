//! Rows as JSON: the values of the wire.
//!
//! Times are RFC 3339 in UTC, also those that name no zone; days are `2024-02-29`; what JSON has no
//! number for (infinities) is null, as a missing value is.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta};
use deltalake::arrow::array::{Array, AsArray as _, RecordBatch};
use deltalake::arrow::compute::cast;
use deltalake::arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use serde_json::{Map, Value};

/// The rows of batches, one object each, with the columns' names as keys.
#[must_use]
pub fn rows(batches: &[RecordBatch]) -> Vec<Map<String, Value>> {
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let schema = batch.schema();
        let columns: Vec<Vec<Value>> = batch.columns().iter().map(|c| values(c.as_ref())).collect();
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        for _ in 0..batch.num_rows() {
            let names = schema.fields().iter().map(|field| field.name().clone());
            let row = names
                .zip(&mut columns)
                .map(|(name, column)| (name, column.next().unwrap_or_default()));
            rows.push(row.collect());
        }
    }
    rows
}

/// The values of one column.
#[must_use]
pub fn values(column: &dyn Array) -> Vec<Value> {
    match column.data_type() {
        DataType::Int64 => collect(column.as_primitive::<Int64Type>().iter(), Value::from),
        DataType::Float64 => collect(column.as_primitive::<Float64Type>().iter(), number),
        DataType::Boolean => collect(column.as_boolean().iter(), Value::from),
        DataType::Utf8 => collect(column.as_string::<i32>().iter(), Value::from),
        DataType::Date32 => collect(column.as_primitive::<Date32Type>().iter(), day),
        DataType::Timestamp(TimeUnit::Microsecond, _) => collect(
            column.as_primitive::<TimestampMicrosecondType>().iter(),
            moment,
        ),
        // Dictionaries and the like, as text.
        _ => match cast(column, &DataType::Utf8) {
            Ok(texts) => collect(texts.as_string::<i32>().iter(), Value::from),
            Err(_) => vec![Value::Null; column.len()],
        },
    }
}

fn collect<T>(values: impl Iterator<Item = Option<T>>, value: impl Fn(T) -> Value) -> Vec<Value> {
    values.map(|v| v.map_or(Value::Null, &value)).collect()
}

fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn day(days: i32) -> Value {
    let date = NaiveDate::from_ymd_opt(1970, 1, 1)
        .and_then(|epoch| epoch.checked_add_signed(TimeDelta::try_days(i64::from(days))?));
    date.map_or(Value::Null, |date| date.to_string().into())
}

fn moment(micros: i64) -> Value {
    let moment = DateTime::from_timestamp_micros(micros);
    moment.map_or(Value::Null, |moment| {
        moment.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()
    })
}
