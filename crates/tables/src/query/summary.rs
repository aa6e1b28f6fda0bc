//! The shapes that summarise: aggregates, distinct values and ranges.

use super::Part;
use super::aggregate::{By, Made, finished, grouped, renamed};
use super::error::QueryError;
use super::names::{Found, find, find_all};
use super::scan::Scan;
use crate::engine::Engine;
use deltalake::arrow::array::{ArrayRef, AsArray as _, BooleanArray, RecordBatch};
use deltalake::arrow::compute::{cast, filter_record_batch, is_not_null};
use deltalake::arrow::datatypes::{DataType, Decimal128Type};
use domain::query::{Aggregate, Measure};
use domain::{Column, ColumnType};
use std::sync::Arc;

/// Cuts to a limit, and says whether anything was cut.
pub(crate) fn cut(rows: usize, limit: Option<u64>) -> bool {
    limit.is_some_and(|limit| rows as u64 > limit)
}

/// The distinct positions among some columns, and where each of them is among these.
pub(crate) fn columns_of<'a>(found: impl Iterator<Item = &'a Found>) -> Vec<usize> {
    let mut columns = Vec::new();
    for found in found {
        if !columns.contains(&found.position) {
            columns.push(found.position);
        }
    }
    columns
}

/// Where a column of the table is among those scanned.
pub(crate) fn place(scan: &Scan, found: &Found) -> usize {
    let at = scan
        .columns
        .iter()
        .position(|column| *column == found.position);
    at.unwrap_or(0)
}

/// Whether a column holds numbers.
pub(crate) fn numeric(found: &Found, aggregate: &str, pointer: String) -> Result<(), QueryError> {
    if found.column.kind.is_number() {
        return Ok(());
    }
    Err(QueryError::Shape {
        pointer,
        message: format!(
            "`{aggregate}` needs numbers, and the column \"{}\" is of type {}",
            found.column.name,
            found.column.kind.as_str()
        ),
    })
}

fn measure_kind(measure: &Measure, found: Option<&Found>) -> ColumnType {
    let own = found.map_or(ColumnType::Int64, |found| found.column.kind);
    match measure.aggregate {
        Aggregate::Count | Aggregate::Distinct => ColumnType::Int64,
        Aggregate::Mean | Aggregate::Median | Aggregate::Std => ColumnType::Float64,
        Aggregate::Sum | Aggregate::Min | Aggregate::Max => own,
    }
}

/// `Shape::Aggregate`.
pub(crate) async fn aggregate(
    engine: &Engine,
    mut scan: Scan,
    group_by: &[String],
    measures: &[Measure],
    limit: Option<u64>,
) -> Result<Part, QueryError> {
    let schema = &scan.version.schema;
    let groups = find_all(schema, group_by, "/group_by")?;
    let mut sources: Vec<Option<Found>> = Vec::with_capacity(measures.len());
    for (index, measure) in measures.iter().enumerate() {
        let pointer = || format!("/measures/{index}/column");
        let name = measure.aggregate.as_str();
        let source = match &measure.column {
            Some(column) => Some(find(schema, column, pointer)?),
            None if measure.aggregate == Aggregate::Count => None,
            None => {
                return Err(QueryError::Shape {
                    pointer: pointer(),
                    message: format!("`{name}` needs a column"),
                });
            }
        };
        if let (true, Some(source)) = (measure.aggregate.needs_number(), &source) {
            numeric(source, name, pointer())?;
        }
        sources.push(source);
    }
    scan.columns = columns_of(groups.iter().chain(sources.iter().flatten()));
    let by = groups.iter().map(|found| By::Column(place(&scan, found)));
    let by: Vec<_> = by.collect();
    let made = measures.iter().zip(&sources).map(|(measure, source)| {
        let whole = source
            .as_ref()
            .is_some_and(|s| s.column.kind == ColumnType::Int64);
        Made::Of {
            aggregate: measure.aggregate,
            column: source.as_ref().map(|source| place(&scan, source)),
            whole,
        }
    });
    let made: Vec<Made> = made.collect();
    let batch = grouped(engine, scan, by, made).await?;
    let mut columns: Vec<Column> = groups.iter().map(|found| found.column.clone()).collect();
    let kinds = measures.iter().zip(&sources).enumerate();
    columns.extend(kinds.map(|(index, (measure, source))| Column {
        name: format!("m{index}"),
        kind: measure_kind(measure, source.as_ref()),
    }));
    let batch = exact_sums(&batch, &mut columns)?;
    let order: Vec<(usize, bool)> = (0..groups.len()).map(|at| (at, false)).collect();
    let names = columns.iter().map(|column| column.name.clone());
    let answer = finished(&batch, &order, limit, names)?;
    let answer = match limit.and_then(|limit| usize::try_from(limit).ok()) {
        Some(limit) if limit < answer.num_rows() => answer.slice(0, limit),
        _ => answer,
    };
    Ok(Part {
        total_rows: batch.num_rows() as u64,
        truncated: cut(batch.num_rows(), limit),
        batches: vec![answer],
        columns,
    })
}

/// Exact sums of whole numbers become whole numbers, or numbers where one does not fit.
fn exact_sums(batch: &RecordBatch, columns: &mut [Column]) -> Result<RecordBatch, QueryError> {
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len());
    for (array, column) in batch.columns().iter().zip(columns) {
        let Some(sums) = array.as_primitive_opt::<Decimal128Type>() else {
            arrays.push(Arc::clone(array));
            continue;
        };
        let fits = sums.iter().flatten().all(|sum| i64::try_from(sum).is_ok());
        column.kind = if fits {
            ColumnType::Int64
        } else {
            ColumnType::Float64
        };
        let to = if fits {
            DataType::Int64
        } else {
            DataType::Float64
        };
        arrays.push(cast(array, &to)?);
    }
    let named = batch.schema();
    let fields = named.fields().iter().zip(&arrays).map(|(field, array)| {
        field
            .as_ref()
            .clone()
            .with_data_type(array.data_type().clone())
    });
    let schema = deltalake::arrow::datatypes::Schema::new(fields.collect::<Vec<_>>());
    Ok(RecordBatch::try_new(Arc::new(schema), arrays)?)
}

/// `Shape::Distinct`.
pub(crate) async fn distinct(
    engine: &Engine,
    mut scan: Scan,
    column: &str,
    search: Option<&str>,
    limit: u64,
) -> Result<Part, QueryError> {
    let found = find(&scan.version.schema, column, || "/column".to_owned())?;
    scan.columns = vec![found.position];
    let counted = Made::Of {
        aggregate: Aggregate::Count,
        column: None,
        whole: false,
    };
    let batch = grouped(engine, scan, vec![By::Column(0)], vec![counted]).await?;
    let mut kept = match batch.columns().first() {
        Some(values) => filter_record_batch(&batch, &is_not_null(values)?)?,
        None => batch,
    };
    if let (Some(search), Some(values)) = (search, kept.columns().first()) {
        let texts = cast(values, &DataType::Utf8)?;
        let search = search.to_lowercase();
        let texts = texts.as_string_opt::<i32>();
        let hits: BooleanArray = texts
            .into_iter()
            .flatten()
            .map(|text| text.map(|text| text.to_lowercase().contains(&search)))
            .collect();
        kept = filter_record_batch(&kept, &hits)?;
    }
    let columns = vec![
        Column {
            name: "value".to_owned(),
            kind: found.column.kind,
        },
        Column {
            name: "count".to_owned(),
            kind: ColumnType::Int64,
        },
    ];
    let total = kept.num_rows();
    let names = columns.iter().map(|column| column.name.clone());
    let answer = finished(&kept, &[(1, true), (0, false)], Some(limit), names)?;
    Ok(Part {
        batches: vec![answer],
        total_rows: total as u64,
        truncated: cut(total, Some(limit)),
        columns,
    })
}

/// `Shape::Range`.
pub(crate) async fn range(
    engine: &Engine,
    mut scan: Scan,
    column: &str,
) -> Result<Part, QueryError> {
    let found = find(&scan.version.schema, column, || "/column".to_owned())?;
    scan.columns = vec![found.position];
    let of = |aggregate| Made::Of {
        aggregate,
        column: Some(0),
        whole: false,
    };
    let made = vec![of(Aggregate::Min), of(Aggregate::Max), of(Aggregate::Count)];
    let batch = grouped(engine, scan, Vec::new(), made).await?;
    let columns: Vec<Column> = [
        ("min", found.column.kind),
        ("max", found.column.kind),
        ("count", ColumnType::Int64),
    ]
    .into_iter()
    .map(|(name, kind)| Column {
        name: name.to_owned(),
        kind,
    })
    .collect();
    let names = columns.iter().map(|column| column.name.clone());
    Ok(Part {
        total_rows: batch.num_rows() as u64,
        truncated: false,
        batches: vec![renamed(&batch, names)?],
        columns,
    })
}
