//! Equal bins of a number or a time.

use super::Part;
use super::aggregate::{By, Made, grouped, ordered};
use super::error::QueryError;
use super::filter::column as engine_column;
use super::fold::folded;
use super::names::{Found, find};
use super::predicate::Predicate;
use super::scan::Scan;
use super::spread::Kind;
use crate::engine::Engine;
use deltalake::arrow::array::{
    Array as _, ArrayRef, AsArray as _, Float64Array, Int64Array, RecordBatch, UInt32Array,
};
use deltalake::arrow::compute::{cast, take};
use deltalake::arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
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

/// Of a table of at most so many rows, 192 MiB of numbers, the values are held between finding their ends and counting
/// them; a larger one is read twice.
const HELD_ROWS: u64 = 24 << 20;

/// All values of the binned column.
const VALUES: Made = Made::Own {
    kind: Kind::Median,
    column: 0,
};

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
    let nothing = |columns| Part {
        batches: Vec::new(),
        total_rows: 0,
        truncated: false,
        columns,
    };
    scan.columns = vec![found.position];
    if let Some(group) = &group
        && group.position != found.position
    {
        scan.columns.push(group.position);
    }
    let by: Vec<usize> = group.iter().map(|_| scan.columns.len() - 1).collect();
    if scan.version.rows() <= HELD_ROWS
        && let Some(folded) = folded(engine, &scan, &by, &[VALUES]).await?
    {
        let (groups, values) = folded.values();
        let Some((edges, batch)) = counted(groups, &values, bins)? else {
            return Ok(nothing(columns));
        };
        return answer(&batch, group.is_some(), edges, columns);
    }
    let Some((low, high)) = span(engine, &scan, &found).await? else {
        return Ok(nothing(columns));
    };
    let edges = Edges::new(low, high, bins);
    let number = number(value, kind);
    let bin = if edges.is_wide() {
        let place = floor((number - lit(edges.low)) / lit(edges.width));
        cast_to(least(vec![place, lit(edges.last)]), DataType::Int64)
    } else {
        lit(0_i64)
    };
    let scanned_schema = DFSchema::try_from(scan.schema())?;
    let bin = engine
        .context()
        .create_physical_expr(bin, &scanned_schema)?;
    let mut by: Vec<By> = by.into_iter().map(By::Column).collect();
    by.push(By::Expression(bin));
    let counted = Made::Of {
        aggregate: Aggregate::Count,
        column: None,
        whole: false,
    };
    let batch = grouped(engine, scan, by, vec![counted]).await?;
    answer(&batch, group.is_some(), edges, columns)
}

/// Where the bins lie.
#[derive(Debug, Clone, Copy)]
struct Edges {
    low: f64,
    width: f64,
    /// The number of the last bin.
    last: f64,
}

impl Edges {
    fn new(low: f64, high: f64, bins: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "at most ten thousand bins")]
        let count = bins as f64;
        Self {
            low,
            width: (high - low) / count,
            last: count - 1.0,
        }
    }

    /// Whether values differ, and not by more than a number can say.
    fn is_wide(self) -> bool {
        self.width > 0.0 && self.width.is_finite()
    }

    fn bin(self, value: f64) -> usize {
        if !self.is_wide() {
            return 0;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most ten thousand bins, and no value is below the lowest"
        )]
        let bin = ((value - self.low) / self.width).floor().min(self.last) as usize;
        bin
    }
}

/// Counts the values of each group that lie in each bin: the groups' columns, the bin and the count, where there are any.
fn counted(
    groups: Vec<ArrayRef>,
    values: &[Vec<Vec<f64>>],
    bins: u64,
) -> Result<Option<(Edges, RecordBatch)>, QueryError> {
    let all = || values.iter().flatten().flatten().copied();
    let (Some(low), Some(high)) = (all().reduce(f64::min), all().reduce(f64::max)) else {
        return Ok(None);
    };
    let edges = Edges::new(low, high, bins);
    let (mut from, mut bin, mut count) = (Vec::new(), Vec::new(), Vec::new());
    for (group, values) in (0_u32..).zip(values) {
        let mut counts = vec![0_i64; usize::try_from(bins).unwrap_or(0)];
        for value in values.iter().flatten() {
            if let Some(count) = counts.get_mut(edges.bin(*value)) {
                *count += 1;
            }
        }
        for (number, counted) in (0_i64..).zip(counts).filter(|(_, count)| *count > 0) {
            from.push(group);
            bin.push(number);
            count.push(counted);
        }
    }
    let from = UInt32Array::from(from);
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(groups.len() + 2);
    for group in groups {
        columns.push(take(&group, &from, None)?);
    }
    columns.push(Arc::new(Int64Array::from(bin)));
    columns.push(Arc::new(Int64Array::from(count)));
    let fields = columns.iter().enumerate();
    let fields =
        fields.map(|(at, column)| Field::new(format!("c{at}"), column.data_type().clone(), true));
    let schema = Schema::new(fields.collect::<Vec<_>>());
    Ok(Some((
        edges,
        RecordBatch::try_new(Arc::new(schema), columns)?,
    )))
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
    let made = [Aggregate::Min, Aggregate::Max].map(|aggregate| Made::Of {
        aggregate,
        column: Some(0),
        whole: false,
    });
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
    edges: Edges,
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
        let at = |bin: i64| edges.low + (bin + step) as f64 * edges.width;
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
