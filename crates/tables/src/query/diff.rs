//! What differs between two versions: columns, counts, and, when a key is named, which rows.
//!
//! Files that both versions have are passed over: what is in them is the same. Of the others only
//! keys and digests of rows are held.

use super::error::QueryError;
use crate::error::TableError;
use crate::ingest::key_columns;
use crate::keyed::{self, Keys};
use crate::log::TableVersion;
use crate::place::Place;
use crate::tables::Inner;
use domain::{Column, ColumnType};
use futures::TryStreamExt as _;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Keys shown of each kind of difference.
const SHOWN_MAX: usize = 100;

/// What differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// The version looked back to, and how many rows it has.
    pub from: (u64, u64),
    /// The version looked at, and how many rows it has.
    pub to: (u64, u64),
    /// Columns that only the later one has.
    pub columns_added: Vec<Column>,
    /// Columns that only the earlier one has.
    pub columns_removed: Vec<Column>,
    /// Columns whose type is another: name, before, after.
    pub columns_changed: Vec<(String, ColumnType, ColumnType)>,
    /// Rows by their key, when one was named.
    pub keys: Option<KeyDiff>,
}

/// Rows by their key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyDiff {
    /// Keys that only the later version has, and the first of them.
    pub added: (u64, Vec<String>),
    /// Keys that only the earlier version has, and the first of them.
    pub removed: (u64, Vec<String>),
    /// Keys whose row is another, and the first of them.
    pub changed: (u64, Vec<String>),
}

fn note(kind: &mut (u64, Vec<String>), key: &str) {
    kind.0 += 1;
    if kind.1.len() < SHOWN_MAX {
        kind.1.push(key.to_owned());
    }
}

/// A row of one version: its digest and its key as people write it.
type Row = ([u8; 32], String);

pub(crate) async fn diff(
    inner: &Inner,
    place: &Place,
    from: &Arc<TableVersion>,
    to: &Arc<TableVersion>,
    key: Option<&str>,
) -> Result<Diff, QueryError> {
    let only = |a: &TableVersion, b: &TableVersion| -> Vec<Column> {
        let columns = a.schema.columns.iter();
        let only = columns.filter(|column| b.schema.position(&column.name).is_none());
        only.cloned().collect()
    };
    let kinds = from.schema.columns.iter().filter_map(|column| {
        let after = to.schema.position(&column.name);
        let after = after.and_then(|after| to.schema.columns.get(after))?;
        (after.kind != column.kind).then(|| (column.name.clone(), column.kind, after.kind))
    });
    let mut found = Diff {
        from: (from.version, from.rows()),
        to: (to.version, to.rows()),
        columns_added: only(to, from),
        columns_removed: only(from, to),
        columns_changed: kinds.collect(),
        keys: None,
    };
    if let Some(key) = key {
        found.keys = Some(rows(inner, place, from, to, key).await?);
    }
    Ok(found)
}

async fn rows(
    inner: &Inner,
    place: &Place,
    from: &Arc<TableVersion>,
    to: &Arc<TableVersion>,
    key: &str,
) -> Result<KeyDiff, QueryError> {
    let names = |version: &TableVersion| -> HashSet<String> {
        version.files.iter().map(|file| file.name.clone()).collect()
    };
    let (before, after) = (names(from), names(to));
    let same_columns = from.schema.columns == to.schema.columns;
    // A file that both have holds other rows for whom the columns are others.
    let skip = |names: HashSet<String>| if same_columns { names } else { HashSet::new() };
    let mut old = held(inner, place, from, key, &skip(after)).await?;
    let new = held(inner, place, to, key, &skip(before)).await?;
    let mut found = KeyDiff::default();
    let mut new: Vec<(Box<[u8]>, Row)> = new.into_iter().collect();
    new.sort_by(|a, b| a.0.cmp(&b.0));
    for (key, (digest, shown)) in new {
        match old.remove(&key) {
            None => note(&mut found.added, &shown),
            Some((before, _)) if before != digest => note(&mut found.changed, &shown),
            Some(_) => {}
        }
    }
    let mut old: Vec<(Box<[u8]>, Row)> = old.into_iter().collect();
    old.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, (_, shown)) in old {
        note(&mut found.removed, &shown);
    }
    Ok(found)
}

/// The rows of a version's files but those to be passed over, by their key.
async fn held(
    inner: &Inner,
    place: &Place,
    version: &Arc<TableVersion>,
    key: &str,
    skip: &HashSet<String>,
) -> Result<HashMap<Box<[u8]>, Row>, QueryError> {
    let unfit = |message: String| QueryError::Shape {
        pointer: "/key".to_owned(),
        message,
    };
    let columns = key_columns(&version.schema, key).map_err(|error| unfit(error.to_string()))?;
    let rest = (0..version.schema.columns.len()).filter(|column| !columns.contains(column));
    let all: Vec<usize> = columns.iter().copied().chain(rest).collect();
    let keys = Keys::new(&version.schema, &columns)?;
    let whole = Keys::new(&version.schema, &all)?;
    let mut held = HashMap::new();
    let rows_max = inner.limits.keyed_rows_max;
    for (unit, file) in version.files.iter().enumerate() {
        if skip.contains(&file.name) {
            continue;
        }
        let scan = keyed::scan(inner, place, version, all.clone());
        let mut rows = scan.read(unit, None).await?;
        while let Some(batch) = rows.try_next().await? {
            let digests = whole.whole(&batch)?;
            let named: Vec<usize> = (0..columns.len()).collect();
            let key_part = batch.project(&named).map_err(TableError::from)?;
            for (row, (key, digest)) in keys.of(&batch)?.into_iter().zip(digests).enumerate() {
                let shown = keyed::shown(&key_part, row);
                let Some(key) = key else {
                    return Err(unfit(format!(
                        "a row of version {} has no value in its key",
                        version.version
                    )));
                };
                if held.len() as u64 >= rows_max {
                    return Err(unfit(format!(
                        "more than {rows_max} rows of version {} differ in their files",
                        version.version
                    )));
                }
                if held.insert(key, (digest, shown.clone())).is_some() {
                    return Err(unfit(format!(
                        "the key {shown} stands twice in version {}",
                        version.version
                    )));
                }
            }
        }
    }
    Ok(held)
}
