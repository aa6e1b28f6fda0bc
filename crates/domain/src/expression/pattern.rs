//! Patterns of SQL's `like`: `%` for any run of characters, `_` for one, an escape that takes the meaning from them.

use serde::{Deserialize, Serialize};

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatternPart {
    /// Exactly this text.
    Text(String),
    /// `_`: one character.
    One,
    /// `%`: any run of characters, also none.
    Any,
}

/// A pattern in its one form: no two texts and no two `%` beside each other, and `_` before a `%`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Pattern {
    parts: Vec<PatternPart>,
}

/// What a pattern asks that can be asked more cheaply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternShape<'a> {
    /// The whole text is this.
    Exact(&'a str),
    /// The text starts with this.
    Prefix(&'a str),
    /// The text ends with this.
    Suffix(&'a str),
    /// The text contains this.
    Within(&'a str),
    /// Something else.
    Other,
}

impl Pattern {
    /// Reads a pattern. The escape stands before `%`, `_` or itself, and nowhere else.
    ///
    /// # Errors
    /// With the position, in characters, of an escape that stands before anything else.
    pub fn parse(text: &str, escape: Option<char>) -> Result<Self, usize> {
        let mut pattern = Self { parts: Vec::new() };
        let mut chars = text.chars().enumerate();
        while let Some((at, c)) = chars.next() {
            if Some(c) == escape {
                match chars.next() {
                    Some((_, next)) if matches!(next, '%' | '_') || Some(next) == escape => {
                        pattern.letter(next)
                    }
                    _ => return Err(at),
                }
            } else {
                match c {
                    '%' => pattern.wildcard(PatternPart::Any),
                    '_' => pattern.wildcard(PatternPart::One),
                    _ => pattern.letter(c),
                }
            }
        }
        Ok(pattern)
    }

    fn letter(&mut self, c: char) {
        if let Some(PatternPart::Text(text)) = self.parts.last_mut() {
            text.push(c);
        } else {
            self.parts.push(PatternPart::Text(c.to_string()));
        }
    }

    fn wildcard(&mut self, part: PatternPart) {
        if self.parts.last() == Some(&PatternPart::Any) {
            // `%%` is `%`, and `%_` is `_%`.
            if part == PatternPart::One {
                self.parts.insert(self.parts.len() - 1, part);
            }
        } else {
            self.parts.push(part);
        }
    }

    /// The pieces.
    #[must_use]
    pub fn parts(&self) -> &[PatternPart] {
        &self.parts
    }

    /// Written with an escape of one's choice, for an engine that has only that one.
    #[must_use]
    pub fn written(&self, escape: char) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                PatternPart::Text(letters) => {
                    for c in letters.chars() {
                        if matches!(c, '%' | '_') || c == escape {
                            text.push(escape);
                        }
                        text.push(c);
                    }
                }
                PatternPart::One => text.push('_'),
                PatternPart::Any => text.push('%'),
            }
        }
        text
    }

    /// The pattern and, when it needs one, its escape.
    #[must_use]
    pub fn canonical(&self) -> (String, Option<char>) {
        let needs = |part: &PatternPart| matches!(part, PatternPart::Text(text) if text.contains(['%', '_']));
        if self.parts.iter().any(needs) {
            return (self.written('!'), Some('!'));
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                PatternPart::Text(letters) => text.push_str(letters),
                PatternPart::One => text.push('_'),
                PatternPart::Any => text.push('%'),
            }
        }
        (text, None)
    }

    /// What it asks.
    #[must_use]
    pub fn shape(&self) -> PatternShape<'_> {
        match self.parts.as_slice() {
            [] => PatternShape::Exact(""),
            [PatternPart::Text(text)] => PatternShape::Exact(text),
            [PatternPart::Any] => PatternShape::Prefix(""),
            [PatternPart::Text(text), PatternPart::Any] => PatternShape::Prefix(text),
            [PatternPart::Any, PatternPart::Text(text)] => PatternShape::Suffix(text),
            [PatternPart::Any, PatternPart::Text(text), PatternPart::Any] => {
                PatternShape::Within(text)
            }
            _ => PatternShape::Other,
        }
    }

    /// Whether the whole text is of this pattern. Going back is only ever to the last `%`, so the time is at most
    /// the length of the text times that of the pattern.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        #[derive(Clone, Copy, PartialEq)]
        enum Want {
            Letter(char),
            One,
            Any,
        }
        let mut wanted = Vec::new();
        for part in &self.parts {
            match part {
                PatternPart::Text(letters) => wanted.extend(letters.chars().map(Want::Letter)),
                PatternPart::One => wanted.push(Want::One),
                PatternPart::Any => wanted.push(Want::Any),
            }
        }
        let letters: Vec<char> = text.chars().collect();
        let (mut at, mut want) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        while let Some(letter) = letters.get(at) {
            match wanted.get(want) {
                Some(Want::Any) => {
                    want += 1;
                    back = Some((at, want));
                }
                Some(one) if *one == Want::One || *one == Want::Letter(*letter) => {
                    at += 1;
                    want += 1;
                }
                _ => {
                    let Some((from, after)) = back else {
                        return false;
                    };
                    back = Some((from + 1, after));
                    (at, want) = (from + 1, after);
                }
            }
        }
        wanted.iter().skip(want).all(|rest| *rest == Want::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pattern_matches_the_whole_text() {
        for (pattern, text, meets) in [
            ("SAMPLE\\_00%", "SAMPLE_00012", true),
            ("SAMPLE_00%", "SAMPLE-00012", true),
            ("SAMPLE\\_00%", "SAMPLE-00012", false),
            ("%b%", "abc", true),
            ("b%", "abc", false),
            ("_ä_", "xäy", true),
            ("", "", true),
            ("", "a", false),
            ("%", "", true),
            ("a%b%c", "a-b-b-c-c", true),
            ("100\\%", "100%", true),
            ("100\\%", "100x", false),
        ] {
            let pattern = Pattern::parse(pattern, Some('\\')).unwrap();
            assert_eq!(pattern.matches(text), meets, "{pattern:?} {text}");
        }
        assert_eq!(Pattern::parse("ab!c", Some('!')), Err(2));
        assert_eq!(Pattern::parse("abc!", Some('!')), Err(3));
    }

    #[test]
    fn many_wildcards_do_not_take_exponential_time() {
        let pattern = Pattern::parse(&"a%".repeat(200), None).unwrap();
        assert!(!pattern.matches(&format!("{}b", "ab".repeat(199))));
        let last = Pattern::parse(&format!("{}c", "%a".repeat(200)), None).unwrap();
        assert!(!last.matches(&"a".repeat(2_000)));
    }

    /// The definition, read off as it stands.
    fn naive(pattern: &[PatternPart], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((PatternPart::Text(letters), rest)) => {
                let letters: Vec<char> = letters.chars().collect();
                text.starts_with(&letters) && naive(rest, &text[letters.len()..])
            }
            Some((PatternPart::One, rest)) => !text.is_empty() && naive(rest, &text[1..]),
            Some((PatternPart::Any, rest)) => {
                (0..=text.len()).any(|skip| naive(rest, &text[skip..]))
            }
        }
    }

    proptest! {
        #[test]
        fn matching_is_as_the_definition_says(pattern in "[ab%_!]{0,8}", text in "[ab%_!ä]{0,8}") {
            let Ok(pattern) = Pattern::parse(&pattern, Some('!')) else { return Ok(()) };
            let letters: Vec<char> = text.chars().collect();
            prop_assert_eq!(pattern.matches(&text), naive(pattern.parts(), &letters));
        }

        #[test]
        fn a_pattern_written_is_read_again(pattern in "[ab%_!\\\\]{0,12}") {
            let Ok(pattern) = Pattern::parse(&pattern, Some('!')) else { return Ok(()) };
            let (text, escape) = pattern.canonical();
            prop_assert_eq!(Pattern::parse(&text, escape), Ok(pattern.clone()));
            prop_assert_eq!(Pattern::parse(&pattern.written('\\'), Some('\\')), Ok(pattern));
        }
    }
}
