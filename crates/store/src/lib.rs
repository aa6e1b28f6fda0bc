//! Metadata: documents and journals behind one small interface, so that what stands above does not
//! know whether SQLite or a server keeps them.
//!
//! # Documents
//!
//! A kind of document is a type that implements [`Document`]: it names its kind, its own [`Key`] and
//! the indexes it wants. One document is the unit of atomic change; there are no transactions. A
//! question is one index, a prefix or a range, a cursor and a limit, and nothing else exists.
//!
//! ```no_run
//! # use serde::{Deserialize, Serialize};
//! # use store::{Document, Documents, Index, Key, Order, StoreError, PRIMARY};
//! #[derive(Clone, Serialize, Deserialize)]
//! struct Note { project: String, id: String, title: String }
//!
//! impl Document for Note {
//!     const KIND: &'static str = "note";
//!     const SCHEMA: u32 = 1;
//!     const INDEXES: &'static [Index] = &[Index::unique("title")];
//!     fn key(&self) -> Key { Key::new().id(&self.project).id(&self.id) }
//!     fn index_keys(&self) -> Vec<(&'static str, Key)> {
//!         vec![("title", Key::new().id(&self.project).text(&self.title))]
//!     }
//! }
//!
//! # async fn story(documents: Documents, note: Note) -> Result<(), StoreError> {
//! let revision = documents.insert(&note).await?;            // Exists | Duplicate { index }
//! documents.replace(&note, revision).await?;                // Stale when someone was faster
//! let found = documents.get::<Note>(&note.key()).await?;    // Option<Stored<Note>>
//! let here = Key::new().id("prj_1");
//! let by_title = documents.find::<Note>("title", &here.clone().text("a")).await?;
//! let page = documents.list::<Note>("title", &here, Order::Ascending, None, 50).await?;
//! let all = documents.list::<Note>(PRIMARY, &here, Order::Ascending, page.next.as_ref(), 50).await?;
//! let mut batch = documents.batch();                        // several kinds, one trip, one snapshot
//! let (a, b) = (batch.add::<Note>(&note.key()), batch.add::<Note>(&Key::new().id("x").id("y")));
//! let mut got = batch.read().await?;
//! let (a, b) = (got.take(a)?, got.take(b)?);
//! # Ok(()) }
//! ```
//!
//! # Journals
//!
//! A [`Journal`] is a list that only grows: numbered from 1 without holes, each record chained to
//! the one before by SHA-256, durable when [`Journal::append`] answers. [`JournalQuery`] asks by
//! index keys (all must match), number and time.
//!
//! Both are opened by [`sqlite::open`], and closed by [`Documents::close`] and [`Journal::close`].

mod backend;
#[cfg(test)]
mod conformance;
mod document;
mod documents;
mod error;
mod journal;
mod key;
pub mod sqlite;

pub use backend::{Backend, Content, JournalBackend, RawDocument, RawHit, Scan, ScanRange, Write};
pub use document::{Cursor, Document, Index, Order, PRIMARY, Page, Stored};
pub use documents::{Batch, BatchResult, Documents, Handle};
pub use error::StoreError;
pub use journal::{Entry, GENESIS, Journal, JournalQuery, Record, chain_hash};
pub use key::{Key, Span};
