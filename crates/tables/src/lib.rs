//! Delta tables: uploads become versions, versions answer questions. DataFusion lives here and
//! nowhere else; above, a question is plain data (`domain::Query`) and an answer is Arrow.
//!
//! Three rules hold everywhere in this crate. A version never changes, so whatever was computed
//! from one may be remembered. An upload is one version or nothing. An answer does not depend on
//! how many cores there are or which of them was faster.

mod collections;
mod copies;
mod engine;
mod error;
mod file;
mod ingest;
pub mod json;
mod keyed;
mod log;
mod place;
mod query;
mod room;
mod schema;
mod spool;
mod sweep;
mod tables;

pub use collections::{
    CollectionError, CollectionPatch, Collections, DataKeysInForce, NewCollection, Usage,
    rotate_data_key,
};
pub use copies::{Due, Sorted, Wish, WishList};
pub use deltalake::arrow;
pub use error::TableError;
pub use file::FileFormat;
pub use ingest::{
    BadRows, ColumnNote, IngestError, Ingested, Mode, More, NewVersion, OddCell, Preview, Reading,
};
pub use log::{Change, Operation, VersionInfo};
pub use place::Place;
pub use query::{Answer, Ask, Diff, Export, Frame, KeyDiff, QueryError, QueryLoad, Selection};
pub use room::Room;
pub use spool::{SourceFile, Spool, SpoolError};
pub use sweep::Swept;
pub use tables::{Snapshot, SnapshotError, Tables, TablesSettings};
