//! Rows that came in another order, put back in the order of upload.
//!
//! Each row brings its place in its data file, and no place comes twice: a bit is set for each, and the bits set before a
//! row's own are its rank. Nothing is compared.

use super::scan::POSITION;
use crate::engine::BATCH_ROWS;
use deltalake::arrow::array::{AsArray as _, RecordBatch, UInt32Array};
use deltalake::arrow::buffer::{BooleanBuffer, MutableBuffer};
use deltalake::arrow::compute::{concat_batches, take_record_batch};
use deltalake::arrow::datatypes::Int64Type;
use deltalake::arrow::error::ArrowError;

/// The places that batches hold among `rows` of a data file, whose first row is at `base`.
pub(super) fn places(batches: &[RecordBatch], rows: usize, base: i64) -> BooleanBuffer {
    let words = words(batches, rows, base);
    BooleanBuffer::new(MutableBuffer::from(words).into(), 0, rows)
}

/// The same rows in the order of upload.
pub(super) fn in_order(
    batches: &[RecordBatch],
    rows: usize,
    base: i64,
) -> Result<Vec<RecordBatch>, ArrowError> {
    let Some(first) = batches.first() else {
        return Ok(Vec::new());
    };
    let words = words(batches, rows, base);
    let mut before = Vec::with_capacity(words.len());
    let mut count = 0_u32;
    for word in &words {
        before.push(count);
        count += word.count_ones();
    }
    let mut order = vec![0_u32; usize::try_from(count).unwrap_or(usize::MAX)];
    for (row, place) in (0_u32..).zip(of(batches, base)) {
        let (at, bit) = (place / 64, place % 64);
        let (Some(word), Some(before)) = (words.get(at), before.get(at)) else {
            continue;
        };
        let rank = before + (word & ((1_u64 << bit) - 1)).count_ones();
        if let Some(slot) = order.get_mut(usize::try_from(rank).unwrap_or(usize::MAX)) {
            *slot = row;
        }
    }
    let all = concat_batches(&first.schema(), batches)?;
    let parts = order.chunks(BATCH_ROWS);
    parts
        .map(|part| take_record_batch(&all, &UInt32Array::from(part.to_vec())))
        .collect()
}

/// A bit for each place that is held.
fn words(batches: &[RecordBatch], rows: usize, base: i64) -> Vec<u64> {
    let mut words = vec![0_u64; rows.div_ceil(64)];
    for place in of(batches, base) {
        if let Some(word) = words.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }
    words
}

/// The places of all rows, as they come.
fn of(batches: &[RecordBatch], base: i64) -> impl Iterator<Item = usize> + '_ {
    let columns = batches.iter().filter_map(|batch| {
        let column = batch.column_by_name(POSITION)?;
        column.as_primitive_opt::<Int64Type>()
    });
    columns.flat_map(move |column| {
        let places = column.values().iter();
        places.map(move |place| usize::try_from(place - base).unwrap_or(usize::MAX))
    })
}
