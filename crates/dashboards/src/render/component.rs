//! One component, from its content to its line.

use super::line::{Drawn, Failure, Line, Shown};
use super::session::Session;
use super::{card, code, figure, table};
use domain::dashboard::{Component, Content};
use std::sync::Arc;
use tokio::time::Instant;

/// Computes a component. It ends when the viewer's permission does.
pub(super) async fn line(session: Arc<Session>, component: Component) -> Line {
    let started = Instant::now();
    let outcome = tokio::select! {
        biased;
        () = session.permit.ended() => Err(Failure::Ended),
        outcome = drawn(&session, &component.content) => outcome,
    };
    Line {
        versions: session.versions(&component.content),
        component: component.id,
        outcome,
        duration_ms: milliseconds(started),
    }
}

/// What a content shows.
pub(super) async fn drawn(session: &Session, content: &Content) -> Result<Drawn, Failure> {
    match content {
        Content::Card {
            aggregate, column, ..
        } => card::draw(session, content, *aggregate, column.as_deref()).await,
        Content::Figure { spec, .. } => figure::draw(session, content, spec).await,
        Content::Code { code, columns, .. } => {
            code::draw(session, content, code, columns.as_deref()).await
        }
        Content::Table {
            columns,
            sort,
            page_size,
            ..
        } => {
            let page = table::Page {
                columns: columns.as_deref(),
                sort: sort.as_deref().unwrap_or_default(),
                rows: page_size.unwrap_or(table::PAGE_ROWS_DEFAULT),
            };
            table::draw(session, content, page).await
        }
        Content::Text { markdown } => Ok(Drawn::fresh(Shown::Text {
            html: crate::markdown::to_html(markdown),
        })),
    }
}

pub(super) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
