//! How columns of numbers go together: Pearson's correlation of every two, over the rows where both are there.

use super::Part;
use super::aggregate::{Made, grouped};
use super::error::QueryError;
use super::names::find_all;
use super::scan::Scan;
use super::summary::{columns_of, numeric, place};
use crate::engine::Engine;
use deltalake::arrow::array::{ArrayRef, AsArray as _, Float64Array, Int64Array, StringArray};
use deltalake::arrow::datatypes::{Float64Type, Int64Type};
use domain::{Column, ColumnType};
use std::sync::Arc;

/// The most columns whose correlations one may ask for: 1,225 pairs.
const COLUMNS_MAX: usize = 50;

/// `Shape::Correlations`.
pub(crate) async fn correlations(
    engine: &Engine,
    mut scan: Scan,
    names: &[String],
) -> Result<Part, QueryError> {
    let found = find_all(&scan.version.schema, names, "/columns")?;
    if found.len() < 2 || found.len() > COLUMNS_MAX {
        return Err(QueryError::Shape {
            pointer: "/columns".to_owned(),
            message: format!("from 2 to {COLUMNS_MAX} columns are allowed"),
        });
    }
    for (index, found) in found.iter().enumerate() {
        numeric(found, "correlation", format!("/columns/{index}"))?;
    }
    scan.columns = columns_of(found.iter());
    let (mut first, mut second, mut made) = (Vec::new(), Vec::new(), Vec::new());
    for (index, one) in found.iter().enumerate() {
        for other in found.iter().skip(index + 1) {
            let (here, there) = (place(&scan, one), place(&scan, other));
            made.push(Made::Correlation(here, there));
            made.push(Made::Both(here, there));
            first.push(one.column.name.as_str());
            second.push(other.column.name.as_str());
        }
    }
    let batch = grouped(engine, scan, Vec::new(), made).await?;
    let measures = || batch.columns().iter();
    let values: Float64Array = measures()
        .step_by(2)
        .map(|column| {
            let value = column.as_primitive_opt::<Float64Type>()?.iter().next()??;
            // Rounding may lead a hair beyond one; what is infinite in the data has no correlation.
            value.is_finite().then(|| value.clamp(-1.0, 1.0))
        })
        .collect();
    let counts: Int64Array = measures()
        .skip(1)
        .step_by(2)
        .map(|column| column.as_primitive_opt::<Int64Type>()?.iter().next()?)
        .collect();
    let total_rows = first.len() as u64;
    let columns: Vec<Column> = [
        ("a", ColumnType::String),
        ("b", ColumnType::String),
        ("correlation", ColumnType::Float64),
        ("count", ColumnType::Int64),
    ]
    .into_iter()
    .map(|(name, kind)| Column {
        name: name.to_owned(),
        kind,
    })
    .collect();
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(first)),
        Arc::new(StringArray::from(second)),
        Arc::new(values),
        Arc::new(counts),
    ];
    Ok(Part {
        batches: vec![super::named(&columns, arrays)?],
        total_rows,
        truncated: false,
        columns,
    })
}
