//! Writing a copy of a data file with its rows sorted.
//!
//! Rows of one value keep the order of upload, values that are missing come last, and each row brings its place in the data
//! file. A value of many rows has row groups of its own, so that statistics alone say that all of them meet a filter.
//! One column is in memory at a time, beside what is encoded already.

use super::{SortedCopy, name_of};
use crate::engine::BATCH_ROWS;
use crate::error::TableError;
use crate::ingest::{IngestError, OpenFile, encode_column, random_name};
use crate::log::TableVersion;
use crate::place::Place;
use crate::query::Scan;
use crate::schema::TableSchema;
use crate::tables::Inner;
use deltalake::arrow::array::{Array as _, ArrayRef, Int64Array, RecordBatch, UInt32Array};
use deltalake::arrow::compute::{
    SortColumn, SortOptions, concat, concat_batches, lexsort_to_indices, partition, take,
};
use deltalake::arrow::datatypes::FieldRef;
use deltalake::arrow::error::ArrowError;
use deltalake::parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter};
use futures::TryStreamExt as _;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of a file beyond which it is not sorted: what is encoded is held until all of it is.
const FILE_BYTES_MAX: u64 = 128 << 20;
/// Rows of one value from which on they have row groups of their own.
const ALONE_ROWS: usize = 32 * 1024;
/// Rows of a row group.
const GROUP_ROWS: usize = 128 * 1024;

/// Writes the copy of a unit, sorted by the column at this place; `None` when the unit is too large to be sorted.
pub(super) async fn copy(
    inner: &Inner,
    place: &Place,
    version: &Arc<TableVersion>,
    unit: usize,
    column: usize,
) -> Result<Option<SortedCopy>, IngestError> {
    let file = version.files.get(unit);
    let Some(file) = file.filter(|file| file.bytes <= FILE_BYTES_MAX) else {
        return Ok(None);
    };
    let by = version.schema.physical.get(column);
    let by = by.cloned().unwrap_or_default();
    let name = name_of(&by, &random_name(), &file.name);
    // A turn is waited for as questions wait.
    let _turn = inner.engine.turn("sorted copies").await?;
    let source = Source {
        scan: crate::keyed::scan(inner, place, version, Vec::new()),
        unit,
    };
    let keys = source.column(column).await?;
    let order = tokio::task::spawn_blocking(move || order(&keys));
    let order = Arc::new(order.await.map_err(TableError::from)??);
    let schema = version.schema.with_positions();
    let store = inner.sealed(place);
    let first = source.first_rows(&schema).await?;
    // What is dropped unfinished leaves no object.
    let mut copy = OpenFile::new(&store, &place.folder(), name.clone(), &schema, &first)?;
    let fields: Vec<FieldRef> = copy.schema.fields().iter().cloned().collect();
    let mut writers = Vec::with_capacity(order.groups.len());
    for group in &order.groups {
        writers.push(copy.begin(group.len())?.into_iter());
    }
    let mut groups: Vec<Vec<ArrowColumnChunk>> = Vec::new();
    groups.resize_with(order.groups.len(), Vec::new);
    for (at, field) in fields.into_iter().enumerate() {
        let values = match at < version.schema.columns.len() {
            true => source.column(at).await?,
            // Each row's place, last.
            false => order.places(),
        };
        let own: Vec<_> = writers.iter_mut().filter_map(Iterator::next).collect();
        let order = Arc::clone(&order);
        let encoded = tokio::task::spawn_blocking(move || order.encode(own, &field, &values));
        let encoded = encoded.await.map_err(TableError::from)??;
        for (group, chunk) in groups.iter_mut().zip(encoded) {
            group.push(chunk);
        }
    }
    for group in groups {
        copy.take(group).await?;
    }
    let bytes = copy.end().await?.bytes;
    Ok(Some(SortedCopy {
        column: by,
        name,
        bytes,
    }))
}

/// The unit that is copied.
struct Source {
    scan: Scan,
    unit: usize,
}

impl Source {
    fn of(&self, columns: Vec<usize>) -> Scan {
        Scan {
            columns,
            ..self.scan.clone()
        }
    }

    /// All values of a column.
    async fn column(&self, column: usize) -> Result<ArrayRef, TableError> {
        let scan = self.of(vec![column]);
        let schema = scan.schema();
        let read: Vec<RecordBatch> = scan.read(self.unit, None).await?.try_collect().await?;
        let parts: Vec<&dyn deltalake::arrow::array::Array> = read
            .iter()
            .filter_map(|batch| batch.columns().first())
            .map(AsRef::as_ref)
            .collect();
        match parts.is_empty() {
            true => Ok(Arc::clone(RecordBatch::new_empty(schema).column(0))),
            false => Ok(concat(&parts)?),
        }
    }

    /// The first rows as uploaded, with their places: by them the data file's columns are stored as they are.
    async fn first_rows(&self, schema: &TableSchema) -> Result<RecordBatch, TableError> {
        let all = schema.columns.len().saturating_sub(1);
        let scan = self.of((0..all).collect());
        let stored = scan.schema();
        let first = scan.read(self.unit, None).await?.try_next().await?;
        let first = concat_batches(&stored, first.iter())?;
        let rows = first.num_rows().min(BATCH_ROWS);
        let mut columns = first.slice(0, rows).columns().to_vec();
        columns.push(Arc::new(Int64Array::from_iter_values((0..).take(rows))));
        Ok(RecordBatch::try_new(Arc::clone(&schema.arrow), columns)?)
    }
}

/// In which order the rows of a copy stand.
struct Order {
    /// The places of the rows in the data file.
    rows: UInt32Array,
    /// Where row groups begin and end.
    groups: Vec<Range<usize>>,
}

/// The order of the values of a column; equal ones in the order of upload.
fn order(values: &ArrayRef) -> Result<Order, ArrowError> {
    let places: ArrayRef = Arc::new(Int64Array::from_iter_values((0..).take(values.len())));
    let by = [values, &places].map(|values| SortColumn {
        values: Arc::clone(values),
        options: Some(SortOptions {
            descending: false,
            nulls_first: false,
        }),
    });
    let rows = lexsort_to_indices(&by, None)?;
    let sorted = take(values, &rows, None)?;
    let equal = partition(&[sorted])?.ranges();
    Ok(Order {
        rows,
        groups: groups(equal),
    })
}

impl Order {
    fn places(&self) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values((0..).take(self.rows.len())))
    }

    /// Encodes a column, group by group, each by its own writer.
    fn encode(
        &self,
        writers: Vec<ArrowColumnWriter>,
        field: &FieldRef,
        values: &ArrayRef,
    ) -> Result<Vec<ArrowColumnChunk>, TableError> {
        let sorted = take(values, &self.rows, None)?;
        let groups = writers.into_iter().zip(&self.groups);
        let encoded = groups.map(|(writer, group)| {
            let part = sorted.slice(group.start, group.len());
            encode_column(writer, field, [&part].into_iter())
        });
        Ok(encoded.collect::<Result<_, _>>()?)
    }
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
