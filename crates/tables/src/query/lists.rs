//! The shapes whose groups have several numbers each, made at once of all values: spreads and quantiles.

use super::Part;
use super::aggregate::{By, Made, grouped, ordered};
use super::error::QueryError;
use super::names::{find, find_all};
use super::scan::Scan;
use super::spread::{Kind, NUMBERS};
use super::summary::{columns_of, cut, numeric, place};
use crate::engine::Engine;
use deltalake::arrow::array::{Array as _, ArrayRef, AsArray as _, Float64Array, Int64Array};
use deltalake::arrow::datatypes::Float64Type;
use domain::{Column, ColumnType};
use std::sync::Arc;

/// The most quantiles one may ask for.
const QUANTILES_MAX: usize = 100;

/// What is asked of one column, a group.
pub(crate) struct Asked<'a> {
    pub(crate) column: &'a str,
    pub(crate) group_by: &'a [String],
    pub(crate) limit: u64,
}

/// `Shape::Spread`.
pub(crate) async fn spreads(
    engine: &Engine,
    scan: Scan,
    asked: Asked<'_>,
) -> Result<Part, QueryError> {
    let names = NUMBERS.iter().map(|name| (*name).to_owned()).collect();
    listed(engine, scan, asked, ("spread", Kind::Spread), names).await
}

/// `Shape::Quantiles`.
pub(crate) async fn quantiles(
    engine: &Engine,
    scan: Scan,
    asked: Asked<'_>,
    at: &[f64],
) -> Result<Part, QueryError> {
    if at.is_empty() || at.len() > QUANTILES_MAX {
        return Err(QueryError::Shape {
            pointer: "/at".to_owned(),
            message: format!("from 1 to {QUANTILES_MAX} parts are allowed"),
        });
    }
    if let Some(bad) = at.iter().position(|part| !(0.0..=1.0).contains(part)) {
        return Err(QueryError::Shape {
            pointer: format!("/at/{bad}"),
            message: "a part is a number from 0 to 1, as 0.5 for the median".to_owned(),
        });
    }
    let mut names: Vec<String> = (0..at.len()).map(|part| format!("q{part}")).collect();
    names.push("count".to_owned());
    listed(
        engine,
        scan,
        asked,
        ("quantiles", Kind::quantiles(at)),
        names,
    )
    .await
}

/// Numbers of one column, a group; the last one counts the values.
async fn listed(
    engine: &Engine,
    mut scan: Scan,
    asked: Asked<'_>,
    (what, kind): (&str, Kind),
    names: Vec<String>,
) -> Result<Part, QueryError> {
    let schema = &scan.version.schema;
    let found = find(schema, asked.column, || "/column".to_owned())?;
    numeric(&found, what, "/column".to_owned())?;
    let groups = find_all(schema, asked.group_by, "/group_by")?;
    scan.columns = columns_of(groups.iter().chain([&found]));
    let by = groups.iter().map(|found| By::Column(place(&scan, found)));
    let by: Vec<_> = by.collect();
    let column = place(&scan, &found);
    let made = vec![Made::Own { kind, column }];
    let batch = grouped(engine, scan, by, made).await?;
    let order: Vec<(usize, bool)> = (0..groups.len()).map(|at| (at, false)).collect();
    let total = batch.num_rows();
    let batch = ordered(&batch, &order, None)?;
    let kept = usize::try_from(asked.limit)
        .unwrap_or(usize::MAX)
        .min(total);
    let batch = batch.slice(0, kept);
    let mut columns: Vec<Column> = groups.iter().map(|found| found.column.clone()).collect();
    let mut arrays: Vec<ArrayRef> = batch.columns().iter().take(groups.len()).cloned().collect();
    let lists = batch
        .columns()
        .last()
        .and_then(|list| list.as_list_opt::<i32>());
    let last = names.len().saturating_sub(1);
    for (at, name) in names.into_iter().enumerate() {
        let values = lists
            .into_iter()
            .flat_map(|lists| lists.iter())
            .map(|numbers| {
                let numbers = numbers?;
                let floats = numbers.as_primitive_opt::<Float64Type>()?;
                (at < floats.len() && floats.is_valid(at)).then(|| floats.value(at))
            });
        let counted = at == last;
        if counted {
            #[expect(clippy::cast_possible_truncation, reason = "a count of rows")]
            let counts: Int64Array = values
                .map(|count| count.map(|count| count as i64))
                .collect();
            arrays.push(Arc::new(counts));
        } else {
            let floats: Float64Array = values.collect();
            arrays.push(Arc::new(floats));
        }
        columns.push(Column {
            name,
            kind: if counted {
                ColumnType::Int64
            } else {
                ColumnType::Float64
            },
        });
    }
    Ok(Part {
        batches: vec![super::named(&columns, arrays)?],
        total_rows: total as u64,
        truncated: cut(total, Some(asked.limit)),
        columns,
    })
}
