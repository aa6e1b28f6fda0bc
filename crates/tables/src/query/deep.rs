//! A page far down an order, found by counting.
//!
//! Rows are not put in order, and few of them are held: a pass over what they are sorted by counts how many fall into each
//! of many ranges, and the ranges that the page lies in are looked at again, until they hold few enough rows to be sorted.
//! So the ten-thousandth page costs about what the first one does, in time and in memory.

use super::error::QueryError;
use super::order_keys::{Order, continues, keys, sorted, text_keys};
use super::run::each;
use super::scan::{POSITION, Scan};
use crate::engine::Engine;
use crate::error::TableError;
use deltalake::arrow::array::{Array as _, AsArray as _, BooleanArray, RecordBatch};
use deltalake::arrow::buffer::BooleanBuffer;
use deltalake::arrow::compute::{concat_batches, filter_record_batch};
use deltalake::arrow::datatypes::{DataType, Int64Type};
use deltalake::arrow::error::ArrowError;
use futures::TryStreamExt as _;
use std::ops::Range;
use std::sync::Arc;

/// Rows that are sorted at one time; a page may have more.
const SORTED_ROWS: u64 = 64 * 1024;
/// Ranges that are counted at one time, as a power of two.
const RANGES_LOG: u32 = 16;

/// What is looked at: one column, or of text some bytes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level {
    /// Which column of the order.
    at: usize,
    /// Bytes of its text that are passed over.
    from: usize,
}

/// What rows have at a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Has {
    /// A key between these two.
    Key(i64, i64),
    /// No value.
    Nothing,
}

/// Rows that follow one another in the order, some of which the page holds.
#[derive(Debug, Clone)]
struct Segment {
    /// What they have at the levels before.
    fixed: Vec<(Level, Has)>,
    /// Where they are to be told apart; `None` when they are equal in all columns.
    level: Option<Level>,
    /// What they have there; anything when it is not said.
    has: Option<Has>,
    /// How many they are.
    rows: u64,
    /// Which of them the page holds.
    page: Range<u64>,
}

/// What was counted at a level: rows below the ranges, in each of them, above them, and without a value.
struct Counts {
    below: u64,
    ranges: Vec<u32>,
    above: u64,
    nothing: u64,
}

/// Ranges of keys, all as wide but for the last one.
#[derive(Debug, Clone, Copy)]
struct Ranges {
    least: i64,
    most: i64,
    /// The width, as a power of two.
    shift: u32,
}

impl Ranges {
    fn new(least: i64, most: i64) -> Self {
        let span = most.abs_diff(least);
        let bits = u64::BITS - span.leading_zeros();
        Self {
            least,
            most,
            shift: bits.saturating_sub(RANGES_LOG),
        }
    }

    fn count(self) -> usize {
        self.of(self.most) + 1
    }

    /// Which range a key is in that is not below the first.
    fn of(self, key: i64) -> usize {
        let offset = key.abs_diff(self.least) >> self.shift;
        usize::try_from(offset).unwrap_or(usize::MAX)
    }

    /// The keys of a range.
    fn keys(self, range: usize) -> Has {
        let first = (range as u64) << self.shift;
        let last = first.saturating_add((1_u64 << self.shift) - 1);
        let key = |offset: u64| self.least.saturating_add_unsigned(offset);
        Has::Key(key(first), key(last).min(self.most))
    }
}

/// The positions of the rows of a page, in their order. `scan` reads what is sorted by, then positions.
pub(super) async fn positions(
    engine: &Engine,
    scan: &Scan,
    order: &Order,
    total: u64,
    page: Range<u64>,
) -> Result<Vec<u64>, QueryError> {
    let scan = Scan {
        words: true,
        ..scan.clone()
    };
    let asked = Arc::new(Asked {
        order: order.clone(),
        scan,
    });
    let mut found = Vec::new();
    let mut segments = vec![Segment {
        fixed: Vec::new(),
        level: (!order.is_empty()).then_some(Level { at: 0, from: 0 }),
        has: None,
        rows: total,
        page: page.start.min(total)..page.end.min(total),
    }];
    while let Some(segment) = segments.pop() {
        if segment.page.is_empty() {
            continue;
        }
        if segment.rows <= SORTED_ROWS {
            found.extend(asked.sorted(engine, segment).await?);
            continue;
        }
        let Some(level) = segment.level else {
            found.extend(asked.equal(engine, segment).await?);
            continue;
        };
        let parts = asked.divided(engine, segment, level).await?;
        segments.extend(parts.into_iter().rev());
    }
    Ok(found)
}

/// What is sorted, and by what.
struct Asked {
    scan: Scan,
    order: Order,
}

impl Asked {
    /// The page's part of a segment of few rows.
    async fn sorted(
        self: &Arc<Self>,
        engine: &Engine,
        segment: Segment,
    ) -> Result<Vec<u64>, QueryError> {
        let page = segment.page.clone();
        let segment = Arc::new(segment);
        let read = each(engine, 0..self.scan.units(), |unit| {
            let (asked, segment) = (Arc::clone(self), Arc::clone(&segment));
            async move {
                let mut held = Vec::new();
                let mut batches = asked.scan.clone().read(unit, None).await?;
                while let Some(batch) = batches.try_next().await? {
                    let within = asked.within(&batch, &segment)?;
                    if within.count_set_bits() > 0 {
                        let within = BooleanArray::new(within, None);
                        let kept = filter_record_batch(&batch, &within);
                        held.push(kept.map_err(TableError::from)?);
                    }
                }
                Ok(held)
            }
        })
        .await?;
        let read: Vec<RecordBatch> = read.into_iter().flatten().collect();
        let all = concat_batches(&self.scan.schema(), &read)?;
        let all = sorted(&all, &self.order, None)?;
        let positions = positions_of(&all);
        Ok(positions
            .skip(usize::try_from(page.start).unwrap_or(usize::MAX))
            .take(usize::try_from(page.end - page.start).unwrap_or(usize::MAX))
            .collect())
    }

    /// The page's part of a segment whose rows are equal in all columns: those come in the order of upload.
    async fn equal(
        self: &Arc<Self>,
        engine: &Engine,
        segment: Segment,
    ) -> Result<Vec<u64>, QueryError> {
        let page = segment.page.clone();
        let segment = Arc::new(segment);
        let counts = each(engine, 0..self.scan.units(), |unit| {
            let (asked, segment) = (Arc::clone(self), Arc::clone(&segment));
            async move {
                let mut count = 0_u64;
                let mut batches = asked.scan.clone().read(unit, None).await?;
                while let Some(batch) = batches.try_next().await? {
                    count += asked.within(&batch, &segment)?.count_set_bits() as u64;
                }
                Ok(count)
            }
        })
        .await?;
        let mut found = Vec::new();
        let mut before = 0;
        for (unit, count) in counts.into_iter().enumerate() {
            let (from, to) = (page.start.max(before), page.end.min(before + count));
            if from < to {
                let mut place = before;
                let mut batches = self.scan.clone().read(unit, None).await?;
                while let Some(batch) = batches.try_next().await? {
                    let within = BooleanArray::new(self.within(&batch, &segment)?, None);
                    let kept = filter_record_batch(&batch, &within)?;
                    for position in positions_of(&kept) {
                        if (from..to).contains(&place) {
                            found.push(position);
                        }
                        place += 1;
                    }
                }
            }
            before += count;
        }
        Ok(found)
    }

    /// Divides a segment by counting, and gives those parts that the page has rows of.
    async fn divided(
        self: &Arc<Self>,
        engine: &Engine,
        mut segment: Segment,
        level: Level,
    ) -> Result<Vec<Segment>, QueryError> {
        let (level, ranges) = match segment.has {
            Some(Has::Key(least, most)) => (level, Ranges::new(least, most)),
            _ => self.bounds(level).await?,
        };
        segment.level = Some(level);
        let within = Arc::new(segment.clone());
        let counted = each(engine, 0..self.scan.units(), |unit| {
            let (asked, segment) = (Arc::clone(self), Arc::clone(&within));
            async move { Ok(asked.counted(unit, &segment, level, ranges).await?) }
        })
        .await?;
        let mut sum = Counts::new(ranges);
        for counts in counted {
            sum.add(&counts);
        }
        Ok(self.parts(&segment, level, ranges, &sum))
    }

    /// Reads no more than telling rows apart as far as a level takes.
    fn scan_to(&self, level: Level) -> Scan {
        let places = self.order.iter().take(level.at + 1);
        let columns = places.map(|(place, _)| place + 1).max().unwrap_or(0);
        let mut scan = self.scan.clone();
        scan.columns.truncate(columns);
        scan.positions = false;
        scan
    }

    async fn counted(
        &self,
        unit: usize,
        segment: &Segment,
        level: Level,
        ranges: Ranges,
    ) -> Result<Counts, TableError> {
        let mut counts = Counts::new(ranges);
        let mut batches = self.scan_to(level).read(unit, None).await?;
        while let Some(batch) = batches.try_next().await? {
            let Some((keys, nothing)) = self.keys(&batch, level)? else {
                continue;
            };
            let within = self.within(&batch, segment)?;
            let mut count = |row: usize, key: i64| {
                if nothing.as_ref().is_some_and(|nothing| nothing.value(row)) {
                    counts.nothing += 1;
                } else if key < ranges.least {
                    counts.below += 1;
                } else if key > ranges.most {
                    counts.above += 1;
                } else if let Some(range) = counts.ranges.get_mut(ranges.of(key)) {
                    *range += 1;
                }
            };
            if within.count_set_bits() == batch.num_rows() {
                for (row, key) in keys.iter().enumerate() {
                    count(row, *key);
                }
            } else {
                for row in within.set_indices() {
                    if let Some(key) = keys.get(row) {
                        count(row, *key);
                    }
                }
            }
        }
        Ok(counts)
    }

    /// The parts of a segment that the page has rows of, in their order.
    fn parts(
        &self,
        segment: &Segment,
        level: Level,
        ranges: Ranges,
        counts: &Counts,
    ) -> Vec<Segment> {
        let keyed = counts.ranges.iter().enumerate();
        let keyed = keyed.map(|(range, rows)| (ranges.keys(range), u64::from(*rows)));
        let below = Has::Key(i64::MIN, ranges.least.saturating_sub(1));
        let above = Has::Key(ranges.most.saturating_add(1), i64::MAX);
        let all = [(below, counts.below)].into_iter().chain(keyed);
        let all = all.chain([(above, counts.above), (Has::Nothing, counts.nothing)]);
        let mut parts: Vec<Segment> = Vec::new();
        let mut before = 0;
        for (has, rows) in all {
            let from = segment.page.start.max(before);
            let to = segment.page.end.min(before + rows);
            if from < to {
                let page = from - before..to - before;
                let part = self.part(segment, level, has, rows, page);
                match parts.last_mut() {
                    Some(last) if last.takes(&part) => {
                        last.page.end = last.rows + part.page.end;
                        last.rows += part.rows;
                        if let (Some(Has::Key(_, most)), Has::Key(_, end)) = (&mut last.has, has) {
                            *most = end;
                        }
                    }
                    _ => parts.push(part),
                }
            }
            before += rows;
        }
        parts
    }

    /// The rows of a segment that have this at a level, to be told apart there or at the next.
    fn part(
        &self,
        segment: &Segment,
        level: Level,
        has: Has,
        rows: u64,
        page: Range<u64>,
    ) -> Segment {
        let mut fixed = segment.fixed.clone();
        let next = match has {
            // Few rows are sorted by all columns, wherever they were told apart.
            Has::Key(least, most) if least < most || rows <= SORTED_ROWS => {
                return Segment {
                    fixed,
                    level: Some(level),
                    has: Some(has),
                    rows,
                    page,
                };
            }
            Has::Key(key, _) => self.more_text(level, key),
            Has::Nothing => None,
        };
        fixed.push((level, has));
        let next = next.or(Some(Level {
            at: level.at + 1,
            from: 0,
        }));
        Segment {
            fixed,
            level: next.filter(|level| level.at < self.order.len()),
            has: None,
            rows,
            page,
        }
    }

    /// The level at which text with this key goes on.
    fn more_text(&self, level: Level, key: i64) -> Option<Level> {
        let (place, descending) = *self.order.get(level.at)?;
        if !self.is_text(place) {
            return None;
        }
        let from = continues(key, descending, level.from)?;
        Some(Level { from, ..level })
    }

    fn is_text(&self, place: usize) -> bool {
        let schema = self.scan.schema();
        let kind = schema.fields().get(place).map(|field| field.data_type());
        matches!(kind, Some(DataType::Utf8 | DataType::Dictionary(..)))
    }

    /// The keys of a batch at a level, and which rows have no value.
    #[expect(clippy::type_complexity, reason = "read once, at its three callers")]
    fn keys(
        &self,
        batch: &RecordBatch,
        level: Level,
    ) -> Result<Option<(Vec<i64>, Option<BooleanBuffer>)>, ArrowError> {
        let Some((place, descending)) = self.order.get(level.at).copied() else {
            return Ok(None);
        };
        let Some(column) = batch.columns().get(place) else {
            return Ok(None);
        };
        let keys = if self.is_text(place) {
            text_keys(column, descending, level.from)?
        } else {
            keys(column, descending)?
        };
        let nulls = column.logical_nulls().filter(|it| it.null_count() > 0);
        Ok(Some((keys, nulls.map(|nulls| !nulls.inner()))))
    }

    /// Which rows of a batch belong to a segment.
    fn within(&self, batch: &RecordBatch, segment: &Segment) -> Result<BooleanBuffer, ArrowError> {
        let mut within = BooleanBuffer::new_set(batch.num_rows());
        let own = segment.level.zip(segment.has);
        for (level, has) in segment.fixed.iter().copied().chain(own) {
            let Some((keys, nothing)) = self.keys(batch, level)? else {
                continue;
            };
            let has_it = match (has, nothing) {
                (Has::Nothing, Some(nothing)) => nothing,
                (Has::Nothing, None) => BooleanBuffer::new_unset(batch.num_rows()),
                (Has::Key(least, most), nothing) => {
                    let keyed = BooleanBuffer::collect_bool(keys.len(), |row| {
                        keys.get(row)
                            .is_some_and(|key| (least..=most).contains(key))
                    });
                    match nothing {
                        Some(nothing) => &keyed & &!&nothing,
                        None => keyed,
                    }
                }
            };
            within = &within & &has_it;
        }
        Ok(within)
    }

    /// Between which keys the values of a column lie, as far as the statistics say; and how much all text has in common.
    async fn bounds(&self, level: Level) -> Result<(Level, Ranges), QueryError> {
        let all = (level, Ranges::new(i64::MIN, i64::MAX));
        let Some((place, descending)) = self.order.get(level.at).copied() else {
            return Ok(all);
        };
        let Some(column) = self.scan.columns.get(place).copied() else {
            return Ok(all);
        };
        let values = self.scan.extremes(column).await?;
        let (mut level, is_text) = (level, self.is_text(place));
        if is_text && level.from == 0 {
            level.from = in_common(&values);
        }
        let mut least_most: Option<(i64, i64)> = None;
        for values in &values {
            let of = if is_text {
                text_keys(values, descending, level.from)?
            } else {
                keys(values, descending)?
            };
            for key in of
                .into_iter()
                .enumerate()
                .filter(|(row, _)| values.is_valid(*row))
            {
                let (least, most) = least_most.unwrap_or((key.1, key.1));
                least_most = Some((least.min(key.1), most.max(key.1)));
            }
        }
        Ok(least_most.map_or(all, |(least, most)| (level, Ranges::new(least, most))))
    }
}

/// How many bytes all of these texts, and every text between them, begin with.
fn in_common(texts: &[deltalake::arrow::array::ArrayRef]) -> usize {
    let texts = texts
        .iter()
        .filter_map(|texts| texts.as_string_opt::<i32>());
    let texts = || texts.clone().flatten().map(|text| text.map(str::as_bytes));
    if texts().any(|text| text.is_none()) {
        // Not all is known.
        return 0;
    }
    let (Some(least), Some(most)) = (texts().flatten().min(), texts().flatten().max()) else {
        return 0;
    };
    least.iter().zip(most).take_while(|(a, b)| a == b).count()
}

fn positions_of(batch: &RecordBatch) -> impl Iterator<Item = u64> + '_ {
    let column = batch.column_by_name(POSITION);
    let column = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
    let positions = column.into_iter().flat_map(|column| column.values().iter());
    positions.filter_map(|position| u64::try_from(*position).ok())
}

impl Segment {
    /// Whether another one, the next in order, can be sorted together with this one.
    fn takes(&self, next: &Self) -> bool {
        let keyed = |segment: &Self| matches!(segment.has, Some(Has::Key(..)));
        keyed(self) && keyed(next) && self.rows + next.rows <= SORTED_ROWS
    }
}

impl Counts {
    fn new(ranges: Ranges) -> Self {
        Self {
            below: 0,
            ranges: vec![0; ranges.count()],
            above: 0,
            nothing: 0,
        }
    }

    fn add(&mut self, other: &Self) {
        self.below += other.below;
        self.above += other.above;
        self.nothing += other.nothing;
        for (ours, theirs) in self.ranges.iter_mut().zip(&other.ranges) {
            *ours += theirs;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_key_is_in_the_range_that_says_so(a: i64, b: i64, key: i64) {
            let ranges = Ranges::new(a.min(b), a.max(b));
            prop_assert!(ranges.count() <= 1 << RANGES_LOG);
            let key = key.clamp(ranges.least, ranges.most);
            let Has::Key(least, most) = ranges.keys(ranges.of(key)) else { unreachable!() };
            prop_assert!(least <= key && key <= most);
            // The first and the last range end where all of them do, and the next one begins after this one.
            prop_assert_eq!(ranges.keys(0), Has::Key(ranges.least, match ranges.keys(0) { Has::Key(_, most) => most, Has::Nothing => 0 }));
            let Has::Key(_, last) = ranges.keys(ranges.count() - 1) else { unreachable!() };
            prop_assert_eq!(last, ranges.most);
            if most < ranges.most {
                prop_assert_eq!(ranges.of(most + 1), ranges.of(key) + 1);
            }
        }
    }
}
