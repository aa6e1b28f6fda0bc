//! Writing a copy of a data file with its rows sorted.
//!
//! Rows of one value keep the order of upload, values that are missing come last, and each row brings its place in the data
//! file. A value of many rows has row groups of its own, so that statistics alone say that all of them meet a filter.

use super::{SortedCopy, name_of};
use crate::engine::BATCH_ROWS;
use crate::error::TableError;
use crate::ingest::{IngestError, OpenFile, Written};
use crate::log::TableVersion;
use crate::place::Place;
use crate::query::Scan;
use crate::schema::TableSchema;
use crate::tables::Inner;
use deltalake::arrow::array::{ArrayRef, Int64Array, RecordBatch, UInt32Array};
use deltalake::arrow::compute::{
    SortColumn, SortOptions, concat_batches, lexsort_to_indices, partition, take,
};
use deltalake::arrow::error::ArrowError;
use futures::TryStreamExt as _;
use std::ops::Range;
use std::sync::Arc;

/// Unpacked bytes of a file beyond which it is not sorted: all of it is in memory then.
const BYTES_MAX: u64 = 256 << 20;
/// Rows of one value from which on they have row groups of their own.
const ALONE_ROWS: usize = 32 * 1024;
/// Rows of a row group.
const GROUP_ROWS: usize = 128 * 1024;

/// Writes the copy of a unit, sorted by the column at this place; `None` when the unit is too wide to be sorted.
pub(super) async fn copy(
    inner: &Inner,
    place: &Place,
    version: &Arc<TableVersion>,
    unit: usize,
    column: usize,
) -> Result<Option<SortedCopy>, IngestError> {
    let all = (0..version.schema.columns.len()).collect();
    let scan = crate::keyed::scan(inner, place, version, all);
    let Some(file) = version.files.get(unit) else {
        return Ok(None);
    };
    if scan.unpacked_bytes(unit).await? > BYTES_MAX {
        return Ok(None);
    }
    let name = name_of(&by(&version.schema, column), &file.name);
    let schema = version.schema.with_positions();
    // Two at a time with other work at most: a turn is waited for as questions wait.
    let _turn = inner.engine.turn("sorted copies").await?;
    let batches: Vec<RecordBatch> = Scan::read(scan, unit, None).await?.try_collect().await?;
    let arrow = Arc::clone(&schema.arrow);
    let sort = tokio::task::spawn_blocking(move || sorted(&arrow, &batches, column));
    let sorted = sort.await.map_err(TableError::from)??;
    let written = write(inner, place, &schema, &name, &sorted).await?;
    Ok(Some(SortedCopy {
        column: by(&version.schema, column),
        name,
        bytes: written.bytes,
    }))
}

fn by(schema: &TableSchema, column: usize) -> String {
    let name = schema.physical.get(column);
    name.cloned().unwrap_or_default()
}

/// The rows of a data file in another order.
struct Rows {
    /// All of them, with their places.
    sorted: RecordBatch,
    /// Where row groups begin and end.
    groups: Vec<Range<usize>>,
    /// The first ones as uploaded: by them the data file's columns are stored as they are.
    first: RecordBatch,
}

fn sorted(
    schema: &deltalake::arrow::datatypes::SchemaRef,
    batches: &[RecordBatch],
    column: usize,
) -> Result<Rows, ArrowError> {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let places: ArrayRef = Arc::new(Int64Array::from_iter_values((0..).take(rows)));
    let stored: Vec<usize> = (0..schema.fields().len().saturating_sub(1)).collect();
    let gathered = concat_batches(&Arc::new(schema.project(&stored)?), batches)?;
    let key = gathered.columns().get(column);
    let key = key.ok_or_else(|| ArrowError::SchemaError("no column to sort by".to_owned()))?;
    let sort = |values: &ArrayRef| SortColumn {
        values: Arc::clone(values),
        options: Some(SortOptions {
            descending: false,
            nulls_first: false,
        }),
    };
    let order: UInt32Array = lexsort_to_indices(&[sort(key), sort(&places)], None)?;
    let columns = || gathered.columns().iter().chain([&places]);
    let batch = |columns| RecordBatch::try_new(Arc::clone(schema), columns);
    let first = columns().map(|column| column.slice(0, rows.min(BATCH_ROWS)));
    let first = batch(first.collect())?;
    let sorted = columns().map(|column| take(column, &order, None));
    let sorted = batch(sorted.collect::<Result<_, _>>()?)?;
    let key = sorted.columns().get(column).cloned();
    let values = partition(&key.into_iter().collect::<Vec<_>>())?;
    Ok(Rows {
        groups: groups(values.ranges()),
        sorted,
        first,
    })
}

/// Row groups for rows whose values take these ranges.
fn groups(values: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    // Whether the last group may take further values.
    let mut is_open = false;
    for value in values {
        let alone = value.len() >= ALONE_ROWS;
        if let Some(last) = groups
            .last_mut()
            .filter(|last| is_open && !alone && last.len() + value.len() <= GROUP_ROWS)
        {
            last.end = value.end;
            continue;
        }
        let mut from = value.start;
        while from < value.end {
            let end = value.end.min(from + GROUP_ROWS);
            groups.push(from..end);
            from = end;
        }
        is_open = !alone;
    }
    groups
}

async fn write(
    inner: &Inner,
    place: &Place,
    schema: &TableSchema,
    name: &str,
    rows: &Rows,
) -> Result<Written, IngestError> {
    let store = inner.sealed(place);
    // What is dropped unfinished leaves no object.
    let mut file = OpenFile::new(
        &store,
        &place.folder(),
        name.to_owned(),
        schema,
        &rows.first,
    )?;
    for group in &rows.groups {
        let group = rows.sorted.slice(group.start, group.len());
        let encoded = file.encode(vec![group])?.await.map_err(TableError::from)?;
        file.take(encoded?).await?;
    }
    file.end().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_many_rows_has_row_groups_of_its_own() {
        let values = |lengths: &[usize]| {
            let mut from = 0;
            let ranges = lengths.iter().map(|length| {
                from += length;
                from - length..from
            });
            groups(ranges.collect::<Vec<_>>())
        };
        assert!(values(&[]).is_empty());
        assert_eq!(values(&[1, 2, 3]), vec![0..6_usize]);
        let (few, many) = (10, ALONE_ROWS);
        assert_eq!(
            values(&[few, many, few, few]),
            [0..few, few..few + many, few + many..many + 3 * few]
        );
        assert_eq!(
            values(&[GROUP_ROWS + 1]),
            [0..GROUP_ROWS, GROUP_ROWS..GROUP_ROWS + 1]
        );
        let unique = values(&vec![1; 3 * GROUP_ROWS]);
        assert_eq!(unique.len(), 3);
        assert_eq!(unique.iter().map(Range::len).sum::<usize>(), 3 * GROUP_ROWS);
    }
}
