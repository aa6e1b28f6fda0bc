//! What a kind of document declares of itself: its key and its indexes, and nothing about a store.

use crate::key::Key;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An index of a kind: ordered, and with as many entries a document as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Its name, unique within the kind.
    pub name: &'static str,
    /// Whether two documents may never hold the same key.
    pub unique: bool,
}

impl Index {
    /// An index in which several documents may hold the same key.
    #[must_use]
    pub const fn ordered(name: &'static str) -> Self {
        Self {
            name,
            unique: false,
        }
    }

    /// An index in which a key belongs to one document at most.
    #[must_use]
    pub const fn unique(name: &'static str) -> Self {
        Self { name, unique: true }
    }
}

/// A kind of document. One document is the unit of atomic change.
pub trait Document: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The kind's name in the store; never changes.
    const KIND: &'static str;
    /// The number of the body's present shape, counted from 1.
    const SCHEMA: u32;
    /// Its indexes.
    const INDEXES: &'static [Index];

    /// Its own key. Documents of a project start with the project's id.
    fn key(&self) -> Key;

    /// Its entries in its indexes, any number in each.
    fn index_keys(&self) -> Vec<(&'static str, Key)>;

    /// Turns a body of schema `from` into one of schema `from + 1`.
    #[must_use]
    fn upgrade(from: u32, body: Value) -> Value {
        let _ = from;
        body
    }
}
