//! Medians and quartiles: the functions that need all values of a group at once.
//!
//! Quantiles are by linear interpolation, definition 7 of Hyndman and Fan (1996), which R, NumPy
//! and pandas use by default; whiskers are Tukey's (1977): the furthest values within one and a
//! half times the inter-quartile range.

use deltalake::arrow::array::{ArrayRef, AsArray as _, Float64Array, ListArray};
use deltalake::arrow::buffer::OffsetBuffer;
use deltalake::arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use deltalake::datafusion::common::ScalarValue;
use deltalake::datafusion::error::Result;
use deltalake::datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use deltalake::datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The numbers of a spread, in the order in which they are listed.
pub(crate) const NUMBERS: [&str; 9] = [
    "min", "q1", "median", "q3", "max", "low", "high", "mean", "count",
];

impl Kind {
    /// Some quantiles, and how many values there are.
    pub(crate) fn quantiles(at: &[f64]) -> Self {
        Self::Quantiles(at.iter().map(|part| part.to_bits()).collect())
    }

    /// As a function of the engine.
    pub(crate) fn function(self) -> Arc<AggregateUDF> {
        Arc::new(AggregateUDF::new_from_impl(Values::new(self)))
    }

    fn of(&self, values: &mut [f64]) -> Vec<Option<f64>> {
        let mut ranked = Ranked::new(values);
        match self {
            Self::Median => vec![ranked.quantile(0.5)],
            Self::Spread => ranked.numbers(),
            Self::Quantiles(parts) => {
                let parts = parts.iter().map(|bits| f64::from_bits(*bits));
                let mut found: Vec<_> = parts.map(|part| ranked.quantile(part)).collect();
                found.push(Some(ranked.count()));
                found
            }
        }
    }
}

/// What groups' values come to: a number each for a median, else a list.
pub(crate) fn from_values(kind: &Kind, groups: impl Iterator<Item = Vec<f64>>) -> ArrayRef {
    let numbers = groups.map(|mut values| kind.of(&mut values));
    if *kind == Kind::Median {
        let medians: Float64Array = numbers.map(|one| one.first().copied().flatten()).collect();
        return Arc::new(medians);
    }
    let (mut lengths, mut all) = (Vec::new(), Vec::new());
    for numbers in numbers {
        lengths.push(numbers.len());
        all.extend(numbers);
    }
    let offsets = OffsetBuffer::from_lengths(lengths);
    let values = Arc::new(Float64Array::from(all));
    Arc::new(ListArray::new(item(), offsets, values, None))
}

/// What is made of a group's values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Median,
    /// All of [`NUMBERS`].
    Spread,
    /// By their bits, which can be compared.
    Quantiles(Vec<u64>),
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Values {
    kind: Kind,
    signature: Signature,
}

fn item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Float64, true))
}

impl Values {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            signature: Signature::exact(vec![DataType::Float64], Volatility::Immutable),
        }
    }
}

impl AggregateUDFImpl for Values {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Median => "median_7",
            Kind::Spread => "spread",
            Kind::Quantiles(_) => "quantiles_7",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.kind {
            Kind::Median => DataType::Float64,
            Kind::Spread | Kind::Quantiles(_) => DataType::List(item()),
        })
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Gathered {
            kind: self.kind.clone(),
            values: Vec::new(),
        }))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let name = format!("{}[values]", args.name);
        Ok(vec![Arc::new(Field::new(
            name,
            DataType::List(item()),
            true,
        ))])
    }
}

#[derive(Debug)]
struct Gathered {
    kind: Kind,
    values: Vec<f64>,
}

fn list(values: Vec<Option<f64>>) -> ScalarValue {
    let values = Float64Array::from(values);
    let offsets = OffsetBuffer::from_lengths([values.len()]);
    let list = ListArray::new(item(), offsets, Arc::new(values), None);
    ScalarValue::List(Arc::new(list))
}

impl Accumulator for Gathered {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for column in columns {
            if let Some(floats) = column.as_primitive_opt::<Float64Type>() {
                self.values.extend(floats.iter().flatten());
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let values = std::mem::take(&mut self.values);
        let made = from_values(&self.kind, std::iter::once(values));
        ScalarValue::try_from_array(&made, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.capacity() * size_of::<f64>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values = std::mem::take(&mut self.values);
        Ok(vec![list(values.into_iter().map(Some).collect())])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for state in states {
            if let Some(lists) = state.as_list_opt::<i32>() {
                for values in lists.iter().flatten() {
                    self.update_batch(&[values])?;
                }
            }
        }
        Ok(())
    }
}

/// Values, put in order only as far as somebody asked.
struct Ranked<'a> {
    values: &'a mut [f64],
    /// Places whose value stands where it belongs: all before it are at most as large, all behind it at least.
    settled: BTreeSet<usize>,
}

impl<'a> Ranked<'a> {
    fn new(values: &'a mut [f64]) -> Self {
        Self {
            values,
            settled: BTreeSet::new(),
        }
    }

    /// The value at a place of the sorted values.
    fn at(&mut self, place: usize) -> Option<f64> {
        if place < self.values.len() && self.settled.insert(place) {
            let from = self
                .settled
                .range(..place)
                .next_back()
                .map_or(0, |below| below + 1);
            let to = self.settled.range(place + 1..).next();
            let to = to.copied().unwrap_or(self.values.len());
            let open = self.values.get_mut(from..to)?;
            open.select_nth_unstable_by(place - from, f64::total_cmp);
        }
        self.values.get(place).copied()
    }

    fn quantile(&mut self, part: f64) -> Option<f64> {
        let last = self.values.len().checked_sub(1)?;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a table has far fewer than 2^52 rows, and the place is within them"
        )]
        let (below, rest) = {
            let place = last as f64 * part;
            (place.floor() as usize, place.fract())
        };
        let low = self.at(below)?;
        if rest == 0.0 {
            return Some(low);
        }
        let high = self.at(below + 1).unwrap_or(low);
        // Equal ends, infinite ones among them, need no step between them.
        if low.total_cmp(&high).is_eq() {
            return Some(low);
        }
        Some(low + (high - low) * rest)
    }

    fn count(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 rows")]
        let count = self.values.len() as f64;
        count
    }

    fn numbers(&mut self) -> Vec<Option<f64>> {
        let count = self.count();
        // Before anything is moved: the order of rows is the same on every machine.
        let mean = (count > 0.0).then(|| self.values.iter().sum::<f64>() / count);
        let least = self.at(0);
        let (q1, median, q3) = (self.quantile(0.25), self.quantile(0.5), self.quantile(0.75));
        let most = self
            .values
            .len()
            .checked_sub(1)
            .and_then(|last| self.at(last));
        let fence = |sign: f64, quartile: Option<f64>| Some(quartile? + sign * 1.5 * (q3? - q1?));
        let (from, to) = (fence(-1.0, q1), fence(1.0, q3));
        let values = || self.values.iter().copied();
        let low = from.and_then(|from| values().filter(|v| *v >= from).min_by(f64::total_cmp));
        let high = to.and_then(|to| values().filter(|v| *v <= to).max_by(f64::total_cmp));
        vec![least, q1, median, q3, most, low, high, mean, Some(count)]
    }
}

#[cfg(test)]
mod tests {
    use super::Ranked;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_value_found_by_its_place_is_the_sorted_one(
            values in proptest::collection::vec(-50_i32..50, 0..200),
            places in proptest::collection::vec(0_usize..220, 0..12),
        ) {
            let mut mixed: Vec<f64> = values.into_iter().map(f64::from).collect();
            let mut sorted = mixed.clone();
            sorted.sort_by(f64::total_cmp);
            let mut ranked = Ranked::new(&mut mixed);
            for place in places {
                prop_assert_eq!(ranked.at(place), sorted.get(place).copied());
            }
        }
    }
}
