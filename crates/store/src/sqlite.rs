//! Documents and journal in two SQLite files, each encrypted page by page by SQLCipher.
//!
//! The journal has a file of its own so that its writes, which wait for the disk, do not stand
//! behind those of documents, and the other way round. SQLite blocks, so it runs on threads of its
//! own: one writer a file, which commits what has gathered in one transaction, and a few readers.

mod documents;
mod file;
mod journal;
mod migrations;
#[cfg(test)]
mod tests;
mod threads;

use crate::documents::Documents;
use crate::error::StoreError;
use crate::journal::Journal;
use file::DatabaseFile;
use keys::Secret;
use std::path::PathBuf;
use std::sync::Arc;
use threads::{Readers, Writer};

/// Where the files lie and what opens them.
pub struct SqliteSettings<'a> {
    /// The file of the documents; made when it is not there.
    pub path_documents: PathBuf,
    /// The file of the journal; made when it is not there.
    pub path_journal: PathBuf,
    /// The key of both files.
    pub key: &'a Secret<[u8; 32]>,
    /// Threads that read documents, at least one.
    pub readers: usize,
}

/// Opens both files, making or migrating them as needed.
///
/// # Errors
/// [`StoreError::WrongKey`], [`StoreError::Corrupt`], [`StoreError::NewerLayout`], or
/// [`StoreError::Failed`] when the disk refuses.
pub async fn open(settings: SqliteSettings<'_>) -> Result<(Documents, Journal), StoreError> {
    let key = settings.key.clone();
    let (path_documents, path_journal) = (settings.path_documents, settings.path_journal);
    let readers = settings.readers.max(1);
    let opened = tokio::task::spawn_blocking(move || {
        let file = DatabaseFile::new(path_documents, key.clone());
        let (writer, readers) = start(&file, migrations::DOCUMENTS, readers)?;
        let documents = documents::SqliteDocuments::new(writer, readers);

        let file = DatabaseFile::new(path_journal, key);
        // One is enough: an admin reads the log, and appends do not read.
        let (writer, readers) = start(&file, migrations::JOURNAL, 1)?;
        let journal = journal::SqliteJournal::new(writer, readers);
        Ok((
            Documents::new(Arc::new(documents)),
            Journal::new(Arc::new(journal)),
        ))
    });
    opened
        .await
        .map_err(|error| StoreError::Failed(error.to_string()))?
}

fn start(
    file: &DatabaseFile,
    steps: &[&str],
    readers: usize,
) -> Result<(Writer, Readers), StoreError> {
    let mut connection = file.open_to_write()?;
    migrations::run(&mut connection, steps, &file.name())?;
    let open = || (0..readers).map(|_| file.open_to_read()).collect();
    let (threads, at_hand): (Result<Vec<_>, _>, Result<Vec<_>, _>) = (open(), open());
    let readers = Readers::start(threads?, at_hand?, &file.name())?;
    Ok((Writer::start(connection, &file.name())?, readers))
}
