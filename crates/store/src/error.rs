//! What can go wrong between a use case and the disk.

/// Why the store did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A document with this key is there already.
    #[error("a document of kind {kind} with this key exists already")]
    Exists {
        /// The kind of document.
        kind: &'static str,
    },
    /// Another document holds this key of a unique index.
    #[error("another document holds this key of the unique index {index}")]
    Duplicate {
        /// The index.
        index: &'static str,
    },
    /// The document has another revision than expected, or is gone.
    #[error("the document has changed since it was read")]
    Stale,
    /// A kind uses an index that it does not declare: a mistake in the program.
    #[error("documents of kind {kind} declare no index {index}")]
    UndeclaredIndex {
        /// The kind of document.
        kind: &'static str,
        /// The index asked for.
        index: &'static str,
    },
    /// A cursor that this store did not give.
    #[error("this is not a cursor of a list")]
    BadCursor,
    /// A stored document does not read as its kind.
    #[error("a stored document of kind {kind} cannot be read: {detail}")]
    Unreadable {
        /// The kind of document.
        kind: &'static str,
        /// What the reader said; field names and positions, no values.
        detail: String,
    },
    /// A stored document was written by a later version of the program.
    #[error("a stored document of kind {kind} has schema {found}, and this program knows {known}")]
    Newer {
        /// The kind of document.
        kind: &'static str,
        /// The schema it was written with.
        found: u32,
        /// The newest schema this program knows.
        known: u32,
    },
    /// The key does not open the file.
    #[error(
        "{path} does not open with this key: it was made with another one, or its first page is damaged"
    )]
    WrongKey {
        /// The file.
        path: String,
    },
    /// The file is damaged, or no database.
    #[error("{path} is damaged or no database: {detail}")]
    Corrupt {
        /// The file.
        path: String,
        /// What was found.
        detail: String,
    },
    /// The file was written by a later version of the program.
    #[error("{path} has layout {found}, and this program knows {known}: start the newer program")]
    NewerLayout {
        /// The file.
        path: String,
        /// The layout it has.
        found: u32,
        /// The newest layout this program knows.
        known: u32,
    },
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// The store could not be reached or written: a full disk, a lost server.
    #[error("the store failed: {0}")]
    Failed(String),
}
