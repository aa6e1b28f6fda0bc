//! What a person should know of each column before they commit to its type: what is missing, what
//! it nearly is, and the cells that are in the way.

use super::cell::{Candidates, is_missing};
use super::error::IngestError;
use super::reading::Markers;
use super::source::Source;
use domain::{Column, ColumnType};
use std::collections::HashSet;

/// Different values that are counted; a column with more is no category.
const VALUES_MAX: usize = 50;
/// Rows for each value that a category has at least.
const ROWS_A_VALUE: u64 = 4;
/// Cells shown of those that are in the way of a type.
const SHOWN_MAX: usize = 3;
/// Characters shown of a cell.
const SHOWN_CHARS: usize = 60;
/// Markers of a missing value that are named.
const MARKERS_MAX: usize = 8;

/// A cell that is in the way of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddCell {
    /// Its line, or its row in a sheet.
    pub line: u64,
    /// What stands there.
    pub text: String,
}

/// What was seen in a column of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNote {
    /// The column.
    pub column: String,
    /// Cells without a value.
    pub missing: u64,
    /// What stood in them, but for nothing at all.
    pub markers: Vec<String>,
    /// How many different values there are, when they are few.
    pub values: Option<u64>,
    /// A type that fits the column better than the one guessed, but for [`Self::odd`].
    pub nearly: Option<ColumnType>,
    /// How many cells are in the way of it.
    pub odd_cells: u64,
    /// The first of them.
    pub odd: Vec<OddCell>,
}

#[derive(Default)]
struct Seen {
    cells: u64,
    missing: u64,
    markers: Vec<String>,
    values: HashSet<String>,
    many: bool,
    /// Cells that each type reads.
    read: [u64; Candidates::NAMED.len()],
    /// The first cells that each type does not read.
    unread: [Vec<OddCell>; Candidates::NAMED.len()],
}

impl Seen {
    fn add(&mut self, line: u64, text: &str, marked: bool) {
        self.cells += 1;
        if marked || is_missing(text) {
            self.missing += 1;
            let known = text.is_empty() || self.markers.iter().any(|marker| marker == text);
            if !known && self.markers.len() < MARKERS_MAX {
                self.markers.push(text.chars().take(SHOWN_CHARS).collect());
            }
            return;
        }
        if !self.many && !self.values.contains(text) {
            self.values.insert(text.to_owned());
            self.many = self.values.len() > VALUES_MAX;
        }
        let mut reads = [false; Candidates::NAMED.len()];
        for index in Candidates::reading(text) {
            if let Some(read) = reads.get_mut(index) {
                *read = true;
            }
        }
        for (index, reads) in reads.into_iter().enumerate() {
            if reads {
                self.read
                    .iter_mut()
                    .skip(index)
                    .take(1)
                    .for_each(|n| *n += 1);
            } else if let Some(unread) = self.unread.get_mut(index)
                && unread.len() < SHOWN_MAX
            {
                unread.push(OddCell {
                    line,
                    text: text.chars().take(SHOWN_CHARS).collect(),
                });
            }
        }
    }

    fn note(self, column: &Column) -> ColumnNote {
        let held = self.cells - self.missing;
        let few = !self.many && held >= ROWS_A_VALUE * self.values.len() as u64;
        let mut note = ColumnNote {
            column: column.name.clone(),
            missing: self.missing,
            markers: self.markers,
            values: (few && held > 0).then_some(self.values.len() as u64),
            nearly: None,
            odd_cells: 0,
            odd: Vec::new(),
        };
        if column.kind == ColumnType::String {
            let nearly = Candidates::NAMED
                .iter()
                .zip(self.read)
                .zip(self.unread)
                // Nine of ten cells: one marker of their own, or one slip in a column.
                .find(|((_, read), _)| *read < held && *read * 10 >= held * 9 && held > 1);
            if let Some((((_, kind), read), odd)) = nearly {
                note.nearly = Some(*kind);
                note.odd_cells = held - read;
                note.odd = odd;
            } else if note.values.is_some() {
                note.nearly = Some(ColumnType::Category);
            }
        }
        note
    }
}

/// Looks at the first `rows_max` rows of each file of text.
pub(crate) fn notes(
    sources: &[Source],
    columns: &[Column],
    markers: &Markers,
    rows_max: u64,
) -> Result<Vec<ColumnNote>, IngestError> {
    let mut seen: Vec<Seen> = columns.iter().map(|_| Seen::default()).collect();
    for source in sources {
        let Ok(order) = source.order(columns) else {
            continue;
        };
        let mut places = vec![0; order.len()];
        for (column, position) in order.iter().enumerate() {
            if let Some(place) = places.get_mut(*position) {
                *place = column;
            }
        }
        source.look(rows_max, |line, column, text, _| {
            let seen = places.get(column).and_then(|place| seen.get_mut(*place));
            if let Some(seen) = seen {
                seen.add(line, text, markers.iter().any(|marker| marker == text));
            }
        })?;
    }
    Ok(seen
        .into_iter()
        .zip(columns)
        .filter(|(seen, _)| seen.cells > 0)
        .map(|(seen, column)| seen.note(column))
        .collect())
}
