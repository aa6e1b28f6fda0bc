//! Which rows and columns of which version: what a frame and a file are made of.

use super::error::QueryError;
use super::names::{Found, find_all};
use super::predicate::Predicate;
use super::scan::Scan;
use super::{all, condition, read, scan};
use crate::place::Place;
use crate::tables::Inner;
use domain::Filter;

/// Rows and columns of a version, in the order of upload.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The version; the latest when none is named.
    pub version: Option<u64>,
    /// Columns, in this order; all when none are named.
    pub columns: Option<Vec<String>>,
    /// Conditions, all of which a row must meet.
    pub filters: Vec<Filter>,
    /// A filter expression that a row must meet besides.
    pub filter: Option<String>,
}

/// What must be read; `None` while the table has no version.
pub(crate) async fn selected(
    inner: &Inner,
    place: &Place,
    selection: &Selection,
) -> Result<Option<(Scan, Vec<Found>)>, QueryError> {
    let Some(version) = inner.resolve(place, selection.version).await? else {
        return Ok(None);
    };
    let schema = version.schema.clone();
    let expression = read(selection.filter.as_deref(), &schema, &inner.limits)?;
    let condition = condition(
        &schema,
        &selection.filters,
        expression.as_ref(),
        &inner.limits,
    )?;
    let predicate = match condition {
        Some(condition) => Some(Predicate::new(
            inner.engine.context(),
            &schema.arrow,
            condition,
        )?),
        None => None,
    };
    let mut scan = scan(inner, place, version, predicate).await?;
    let found = match &selection.columns {
        Some(columns) => find_all(&schema, columns, "/columns")?,
        None => all(&scan),
    };
    scan.columns = found.iter().map(|found| found.position).collect();
    Ok(Some((scan, found)))
}
