//! Axes: what stands at them and how their numbers are written.
//!
//! Colours of text and grid belong to the page's template, which knows light from dark; a figure
//! says only what depends on its data.

use crate::label::Labels;
use crate::read::Cell;
use domain::ColumnType;
use serde_json::{Value, json};

/// What an axis measures.
#[derive(Debug)]
pub(crate) enum Scale {
    /// Numbers, with the d3 format of their exact values.
    Number(&'static str),
    /// Days or moments.
    Time,
    /// Categories, in order.
    Category(Labels),
}

impl Scale {
    /// The scale that suits a column's type and the values it has in this answer.
    pub(crate) fn of(kind: ColumnType, cells: &[Cell]) -> Self {
        if kind.is_number() {
            Self::Number(number_format(cells.iter().filter_map(Cell::number)))
        } else if kind.is_time() {
            Self::Time
        } else {
            Self::Category(Labels::of(cells.iter().map(Cell::key)))
        }
    }

    /// Where a value stands; null when it cannot be drawn.
    pub(crate) fn position(&self, cell: &Cell) -> Value {
        match self {
            Self::Category(labels) => Value::from(labels.get(&cell.key())),
            Self::Number(_) | Self::Time => cell.position(),
        }
    }

    /// The axis of a layout; `title` is already escaped.
    pub(crate) fn axis(&self, title: &str) -> Value {
        let mut axis = json!({
            "title": {"text": title},
            "automargin": true,
            "zeroline": false,
        });
        let more = match self {
            Self::Number(format) => json!({
                "type": "linear",
                "hoverformat": format,
                "separatethousands": true,
                // Plain numbers up to a million, powers of ten beyond; no "k" or "M", which
                // look like units.
                "exponentformat": "power",
                "minexponent": 6,
            }),
            Self::Time => json!({"type": "date"}),
            Self::Category(labels) => json!({
                "type": "category",
                "categoryorder": "array",
                "categoryarray": labels.ordered(),
            }),
        };
        merge(&mut axis, more);
        axis
    }
}

/// The d3 format for values that are read one by one: six digits for small ones, thousands
/// separated, two decimals for what has a million or more.
pub(crate) fn number_format(values: impl Iterator<Item = f64>) -> &'static str {
    let mut whole = true;
    let mut largest = 0.0_f64;
    for value in values {
        whole = whole && value.fract() == 0.0;
        largest = largest.max(value.abs());
    }
    match (whole, largest) {
        (_, huge) if huge >= 1e15 => ".6~g",
        (true, _) => ",d",
        (false, large) if large >= 1e6 => ",.2~f",
        (false, _) => ",.6~g",
    }
}

/// Copies the fields of one object into another.
pub(crate) fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_fine_as_their_size_allows() {
        assert_eq!(number_format([1.0, 344.0].into_iter()), ",d");
        assert_eq!(number_format([0.25, 344.0].into_iter()), ",.6~g");
        assert_eq!(number_format([0.25, 2e6].into_iter()), ",.2~f");
        assert_eq!(number_format([1e18].into_iter()), ".6~g");
    }
}
