//! What can go wrong with tables, in words for a client.

use crate::http::problem::{FieldError, Problem, sentence};
use axum::http::StatusCode;
use domain::ExpressionError;
use tables::{CollectionError, IngestError, QueryError, TableError};

impl From<CollectionError> for Problem {
    fn from(error: CollectionError) -> Self {
        let words = error.to_string();
        match error {
            CollectionError::Text { pointer, source } => Self::invalid(pointer, source.to_string()),
            CollectionError::Taken => Self::conflict("name_taken", sentence(&words)),
            CollectionError::TooMany { max } => Self::conflict("project_full", sentence(&words))
                .with("limit", "collections")
                .with("max", max),
            CollectionError::NoSuchCollection => Self::not_found(),
            CollectionError::NoSuchVersion(_) => {
                Self::invalid("/version", words).with_code("no_such_version")
            }
            CollectionError::VersionRemoved(_) => {
                Self::invalid("/version", words).with_code("version_removed")
            }
            CollectionError::Ingest(error) => error.into(),
            CollectionError::Query(error) => error.into(),
            CollectionError::Key => Self::unavailable(&words),
            CollectionError::Access(error) => error.into(),
            CollectionError::Table(error) => Self::of_tables(&error),
        }
    }
}

fn bad_file(words: String, code: &str) -> Problem {
    let errors = vec![FieldError {
        pointer: "/file".to_owned(),
        message: words.clone(),
    }];
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        code,
        format!("{words}. Nothing was changed."),
    )
    .with_errors(errors)
}

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        use IngestError as E;
        let words = error.to_string();
        match error {
            E::BadFile { line, column, .. } => bad_file(words, "bad_file")
                .with("line", line)
                .with("column", column),
            E::SchemaMismatch { line, column, .. } => {
                let errors = vec![FieldError {
                    pointer: "/file".to_owned(),
                    message: words.clone(),
                }];
                Self::conflict("schema_mismatch", format!("{words}. Nothing was changed."))
                    .with_errors(errors)
                    .with("line", line)
                    .with("column", column)
            }
            E::TooManyColumns { .. } | E::Empty { .. } | E::NoFile | E::TooManyFiles { .. } => {
                bad_file(words, "bad_file")
            }
            E::TooLarge { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", sentence(&words))
            }
            E::ExcelTooLarge { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", sentence(&words))
            }
            E::NoSuchSheet { sheets, .. } => Self::invalid("/sheet", words)
                .with_code("no_such_sheet")
                .with("sheets", sheets),
            E::TooManyBadRows { .. } => bad_file(words, "too_many_bad_rows"),
            E::Key { .. } => Self::invalid("/key", words).with_code("invalid_key"),
            E::Schema { pointer, message } => Self::invalid(format!("/schema{pointer}"), message),
            E::NoSuchVersion { .. } => {
                Self::invalid("/version", words).with_code("no_such_version")
            }
            E::ProjectFull { what, held, max } => Self::conflict("project_full", sentence(&words))
                .with("limit", what)
                .with("held", held)
                .with("max", max),
            E::Cut => Self::new(StatusCode::BAD_REQUEST, "body_cut", sentence(&words)),
            E::Conflict => Self::conflict("busy", sentence(&words)),
            E::Failed(error @ TableError::Unknown(_)) => {
                Self::unavailable(&error).with_detail(
                    "The server lost sight of the upload while it became a version. Look at the versions of the \
                     collection before you try again.",
                )
            }
            E::Failed(error) => Self::of_tables(&error),
        }
    }
}

impl Problem {
    /// Tables cannot be read or written now.
    pub(super) fn of_tables(error: &TableError) -> Self {
        if !error.is_storage_full() {
            return Self::unavailable(error);
        }
        tracing::error!(%error, "the disk is full");
        Self::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "storage_full",
            "The disk of the server is full. Nothing was changed: delete what is not needed, or ask whoever runs it.",
        )
    }

    /// A filter as text that cannot be asked: what is wrong, where, and a picture of the place.
    pub(super) fn unread_filter(error: &ExpressionError) -> Self {
        Self::invalid("/filter", error.message.clone())
            .with_code("invalid_filter")
            .with("fault", error.fault)
            .with("line", error.line)
            .with("column", error.column)
            .with("start", error.start)
            .with("end", error.end)
            .with("excerpt", &error.excerpt)
            .with("near", &error.near)
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        use QueryError as E;
        let words = error.to_string();
        match error {
            E::UnknownColumn { pointer, .. } => {
                Self::invalid(pointer, words).with_code("unknown_column")
            }
            E::Filter {
                index,
                pointer,
                message,
            } => Self::invalid(format!("/filters/{index}{pointer}"), message)
                .with_code("invalid_filter"),
            E::Expression(error) => Self::unread_filter(&error),
            E::Shape { pointer, message } => Self::invalid(pointer, message),
            E::NoSuchVersion { .. } => {
                Self::invalid("/version", words).with_code("no_such_version")
            }
            E::TooLarge { .. } => Self::invalid("", words).with_code("too_large"),
            E::Deadline { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "timeout",
                format!("{} Filter the data, or ask for less.", sentence(&words)),
            ),
            E::Failed(error) => Self::of_tables(&error),
        }
    }
}
