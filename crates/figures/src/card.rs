//! Cards: one number of one table.

use crate::lookup::{Need, PlanError, need};
use crate::read::{Cell, DrawError, series};
use arrow_array::RecordBatch;
use domain::query::{Aggregate, Measure, Query, Shape};
use domain::{Column, ColumnType};
use serde::Serialize;
use serde_json::Value;

/// What a card shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardValue {
    /// The number, text or time; null when there is nothing to compute it from.
    pub value: Value,
    /// The rows it was computed over.
    pub count: u64,
    /// The value's type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
}

/// The question a card asks, without filters: the measure, then the number of rows.
///
/// # Errors
/// When the column is needed and not given, does not exist, or cannot be measured so.
pub fn card_query(
    aggregate: Aggregate,
    column: Option<&str>,
    columns: &[Column],
) -> Result<Query, PlanError> {
    match column {
        Some(name) => {
            let wanted = if aggregate.needs_number() {
                Need::Number
            } else {
                Need::Any
            };
            need(columns, name, "/column", wanted)?;
        }
        None if aggregate == Aggregate::Count => {}
        None => return Err(PlanError::new("/column", "only a count needs no column")),
    }
    Ok(Query {
        filters: Vec::new(),
        filter: None,
        shape: Shape::Aggregate {
            group_by: Vec::new(),
            measures: vec![
                Measure {
                    aggregate,
                    column: column.map(str::to_owned),
                },
                Measure {
                    aggregate: Aggregate::Count,
                    column: None,
                },
            ],
            limit: None,
        },
    })
}

/// The card in the answer to [`card_query`].
///
/// # Errors
/// When the answer does not have the shape that was asked for.
pub fn card_value(
    aggregate: Aggregate,
    column: Option<&str>,
    columns: &[Column],
    batches: &[RecordBatch],
) -> Result<CardValue, DrawError> {
    // A collection without a version answers without a row: then nothing was counted.
    let value = series(batches, 0)?.into_iter().next();
    let count = match series(batches, 1)?.first() {
        Some(Cell::Int(rows)) => u64::try_from(*rows).unwrap_or(0),
        _ => 0,
    };
    let column = column.and_then(|name| columns.iter().find(|column| column.name == name));
    let kind = match aggregate {
        Aggregate::Count | Aggregate::Distinct => ColumnType::Int64,
        Aggregate::Mean | Aggregate::Median | Aggregate::Std => ColumnType::Float64,
        // A sum of whole numbers that outgrows 64 bits comes back as another number.
        Aggregate::Sum if matches!(value, Some(Cell::Float(_))) => ColumnType::Float64,
        Aggregate::Sum | Aggregate::Min | Aggregate::Max => {
            column.map_or(ColumnType::Float64, |column| column.kind)
        }
    };
    let value = match (aggregate, value) {
        (Aggregate::Count | Aggregate::Distinct, None) => Value::from(0),
        (_, value) => value.map_or(Value::Null, |cell| cell.wire()),
    };
    Ok(CardValue { value, count, kind })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Float64Array, Int64Array};
    use std::sync::Arc;

    fn columns() -> Vec<Column> {
        vec![
            Column {
                name: "mass".to_owned(),
                kind: ColumnType::Float64,
            },
            Column {
                name: "species".to_owned(),
                kind: ColumnType::Category,
            },
        ]
    }

    fn answer(value: ArrayRef, rows: i64) -> Vec<RecordBatch> {
        let rows = Arc::new(Int64Array::from(vec![rows])) as ArrayRef;
        vec![RecordBatch::try_from_iter([("m0", value), ("m1", rows)]).unwrap()]
    }

    #[test]
    fn a_card_shows_its_measure_and_how_many_rows_it_saw() {
        let batches = answer(Arc::new(Float64Array::from(vec![4201.75])), 344);
        let card = card_value(Aggregate::Mean, Some("mass"), &columns(), &batches).unwrap();
        assert_eq!(
            serde_json::to_value(&card).unwrap(),
            serde_json::json!({"value": 4201.75, "count": 344, "type": "float64"})
        );
    }

    #[test]
    fn nothing_to_measure_is_null_not_zero() {
        let batches = answer(Arc::new(Float64Array::from(vec![None::<f64>])), 0);
        let card = card_value(Aggregate::Sum, Some("mass"), &columns(), &batches).unwrap();
        assert_eq!(card.value, Value::Null);
    }

    #[test]
    fn a_mean_of_words_and_a_sum_of_nothing_are_refused() {
        let error = card_query(Aggregate::Mean, Some("species"), &columns()).unwrap_err();
        assert_eq!(error.pointer, "/column");
        assert!(card_query(Aggregate::Sum, None, &columns()).is_err());
        assert!(card_query(Aggregate::Count, None, &columns()).is_ok());
        assert!(card_query(Aggregate::Max, Some("species"), &columns()).is_ok());
    }
}
