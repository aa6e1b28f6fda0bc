//! The first rows in an order, found without putting the others in order.
//!
//! What a row is sorted by first is compared, as a whole number, with the worst of those that are kept; all but a few
//! rows are passed over so. Units tell one another the worst they have, which passes over more and changes no answer.

use super::error::QueryError;
use super::order_keys::{Order, keys, sorted};
use super::run::each;
use super::scan::Scan;
use crate::engine::Engine;
use crate::error::TableError;
use deltalake::arrow::array::{BooleanArray, RecordBatch};
use deltalake::arrow::buffer::BooleanBuffer;
use deltalake::arrow::compute::{concat_batches, filter_record_batch};
use deltalake::arrow::datatypes::DataType;
use deltalake::arrow::error::ArrowError;
use futures::TryStreamExt as _;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The most rows looked for in this way.
pub(super) const ROWS_MAX: usize = 10_000;
/// Rows held before they are cut to those that are wanted.
const HELD_ROWS: usize = 64 << 10;

/// Whether the first rows in this order are found here.
pub(crate) fn can_be_sieved(scan: &Scan, order: &Order, rows: usize) -> bool {
    let first = order.first().map(|(place, _)| *place);
    let schema = scan.schema();
    let kind = first.and_then(|place| schema.fields().get(place));
    rows <= ROWS_MAX
        && kind.is_some_and(|field| {
            matches!(
                field.data_type(),
                DataType::Float64 | DataType::Int64 | DataType::Date32 | DataType::Timestamp(..)
            )
        })
}

/// The rows of each unit that may be among the first. The last column of the scan, the position, decides between equals.
pub(crate) async fn sieved(
    engine: &Engine,
    scan: &Scan,
    order: &Order,
    rows: usize,
) -> Result<Vec<RecordBatch>, QueryError> {
    let shared = Arc::new(AtomicI64::new(i64::MAX));
    let found = each(engine, 0..scan.units(), |unit| {
        let (scan, order, shared) = (scan.clone(), order.clone(), Arc::clone(&shared));
        async move { Ok(one(scan, unit, order, rows, &shared).await?) }
    })
    .await?;
    Ok(found)
}

async fn one(
    scan: Scan,
    unit: usize,
    order: Order,
    rows: usize,
    shared: &AtomicI64,
) -> Result<RecordBatch, TableError> {
    let schema = scan.schema();
    let mut sieve = Sieve {
        rows,
        best: BinaryHeap::with_capacity(rows + 1),
        held: Vec::new(),
        held_rows: 0,
        order,
    };
    let mut batches = scan.read(unit, None).await?;
    while let Some(batch) = batches.try_next().await? {
        sieve.add(&batch, shared)?;
    }
    if sieve.held.is_empty() {
        return Ok(RecordBatch::new_empty(schema));
    }
    sieve.cut()?;
    Ok(concat_batches(&schema, &sieve.held)?)
}

struct Sieve {
    rows: usize,
    order: Order,
    /// The best keys so far, the worst of them on top.
    best: BinaryHeap<i64>,
    held: Vec<RecordBatch>,
    held_rows: usize,
}

impl Sieve {
    fn add(&mut self, batch: &RecordBatch, shared: &AtomicI64) -> Result<(), ArrowError> {
        let Some((place, descending)) = self.order.first().copied() else {
            return Ok(());
        };
        let Some(column) = batch.columns().get(place) else {
            return Ok(());
        };
        let keys = keys(column, descending)?;
        let is_full = self.best.len() >= self.rows;
        let own = self.best.peek().copied().filter(|_| is_full);
        let others = shared.load(Ordering::Relaxed);
        // A row as good as another unit's worst may stand before it; one as good as an earlier row of this unit does
        // not, unless another column decides.
        let is_single = self.order.len() == 1;
        let own = own.map_or(i64::MAX, |worst| {
            // Where the worst is missing, or as large as can be, a later one may be better by a hair.
            if is_single && worst < i64::MAX {
                worst.saturating_sub(1)
            } else {
                worst
            }
        });
        let worst = own.min(others);
        let kept = BooleanBuffer::collect_bool(keys.len(), |row| {
            keys.get(row).is_some_and(|key| *key <= worst)
        });
        let count = kept.count_set_bits();
        if count == 0 {
            return Ok(());
        }
        for row in kept.set_indices() {
            let Some(key) = keys.get(row) else { continue };
            if self.best.len() < self.rows {
                self.best.push(*key);
            } else if let Some(mut worst) = self.best.peek_mut()
                && *key < *worst
            {
                *worst = *key;
            }
        }
        if self.best.len() >= self.rows
            && let Some(worst) = self.best.peek()
        {
            shared.fetch_min(*worst, Ordering::Relaxed);
        }
        self.held_rows += count;
        self.held
            .push(filter_record_batch(batch, &BooleanArray::new(kept, None))?);
        if self.held_rows > HELD_ROWS {
            self.cut()?;
        }
        Ok(())
    }

    /// Keeps the first rows of those held.
    fn cut(&mut self) -> Result<(), ArrowError> {
        let Some(schema) = self.held.first().map(RecordBatch::schema) else {
            return Ok(());
        };
        let held = concat_batches(&schema, &self.held)?;
        let first = sorted(&held, &self.order, Some(self.rows))?;
        self.held_rows = first.num_rows();
        self.held = vec![first];
        Ok(())
    }
}
