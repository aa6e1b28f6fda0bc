//! Which value has which colour.
//!
//! One value has one colour across a whole dashboard and under every filter. So the order is that
//! of all values a column holds without any filter, which the caller hands in; a rank among the
//! values that happen to be drawn would change colours with every click.

use crate::label::{key_order, missing_last};
use crate::plan::kind_of;
use crate::read::{DrawError, series};
use arrow_array::RecordBatch;
use domain::Column;
use domain::figure::FigureSpec;
use std::collections::BTreeMap;

/// Okabe and Ito's palette (2008), which people with any colour vision can tell apart. Its black
/// is replaced by the grey that the same palette has in R, to be seen on dark ground too, and blue
/// comes first because most figures have one colour.
pub const COLORS: [&str; 8] = [
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999",
];

/// The colour of rows that have no value.
pub(crate) const MISSING_COLOR: &str = "#BBBBBB";

/// The values of one column in the order that gives them their colours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Palette(BTreeMap<String, usize>);

impl Palette {
    /// From all values of a column, in any order. Numbers are ordered as numbers, the rest as text.
    pub fn of(values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().collect();
        values.sort_unstable_by(|a, b| key_order(a, b));
        values.dedup();
        Self(
            values
                .into_iter()
                .enumerate()
                .map(|(rank, value)| (value, rank))
                .collect(),
        )
    }

    /// The places of these values. A value the palette does not know comes after all it knows.
    pub(crate) fn places(&self, values: &[Option<String>]) -> Vec<(Option<String>, usize)> {
        let mut values: Vec<Option<String>> = values.to_vec();
        values.sort_unstable_by(|a, b| missing_last(a.as_deref(), b.as_deref()));
        values.dedup();
        let mut next = self.0.len();
        let mut places: Vec<(Option<String>, usize)> = values
            .into_iter()
            .map(|value| {
                let place = match &value {
                    None => usize::MAX,
                    Some(known) => self.0.get(known).copied().unwrap_or_else(|| {
                        next += 1;
                        next - 1
                    }),
                };
                (value, place)
            })
            .collect();
        places.sort_by_key(|(_, place)| *place);
        places
    }
}

/// The colour at a place; they come round again after the last.
pub(crate) fn color_at(place: usize) -> &'static str {
    if place == usize::MAX {
        return MISSING_COLOR;
    }
    COLORS
        .get(place % COLORS.len())
        .copied()
        .unwrap_or(MISSING_COLOR)
}

/// The column whose values get a colour each, when the figure has one. Ask the table for its
/// distinct values without filters, and hand them to [`palette_values`].
#[must_use]
pub fn palette_column<'a>(spec: &'a FigureSpec, columns: &[Column]) -> Option<&'a str> {
    match spec {
        // Numbers colour points by a scale.
        FigureSpec::Scatter { color, .. } => color
            .as_deref()
            .filter(|name| !kind_of(columns, name).is_number()),
        FigureSpec::Line { color, .. }
        | FigureSpec::Bar { color, .. }
        | FigureSpec::Histogram { color, .. }
        | FigureSpec::Box { color, .. } => color.as_deref(),
    }
}

/// The values in the first column of an answer, as a palette names them; missing ones are left out.
///
/// # Errors
/// When the answer has no column, or one of a type no table has.
pub fn palette_values(batches: &[RecordBatch]) -> Result<Vec<String>, DrawError> {
    Ok(series(batches, 0)?
        .iter()
        .filter_map(crate::read::Cell::key)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(values: &[&str]) -> Vec<Option<String>> {
        values.iter().map(|v| Some((*v).to_owned())).collect()
    }

    #[test]
    fn a_value_keeps_its_place_when_others_are_filtered_away() {
        let palette = Palette::of(["Gentoo", "Adelie", "Chinstrap"].map(str::to_owned));
        assert_eq!(
            palette.places(&text(&["Gentoo"])),
            [(Some("Gentoo".to_owned()), 2)]
        );
        let both = palette.places(&text(&["Gentoo", "Adelie"]));
        assert_eq!(
            both,
            [
                (Some("Adelie".to_owned()), 0),
                (Some("Gentoo".to_owned()), 2)
            ]
        );
    }

    #[test]
    fn unknown_values_come_after_the_known_and_missing_ones_last() {
        let palette = Palette::of(["b".to_owned()]);
        let mut values = text(&["a", "c", "b"]);
        values.push(None);
        let places = palette.places(&values);
        assert_eq!(
            places,
            [
                (Some("b".to_owned()), 0),
                (Some("a".to_owned()), 1),
                (Some("c".to_owned()), 2),
                (None, usize::MAX)
            ]
        );
        assert_eq!(color_at(usize::MAX), MISSING_COLOR);
    }

    #[test]
    fn numbers_are_ordered_as_numbers_and_colours_come_round() {
        let palette = Palette::of(["10", "9", "2"].map(str::to_owned));
        assert_eq!(palette.0.get("2"), Some(&0));
        assert_eq!(palette.0.get("10"), Some(&2));
        assert_eq!(color_at(8), COLORS[0]);
    }
}
