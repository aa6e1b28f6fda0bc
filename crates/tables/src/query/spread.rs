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
use std::sync::Arc;

/// The numbers of a spread, in the order in which they are listed.
pub(crate) const NUMBERS: [&str; 9] = [
    "min", "q1", "median", "q3", "max", "low", "high", "mean", "count",
];

/// The middle value of a group.
pub(crate) fn median() -> Arc<AggregateUDF> {
    Arc::new(AggregateUDF::new_from_impl(Values::new(Kind::Median)))
}

/// Some quantiles of a group and how many values it has, as a list.
pub(crate) fn quantiles(at: &[f64]) -> Arc<AggregateUDF> {
    let parts = at.iter().map(|part| part.to_bits()).collect();
    Arc::new(AggregateUDF::new_from_impl(Values::new(Kind::Quantiles(
        parts,
    ))))
}

/// All of [`NUMBERS`] of a group, as a list.
pub(crate) fn spread() -> Arc<AggregateUDF> {
    Arc::new(AggregateUDF::new_from_impl(Values::new(Kind::Spread)))
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    Median,
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
        let mut values = std::mem::take(&mut self.values);
        values.sort_unstable_by(f64::total_cmp);
        Ok(match &self.kind {
            Kind::Median => ScalarValue::Float64(quantile(&values, 0.5)),
            Kind::Spread => list(numbers(&values)),
            Kind::Quantiles(parts) => {
                let parts = parts.iter().map(|bits| f64::from_bits(*bits));
                let mut found: Vec<_> = parts.map(|part| quantile(&values, part)).collect();
                found.push(Some(count(&values)));
                list(found)
            }
        })
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

/// A quantile of sorted values.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
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
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    // Equal ends, infinite ones among them, need no step between them.
    if rest == 0.0 || low.total_cmp(&high).is_eq() {
        return Some(low);
    }
    Some(low + (high - low) * rest)
}

fn count(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 rows")]
    let count = values.len() as f64;
    count
}

fn numbers(sorted: &[f64]) -> Vec<Option<f64>> {
    let (q1, median, q3) = (
        quantile(sorted, 0.25),
        quantile(sorted, 0.5),
        quantile(sorted, 0.75),
    );
    let fence = |sign: f64, quartile: Option<f64>| Some(quartile? + sign * 1.5 * (q3? - q1?));
    let (from, to) = (fence(-1.0, q1), fence(1.0, q3));
    let low = from.and_then(|from| sorted.iter().copied().find(|v| *v >= from));
    let high = to.and_then(|to| sorted.iter().rev().copied().find(|v| *v <= to));
    let count = count(sorted);
    let mean = (count > 0.0).then(|| sorted.iter().sum::<f64>() / count);
    vec![
        sorted.first().copied(),
        q1,
        median,
        q3,
        sorted.last().copied(),
        low,
        high,
        mean,
        Some(count),
    ]
}
