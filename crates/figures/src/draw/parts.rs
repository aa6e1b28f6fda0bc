//! The parts of a figure: one trace a colour.

use crate::label::Labels;
use crate::palette::{MISSING_COLOR, Palette, color_at};
use crate::read::Cell;
use std::collections::BTreeMap;

/// Rows that share a colour.
pub(super) struct Part {
    /// The label in the legend, escaped; empty when the figure has one colour.
    pub(super) label: String,
    pub(super) color: &'static str,
    /// How often the palette has come round: another marker or dash tells such values apart.
    pub(super) round: usize,
    pub(super) rows: Vec<usize>,
}

/// Splits rows by the values that colour them, in the order of the palette.
///
/// With `parts_max`, what is beyond it is drawn as one part that says how many values it holds:
/// a thousand traces help nobody and stop the browser.
pub(super) fn parts(
    color: Option<&[Cell]>,
    rows: impl Iterator<Item = usize>,
    palette: &Palette,
    parts_max: Option<usize>,
) -> Vec<Part> {
    let Some(color) = color else {
        return vec![Part {
            label: String::new(),
            color: color_at(0),
            round: 0,
            rows: rows.collect(),
        }];
    };
    let mut by_key: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
    for row in rows {
        let key = color.get(row).and_then(Cell::key);
        by_key.entry(key).or_default().push(row);
    }
    let keys: Vec<Option<String>> = by_key.keys().cloned().collect();
    let labels = Labels::of(keys.iter().cloned());
    let mut parts: Vec<Part> = palette
        .places(&keys)
        .into_iter()
        .map(|(key, place)| Part {
            label: labels.get(&key).to_owned(),
            color: color_at(place),
            round: if place == usize::MAX { 0 } else { place / 8 },
            rows: by_key.remove(&key).unwrap_or_default(),
        })
        .collect();
    if let Some(max) = parts_max
        && parts.len() > max
    {
        let rest = parts.split_off(max.saturating_sub(1));
        let mut rows: Vec<usize> = Vec::new();
        let label = format!("{} other values", rest.len());
        for part in rest {
            rows.extend(part.rows);
        }
        rows.sort_unstable();
        parts.push(Part {
            label,
            color: MISSING_COLOR,
            round: 0,
            rows,
        });
    }
    parts
}
