//! Comma-separated values (RFC 4180).
//!
//! A missing value is an empty cell, and text of no characters is `""`. A spreadsheet takes a cell that begins with
//! `=`, `@` or a sign for a formula, whatever column it stands in, and a formula can send the whole sheet elsewhere.
//! Text like that gets an apostrophe before it unless a program asks for it as it is. A sign before a number, or
//! alone, as the strands `+` and `-` of a genome are, is no formula and stays.

use crate::json;
use deltalake::arrow::array::{AsArray as _, RecordBatch};
use deltalake::arrow::datatypes::{DataType, Float64Type};
use domain::Column;
use serde_json::Value;

pub(crate) struct Csv {
    /// The line of names, until it is given away.
    head: Vec<u8>,
    guarded: bool,
}

impl Csv {
    pub(crate) fn new(columns: &[Column], guarded: bool) -> Self {
        let mut head = String::new();
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                head.push(',');
            }
            put(&mut head, &column.name, guarded);
        }
        head.push_str("\r\n");
        Self {
            head: head.into_bytes(),
            guarded,
        }
    }

    pub(crate) fn head(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.head)
    }

    pub(crate) fn rows(&mut self, batch: &RecordBatch) -> Vec<u8> {
        let columns: Vec<Vec<Cell>> = batch.columns().iter().map(|c| cells(c)).collect();
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        let mut text = String::new();
        for _ in 0..batch.num_rows() {
            for (at, column) in columns.iter_mut().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                match column.next() {
                    Some(Cell::Text(cell)) => put(&mut text, &cell, self.guarded),
                    Some(Cell::Plain(cell)) => text.push_str(&cell),
                    Some(Cell::Missing) | None => {}
                }
            }
            text.push_str("\r\n");
        }
        let mut bytes = self.head();
        bytes.extend_from_slice(text.as_bytes());
        bytes
    }
}

/// A value as it is written: text, what needs no quotes, or nothing.
enum Cell {
    Text(String),
    Plain(String),
    Missing,
}

fn cells(column: &dyn deltalake::arrow::array::Array) -> Vec<Cell> {
    if let (DataType::Float64, Some(floats)) =
        (column.data_type(), column.as_primitive_opt::<Float64Type>())
    {
        // JSON has no infinities; here they have a name. Debug prints the shortest text that is the same number.
        let cell =
            |float: Option<f64>| float.map_or(Cell::Missing, |f| Cell::Plain(format!("{f:?}")));
        return floats.iter().map(cell).collect();
    }
    let is_text = !column.data_type().is_primitive() && *column.data_type() != DataType::Boolean;
    json::values(column)
        .into_iter()
        .map(|value| match value {
            Value::Null => Cell::Missing,
            Value::String(text) if is_text => Cell::Text(text),
            Value::String(text) => Cell::Plain(text),
            other => Cell::Plain(other.to_string()),
        })
        .collect()
}

/// Whether a spreadsheet might compute this: what it begins with, also in the full width of East Asian keyboards.
fn is_formula(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '＝' | '＠') => true,
        Some('+' | '-' | '＋' | '－') => {
            let number = text.parse::<f64>().is_ok();
            !number && chars.next().is_some()
        }
        _ => false,
    }
}

fn put(line: &mut String, text: &str, guarded: bool) {
    let guard = guarded && is_formula(text);
    let quoted = text.is_empty()
        || text.contains([',', ';', '\t', '"', '\r', '\n'])
        || text.starts_with(char::is_whitespace)
        || text.ends_with(char::is_whitespace);
    if quoted {
        line.push('"');
    }
    if guard {
        line.push('\'');
    }
    if quoted {
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}
