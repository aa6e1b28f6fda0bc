//! The files of one upload, of any format, read under one schema.

use super::RowSink;
use super::cell::Candidates;
use super::delimited::Delimited;
use super::error::IngestError;
use super::excel::ExcelSource;
use super::ipc::IpcSource;
use super::parquet::ParquetSource;
use super::reading::Reading;
use super::sniff::{Format, sniff};
use crate::schema::TableSchema;
use crate::spool::SourceFile;
use domain::limits::RequestLimits;
use domain::{Column, ColumnType};
use std::collections::HashMap;

/// One file of an upload, its header or footer read.
pub(crate) enum Source {
    Delimited(String, Delimited),
    Parquet(String, ParquetSource),
    Arrow(String, IpcSource),
    Excel(String, Box<ExcelSource>),
}

/// What a file says of a column's type: text allows several, Parquet says it.
enum Guess {
    Text(Candidates),
    Known(ColumnType),
}

impl Source {
    /// Finds out what a file is and reads the names of its columns.
    pub(crate) fn open(
        file: &SourceFile,
        limits: RequestLimits,
        reading: &Reading,
    ) -> Result<Self, IngestError> {
        let name = file.name.clone();
        let source = match sniff(file, limits.upload_bytes_max)? {
            Format::Delimited { packing, delimiter } => {
                let markers = reading.markers();
                let opened = Delimited::open(file, packing, delimiter, limits, markers)?;
                Self::Delimited(name, opened)
            }
            Format::Parquet => Self::Parquet(name, ParquetSource::open(file, limits)?),
            Format::Arrow => Self::Arrow(name, IpcSource::open(file, limits)?),
            Format::Excel => Self::Excel(name, Box::new(ExcelSource::open(file, limits, reading)?)),
        };
        check_names(source.name(), source.names(), limits)?;
        Ok(source)
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Delimited(name, _)
            | Self::Parquet(name, _)
            | Self::Arrow(name, _)
            | Self::Excel(name, _) => name,
        }
    }

    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::Delimited(_, source) => &source.names,
            Self::Parquet(_, source) => &source.names,
            Self::Arrow(_, source) => &source.names,
            Self::Excel(_, source) => &source.names,
        }
    }

    fn guess(&self, rows_max: u64) -> Result<(Vec<Guess>, u64), IngestError> {
        Ok(match self {
            Self::Delimited(_, source) => {
                let (candidates, rows) = source.infer(rows_max)?;
                (candidates.into_iter().map(Guess::Text).collect(), rows)
            }
            Self::Parquet(_, source) => {
                let kinds = source.kinds.iter().copied();
                (kinds.map(Guess::Known).collect(), source.rows)
            }
            Self::Arrow(_, source) => {
                let kinds = source.kinds.iter().copied();
                let rows = source.count(rows_max)?;
                (kinds.map(Guess::Known).collect(), rows)
            }
            Self::Excel(_, source) => {
                let (candidates, rows) = source.infer(rows_max)?;
                (candidates.into_iter().map(Guess::Text).collect(), rows)
            }
        })
    }

    /// The sheets of a workbook and the one chosen; none of another file.
    pub(crate) fn sheets(&self) -> Option<(&[String], &str)> {
        match self {
            Self::Excel(_, source) => Some((&source.sheets, &source.sheet)),
            _ => None,
        }
    }

    /// Gives the cells of the first rows of a file of text: line, column, text, and whether the
    /// file itself says that it is text.
    pub(crate) fn look(
        &self,
        rows_max: u64,
        mut each: impl FnMut(u64, usize, &str, bool),
    ) -> Result<(), IngestError> {
        match self {
            Self::Delimited(_, source) => {
                source.look(rows_max, |line, column, text| {
                    each(line, column, text, false)
                })?;
            }
            Self::Excel(_, source) => {
                source.look(rows_max, each)?;
            }
            Self::Parquet(..) | Self::Arrow(..) => {}
        }
        Ok(())
    }

    /// Where each of the table's columns stands in this file.
    ///
    /// # Errors
    /// The names that only one of the two has.
    pub(crate) fn order(&self, columns: &[Column]) -> Result<Vec<usize>, String> {
        let here: HashMap<&str, usize> = self
            .names()
            .iter()
            .enumerate()
            .map(|(position, name)| (name.as_str(), position))
            .collect();
        let missing: Vec<&str> = columns
            .iter()
            .map(|column| column.name.as_str())
            .filter(|name| !here.contains_key(name))
            .collect();
        let extra: Vec<&str> = self
            .names()
            .iter()
            .map(String::as_str)
            .filter(|name| !columns.iter().any(|column| column.name == *name))
            .collect();
        if missing.is_empty() && extra.is_empty() {
            return Ok(columns
                .iter()
                .filter_map(|column| here.get(column.name.as_str()).copied())
                .collect());
        }
        let list = |what: &str, names: &[&str]| {
            let shown: Vec<String> = names.iter().take(5).map(|n| format!("\"{n}\"")).collect();
            match names.len() {
                0 => None,
                1..=5 => Some(format!("{what} {}", shown.join(", "))),
                more => Some(format!("{what} {} and {} more", shown.join(", "), more - 5)),
            }
        };
        let parts = [list("missing", &missing), list("unknown", &extra)];
        Err(format!(
            "the columns differ: {}",
            parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
        ))
    }

    /// Reads all rows into `sink` under a schema. `stated`: a person gave the types.
    pub(crate) fn read_rows(
        &self,
        schema: &TableSchema,
        stated: bool,
        sink: &mut dyn RowSink,
    ) -> Result<(), IngestError> {
        let order = self
            .order(&schema.columns)
            .map_err(|message| IngestError::SchemaMismatch {
                file: self.name().to_owned(),
                line: None,
                column: None,
                message,
            })?;
        match self {
            Self::Delimited(_, source) => source.read_rows(schema, &order, stated, sink),
            Self::Parquet(_, source) => source.read_rows(schema, &order, sink),
            Self::Arrow(_, source) => source.read_rows(schema, &order, sink),
            Self::Excel(_, source) => source.read_rows(schema, &order, stated, sink),
        }
    }
}

fn check_names(file: &str, names: &[String], limits: RequestLimits) -> Result<(), IngestError> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (position, name) in names.iter().enumerate() {
        let number = position + 1;
        if name.is_empty() {
            let message = format!("column {number} has no name");
            return Err(IngestError::bad(file, Some(1), message));
        }
        if name.chars().count() as u64 > limits.name_chars_max {
            let max = limits.name_chars_max;
            let message = format!("the name of column {number} has more than {max} characters");
            return Err(IngestError::bad(file, Some(1), message));
        }
        if name.chars().any(char::is_control) {
            let message = format!("the name of column {number} has a control character in it");
            return Err(IngestError::bad(file, Some(1), message));
        }
        // Delta's names are unique without regard to case.
        if let Some(other) = seen.insert(name.to_lowercase(), name) {
            let message = if other == name {
                "two columns have this name".to_owned()
            } else {
                format!("two columns have this name but for upper and lower case: \"{other}\"")
            };
            return Err(IngestError::BadFile {
                file: file.to_owned(),
                line: Some(1),
                column: Some(name.clone()),
                message,
            });
        }
    }
    if names.is_empty() {
        return Err(IngestError::bad(file, None, "the file has no columns"));
    }
    Ok(())
}

/// The columns that all files agree on, each of the narrowest type that reads every cell looked at;
/// and how many rows were looked at. `rows_max` bounds the rows of each file.
pub(crate) fn infer(sources: &[Source], rows_max: u64) -> Result<(Vec<Column>, u64), IngestError> {
    let Some(first) = sources.first() else {
        return Err(IngestError::NoFile);
    };
    let as_columns = |names: &[String]| -> Vec<Column> {
        names
            .iter()
            .map(|name| Column {
                name: name.clone(),
                kind: ColumnType::String,
            })
            .collect()
    };
    let mut columns = as_columns(first.names());
    let mut merged: Vec<Option<Guess>> = columns.iter().map(|_| None).collect();
    let mut seen = 0;
    for source in sources {
        let order = source.order(&columns).map_err(|message| {
            let other = first.name();
            IngestError::SchemaMismatch {
                file: source.name().to_owned(),
                line: None,
                column: None,
                message: format!("{message} (compared with {other})"),
            }
        })?;
        let (guesses, rows) = source.guess(rows_max)?;
        seen += rows;
        let mut guesses: Vec<Option<Guess>> = guesses.into_iter().map(Some).collect();
        for (held, position) in merged.iter_mut().zip(order) {
            let found = guesses.get_mut(position).and_then(Option::take);
            *held = match (held.take(), found) {
                (Some(a), Some(b)) => Some(merge(a, b)),
                (a, b) => a.or(b),
            };
        }
    }
    for (column, guess) in columns.iter_mut().zip(merged) {
        column.kind = match guess {
            Some(Guess::Text(candidates)) => candidates.narrowest(),
            Some(Guess::Known(kind)) => kind,
            None => ColumnType::String,
        };
    }
    Ok((columns, seen))
}

fn merge(a: Guess, b: Guess) -> Guess {
    match (a, b) {
        (Guess::Text(a), Guess::Text(b)) => Guess::Text(a.intersect(b)),
        (Guess::Known(a), Guess::Known(b)) => Guess::Known(widest(a, b)),
        (Guess::Known(known), Guess::Text(text)) | (Guess::Text(text), Guess::Known(known)) => {
            if text == Candidates::ALL {
                return Guess::Known(known);
            }
            Guess::Known(widest(known, text.narrowest()))
        }
    }
}

/// The narrowest type that holds the values of both.
fn widest(a: ColumnType, b: ColumnType) -> ColumnType {
    use ColumnType::{Category, Date, Float64, Int64, String, Timestamp};
    match (a, b) {
        _ if a == b => a,
        (Int64, Float64) | (Float64, Int64) => Float64,
        (Date, Timestamp) | (Timestamp, Date) => Timestamp,
        (Category, String) | (String, Category) => Category,
        _ => String,
    }
}
