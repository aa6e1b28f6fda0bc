//! What a kind of document declares, and the shapes in which documents come back.

use crate::error::StoreError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
pub use domain::document::{Document, Index};

/// The name under which [`crate::Documents::list`] and `count` mean the documents' own keys.
pub const PRIMARY: &str = "";

/// A document as it was read, with the revision a change of it must name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// The document.
    pub value: T,
    /// 1 when it was inserted, one more with each replacement.
    pub revision: u64,
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Smallest key first.
    Ascending,
    /// Largest key first.
    Descending,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The documents.
    pub items: Vec<Stored<T>>,
    /// Where the next page starts; `None` when this is the last.
    pub next: Option<Cursor>,
}

/// The place in a list after which the next page starts.
///
/// It holds the last entry's own keys without what all entries of the list share. A cursor made up
/// by a client moves within the list it is used on and never outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) rest: Vec<u8>,
    pub(crate) document: Vec<u8>,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = u32::try_from(self.rest.len()).map_err(|_| std::fmt::Error)?;
        let bytes = [&length.to_be_bytes(), &*self.rest, &*self.document].concat();
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl std::str::FromStr for Cursor {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| StoreError::BadCursor)?;
        let (length, keys) = bytes
            .split_first_chunk::<4>()
            .ok_or(StoreError::BadCursor)?;
        let length = usize::try_from(u32::from_be_bytes(*length));
        let (rest, document) = length
            .ok()
            .and_then(|length| keys.split_at_checked(length))
            .ok_or(StoreError::BadCursor)?;
        Ok(Self {
            rest: rest.to_vec(),
            document: document.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        let cursor = Cursor {
            rest: vec![1, 0, 255],
            document: vec![7],
        };
        assert_eq!(cursor.to_string().parse::<Cursor>(), Ok(cursor));
        for bad in ["", "a", "%%%%", "AAAA", "_____w", "../../etc"] {
            assert_eq!(bad.parse::<Cursor>(), Err(StoreError::BadCursor), "{bad}");
        }
    }
}
