//! Expressions from text to data and back, against columns, limits and rows.

mod forms;
mod mistakes;
mod page;
mod properties;
mod rows;

use super::*;

/// A table with a column of each type and some with names that need backticks.
fn columns() -> Vec<Column> {
    use ColumnType::{Bool, Category, Date, Float64, Int64, String, Timestamp, TimestampTz};
    [
        ("sample_id", String),
        ("condition", Category),
        ("age", Int64),
        ("expression", Float64),
        ("mean_expression", Float64),
        ("paired", Bool),
        ("taken", Date),
        ("seen", Timestamp),
        ("sent", TimestampTz),
        ("body mass (g)", Float64),
        ("not", String),
        ("tick`ed", String),
        ("year", Int64),
        ("größe.cm", Float64),
    ]
    .into_iter()
    .map(|(name, kind)| Column {
        name: name.to_owned(),
        kind,
    })
    .collect()
}

fn read(text: &str) -> Result<Expression, ExpressionError> {
    Expression::read(text, &columns(), &RequestLimits::default())
}
