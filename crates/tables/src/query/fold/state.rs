//! What is kept of each group while its rows go by, and what it comes to.

use super::groups::{Numbers, Pairs, TooMany, can_be_numbered};
use crate::error::TableError;
use crate::query::aggregate::Made;
use crate::query::spread::{Kind, from_values};
use deltalake::arrow::array::{
    Array as _, ArrayRef, ArrowPrimitiveType, AsArray as _, Decimal128Array, Float64Array,
    Int64Array, PrimitiveArray, RecordBatch,
};
use deltalake::arrow::compute::cast;
use deltalake::arrow::datatypes::{DataType, Int64Type, Schema};
use deltalake::arrow::error::ArrowError;
use domain::query::Aggregate;
use std::sync::Arc;

const MICROS_A_DAY: f64 = 86_400_000_000.0;

/// One measure of all groups.
pub(super) struct State {
    place: Option<usize>,
    kept: Kept,
}

enum Kept {
    Count(Vec<i64>),
    /// Sum and count, for a sum or a mean.
    Sum {
        of: Vec<(f64, u64)>,
        mean: bool,
    },
    /// The sum of whole numbers, exactly.
    Whole(Vec<(i128, u64)>),
    Extreme {
        of: Vec<Option<f64>>,
        most: bool,
    },
    WholeExtreme {
        of: Vec<Option<i64>>,
        most: bool,
        kind: DataType,
    },
    /// Count, mean and sum of squared distances from it (Welford 1962; merged after Chan, Golub and LeVeque 1979).
    Spread(Vec<(f64, f64, f64)>),
    /// All values, of each part of the table in its own piece.
    Values {
        of: Vec<Vec<Vec<f64>>>,
        kind: Kind,
    },
    Distinct {
        words: Numbers,
        pairs: Pairs,
        row: Vec<u32>,
    },
}

/// A column of numbers or moments as numbers: moments in microseconds since 1970.
fn numbers(column: &ArrayRef) -> Result<Float64Array, ArrowError> {
    let (whole, scale) = match column.data_type() {
        DataType::Float64 => (Arc::clone(column), 1.0),
        DataType::Date32 => (cast(column, &DataType::Int32)?, MICROS_A_DAY),
        DataType::Timestamp(..) => (cast(column, &DataType::Int64)?, 1.0),
        _ => (Arc::clone(column), 1.0),
    };
    let floats = cast(&whole, &DataType::Float64)?;
    let floats: &Float64Array = floats.as_primitive();
    Ok(if scale == 1.0 {
        floats.clone()
    } else {
        floats.unary(|value| value * scale)
    })
}

/// Each row's group and value, where there is one.
fn each<T: ArrowPrimitiveType>(
    groups: Option<&[u32]>,
    column: &PrimitiveArray<T>,
    mut take: impl FnMut(usize, T::Native),
) {
    let nulls = column.nulls().filter(|nulls| nulls.null_count() > 0);
    match (groups, nulls) {
        (None, None) => column.values().iter().for_each(|value| take(0, *value)),
        (Some(groups), None) => {
            for (group, value) in groups.iter().zip(column.values()) {
                take(*group as usize, *value);
            }
        }
        (groups, Some(nulls)) => {
            for (row, value) in column.values().iter().enumerate() {
                if nulls.is_valid(row) {
                    let group = groups.and_then(|groups| groups.get(row));
                    take(group.map_or(0, |group| *group as usize), *value);
                }
            }
        }
    }
}

fn better(old: Option<f64>, new: f64, most: bool) -> Option<f64> {
    Some(match old {
        None => new,
        Some(old) if most => old.max(new),
        Some(old) => old.min(new),
    })
}

fn better_whole(old: Option<i64>, new: i64, most: bool) -> Option<i64> {
    Some(match old {
        None => new,
        Some(old) if most => old.max(new),
        Some(old) => old.min(new),
    })
}

impl State {
    /// What a measure keeps; `None` for one that is not made here.
    pub(super) fn of(made: &Made, schema: &Schema) -> Option<Self> {
        let kind = |place: usize| schema.fields().get(place).map(|field| field.data_type());
        let (place, kept) = match made {
            Made::Of {
                aggregate,
                column,
                whole,
            } => {
                let kind = column.and_then(kind);
                let kept = match (aggregate, kind) {
                    (Aggregate::Count, _) => Kept::Count(Vec::new()),
                    (Aggregate::Sum, Some(_)) if *whole => Kept::Whole(Vec::new()),
                    (Aggregate::Sum | Aggregate::Mean, Some(_)) => Kept::Sum {
                        of: Vec::new(),
                        mean: *aggregate == Aggregate::Mean,
                    },
                    (Aggregate::Std, Some(_)) => Kept::Spread(Vec::new()),
                    (Aggregate::Median, Some(_)) => Kept::Values {
                        of: Vec::new(),
                        kind: Kind::Median,
                    },
                    (Aggregate::Min | Aggregate::Max, Some(DataType::Float64)) => Kept::Extreme {
                        of: Vec::new(),
                        most: *aggregate == Aggregate::Max,
                    },
                    (
                        Aggregate::Min | Aggregate::Max,
                        Some(kind @ (DataType::Int64 | DataType::Date32 | DataType::Timestamp(..))),
                    ) => Kept::WholeExtreme {
                        of: Vec::new(),
                        most: *aggregate == Aggregate::Max,
                        kind: kind.clone(),
                    },
                    (Aggregate::Distinct, Some(kind)) if can_be_numbered(kind) => Kept::Distinct {
                        words: Numbers::default(),
                        pairs: Pairs::default(),
                        row: Vec::new(),
                    },
                    _ => return None,
                };
                (*column, kept)
            }
            Made::Own { kind, column } => (
                Some(*column),
                Kept::Values {
                    of: Vec::new(),
                    kind: kind.clone(),
                },
            ),
            Made::Correlation(..) | Made::Both(..) => return None,
        };
        Some(Self { place, kept })
    }

    /// Takes in the rows of a batch, whose groups are all below `count`.
    pub(super) fn add(
        &mut self,
        batch: &RecordBatch,
        groups: Option<&[u32]>,
        count: usize,
    ) -> Result<(), FoldError> {
        let column = self.place.and_then(|place| batch.columns().get(place));
        match (&mut self.kept, column) {
            (Kept::Count(counts), column) => {
                counts.resize(count, 0);
                let missing = column.and_then(|column| column.logical_nulls());
                match (groups, missing) {
                    (None, missing) => {
                        let missing = missing.map_or(0, |nulls| nulls.null_count());
                        if let Some(count) = counts.first_mut() {
                            *count += i64::try_from(batch.num_rows() - missing).unwrap_or(0);
                        }
                    }
                    (Some(groups), missing) => {
                        for (row, group) in groups.iter().enumerate() {
                            let there = missing.as_ref().is_none_or(|nulls| nulls.is_valid(row));
                            if let Some(count) = counts.get_mut(*group as usize) {
                                *count += i64::from(there);
                            }
                        }
                    }
                }
            }
            (_, None) => {}
            (Kept::Sum { of, .. }, Some(column)) => {
                of.resize(count, (0.0, 0));
                each(groups, &numbers(column)?, |group, value| {
                    if let Some((sum, count)) = of.get_mut(group) {
                        *sum += value;
                        *count += 1;
                    }
                });
            }
            (Kept::Whole(of), Some(column)) => {
                of.resize(count, (0, 0));
                let column = cast(column, &DataType::Int64)?;
                each(
                    groups,
                    column.as_primitive::<Int64Type>(),
                    |group, value| {
                        if let Some((sum, count)) = of.get_mut(group) {
                            *sum += i128::from(value);
                            *count += 1;
                        }
                    },
                );
            }
            (Kept::Extreme { of, most }, Some(column)) => {
                of.resize(count, None);
                each(groups, &numbers(column)?, |group, value| {
                    if let Some(kept) = of.get_mut(group) {
                        *kept = better(*kept, value, *most);
                    }
                });
            }
            (Kept::WholeExtreme { of, most, .. }, Some(column)) => {
                of.resize(count, None);
                let column = whole(column)?;
                each(groups, &column, |group, value| {
                    if let Some(kept) = of.get_mut(group) {
                        *kept = better_whole(*kept, value, *most);
                    }
                });
            }
            (Kept::Spread(of), Some(column)) => {
                of.resize(count, (0.0, 0.0, 0.0));
                each(groups, &numbers(column)?, |group, value| {
                    if let Some((count, mean, squares)) = of.get_mut(group) {
                        *count += 1.0;
                        let from = value - *mean;
                        *mean += from / *count;
                        *squares += from * (value - *mean);
                    }
                });
            }
            (Kept::Values { of, .. }, Some(column)) => {
                of.resize_with(count, || vec![Vec::new()]);
                let column = numbers(column)?;
                if let (None, Some(kept)) = (groups, of.first_mut().and_then(|all| all.first_mut()))
                    && column.null_count() == 0
                {
                    kept.extend_from_slice(column.values());
                } else {
                    each(groups, &column, |group, value| {
                        if let Some(kept) = of.get_mut(group).and_then(|all| all.first_mut()) {
                            kept.push(value);
                        }
                    });
                }
            }
            (Kept::Distinct { words, pairs, row }, Some(column)) => {
                words.all(column, row);
                for (at, word) in row.iter().enumerate() {
                    let group = groups.and_then(|groups| groups.get(at));
                    pairs.number((group.copied().unwrap_or(0), *word))?;
                }
            }
        }
        Ok(())
    }

    /// Takes in what was kept of a later part of the table, whose groups have these numbers here.
    pub(super) fn take_in(
        &mut self,
        other: Self,
        groups: &[u32],
        count: usize,
    ) -> Result<(), TooMany> {
        let to = groups.iter().map(|group| *group as usize);
        match (&mut self.kept, other.kept) {
            (Kept::Count(ours), Kept::Count(theirs)) => {
                ours.resize(count, 0);
                merge(ours, theirs, to, |one, other| *one += other);
            }
            (Kept::Sum { of: ours, .. }, Kept::Sum { of: theirs, .. }) => {
                ours.resize(count, (0.0, 0));
                merge(ours, theirs, to, |one, other| {
                    *one = (one.0 + other.0, one.1 + other.1);
                });
            }
            (Kept::Whole(ours), Kept::Whole(theirs)) => {
                ours.resize(count, (0, 0));
                merge(ours, theirs, to, |one, other| {
                    *one = (one.0 + other.0, one.1 + other.1);
                });
            }
            (Kept::Extreme { of: ours, most }, Kept::Extreme { of: theirs, .. }) => {
                ours.resize(count, None);
                merge(ours, theirs, to, |one, other| {
                    if let Some(other) = other {
                        *one = better(*one, other, *most);
                    }
                });
            }
            (Kept::WholeExtreme { of: ours, most, .. }, Kept::WholeExtreme { of: theirs, .. }) => {
                ours.resize(count, None);
                merge(ours, theirs, to, |one, other| {
                    if let Some(other) = other {
                        *one = better_whole(*one, other, *most);
                    }
                });
            }
            (Kept::Spread(ours), Kept::Spread(theirs)) => {
                ours.resize(count, (0.0, 0.0, 0.0));
                merge(ours, theirs, to, |one, other| {
                    let all = one.0 + other.0;
                    if all > 0.0 {
                        let from = other.1 - one.1;
                        let squares = one.2 + other.2 + from * from * one.0 * other.0 / all;
                        *one = (all, one.1 + from * other.0 / all, squares);
                    }
                });
            }
            (Kept::Values { of: ours, .. }, Kept::Values { of: theirs, .. }) => {
                ours.resize_with(count, Vec::new);
                merge(ours, theirs, to, |one, other| one.extend(other));
            }
            (
                Kept::Distinct { words, pairs, .. },
                Kept::Distinct {
                    words: their_words,
                    pairs: their_pairs,
                    ..
                },
            ) => {
                let numbers = words.take_in(their_words);
                for (group, word) in their_pairs.all {
                    let group = groups.get(group as usize).copied().ok_or(TooMany)?;
                    let word = numbers.get(word as usize).copied().ok_or(TooMany)?;
                    pairs.number((group, word))?;
                }
            }
            // The two are of one measure.
            _ => {}
        }
        Ok(())
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        match &self.kept {
            Kept::Values { of, .. } => {
                let pieces = of.iter().flatten();
                pieces
                    .map(|piece| piece.capacity() * size_of::<f64>())
                    .sum()
            }
            Kept::Count(of) => of.capacity() * 8,
            Kept::Sum { of, .. } => of.capacity() * 16,
            Kept::Whole(of) => of.capacity() * 32,
            Kept::Extreme { of, .. } => of.capacity() * 16,
            Kept::WholeExtreme { of, .. } => of.capacity() * 16,
            Kept::Spread(of) => of.capacity() * 24,
            Kept::Distinct { pairs, .. } => pairs.all.capacity() * 8,
        }
    }

    /// All values of each group, in pieces; where they were kept.
    pub(super) fn values(self) -> Vec<Vec<Vec<f64>>> {
        match self.kept {
            Kept::Values { of, .. } => of,
            _ => Vec::new(),
        }
    }

    /// What it comes to for each of `count` groups, in the type that the engine gives it.
    pub(super) fn end(self, count: usize) -> Result<ArrayRef, ArrowError> {
        Ok(match self.kept {
            Kept::Count(mut of) => {
                of.resize(count, 0);
                Arc::new(Int64Array::from(of))
            }
            Kept::Sum { mut of, mean } => {
                of.resize(count, (0.0, 0));
                #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 rows")]
                let end = |(sum, count): (f64, u64)| {
                    (count > 0).then(|| if mean { sum / count as f64 } else { sum })
                };
                Arc::new(of.into_iter().map(end).collect::<Float64Array>())
            }
            Kept::Whole(mut of) => {
                of.resize(count, (0, 0));
                let sums = of
                    .into_iter()
                    .map(|(sum, count)| (count > 0).then_some(sum));
                let sums: Decimal128Array = sums.collect();
                Arc::new(sums.with_precision_and_scale(38, 0)?)
            }
            Kept::Extreme { mut of, .. } => {
                of.resize(count, None);
                Arc::new(Float64Array::from(of))
            }
            Kept::WholeExtreme { mut of, kind, .. } => {
                of.resize(count, None);
                let whole: ArrayRef = Arc::new(Int64Array::from(of));
                match kind {
                    DataType::Date32 => cast(&cast(&whole, &DataType::Int32)?, &kind)?,
                    _ => cast(&whole, &kind)?,
                }
            }
            Kept::Spread(mut of) => {
                of.resize(count, (0.0, 0.0, 0.0));
                let end = |(count, _, squares): (f64, f64, f64)| {
                    (count > 1.0).then(|| (squares / (count - 1.0)).sqrt())
                };
                Arc::new(of.into_iter().map(end).collect::<Float64Array>())
            }
            Kept::Values { mut of, kind } => {
                of.resize_with(count, Vec::new);
                from_values(&kind, of.into_iter().map(|pieces| pieces.concat()))
            }
            Kept::Distinct { words, pairs, .. } => {
                let mut counts = vec![0_i64; count];
                for (group, word) in pairs.all {
                    let there = i64::from(words.is_there(word));
                    if let Some(count) = counts.get_mut(group as usize) {
                        *count += there;
                    }
                }
                Arc::new(Int64Array::from(counts))
            }
        })
    }
}

fn whole(column: &ArrayRef) -> Result<Int64Array, ArrowError> {
    let column = match column.data_type() {
        DataType::Date32 => cast(column, &DataType::Int32)?,
        _ => Arc::clone(column),
    };
    Ok(cast(&column, &DataType::Int64)?.as_primitive().clone())
}

fn merge<T>(
    ours: &mut [T],
    theirs: Vec<T>,
    to: impl Iterator<Item = usize>,
    mut join: impl FnMut(&mut T, T),
) {
    for (their, group) in theirs.into_iter().zip(to) {
        if let Some(our) = ours.get_mut(group) {
            join(our, their);
        }
    }
}

/// Why rows could not be folded.
#[derive(Debug)]
pub(super) enum FoldError {
    /// Not here: the engine can.
    TooMany,
    Failed(TableError),
}

impl From<TooMany> for FoldError {
    fn from(_: TooMany) -> Self {
        Self::TooMany
    }
}

impl<E: Into<TableError>> From<E> for FoldError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
