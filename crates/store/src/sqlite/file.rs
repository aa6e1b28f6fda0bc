//! One database file: how it is made, locked away from others, and opened with its key.

use crate::error::StoreError;
use keys::Secret;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// SQLCipher's page size; a file has a whole number of them.
const PAGE_BYTES: u64 = 4096;

pub(super) struct DatabaseFile {
    path: PathBuf,
    key: Secret<[u8; 32]>,
}

impl DatabaseFile {
    pub(super) fn new(path: PathBuf, key: Secret<[u8; 32]>) -> Self {
        Self { path, key }
    }

    /// The path, for messages.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn open_to_write(&self) -> Result<Connection, StoreError> {
        self.make().map_err(|error| {
            StoreError::Failed(format!("{} cannot be made: {error}", self.name()))
        })?;
        let connection = self.connect()?;
        // FULL: a commit that was acknowledged survives a power cut (SQLite, "PRAGMA synchronous").
        self.set(
            &connection,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        Ok(connection)
    }

    pub(super) fn open_to_read(&self) -> Result<Connection, StoreError> {
        let connection = self.connect()?;
        self.set(&connection, "PRAGMA query_only = ON;")?;
        Ok(connection)
    }

    /// Makes the file before SQLite does, so that it is never readable to others, not even for a
    /// moment. The -wal and -shm files take its mode.
    fn make(&self) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o600);
        options.open(&self.path)?.sync_all()?;
        fs::set_permissions(&self.path, Permissions::from_mode(0o600))?;
        match self.path.parent() {
            // Without this a new file could be gone after a power cut with all that it holds.
            Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
            _ => Ok(()),
        }
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)
            .map_err(|error| failure(&error, &self.name()))?;
        // SQLCipher would write to stderr, past our log, what it then returns as an error.
        self.set(&connection, "PRAGMA cipher_log_level = NONE;")?;
        self.set(&connection, &self.key_pragma())?;
        self.set(&connection, "PRAGMA cipher_memory_security = OFF;")?;
        self.check_key(&connection)?;
        self.set(
            &connection,
            "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -8192;",
        )?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }

    /// A raw key: SQLCipher then derives none from a passphrase, which would take 256,000 rounds.
    fn key_pragma(&self) -> Zeroizing<String> {
        let mut pragma = Zeroizing::new(String::with_capacity(96));
        pragma.push_str("PRAGMA key = \"x'");
        for byte in self.key.expose() {
            // Writing to a String cannot fail.
            let _ = write!(pragma, "{byte:02x}");
        }
        pragma.push_str("'\";");
        pragma
    }

    /// SQLCipher accepts any key and fails at the first page, with the same error for a wrong key,
    /// a damaged first page and a file that is something else. The length tells some of them apart.
    fn check_key(&self, connection: &Connection) -> Result<(), StoreError> {
        let read = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        match read {
            Ok(()) => Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
                let bytes = fs::metadata(&self.path).map_or(0, |file| file.len());
                Err(if bytes.is_multiple_of(PAGE_BYTES) {
                    StoreError::WrongKey { path: self.name() }
                } else {
                    StoreError::Corrupt {
                        path: self.name(),
                        detail: format!("its {bytes} bytes are no whole number of pages"),
                    }
                })
            }
            Err(error) => Err(failure(&error, &self.name())),
        }
    }

    fn set(&self, connection: &Connection, pragmas: &str) -> Result<(), StoreError> {
        connection
            .execute_batch(pragmas)
            .map_err(|error| failure(&error, &self.name()))
    }
}

/// What SQLite said, in the store's words.
pub(super) fn failure(error: &rusqlite::Error, path: &str) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Corrupt {
            path: path.to_owned(),
            detail: error.to_string(),
        },
        _ => StoreError::Failed(error.to_string()),
    }
}

/// A number that is never negative; SQLite has signed ones only.
pub(super) fn unsigned(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(at)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(at, value))
}
