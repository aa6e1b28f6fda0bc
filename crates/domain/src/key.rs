//! Keys: tuples encoded so that the order of their bytes is the order of their meaning.
//!
//! The same bytes go to every store, so a list comes back in the same order from each. Every
//! component starts with a tag and ends unmistakably, so a prefix of components matches whole
//! components only: `("ab")` never finds `("abc", ..)`.

use crate::time::Timestamp;
use std::fmt::Display;

const FLAG: u8 = 0x01;
const NUMBER: u8 = 0x02;
const TIME: u8 = 0x03;
const TEXT: u8 = 0x04;
const BYTES: u8 = 0x05;

/// A key, or the first components of one.
///
/// Encoding, component by component: a tag, then for numbers and times eight bytes big-endian (the
/// sign of a time turned over), for a flag one byte, for texts and bytes the bytes with `00` written
/// as `00 FF`, ended by `00 01`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Vec<u8>);

impl Key {
    /// The empty key, prefix of all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text, ordered by its UTF-8 bytes.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.escaped(TEXT, text.as_bytes()).ended()
    }

    /// Adds an id, or anything else that is shown as text.
    #[must_use]
    pub fn id(self, id: impl Display) -> Self {
        self.text(&id.to_string())
    }

    /// Adds bytes, such as a digest.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.escaped(BYTES, bytes).ended()
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.0.push(NUMBER);
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Adds a moment, to the microsecond.
    #[must_use]
    pub fn time(mut self, time: Timestamp) -> Self {
        self.0.push(TIME);
        // Without the turned sign, moments before 1970 would sort after all others.
        let turned = time.timestamp_micros() ^ i64::MIN;
        self.0.extend_from_slice(&turned.to_be_bytes());
        self
    }

    /// Adds yes or no; no comes first.
    #[must_use]
    pub fn flag(mut self, flag: bool) -> Self {
        self.0.extend_from_slice(&[FLAG, u8::from(flag)]);
        self
    }

    /// Adds the beginning of a text. The result is only a prefix to look for: it finds every text
    /// that starts so, and must not be stored.
    #[must_use]
    pub fn text_start(self, start: &str) -> Self {
        self.escaped(TEXT, start.as_bytes())
    }

    /// The text of a key that is one text and nothing else, such as the key of what has an id.
    #[must_use]
    pub fn only_text(bytes: &[u8]) -> Option<String> {
        let escaped = bytes.strip_prefix(&[TEXT])?.strip_suffix(&[0x00, 0x01])?;
        let mut text = Vec::with_capacity(escaped.len());
        let mut rest = escaped.iter();
        while let Some(&byte) = rest.next() {
            // A zero byte of the text is followed by FF; anything else ends a component.
            if byte == 0 && rest.next() != Some(&0xFF) {
                return None;
            }
            text.push(byte);
        }
        String::from_utf8(text).ok()
    }

    /// The encoded bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn escaped(mut self, tag: u8, bytes: &[u8]) -> Self {
        self.0.push(tag);
        for &byte in bytes {
            self.0.push(byte);
            if byte == 0 {
                self.0.push(0xFF);
            }
        }
        self
    }

    fn ended(mut self) -> Self {
        self.0.extend_from_slice(&[0x00, 0x01]);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_of_one_text_reads_back_and_no_other_does(text in any::<String>(), more in any::<String>()) {
            let one = Key::new().text(&text);
            prop_assert_eq!(Key::only_text(one.as_bytes()), Some(text));
            let two = one.text(&more);
            prop_assert_eq!(Key::only_text(two.as_bytes()), None);
            prop_assert_eq!(Key::only_text(Key::new().number(7).as_bytes()), None);
        }
    }
}
