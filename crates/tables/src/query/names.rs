//! Finding columns by name, and saying which name was perhaps meant.

use super::error::QueryError;
use crate::schema::TableSchema;
use domain::Column;

/// Names offered for one that is not there.
const NEAR_MAX: usize = 3;

/// A column of the table and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) position: usize,
    pub(crate) column: Column,
}

/// Finds a column.
pub(crate) fn find(
    schema: &TableSchema,
    name: &str,
    pointer: impl FnOnce() -> String,
) -> Result<Found, QueryError> {
    let position = schema.position(name);
    let column = position.and_then(|position| schema.columns.get(position));
    match (position, column) {
        (Some(position), Some(column)) => Ok(Found {
            position,
            column: column.clone(),
        }),
        _ => Err(QueryError::UnknownColumn {
            pointer: pointer(),
            name: name.to_owned(),
            near: near(schema, name),
        }),
    }
}

/// Finds several columns, each named once.
pub(crate) fn find_all(
    schema: &TableSchema,
    names: &[String],
    pointer: &str,
) -> Result<Vec<Found>, QueryError> {
    let mut found: Vec<Found> = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let pointer = || format!("{pointer}/{index}");
        let column = find(schema, name, pointer)?;
        if found.iter().any(|other| other.position == column.position) {
            return Err(QueryError::Shape {
                pointer: pointer(),
                message: format!("the column \"{name}\" is named twice"),
            });
        }
        found.push(column);
    }
    Ok(found)
}

fn near(schema: &TableSchema, name: &str) -> Vec<String> {
    let wanted = name.to_lowercase();
    let allowed = (wanted.chars().count() / 3).max(2);
    let mut scored: Vec<(usize, &str)> = schema
        .columns
        .iter()
        .map(|column| {
            (
                distance(&wanted, &column.name.to_lowercase()),
                column.name.as_str(),
            )
        })
        .filter(|(distance, _)| *distance <= allowed)
        .collect();
    scored.sort_unstable();
    scored
        .into_iter()
        .take(NEAR_MAX)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// How many letters must be put in, taken out or changed (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            let changed = diagonal + usize::from(x != *y);
            left = changed.min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
