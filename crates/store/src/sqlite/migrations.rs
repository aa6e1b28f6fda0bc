//! The layout of both files, as numbered steps. A step that was released never changes; what must
//! change is a new step at the end.

use super::file::failure;
use crate::error::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// The file of the documents.
pub(super) const DOCUMENTS: &[&str] = &["
    CREATE TABLE documents (
        kind TEXT NOT NULL,
        key BLOB NOT NULL,
        revision INTEGER NOT NULL,
        schema INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID;

    -- One row an entry of an index; a list is a walk along the primary key.
    CREATE TABLE entries (
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        key BLOB NOT NULL,
        document BLOB NOT NULL,
        is_unique INTEGER NOT NULL,
        PRIMARY KEY (kind, name, key, document),
        FOREIGN KEY (kind, document) REFERENCES documents (kind, key) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX entries_by_document ON entries (kind, document);
    CREATE UNIQUE INDEX entries_unique ON entries (kind, name, key) WHERE is_unique = 1;
"];

/// The file of the journal.
pub(super) const JOURNAL: &[&str] = &["
    CREATE TABLE records (
        seq INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        body BLOB NOT NULL,
        prev_hash BLOB NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
    CREATE INDEX records_by_time ON records (at, seq);

    CREATE TABLE record_entries (
        name TEXT NOT NULL,
        key BLOB NOT NULL,
        seq INTEGER NOT NULL REFERENCES records (seq),
        PRIMARY KEY (name, key, seq)
    ) STRICT, WITHOUT ROWID;

    CREATE TRIGGER records_keep_update BEFORE UPDATE ON records
        BEGIN SELECT RAISE(ABORT, 'a journal only grows'); END;
    CREATE TRIGGER records_keep_delete BEFORE DELETE ON records
        BEGIN SELECT RAISE(ABORT, 'a journal only grows'); END;
    CREATE TRIGGER record_entries_keep_update BEFORE UPDATE ON record_entries
        BEGIN SELECT RAISE(ABORT, 'a journal only grows'); END;
    CREATE TRIGGER record_entries_keep_delete BEFORE DELETE ON record_entries
        BEGIN SELECT RAISE(ABORT, 'a journal only grows'); END;
"];

/// Takes the file to the newest layout, each step as one, so that a crash leaves a whole layout.
pub(super) fn run(
    connection: &mut Connection,
    steps: &[&str],
    path: &str,
) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| failure(&error, path);
    connection
        .execute_batch("CREATE TABLE IF NOT EXISTS migrations (step INTEGER PRIMARY KEY) STRICT;")
        .map_err(failed)?;
    let done: u32 = connection
        .query_row("SELECT coalesce(max(step), 0) FROM migrations", [], |row| {
            row.get(0)
        })
        .map_err(failed)?;
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    if done > known {
        return Err(StoreError::NewerLayout {
            path: path.to_owned(),
            found: done,
            known,
        });
    }
    for (step, sql) in (1_u32..).zip(steps).skip_while(|(step, _)| *step <= done) {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        transaction.execute_batch(sql).map_err(failed)?;
        transaction
            .execute("INSERT INTO migrations (step) VALUES (?1)", [step])
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_run_once_and_a_newer_file_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        let old: &[&str] = &["CREATE TABLE a (x INTEGER) STRICT;"];
        let new: &[&str] = &[old[0], "INSERT INTO a VALUES (1);"];
        run(&mut connection, old, "f").unwrap();
        run(&mut connection, new, "f").unwrap();
        run(&mut connection, new, "f").unwrap();
        let rows: u32 = connection
            .query_row("SELECT count(*) FROM a", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 1);
        let refused = run(&mut connection, old, "f");
        let newer = StoreError::NewerLayout {
            path: "f".into(),
            found: 2,
            known: 1,
        };
        assert_eq!(refused, Err(newer));
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_of_itself() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken: &[&str] = &["CREATE TABLE a (x INTEGER) STRICT; SELECT nonsense();"];
        assert!(run(&mut connection, broken, "f").is_err());
        run(
            &mut connection,
            &["CREATE TABLE a (x INTEGER) STRICT;"],
            "f",
        )
        .unwrap();
    }
}
