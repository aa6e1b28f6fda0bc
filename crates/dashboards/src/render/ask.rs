//! Asking a table, and saying what went wrong in words that fit a component.

use super::line::Failure;
use super::session::{Session, Source};
use crate::filters::Conditions;
use domain::dashboard::Flaw;
use domain::query::{Query, Shape};
use sandbox::Frame;
use tables::{Answer, CollectionError, QueryError, Selection};

/// The answer to a question under these conditions, at the version the render has fixed.
pub(super) async fn ask(
    session: &Session,
    source: &Source,
    conditions: &Conditions,
    shape: &Shape,
) -> Result<Answer, Failure> {
    let version = source.data()?.version;
    let query = Query {
        filters: conditions.filters.clone(),
        filter: None,
        shape: shape.clone(),
    };
    let collections = &session.inner.settings.collections;
    collections
        .query(&source.collection, Some(version), &query)
        .await
        .map_err(|error| failure(error, conditions))
}

/// The rows for a run of code, sealed, and how many they are.
pub(super) async fn frame(
    session: &Session,
    source: &Source,
    conditions: &Conditions,
    columns: Option<&[String]>,
) -> Result<(Frame, u64), Failure> {
    let version = source.data()?.version;
    let settings = &session.inner.settings;
    let rows = settings
        .collections
        .frame(
            &source.collection,
            Selection {
                version: Some(version),
                columns: columns.map(<[String]>::to_vec),
                filters: conditions.filters.clone(),
                filter: None,
            },
            session.code_limits.code_frame_bytes_max,
        )
        .await
        .map_err(|error| failure(error, conditions))?;
    let count = rows.rows;
    // Copying may be hundreds of megabytes: not on a thread that serves others.
    let sealed =
        tokio::task::spawn_blocking(move || Frame::seal(&rows.schema, &rows.batches)).await;
    match sealed {
        Ok(Ok(frame)) => Ok((frame, count)),
        Ok(Err(error)) => Err(broken(&error, "a data frame cannot be made")),
        Err(error) => Err(broken(&error, "a data frame was not made")),
    }
}

fn failure(error: CollectionError, conditions: &Conditions) -> Failure {
    match error {
        CollectionError::NoSuchVersion(version) => Failure::NoVersion(version),
        CollectionError::VersionRemoved(version) => Failure::VersionRemoved(version),
        CollectionError::Query(error) => of_query(error, conditions),
        other => broken(&other, "a collection cannot be read"),
    }
}

fn of_query(error: QueryError, conditions: &Conditions) -> Failure {
    match error {
        QueryError::Filter {
            index,
            pointer,
            message,
        } => {
            // The question has its filters in an order of its own.
            let asked = conditions.asked.get(index).copied().unwrap_or(index);
            Failure::Filters(vec![Flaw {
                pointer: format!("/filters/{asked}{pointer}"),
                message,
            }])
        }
        QueryError::NoSuchVersion { version } => Failure::NoVersion(version),
        QueryError::Deadline { .. } => Failure::TooSlow,
        error @ QueryError::TooLarge { .. } => {
            Failure::TooLarge(format!("{error}; filter the data, or choose fewer columns"))
        }
        QueryError::Expression(error) => Failure::Form(Flaw {
            pointer: "/filter".to_owned(),
            message: error.to_string(),
        }),
        error @ (QueryError::UnknownColumn { .. } | QueryError::Shape { .. }) => {
            Failure::Form(Flaw {
                pointer: "/content".to_owned(),
                message: error.to_string(),
            })
        }
        QueryError::Failed(error) => broken(&error, "a query failed"),
    }
}

/// The reason is for the log; a client learns that it was not theirs.
pub(super) fn broken(error: &dyn std::fmt::Display, what: &'static str) -> Failure {
    tracing::error!(%error, "{what}");
    Failure::Broken
}

/// An answer that does not have the shape that was asked for: a mistake in the program.
pub(super) fn misshapen(error: figures::DrawError) -> Failure {
    broken(&error, "an answer cannot be drawn")
}

/// A column that the table does not have at this version.
pub(super) fn misfit(pointer: String, column: &str) -> Failure {
    Failure::Form(Flaw {
        pointer,
        message: format!("there is no column “{column}”"),
    })
}
