//! Finding columns by name, and saying which name was perhaps meant.

use super::error::QueryError;
use crate::schema::TableSchema;
use domain::Column;
use domain::near::nearest;

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
            near: nearest(
                name,
                schema.columns.iter().map(|column| column.name.as_str()),
            ),
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
