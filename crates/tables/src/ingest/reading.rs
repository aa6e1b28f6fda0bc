//! How a person wants files to be read, and what became of rows that did not fit.

use super::error::IngestError;
use domain::limits::RequestLimits;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What becomes of rows that do not fit the columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BadRows {
    /// The first one refuses the whole upload.
    #[default]
    Refuse,
    /// They are set aside in a report that can be downloaded; the others become the version.
    SetAside,
}

/// How files are to be read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The sheet of a workbook; the first one when `None`.
    pub sheet: Option<String>,
    /// What becomes of rows that do not fit.
    pub bad_rows: BadRows,
    /// What stands for "no value" beside an empty cell and the usual markers, in columns of text too.
    pub missing: Vec<String>,
}

/// The markers as every column of every file holds them.
pub(crate) type Markers = Arc<[String]>;

impl Reading {
    pub(crate) fn markers(&self) -> Markers {
        self.missing.iter().map(|text| text.trim().into()).collect()
    }

    /// Where rows that do not fit go; `None` when the first one refuses the upload.
    pub(crate) fn aside(&self, limits: RequestLimits) -> Option<Aside> {
        (self.bad_rows == BadRows::SetAside).then(|| Aside {
            rows_max: limits.upload_set_aside_rows_max,
            bytes_max: limits.upload_set_aside_bytes_max,
            rows: 0,
            csv: "file,line,column,problem,row\n".to_owned(),
        })
    }
}

/// What the log of a table keeps of rows set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The report's name in the collection's folder.
    pub(crate) name: String,
    /// How many rows it holds.
    pub(crate) rows: u64,
}

/// Rows set aside, as a report in CSV.
#[derive(Debug, Clone)]
pub(crate) struct Aside {
    rows_max: u64,
    bytes_max: u64,
    pub(crate) rows: u64,
    pub(crate) csv: String,
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        // A spreadsheet would take it for a formula, and run it for whoever opens the report.
        out.push('\'');
    }
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

impl Aside {
    /// Adds a row: what is wrong with it, and its cells as they stood in the file.
    pub(crate) fn add<'c>(
        &mut self,
        error: IngestError,
        cells: impl Iterator<Item = &'c str>,
    ) -> Result<(), IngestError> {
        let IngestError::BadFile {
            file,
            line,
            column,
            message,
        } = error
        else {
            return Err(error);
        };
        let mut row = String::new();
        for cell in cells {
            if !row.is_empty() {
                row.push(',');
            }
            if cell.contains(['"', ',', '\n', '\r']) {
                row.push_str(&format!("\"{}\"", cell.replace('"', "\"\"")));
            } else {
                row.push_str(cell);
            }
        }
        let line = line.map_or_else(String::new, |line| line.to_string());
        for text in [
            &file,
            &line,
            column.as_ref().unwrap_or(&String::new()),
            &message,
        ] {
            quoted(&mut self.csv, text);
            self.csv.push(',');
        }
        quoted(&mut self.csv, &row);
        self.csv.push('\n');
        self.rows += 1;
        if self.rows > self.rows_max || self.csv.len() as u64 > self.bytes_max {
            return Err(IngestError::TooManyBadRows {
                rows: self.rows,
                file,
                message,
            });
        }
        Ok(())
    }
}
