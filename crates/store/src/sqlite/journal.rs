//! The journal in SQLite: one row a record, one row an index entry, and triggers that keep both.

use super::file::{failure, unsigned};
use super::threads::{Readers, Writer};
use crate::backend::JournalBackend;
use crate::error::StoreError;
use crate::journal::{Entry, GENESIS, JournalQuery, Record, chain_hash};
use async_trait::async_trait;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

pub(super) struct SqliteJournal {
    writer: Writer,
    readers: Readers,
}

impl SqliteJournal {
    pub(super) fn new(writer: Writer, readers: Readers) -> Self {
        Self { writer, readers }
    }
}

#[async_trait]
impl JournalBackend for SqliteJournal {
    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError> {
        let work = move |connection: &Connection| {
            append_all(connection, &entries).map_err(|error| failure(&error, "the journal"))
        };
        self.writer.run(work).await
    }

    async fn read(&self, query: JournalQuery) -> Result<Vec<Record>, StoreError> {
        self.readers
            .run(move |connection| read(connection, &query))
            .await
    }

    async fn head(&self) -> Result<Option<(u64, [u8; 32])>, StoreError> {
        self.readers.run(head).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        if self.readers.run(damage).await?.is_none() {
            return Ok(());
        }
        // A page may have been on its way from the -wal file just then; while this one writes, none is.
        let found = self
            .writer
            .run(|connection| damage(connection).map_err(|error| failure(&error, "the journal")))
            .await?;
        match found {
            None => Ok(()),
            Some(detail) => Err(StoreError::Corrupt {
                path: self.readers.path().to_owned(),
                detail,
            }),
        }
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn head(connection: &Connection) -> rusqlite::Result<Option<(u64, [u8; 32])>> {
    connection
        .prepare_cached("SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((unsigned(row, 0)?, row.get(1)?)))
        .optional()
}

/// The first thing wrong with the file. Each page carries a code of its content, which SQLCipher checks when it reads
/// the page; this reads them all, also those of indexes and free ones.
fn damage(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let first = |pragma: &str| {
        connection
            .prepare(pragma)?
            .query_map([], |row| row.get::<_, String>(0))?
            .next()
            .transpose()
    };
    if let Some(page) = first("PRAGMA cipher_integrity_check")? {
        return Ok(Some(page));
    }
    Ok(first("PRAGMA integrity_check(1)")?.filter(|answer| answer != "ok"))
}

fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn append_all(connection: &Connection, entries: &[Entry]) -> rusqlite::Result<Vec<u64>> {
    let (mut seq, mut prev_hash) = head(connection)?.unwrap_or((0, GENESIS));
    let mut record = connection.prepare_cached(
        "INSERT INTO records (seq, at, body, prev_hash, hash) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    // The same entry twice says no more than once.
    let mut place = connection.prepare_cached(
        "INSERT INTO record_entries (name, key, seq) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    let mut numbers = Vec::with_capacity(entries.len());
    for entry in entries {
        seq += 1;
        let hash = chain_hash(&prev_hash, seq, &entry.body);
        let at = entry.at.timestamp_micros();
        record.execute(params![number(seq), at, entry.body, prev_hash, hash])?;
        for (name, key) in &entry.index_keys {
            place.execute(params![name, key.as_bytes(), number(seq)])?;
        }
        prev_hash = hash;
        numbers.push(seq);
    }
    Ok(numbers)
}

fn read(connection: &Connection, query: &JournalQuery) -> rusqlite::Result<Vec<Record>> {
    let mut low = query.after.map_or(0, |seq| number(seq.saturating_add(1)));
    let mut high = query
        .before
        .map_or(i64::MAX, |seq| number(seq.saturating_sub(1)));
    let from = query.from.map_or(i64::MIN, |at| at.timestamp_micros());
    let to = query.to.map_or(i64::MAX, |at| at.timestamp_micros());
    if query.from.is_some() || query.to.is_some() {
        // Numbers follow time but for races and clocks set back, so a stretch of time lies within
        // a stretch of numbers, and only that one need be walked.
        let bounds: (Option<i64>, Option<i64>) = connection
            .prepare_cached("SELECT min(seq), max(seq) FROM records WHERE at >= ?1 AND at < ?2")?
            .query_row([from, to], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (Some(first), Some(last)) = bounds else {
            return Ok(Vec::new());
        };
        low = low.max(first);
        high = high.min(last);
    }
    let mut values: Vec<Value> = [low, high, from, to, i64::from(query.limit)]
        .map(Value::Integer)
        .into();
    for (name, key) in &query.indexes {
        values.push(Value::Text((*name).to_owned()));
        values.push(Value::Blob(key.as_bytes().to_vec()));
    }
    connection
        .prepare_cached(&sql(query.indexes.len(), query.descending))?
        .query_map(params_from_iter(values), |row| {
            Ok(Record {
                seq: unsigned(row, 0)?,
                body: row.get(1)?,
                prev_hash: row.get(2)?,
                hash: row.get(3)?,
            })
        })?
        .collect()
}

/// The statement for so many index keys: the first one leads, the others are looked up. It depends
/// on their number alone; names and keys are bound.
fn sql(indexes: usize, descending: bool) -> String {
    let mut sql = String::from("SELECT r.seq, r.body, r.prev_hash, r.hash FROM ");
    if indexes > 0 {
        sql.push_str("record_entries e CROSS JOIN records r ON r.seq = e.seq WHERE e.name = ?6 AND e.key = ?7 AND e.seq BETWEEN ?1 AND ?2");
    } else {
        sql.push_str("records r WHERE r.seq BETWEEN ?1 AND ?2");
    }
    // The plus keeps SQLite from walking the index of times, which would mean sorting.
    sql.push_str(" AND +r.at >= ?3 AND +r.at < ?4");
    for other in 1..indexes {
        let (name, key) = (6 + 2 * other, 7 + 2 * other);
        sql.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM record_entries o WHERE o.name = ?{name} AND o.key = ?{key} AND o.seq = r.seq)"
        ));
    }
    let by = if indexes > 0 { "e.seq" } else { "r.seq" };
    let way = if descending { "DESC" } else { "ASC" };
    sql.push_str(&format!(" ORDER BY {by} {way} LIMIT ?5"));
    sql
}
