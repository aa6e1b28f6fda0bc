//! Documents in SQLite: one row a document, one row an index entry.

use super::file::{failure, unsigned};
use super::threads::{Readers, Writer};
use crate::backend::{Backend, Content, RawDocument, RawHit, Scan, ScanRange, Write};
use crate::document::Cursor;
use crate::error::StoreError;
use async_trait::async_trait;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use std::collections::BTreeSet;

/// Documents by their keys that are read without asking a thread.
const BRIEF_KEYS_MAX: usize = 8;

pub(super) struct SqliteDocuments {
    writer: Writer,
    readers: Readers,
}

impl SqliteDocuments {
    pub(super) fn new(writer: Writer, readers: Readers) -> Self {
        Self { writer, readers }
    }
}

#[async_trait]
impl Backend for SqliteDocuments {
    async fn read(
        &self,
        keys: Vec<(&'static str, Vec<u8>)>,
    ) -> Result<Vec<Option<RawDocument>>, StoreError> {
        let few = keys.len() <= BRIEF_KEYS_MAX;
        let work = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(
                "SELECT revision, schema, body FROM documents WHERE kind = ?1 AND key = ?2",
            )?;
            keys.iter()
                .map(|(kind, key)| {
                    statement
                        .query_row(params![kind, key], |row| document(row, 0))
                        .optional()
                })
                .collect()
        };
        match few {
            true => self.readers.run_briefly(work).await,
            false => self.readers.run(work).await,
        }
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<RawHit>, StoreError> {
        let finds_one = scan.limit <= 1;
        let work = move |connection: &Connection| scan_all(connection, &scan);
        match finds_one {
            true => self.readers.run_briefly(work).await,
            false => self.readers.run(work).await,
        }
    }

    async fn keys(
        &self,
        kind: &'static str,
        index: &'static str,
        range: ScanRange,
        limit: u32,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let work = move |connection: &Connection| {
            connection
                .prepare_cached(
                    "SELECT document FROM entries
                     WHERE kind = ?1 AND name = ?2 AND key >= ?3 AND key < ?4
                     ORDER BY key, document LIMIT ?5",
                )?
                .query_map(params![kind, index, range.low, range.high, limit], |row| {
                    row.get(0)
                })?
                .collect()
        };
        // A list of names without what they name: as quick as a few documents.
        self.readers.run_briefly(work).await
    }

    async fn count(
        &self,
        kind: &'static str,
        index: Option<&'static str>,
        range: ScanRange,
    ) -> Result<u64, StoreError> {
        let counts = self.count_each(kind, index, vec![range]).await?;
        Ok(counts.into_iter().next().unwrap_or_default())
    }

    async fn count_each(
        &self,
        kind: &'static str,
        index: Option<&'static str>,
        ranges: Vec<ScanRange>,
    ) -> Result<Vec<u64>, StoreError> {
        let work = move |connection: &Connection| {
            ranges
                .iter()
                .map(|range| count(connection, kind, index, range))
                .collect()
        };
        self.readers.run(work).await
    }

    async fn write(
        &self,
        kind: &'static str,
        key: Vec<u8>,
        write: Write,
    ) -> Result<u64, StoreError> {
        self.writer
            .run(move |connection| change(connection, kind, &key, write))
            .await
    }

    async fn delete_range(&self, kind: &'static str, range: ScanRange) -> Result<u64, StoreError> {
        let work = move |connection: &Connection| {
            let sql = "DELETE FROM documents WHERE kind = ?1 AND key >= ?2 AND key < ?3";
            let deleted = execute(connection, sql, params![kind, range.low, range.high])?;
            Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
        };
        self.writer.run(work).await
    }

    async fn close(&self) {
        // The writer last: the last connection to close folds the log into the file.
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn count(
    connection: &Connection,
    kind: &str,
    index: Option<&str>,
    range: &ScanRange,
) -> rusqlite::Result<u64> {
    match index {
        Some(name) => connection
            .prepare_cached(
                "SELECT count(*) FROM entries
                 WHERE kind = ?1 AND name = ?2 AND key >= ?3 AND key < ?4",
            )?
            .query_row(params![kind, name, range.low, range.high], |row| {
                unsigned(row, 0)
            }),
        None => connection
            .prepare_cached(
                "SELECT count(*) FROM documents WHERE kind = ?1 AND key >= ?2 AND key < ?3",
            )?
            .query_row(params![kind, range.low, range.high], |row| unsigned(row, 0)),
    }
}

fn document(row: &Row<'_>, first: usize) -> rusqlite::Result<RawDocument> {
    Ok(RawDocument {
        revision: unsigned(row, first)?,
        schema: row.get(first + 1)?,
        body: row.get(first + 2)?,
    })
}

fn failed(error: &rusqlite::Error) -> StoreError {
    failure(error, "the documents")
}

fn execute(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<usize, StoreError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(values))
        .map_err(|error| failed(&error))
}

fn is_conflict(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

fn change(
    connection: &Connection,
    kind: &'static str,
    key: &[u8],
    write: Write,
) -> Result<u64, StoreError> {
    match write {
        Write::Insert { content } => {
            let inserted = connection
                .prepare_cached(
                    "INSERT INTO documents (kind, key, revision, schema, body)
                     VALUES (?1, ?2, 1, ?3, ?4)",
                )
                .and_then(|mut insert| {
                    insert.execute(params![kind, key, content.schema, content.body])
                });
            match inserted {
                Err(error) if is_conflict(&error) => return Err(StoreError::Exists { kind }),
                other => other.map_err(|error| failed(&error))?,
            };
            insert_entries(connection, kind, key, &content)?;
            Ok(1)
        }
        Write::Replace { expected, content } => {
            let sql = "UPDATE documents SET revision = revision + 1, schema = ?4, body = ?5
                       WHERE kind = ?1 AND key = ?2 AND revision = ?3";
            let values = params![kind, key, revision(expected)?, content.schema, content.body];
            if execute(connection, sql, values)? == 0 {
                return Err(StoreError::Stale);
            }
            let sql = "DELETE FROM entries WHERE kind = ?1 AND document = ?2";
            execute(connection, sql, params![kind, key])?;
            insert_entries(connection, kind, key, &content)?;
            Ok(expected + 1)
        }
        Write::Delete { expected } => {
            let sql = "DELETE FROM documents WHERE kind = ?1 AND key = ?2 AND revision = ?3";
            match execute(connection, sql, params![kind, key, revision(expected)?])? {
                0 => Err(StoreError::Stale),
                _ => Ok(expected),
            }
        }
    }
}

/// SQLite counts to 2^63; a larger revision cannot be one that it gave.
fn revision(expected: u64) -> Result<i64, StoreError> {
    i64::try_from(expected).map_err(|_| StoreError::Stale)
}

fn insert_entries(
    connection: &Connection,
    kind: &str,
    key: &[u8],
    content: &Content,
) -> Result<(), StoreError> {
    // A document may name the same entry twice, as a project that grants one person two roles does.
    let mut seen = BTreeSet::new();
    for (index, at) in &content.entries {
        if !seen.insert((index.name, at)) {
            continue;
        }
        let inserted = connection
            .prepare_cached(
                "INSERT INTO entries (kind, name, key, document, is_unique)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )
            .and_then(|mut insert| {
                insert.execute(params![kind, index.name, at, key, index.unique])
            });
        match inserted {
            Err(error) if is_conflict(&error) => {
                return Err(StoreError::Duplicate { index: index.name });
            }
            other => other.map_err(|error| failed(&error))?,
        };
    }
    Ok(())
}

/// Each range's first entries, merged: none of them can hold more than `limit` of the answer.
fn scan_all(connection: &Connection, scan: &Scan) -> rusqlite::Result<Vec<RawHit>> {
    let mut hits = Vec::new();
    for range in &scan.ranges {
        hits.extend(scan_one(connection, scan, range)?);
    }
    if scan.ranges.len() > 1 {
        let place = |hit: &RawHit| (hit.place.rest.clone(), hit.place.document.clone());
        hits.sort_by_cached_key(place);
        if scan.descending {
            hits.reverse();
        }
        hits.dedup_by(|a, b| a.place == b.place);
        hits.truncate(usize::try_from(scan.limit).unwrap_or(usize::MAX));
    }
    Ok(hits)
}

fn scan_one(
    connection: &Connection,
    scan: &Scan,
    range: &ScanRange,
) -> rusqlite::Result<Vec<RawHit>> {
    // The place after which the answer starts, as (key, document). An empty document stands before
    // all documents, so without a cursor (low, "") and (high, "") are the ends of the range.
    let common = range.low.get(..range.shared).unwrap_or_default();
    let end = if scan.descending {
        &range.high
    } else {
        &range.low
    };
    let (mut key, mut after) = (end.clone(), Vec::new());
    if let Some(cursor) = &scan.after {
        let place = ([common, &cursor.rest].concat(), cursor.document.clone());
        // A cursor made up by a client must not lead out of the range.
        let inside = if scan.descending {
            place.0 < range.high
        } else {
            place.0 >= range.low
        };
        if inside {
            (key, after) = place;
        }
    }
    let other = if scan.descending {
        &range.low
    } else {
        &range.high
    };
    let (kind, limit) = (scan.kind, scan.limit);
    let hit = |row: &Row<'_>| {
        let key: Vec<u8> = row.get(0)?;
        Ok(RawHit {
            place: Cursor {
                rest: key.get(range.shared..).unwrap_or_default().to_vec(),
                document: row.get(1)?,
            },
            document: document(row, 2)?,
        })
    };
    match scan.index {
        Some(name) => connection
            .prepare_cached(if scan.descending {
                "SELECT e.key, e.document, d.revision, d.schema, d.body
                 FROM entries e CROSS JOIN documents d ON d.kind = e.kind AND d.key = e.document
                 WHERE e.kind = ?1 AND e.name = ?2 AND (e.key, e.document) < (?3, ?4) AND e.key >= ?5
                 ORDER BY e.key DESC, e.document DESC LIMIT ?6"
            } else {
                "SELECT e.key, e.document, d.revision, d.schema, d.body
                 FROM entries e CROSS JOIN documents d ON d.kind = e.kind AND d.key = e.document
                 WHERE e.kind = ?1 AND e.name = ?2 AND (e.key, e.document) > (?3, ?4) AND e.key < ?5
                 ORDER BY e.key, e.document LIMIT ?6"
            })?
            .query_map(params![kind, name, key, after, other, limit], hit)?
            .collect(),
        // Here the place is the document's own key twice, and a key alone tells what comes after.
        None => connection
            .prepare_cached(if scan.descending {
                "SELECT key, key, revision, schema, body FROM documents
                 WHERE kind = ?1 AND key < ?2 AND key >= ?4
                 ORDER BY key DESC LIMIT ?5"
            } else {
                "SELECT key, key, revision, schema, body FROM documents
                 WHERE kind = ?1 AND key >= ?2 AND key > ?3 AND key < ?4
                 ORDER BY key LIMIT ?5"
            })?
            .query_map(params![kind, key, after, other, limit], hit)?
            .collect(),
    }
}
