//! Why an upload was not taken. Nothing is left of one that was not.

use crate::error::TableError;

/// Why an upload was not taken.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// A file cannot be read as what it is named.
    #[error("{}", place(.file, *.line, .column.as_deref(), .message))]
    BadFile {
        /// The file's name, as it was sent.
        file: String,
        /// The line at fault, counted from 1, in text files.
        line: Option<u64>,
        /// The column at fault.
        column: Option<String>,
        /// What is wrong.
        message: String,
    },
    /// A file does not fit the columns of the table it should be added to, or those of the file before it.
    #[error("{}", place(.file, *.line, .column.as_deref(), .message))]
    SchemaMismatch {
        /// The file's name, as it was sent.
        file: String,
        /// The line at fault, counted from 1, in text files.
        line: Option<u64>,
        /// The column at fault.
        column: Option<String>,
        /// What differs.
        message: String,
    },
    /// More columns than a table may have.
    #[error("{file}: more than {columns_max} columns; a table may have at most that many")]
    TooManyColumns {
        /// The file's name, as it was sent.
        file: String,
        /// The limit.
        columns_max: u64,
    },
    /// A file without a row.
    #[error("{file}: the file has no rows")]
    Empty {
        /// The file's name, as it was sent.
        file: String,
    },
    /// An upload without a file.
    #[error("the upload has no file")]
    NoFile,
    /// More files than an upload may have.
    #[error("an upload may have at most {files_max} files")]
    TooManyFiles {
        /// The limit.
        files_max: u64,
    },
    /// More bytes than an upload may have, once unpacked.
    #[error(
        "{file}: more than {bytes_max} bytes once unpacked; an upload may have at most that many"
    )]
    TooLarge {
        /// The file's name, as it was sent.
        file: String,
        /// The limit.
        bytes_max: u64,
    },
    /// A workbook larger than one may be.
    #[error("{file}: {}", excel_words(*.bytes_max, *.unpacked))]
    ExcelTooLarge {
        /// The file's name, as it was sent.
        file: String,
        /// The limit.
        bytes_max: u64,
        /// The limit is on what it unpacks to, not on the file.
        unpacked: bool,
    },
    /// A workbook has no sheet of the name asked for.
    #[error("{file}: {}", sheet_words(.sheet, .sheets))]
    NoSuchSheet {
        /// The file's name, as it was sent.
        file: String,
        /// The sheet asked for.
        sheet: String,
        /// The sheets there are.
        sheets: Vec<String>,
    },
    /// More rows do not fit than can be set aside.
    #[error("{file}: {rows} rows do not fit, more than can be set aside; the last one: {message}")]
    TooManyBadRows {
        /// The file's name, as it was sent.
        file: String,
        /// How many were found until then.
        rows: u64,
        /// What is wrong with the last one.
        message: String,
    },
    /// The key of an upsert is none.
    #[error("{message}")]
    Key {
        /// What is wrong with it.
        message: String,
    },
    /// The stated schema is not one.
    #[error("{message}")]
    Schema {
        /// Where in the stated schema, as a JSON pointer (RFC 6901).
        pointer: String,
        /// What is wrong with it.
        message: String,
    },
    /// There is no such version to restore.
    #[error("there is no version {version}")]
    NoSuchVersion {
        /// The version asked for.
        version: u64,
    },
    /// The project would hold more than it may.
    #[error(
        "the project would hold {held} {what}, at most {max} are allowed: delete a collection, or ask an administrator for more"
    )]
    ProjectFull {
        /// `bytes` or `rows`.
        what: &'static str,
        /// What it would hold.
        held: u64,
        /// The limit.
        max: u64,
    },
    /// It did not arrive to its end.
    #[error("the upload ended early")]
    Cut,
    /// Others changed the table all the while.
    #[error("the table was changed by others at the same time: try again")]
    Conflict,
    /// The server failed.
    #[error(transparent)]
    Failed(#[from] TableError),
}

fn excel_words(bytes_max: u64, unpacked: bool) -> String {
    if unpacked {
        format!(
            "a part of the workbook has more than {bytes_max} bytes once unpacked; save it as CSV"
        )
    } else {
        format!("a workbook may have at most {bytes_max} bytes; save it as CSV")
    }
}

fn sheet_words(sheet: &str, sheets: &[String]) -> String {
    let names: Vec<String> = sheets.iter().take(10).map(|n| format!("\"{n}\"")).collect();
    match (sheet.is_empty(), names.is_empty()) {
        (_, true) => "the workbook has no sheet with cells".to_owned(),
        (true, false) => format!("choose one of its sheets: {}", names.join(", ")),
        (false, false) => format!("there is no sheet \"{sheet}\", but {}", names.join(", ")),
    }
}

fn place(file: &str, line: Option<u64>, column: Option<&str>, message: &str) -> String {
    let line = line.map_or(String::new(), |line| format!(", line {line}"));
    let column = column.map_or(String::new(), |column| format!(", column \"{column}\""));
    format!("{file}{line}{column}: {message}")
}

impl IngestError {
    pub(crate) fn bad(file: &str, line: Option<u64>, message: impl Into<String>) -> Self {
        Self::BadFile {
            file: file.to_owned(),
            line,
            column: None,
            message: message.into(),
        }
    }

    pub(crate) fn bad_column(file: &str, column: &str, message: impl Into<String>) -> Self {
        Self::BadFile {
            file: file.to_owned(),
            line: None,
            column: Some(column.to_owned()),
            message: message.into(),
        }
    }
}

macro_rules! failed_from {
    ($($error:ty),+) => {$(
        impl From<$error> for IngestError {
            fn from(error: $error) -> Self {
                Self::Failed(error.into())
            }
        }
    )+};
}

failed_from!(
    object_store::Error,
    std::io::Error,
    deltalake::arrow::error::ArrowError,
    deltalake::parquet::errors::ParquetError,
    tokio::task::JoinError
);
