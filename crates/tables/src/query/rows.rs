//! Rows: a page of them, in any order, and an even sample.
//!
//! A page is read late: first only what decides which rows it holds, then all columns of those rows.

use super::deep::positions;
use super::error::QueryError;
use super::names::Found;
use super::order_keys::Order;
use super::run::{each, over, partitions};
use super::scan::{POSITION, Scan};
use super::top::{ROWS_MAX, can_be_sieved, sieved};
use crate::engine::Engine;
use crate::error::TableError;
use deltalake::arrow::array::{AsArray as _, RecordBatch, UInt64Array};
use deltalake::arrow::compute::{SortOptions, concat_batches, take_record_batch};
use deltalake::arrow::datatypes::{Int64Type, SchemaRef};
use deltalake::datafusion::physical_expr::expressions::Column;
use deltalake::datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use deltalake::datafusion::physical_plan::ExecutionPlan;
use deltalake::datafusion::physical_plan::sorts::sort::SortExec;
use futures::TryStreamExt as _;
use std::ops::Range;
use std::sync::Arc;

/// Rows of one unit that are wanted: by their place among those that meet the predicate.
struct Wanted {
    unit: usize,
    places: Vec<u64>,
}

/// Finds the units of places that count through all units. The places ascend.
fn by_unit(counts: &[u64], places: impl Iterator<Item = u64>) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut units = counts.iter().copied().enumerate();
    let (mut unit, mut before, mut after) = (0, 0, 0);
    for place in places {
        while place >= after {
            let Some((next, count)) = units.next() else {
                return wanted;
            };
            (unit, before, after) = (next, after, after + count);
        }
        match wanted.last_mut() {
            Some(last) if last.unit == unit => last.places.push(place - before),
            _ => wanted.push(Wanted {
                unit,
                places: vec![place - before],
            }),
        }
    }
    wanted
}

/// Neighbouring places as ranges.
fn ranges(places: &[u64]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for place in places {
        let place = usize::try_from(*place).unwrap_or(usize::MAX);
        match ranges.last_mut() {
            Some(last) if last.end == place => last.end += 1,
            _ => ranges.push(place..place + 1),
        }
    }
    ranges
}

/// Reads the rows at ascending places among all rows that meet the predicate.
async fn at_places(
    engine: &Engine,
    scan: &Scan,
    counts: &[u64],
    places: impl Iterator<Item = u64>,
) -> Result<Vec<RecordBatch>, QueryError> {
    let wanted: Vec<Arc<Wanted>> = by_unit(counts, places).into_iter().map(Arc::new).collect();
    let read = each(engine, 0..wanted.len(), |index| {
        let (scan, wanted) = (scan.clone(), wanted.get(index).cloned());
        async move {
            let Some(wanted) = wanted else {
                return Ok(Vec::new());
            };
            let at = found(&scan, &wanted).await?;
            // These rows are known to meet the predicate: they are read by their positions alone.
            let scan = Scan {
                predicate: None,
                ..scan
            };
            let rows = scan.read(wanted.unit, Some(at)).await?;
            Ok(rows.try_collect().await?)
        }
    })
    .await?;
    Ok(read.into_iter().flatten().collect())
}

/// Where in their unit the wanted ones stand among those that meet the predicate. No column but the predicate's is read.
async fn found(scan: &Scan, wanted: &Wanted) -> Result<Vec<Range<usize>>, QueryError> {
    let mut masks = scan.masks(wanted.unit).await?;
    let mut at = Vec::with_capacity(wanted.places.len());
    let mut places = wanted.places.iter().copied().peekable();
    // Rows before this mask, and how many of them meet the predicate.
    let (mut before, mut met) = (0_u64, 0_u64);
    while places.peek().is_some() {
        let Some(mask) = masks.try_next().await? else {
            break;
        };
        match &mask.kept {
            None => {
                let end = met + mask.rows as u64;
                while let Some(place) = places.next_if(|place| *place < end) {
                    at.push(before + place - met);
                }
                met = end;
            }
            Some(kept) => {
                let end = met + kept.count_set_bits() as u64;
                if places.peek().is_some_and(|place| *place < end) {
                    for (row, place) in kept.set_indices().zip(met..) {
                        if places.next_if_eq(&place).is_some() {
                            at.push(before + row as u64);
                        }
                    }
                }
                met = end;
            }
        }
        before += mask.rows as u64;
    }
    Ok(ranges(&at))
}

/// A page in the order of upload.
pub(crate) async fn page(
    engine: &Engine,
    scan: &Scan,
    counts: &[u64],
    offset: u64,
    limit: u64,
) -> Result<Vec<RecordBatch>, QueryError> {
    let total: u64 = counts.iter().sum();
    let end = offset.saturating_add(limit).min(total);
    at_places(engine, scan, counts, offset.min(end)..end).await
}

/// At most `limit` rows spread evenly over all that match.
pub(crate) async fn sample(
    engine: &Engine,
    scan: &Scan,
    counts: &[u64],
    limit: u64,
) -> Result<Vec<RecordBatch>, QueryError> {
    let total: u64 = counts.iter().sum();
    if total <= limit {
        return page(engine, scan, counts, 0, total).await;
    }
    let place = |at: u64| u128::from(at) * u128::from(total) / u128::from(limit);
    let places = (0..limit).filter_map(|at| u64::try_from(place(at)).ok());
    at_places(engine, scan, counts, places).await
}

/// A page in the order of some columns, ties in the order of upload.
pub(crate) async fn sorted_page(
    engine: &Engine,
    scan: &Scan,
    sort: &[(Found, bool)],
    total: u64,
    page: Range<u64>,
) -> Result<Vec<RecordBatch>, QueryError> {
    let mut keys: Vec<usize> = Vec::new();
    for (found, _) in sort {
        if !keys.contains(&found.position) {
            keys.push(found.position);
        }
    }
    let keyed = Scan {
        columns: keys.clone(),
        positions: true,
        ..scan.clone()
    };
    let schema = keyed.schema();
    let fetch = usize::try_from(page.end).unwrap_or(usize::MAX);
    let order = order_in(&keys, sort);
    if fetch > ROWS_MAX {
        let positions = positions(engine, &keyed, &order, total, page).await?;
        return by_position(engine, scan, &positions).await;
    }
    let ordering = ordering(&schema, &order)?;
    let sorter = |input: Arc<dyn ExecutionPlan>| -> Arc<dyn ExecutionPlan> {
        let sort = SortExec::new(ordering.clone(), input).with_preserve_partitioning(true);
        Arc::new(sort.with_fetch(Some(fetch)))
    };
    let first = if can_be_sieved(&keyed, &order, fetch) {
        sieved(engine, &keyed, &order, fetch).await?
    } else {
        partitions(engine, sorter(keyed.plan()?)).await?
    };
    let merged = over(engine, &schema, first, |held| Ok(sorter(held))).await?;
    let merged = concat_batches(&schema, &merged)?;
    let from = usize::try_from(page.start)
        .unwrap_or(usize::MAX)
        .min(merged.num_rows());
    let chosen = merged.slice(from, merged.num_rows() - from);
    let positions: Vec<u64> = chosen
        .column_by_name(POSITION)
        .and_then(|column| column.as_primitive_opt::<Int64Type>().cloned())
        .map(|column| {
            column
                .values()
                .iter()
                .filter_map(|v| u64::try_from(*v).ok())
                .collect()
        })
        .unwrap_or_default();
    by_position(engine, scan, &positions).await
}

/// What is sorted by, by the columns' places among the keys.
fn order_in(keys: &[usize], sort: &[(Found, bool)]) -> Order {
    let place = |found: &Found| keys.iter().position(|key| *key == found.position);
    let order = sort.iter();
    order
        .filter_map(|(found, descending)| Some((place(found)?, *descending)))
        .collect()
}

fn ordering(schema: &SchemaRef, order: &Order) -> Result<LexOrdering, QueryError> {
    let column = |at: usize| -> Arc<dyn PhysicalExpr> {
        let name = schema.fields().get(at).map(|field| field.name().clone());
        Arc::new(Column::new(&name.unwrap_or_default(), at))
    };
    let by = |expr, descending| PhysicalSortExpr {
        expr,
        options: SortOptions {
            descending,
            nulls_first: false,
        },
    };
    let mut expressions: Vec<PhysicalSortExpr> = order
        .iter()
        .map(|(at, descending)| by(column(*at), *descending))
        .collect();
    // The position comes last, and decides between equals.
    expressions.push(by(column(schema.fields().len().saturating_sub(1)), false));
    LexOrdering::new(expressions)
        .ok_or_else(|| TableError::Stopped("an empty ordering".to_owned()).into())
}

/// Reads rows by their positions among all rows of the version, in the order given.
async fn by_position(
    engine: &Engine,
    scan: &Scan,
    positions: &[u64],
) -> Result<Vec<RecordBatch>, QueryError> {
    // These rows are known to meet the predicate: they are read by their positions alone.
    let scan = Scan {
        predicate: None,
        ..scan.clone()
    };
    let counts: Vec<u64> = scan.version.files.iter().map(|file| file.rows).collect();
    let mut ranked: Vec<(u64, u64)> = positions.iter().copied().zip(0..).collect();
    ranked.sort_unstable();
    let ascending = ranked.iter().map(|(position, _)| *position);
    let read = at_places(engine, &scan, &counts, ascending).await?;
    let read = concat_batches(&scan.schema(), &read)?;
    // `read` is in the order of positions; each row's rank among those asked for puts it in its place.
    let mut back = vec![0_u64; ranked.len()];
    for (index, (_, rank)) in (0_u64..).zip(&ranked) {
        if let Some(place) = back.get_mut(usize::try_from(*rank).unwrap_or(usize::MAX)) {
            *place = index;
        }
    }
    Ok(vec![take_record_batch(&read, &UInt64Array::from(back))?])
}
