//! Finding the columns a form names, and saying what was probably meant when one does not exist.

use domain::{Column, ColumnType};

/// What is wrong with a form, and in which field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PlanError {
    /// The field, as a JSON pointer within the specification (RFC 6901).
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl PlanError {
    pub(crate) fn new(pointer: &str, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.to_owned(),
            message: message.into(),
        }
    }
}

/// What a field asks of its column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need {
    Any,
    Number,
    NumberOrTime,
}

impl Need {
    fn met_by(self, kind: ColumnType) -> bool {
        match self {
            Self::Any => true,
            Self::Number => kind.is_number(),
            Self::NumberOrTime => kind.is_number() || kind.is_time(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Any => "any column",
            Self::Number => "a column of numbers",
            Self::NumberOrTime => "a column of numbers or times",
        }
    }
}

/// The column a field names, if it exists and its type fits.
pub(crate) fn need<'a>(
    columns: &'a [Column],
    name: &str,
    pointer: &str,
    need: Need,
) -> Result<&'a Column, PlanError> {
    let Some(column) = columns.iter().find(|column| column.name == name) else {
        return Err(PlanError::new(pointer, unknown(columns, name)));
    };
    if need.met_by(column.kind) {
        Ok(column)
    } else {
        Err(PlanError::new(
            pointer,
            format!(
                "the column “{name}” is of type {}; this field needs {}",
                column.kind.as_str(),
                need.words()
            ),
        ))
    }
}

fn unknown(columns: &[Column], name: &str) -> String {
    let near = near(columns, name);
    if near.is_empty() {
        format!("there is no column “{name}”")
    } else {
        format!(
            "there is no column “{name}”; did you mean {}?",
            near.join(" or ")
        )
    }
}

/// Up to three names that differ little, nearest first.
fn near(columns: &[Column], name: &str) -> Vec<String> {
    // Comparing costs the product of both lengths; a name this long is no typing mistake.
    const CHARS_MAX: usize = 200;
    let wanted: Vec<char> = name.to_lowercase().chars().take(CHARS_MAX + 1).collect();
    if wanted.len() > CHARS_MAX {
        return Vec::new();
    }
    let most = (wanted.len() / 3).max(2);
    let mut found: Vec<(usize, &str)> = columns
        .iter()
        .filter_map(|column| {
            let other: Vec<char> = column.name.to_lowercase().chars().collect();
            (other.len().abs_diff(wanted.len()) <= most)
                .then(|| (distance(&wanted, &other), column.name.as_str()))
        })
        .filter(|(distance, _)| *distance <= most)
        .collect();
    found.sort_unstable();
    found
        .into_iter()
        .take(3)
        .map(|(_, name)| format!("“{name}”"))
        .collect()
}

/// Levenshtein's distance: how many characters to add, drop or change.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(right) {
            let changed = diagonal + usize::from(a != b);
            diagonal = *cell;
            *cell = changed.min(diagonal + 1).min(before + 1);
            before = *cell;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        ["species", "body_mass_g", "island"]
            .into_iter()
            .map(|name| Column {
                name: name.to_owned(),
                kind: ColumnType::String,
            })
            .collect()
    }

    #[test]
    fn an_unknown_column_is_answered_with_the_nearest() {
        let error = need(&columns(), "Body_mas_g", "/x", Need::Any).unwrap_err();
        assert_eq!(error.pointer, "/x");
        assert_eq!(
            error.message,
            "there is no column “Body_mas_g”; did you mean “body_mass_g”?"
        );
        let error = need(&columns(), "unrelated", "/x", Need::Any).unwrap_err();
        assert_eq!(error.message, "there is no column “unrelated”");
    }

    #[test]
    fn a_type_that_does_not_fit_says_which_would() {
        let error = need(&columns(), "island", "/y", Need::Number).unwrap_err();
        assert_eq!(
            error.message,
            "the column “island” is of type string; this field needs a column of numbers"
        );
    }

    #[test]
    fn the_distance_counts_changes() {
        let count = |a: &str, b: &str| {
            distance(
                &a.chars().collect::<Vec<_>>(),
                &b.chars().collect::<Vec<_>>(),
            )
        };
        assert_eq!(count("kitten", "sitting"), 3);
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("abc", ""), 3);
        assert_eq!(count("same", "same"), 0);
    }
}
