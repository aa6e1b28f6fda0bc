//! Tables: their first page. Further pages are queries of the page's own.

use super::ask::{ask, misfit};
use super::cache::Identity;
use super::line::{Drawn, Failure, Shown};
use super::session::Session;
use domain::dashboard::Content;
use domain::query::{Shape, Sort};
use serde_json::Value;

/// Rows of a page when the component names no number.
pub(super) const PAGE_ROWS_DEFAULT: u64 = 25;

/// What a table component shows of its table.
pub(super) struct Page<'a> {
    pub(super) columns: Option<&'a [String]>,
    pub(super) sort: &'a [Sort],
    pub(super) rows: u64,
}

pub(super) async fn draw(
    session: &Session,
    content: &Content,
    page: Page<'_>,
) -> Result<Drawn, Failure> {
    let source = session.content_source(content)?;
    let Ok(snapshot) = source.data() else {
        return Ok(Drawn::fresh(Shown::Table {
            columns: Vec::new(),
            rows: Vec::new(),
            total_rows: 0,
        }));
    };
    let has = |name: &str| snapshot.columns.iter().any(|column| column.name == name);
    for (index, name) in page.columns.unwrap_or_default().iter().enumerate() {
        if !has(name) {
            return Err(misfit(format!("/content/columns/{index}"), name));
        }
    }
    for (index, sort) in page.sort.iter().enumerate() {
        if !has(&sort.column) {
            return Err(misfit(
                format!("/content/sort/{index}/column"),
                &sort.column,
            ));
        }
    }
    let conditions = session.conditions(source)?;
    let shape = Shape::Rows {
        columns: page.columns.map(<[String]>::to_vec),
        sort: page.sort.to_vec(),
        limit: page.rows,
        offset: 0,
    };
    let parts = (&conditions.filters, &shape);
    let identity = Identity::of("table", source.id(), snapshot.version, &parts)?;
    let compute = || async {
        let answer = ask(session, source, &conditions, &shape).await?;
        let shown = Shown::Table {
            rows: tables::json::rows(&answer.batches)
                .into_iter()
                .map(Value::Object)
                .collect(),
            columns: answer.columns,
            total_rows: answer.total_rows,
        };
        // A page is not a cut: the rest is a click away.
        Ok((shown, false))
    };
    session.inner.results.get(identity, compute).await
}
