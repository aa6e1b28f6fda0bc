//! Equal bins of a number or a time.

use super::Part;
use super::aggregate::{Made, grouped, ordered, scanned};
use super::error::QueryError;
use super::filter::column as engine_column;
use super::names::{Found, find};
use super::scan::{Predicate, Scan};
use crate::engine::Engine;
use deltalake::arrow::array::{ArrayRef, AsArray as _, Float64Array, RecordBatch};
use deltalake::arrow::compute::cast;
use deltalake::arrow::datatypes::{DataType, Float64Type, Int64Type};
use deltalake::datafusion::common::DFSchema;
use deltalake::datafusion::functions::core::expr_fn::least;
use deltalake::datafusion::functions::math::expr_fn::floor;
use deltalake::datafusion::logical_expr::{Expr, cast as cast_to};
use deltalake::datafusion::prelude::lit;
use domain::query::Aggregate;
use domain::{Column, ColumnType};
use std::sync::Arc;

const MICROS_A_DAY: f64 = 86_400_000_000.0;

/// The most bins one may ask for.
const BINS_MAX: u64 = 10_000;

/// A value as a number: times in microseconds since 1970.
fn number(column: Expr, kind: ColumnType) -> Expr {
    match kind {
        ColumnType::Date => {
            cast_to(cast_to(column, DataType::Int32), DataType::Float64) * lit(MICROS_A_DAY)
        }
        ColumnType::Timestamp | ColumnType::TimestampTz => {
            cast_to(cast_to(column, DataType::Int64), DataType::Float64)
        }
        _ => cast_to(column, DataType::Float64),
    }
}

/// `Shape::Bins`. `own` is the query's own condition, to which "is a finite number" is added.
pub(crate) async fn bins(
    engine: &Engine,
    mut scan: Scan,
    own: Option<Expr>,
    column: &str,
    bins: u64,
    group_by: Option<&str>,
) -> Result<Part, QueryError> {
    let table = Arc::clone(&scan.version.schema.arrow);
    let found = find(&scan.version.schema, column, || "/column".to_owned())?;
    let kind = found.column.kind;
    if !kind.is_number() && !kind.is_time() {
        return Err(QueryError::Shape {
            pointer: "/column".to_owned(),
            message: format!(
                "bins need a number or a time, and this is of type {}",
                kind.as_str()
            ),
        });
    }
    if bins == 0 || bins > BINS_MAX {
        return Err(QueryError::Shape {
            pointer: "/bins".to_owned(),
            message: format!("from 1 to {BINS_MAX} bins are allowed"),
        });
    }
    let group = match group_by {
        Some(name) => Some(find(&scan.version.schema, name, || "/group_by".to_owned())?),
        None => None,
    };
    let value = engine_column(&scan.version.schema, &found);
    let mut finite = value.clone().is_not_null();
    if kind == ColumnType::Float64 {
        finite = finite
            .and(value.clone().gt(lit(f64::NEG_INFINITY)))
            .and(value.clone().lt(lit(f64::INFINITY)));
    }
    let condition = match own {
        Some(own) => own.and(finite),
        None => finite,
    };
    scan.predicate = Some(Arc::new(Predicate::new(
        engine.context(),
        &table,
        condition,
    )?));
    let columns = answer_columns(group.is_some());
    let Some((low, high)) = span(engine, &scan, &found).await? else {
        return Ok(Part {
            batches: Vec::new(),
            total_rows: 0,
            truncated: false,
            columns,
        });
    };
    #[expect(clippy::cast_precision_loss, reason = "at most ten thousand bins")]
    let width = (high - low) / bins as f64;
    let number = number(value, kind);
    let bin = if width > 0.0 && width.is_finite() {
        let place = floor((number - lit(low)) / lit(width));
        #[expect(clippy::cast_precision_loss, reason = "at most ten thousand bins")]
        let last = (bins - 1) as f64;
        cast_to(least(vec![place, lit(last)]), DataType::Int64)
    } else {
        lit(0_i64)
    };
    scan.columns = vec![found.position];
    if let Some(group) = &group
        && group.position != found.position
    {
        scan.columns.push(group.position);
    }
    let scanned_schema = DFSchema::try_from(scan.schema())?;
    let bin = engine
        .context()
        .create_physical_expr(bin, &scanned_schema)?;
    let mut by = vec![bin];
    if group.is_some() {
        by.insert(0, scanned(&scan, scan.columns.len() - 1));
    }
    let counted = vec![Made::of(Aggregate::Count, None, false)];
    let batch = grouped(engine, scan, by, counted).await?;
    answer(&batch, group.is_some(), low, width, columns)
}

fn answer_columns(grouped: bool) -> Vec<Column> {
    let group = grouped.then_some(("group", ColumnType::String));
    let rest = [
        ("bin", ColumnType::Int64),
        ("start", ColumnType::Float64),
        ("end", ColumnType::Float64),
        ("count", ColumnType::Int64),
    ];
    let all = group.into_iter().chain(rest);
    all.map(|(name, kind)| Column {
        name: name.to_owned(),
        kind,
    })
    .collect()
}

/// The smallest and largest of what matches, as numbers.
async fn span(
    engine: &Engine,
    scan: &Scan,
    found: &Found,
) -> Result<Option<(f64, f64)>, QueryError> {
    let mut scan = scan.clone();
    scan.columns = vec![found.position];
    let made =
        [Aggregate::Min, Aggregate::Max].map(|of| Made::of(of, Some(scanned(&scan, 0)), false));
    let batch = grouped(engine, scan, Vec::new(), Vec::from(made)).await?;
    let ends: Vec<Option<f64>> = batch
        .columns()
        .iter()
        .map(|end| as_number(end, found.column.kind))
        .collect::<Result<_, _>>()?;
    Ok(match ends.as_slice() {
        [Some(low), Some(high)] => Some((*low, *high)),
        _ => None,
    })
}

fn as_number(end: &ArrayRef, kind: ColumnType) -> Result<Option<f64>, QueryError> {
    let scale = if kind == ColumnType::Date {
        MICROS_A_DAY
    } else {
        1.0
    };
    let through = match kind {
        ColumnType::Date => cast(end, &DataType::Int32)?,
        ColumnType::Timestamp | ColumnType::TimestampTz => cast(end, &DataType::Int64)?,
        _ => Arc::clone(end),
    };
    let number = cast(&through, &DataType::Float64)?;
    let number = number.as_primitive_opt::<Float64Type>();
    let first = number.and_then(|number| number.iter().next().flatten());
    Ok(first.map(|value| value * scale))
}

fn answer(
    batch: &RecordBatch,
    with_group: bool,
    low: f64,
    width: f64,
    columns: Vec<Column>,
) -> Result<Part, QueryError> {
    let order: Vec<(usize, bool)> = (0..=usize::from(with_group))
        .map(|at| (at, false))
        .collect();
    let batch = ordered(batch, &order, None)?;
    let mut arrays = batch.columns().to_vec();
    let counts = arrays.pop();
    let numbers = arrays
        .last()
        .and_then(|bin| bin.as_primitive_opt::<Int64Type>().cloned());
    let edge = |step: i64| -> ArrayRef {
        #[expect(clippy::cast_precision_loss, reason = "at most ten thousand bins")]
        let at = |bin: i64| low + (bin + step) as f64 * width;
        let bins = numbers.iter().flat_map(|bins| bins.iter());
        let edges: Float64Array = bins.map(|bin| bin.map(at)).collect();
        Arc::new(edges)
    };
    let (start, end) = (edge(0), edge(1));
    if with_group && let Some(group) = arrays.first_mut() {
        *group = cast(group, &DataType::Utf8)?;
    }
    arrays.push(start);
    arrays.push(end);
    arrays.extend(counts);
    let total = arrays
        .last()
        .and_then(|counts| counts.as_primitive_opt::<Int64Type>());
    let total = total.map_or(0, |counts| counts.iter().flatten().sum::<i64>());
    Ok(Part {
        batches: vec![super::named(&columns, arrays)?],
        total_rows: u64::try_from(total).unwrap_or(0),
        truncated: false,
        columns,
    })
}
