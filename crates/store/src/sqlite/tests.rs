//! The conformance stories on SQLite, and what is promised of its files.

use super::{SqliteSettings, open};
use crate::conformance::{self, Note, at_once, stories};
use crate::{Document, Documents, Entry, Journal, Key, StoreError};
use keys::Secret;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn key(byte: u8) -> Secret<[u8; 32]> {
    Secret::new(std::array::from_fn(|n| byte.wrapping_add(n as u8)))
}

async fn open_in(folder: &Path, byte: u8) -> Result<(Documents, Journal), StoreError> {
    open(SqliteSettings {
        path_documents: folder.join("documents.db"),
        path_journal: folder.join("audit.db"),
        key: &key(byte),
        readers: 3,
    })
    .await
}

fn entry(body: &str) -> Entry {
    Entry {
        at: chrono::DateTime::UNIX_EPOCH,
        body: body.as_bytes().to_vec(),
        index_keys: vec![("body", Key::new().text(body))],
    }
}

macro_rules! run_all {
    ($($module:ident::$story:ident)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $story() {
            let folder = tempfile::tempdir().unwrap();
            let store = open_in(folder.path(), 1).await.unwrap();
            conformance::$module::$story(store).await;
        }
    )+};
}
stories!(run_all);

#[tokio::test]
async fn a_reopened_store_holds_everything() {
    let folder = tempfile::tempdir().unwrap();
    for start in 0..3 {
        let (documents, journal) = open_in(folder.path(), 1).await.unwrap();
        documents.insert(&Note::new("a", start)).await.unwrap();
        let numbers = journal.append(vec![entry("x"), entry("y")]).await.unwrap();
        assert_eq!(numbers, [2 * start + 1, 2 * start + 2]);
        for id in 0..=start {
            let note = documents.get::<Note>(&Note::new("a", id).key()).await;
            assert_eq!(note.unwrap().unwrap().value.id, id);
        }
        // Without closing in the last round: a process that is gone closes nothing.
        if start < 1 {
            documents.close().await;
            journal.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_finishes_what_is_queued_and_refuses_what_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let (documents, journal) = open_in(folder.path(), 1).await.unwrap();
    let results = at_once(101, |id| {
        let documents = documents.clone();
        async move {
            if id == 50 {
                documents.close().await;
                return (id, Err(StoreError::Closed));
            }
            (id, documents.insert(&Note::new("a", id)).await)
        }
    })
    .await;
    let refused = documents.insert(&Note::new("a", 999)).await;
    assert_eq!(refused, Err(StoreError::Closed));
    assert_eq!(
        documents.get::<Note>(&Key::new()).await,
        Err(StoreError::Closed)
    );
    documents.close().await;
    journal.close().await;
    assert_eq!(
        journal.append(vec![entry("x")]).await,
        Err(StoreError::Closed)
    );
    assert!(!folder.path().join("documents.db-wal").exists());

    let (documents, _) = open_in(folder.path(), 1).await.unwrap();
    for (id, result) in results {
        let found = documents.get::<Note>(&Note::new("a", id).key()).await;
        assert_eq!(found.unwrap().is_some(), result.is_ok(), "{id}: {result:?}");
        assert!(matches!(result, Ok(1) | Err(StoreError::Closed)));
    }
}

#[tokio::test]
async fn no_byte_on_the_disk_tells_what_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let (documents, journal) = open_in(folder.path(), 1).await.unwrap();
    let planted = "PLANTED-plaintext-0123456789";
    let mut note = Note::new(planted, 1);
    note.title = planted.into();
    documents.insert(&note).await.unwrap();
    journal.append(vec![entry(planted)]).await.unwrap();
    // While open, the write-ahead logs hold it; when closed, the files themselves.
    for closed in [false, true] {
        if closed {
            documents.close().await;
            journal.close().await;
        }
        let mut files = 0;
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            let bytes = std::fs::read(file.path()).unwrap();
            let name = file.file_name();
            assert!(!bytes.starts_with(b"SQLite format 3"), "{name:?}");
            for word in [planted, "CREATE TABLE", "documents", "records_by_time"] {
                let seen = bytes
                    .windows(word.len())
                    .any(|part| part == word.as_bytes());
                assert!(!seen, "{name:?} holds {word}");
            }
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name:?}");
            files += 1;
        }
        assert_eq!(files, if closed { 2 } else { 6 });
    }
    assert!(
        std::fs::metadata(folder.path().join("documents.db"))
            .unwrap()
            .len()
            > 4096
    );
}

#[tokio::test]
async fn another_key_does_not_open_it_and_the_right_one_still_does() {
    let folder = tempfile::tempdir().unwrap();
    let (documents, journal) = open_in(folder.path(), 1).await.unwrap();
    documents.insert(&Note::new("a", 1)).await.unwrap();
    documents.close().await;
    journal.close().await;
    let path = folder.path().join("documents.db").display().to_string();
    let refused = open_in(folder.path(), 2).await.err();
    assert_eq!(refused, Some(StoreError::WrongKey { path }));
    let (documents, _) = open_in(folder.path(), 1).await.unwrap();
    assert_eq!(documents.count::<Note>("", &Key::new()).await, Ok(1));
}

#[tokio::test]
async fn a_damaged_file_is_said_to_be_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let (documents, journal) = open_in(folder.path(), 1).await.unwrap();
    for id in 0..200 {
        documents.insert(&Note::new("a", id)).await.unwrap();
    }
    documents.close().await;
    journal.close().await;
    let path = folder.path().join("documents.db");
    let whole = std::fs::read(&path).unwrap();

    // One bit in a page behind the first: its seal is broken, and reading it says so.
    let mut bytes = whole.clone();
    for page in bytes.chunks_mut(4096).skip(1) {
        page[100] ^= 1;
    }
    std::fs::write(&path, &bytes).unwrap();
    let read = match open_in(folder.path(), 1).await {
        Ok((documents, _)) => documents.count::<Note>("", &Key::new()).await.map(|_| ()),
        Err(error) => Err(error),
    };
    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");

    std::fs::write(&path, "this is a text, and no database at all").unwrap();
    let opened = open_in(folder.path(), 1).await;
    assert!(
        matches!(opened, Err(StoreError::Corrupt { .. })),
        "{opened:?}"
    );

    std::fs::write(&path, &whole).unwrap();
    assert!(open_in(folder.path(), 1).await.is_ok());
}

#[tokio::test]
async fn a_store_that_is_dropped_has_closed_its_files() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let (documents, journal) = open_in(folder.path(), 1).await.unwrap();
        journal.append(vec![entry("x")]).await.unwrap();
        let beside = folder.path().join("audit.db-wal");
        assert!(beside.exists());
        drop((documents, journal));
        // SQLite removes it when the last connection closes.
        assert!(!beside.exists());
    }
}

#[tokio::test]
async fn a_changed_byte_on_any_page_of_the_journal_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (_, journal) = open_in(folder.path(), 1).await.unwrap();
    journal.append(vec![entry("x"), entry("y")]).await.unwrap();
    // Also while it is in use, with what is new in the -wal file.
    assert_eq!(journal.check().await, Ok(()));
    journal.close().await;
    let path = folder.path().join("audit.db");
    let whole = std::fs::read(&path).unwrap();
    let pages = whole.len() / 4096;
    assert!(pages > 4, "{pages} pages");
    for page in 0..pages {
        let mut bytes = whole.clone();
        bytes[page * 4096 + 2048] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let found = match open_in(folder.path(), 1).await {
            Ok((_, journal)) => journal.check().await,
            Err(error) => Err(error),
        };
        let by_its_key = page == 0 && matches!(found, Err(StoreError::WrongKey { .. }));
        assert!(
            by_its_key || matches!(found, Err(StoreError::Corrupt { .. })),
            "page {page}: {found:?}"
        );
    }
    std::fs::write(&path, &whole).unwrap();
    let (_, journal) = open_in(folder.path(), 1).await.unwrap();
    assert_eq!(journal.check().await, Ok(()));
}

#[tokio::test]
async fn a_record_cannot_be_changed_or_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (_, journal) = open_in(folder.path(), 1).await.unwrap();
    journal.append(vec![entry("x")]).await.unwrap();
    journal.close().await;
    let path = folder.path().join("audit.db");
    let connection = super::file::DatabaseFile::new(path, key(1))
        .open_to_write()
        .unwrap();
    for change in [
        "UPDATE records SET body = x'00'",
        "DELETE FROM records",
        "DELETE FROM record_entries",
        "UPDATE record_entries SET seq = 2",
    ] {
        let refused = connection.execute_batch(change).unwrap_err();
        assert!(
            refused.to_string().contains("a journal only grows"),
            "{change}"
        );
    }
}
