//! Stretches of an index. Keys themselves are words of the domain: see [`domain::key`].

pub use domain::key::Key;

/// The first key after all keys that start with this one. Tags are below `FF`, so `FF` ends all.
fn end(key: &Key) -> Vec<u8> {
    let mut end = key.as_bytes().to_vec();
    while let Some(last) = end.pop() {
        if last < 0xFF {
            end.push(last + 1);
            return end;
        }
    }
    vec![0xFF]
}

/// A stretch of an index: from a key, up to another one that is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub(crate) low: Vec<u8>,
    pub(crate) high: Vec<u8>,
    /// How many bytes all keys in the span share, so that a cursor need not repeat them.
    pub(crate) shared: usize,
}

impl Span {
    /// All keys that start with `prefix`.
    #[must_use]
    pub fn prefix(prefix: &Key) -> Self {
        Self {
            low: prefix.as_bytes().to_vec(),
            high: end(prefix),
            shared: prefix.as_bytes().len(),
        }
    }

    /// All keys at or after `from` and before `to`.
    #[must_use]
    pub fn between(from: &Key, to: &Key) -> Self {
        Self {
            low: from.as_bytes().to_vec(),
            high: to.as_bytes().to_vec(),
            shared: 0,
        }
    }
}

impl From<&Key> for Span {
    fn from(prefix: &Key) -> Self {
        Self::prefix(prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    type Tuple = (bool, u64, i64, String, Vec<u8>);

    fn encode((flag, number, micros, text, bytes): &Tuple) -> Key {
        let time = DateTime::from_timestamp_micros(*micros).unwrap();
        // Texts and bytes come twice, so that one stands before another component and one last.
        Key::new()
            .text(text)
            .flag(*flag)
            .bytes(bytes)
            .number(*number)
            .time(time)
            .text(text)
    }

    fn meaning((flag, number, micros, text, bytes): &Tuple) -> impl Ord {
        (text.clone(), *flag, bytes.clone(), *number, *micros)
    }

    fn tuple() -> impl Strategy<Value = Tuple> {
        // Few different characters, among them NUL and the bytes of the escape, so that near misses are common.
        let text = proptest::collection::vec(
            prop_oneof![Just('\0'), Just('\u{1}'), Just('a'), Just('b'), Just('ÿ')],
            0..4,
        )
        .prop_map(|chars| chars.into_iter().collect::<String>());
        let bytes = proptest::collection::vec(
            prop_oneof![Just(0_u8), Just(1), Just(0xFE), Just(0xFF)],
            0..4,
        );
        let number = prop_oneof![0..3_u64, any::<u64>()];
        let micros = prop_oneof![-2..2_i64, -4_000_000_000_000_000..4_000_000_000_000_000_i64];
        (any::<bool>(), number, micros, text, bytes)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_order_of_bytes_is_the_order_of_tuples(a in tuple(), b in tuple()) {
            prop_assert_eq!(encode(&a).cmp(&encode(&b)), meaning(&a).cmp(&meaning(&b)));
        }

        #[test]
        fn a_prefix_matches_whole_components_only(a in tuple(), b in tuple()) {
            let prefix = Key::new().text(&a.3);
            prop_assert_eq!(encode(&b).as_bytes().starts_with(prefix.as_bytes()), a.3 == b.3);
            let prefix = prefix.flag(a.0).bytes(&a.4);
            let same = (&a.3, a.0, &a.4) == (&b.3, b.0, &b.4);
            prop_assert_eq!(encode(&b).as_bytes().starts_with(prefix.as_bytes()), same);
        }

        #[test]
        fn a_span_holds_what_has_its_prefix_and_nothing_else(a in tuple(), b in tuple()) {
            let prefix = Key::new().text(&a.3).flag(a.0);
            let span = Span::prefix(&prefix);
            let key = encode(&b);
            let inside = span.low.as_slice() <= key.as_bytes() && key.as_bytes() < span.high.as_slice();
            prop_assert_eq!(inside, key.as_bytes().starts_with(prefix.as_bytes()));
        }

        #[test]
        fn the_start_of_a_text_finds_texts_that_start_so(start in "[ab\0]{0,2}", text in "[ab\0]{0,4}") {
            let found = Key::new().text(&text).as_bytes().starts_with(Key::new().text_start(&start).as_bytes());
            // NUL at the end of a start would have to match the escape too, and does, since both are escaped.
            prop_assert_eq!(found, text.starts_with(&start));
        }
    }

    #[test]
    fn the_empty_prefix_spans_everything() {
        let span = Span::prefix(&Key::new());
        assert!(span.low.is_empty());
        assert!(Key::new().bytes(&[0xFF; 8]).as_bytes() < span.high.as_slice());
    }
}
