//! Passwords that very many people choose: a word from a list of ours, spelt as people spell words
//! in passwords, with what people put behind it.
//!
//! A list of whole passwords would need thousands of lines to hold `Sommer2024!` and its kin, and
//! would miss next year's. What is refused here is what the first minutes of any guessing try.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The words, written down for this list and taken from no other.
const WORDS: &str = include_str!("common_words.txt");

/// What people put behind a word, besides a year.
const ENDINGS: &[&str] = &[
    "",
    "0",
    "00",
    "000",
    "007",
    "01",
    "1",
    "11",
    "111",
    "12",
    "123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1q2w3e",
    "2",
    "21",
    "22",
    "23",
    "3",
    "321",
    "42",
    "5",
    "69",
    "7",
    "77",
    "777",
    "8",
    "88",
    "99",
    "666",
];
/// What people put behind that.
const MARKS: &[&str] = &["", "!", "!!", "?", ".", "#", "$", "*", "@"];
/// Years of birth and of the last change.
const YEARS: std::ops::RangeInclusive<u16> = 1940..=2039;

static FOLDED: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| WORDS.split_ascii_whitespace().collect());

/// Whether a password is one that very many people choose, in whatever case it is written.
pub(crate) fn is_common(password: &str) -> bool {
    let lower = password.trim().to_lowercase();
    // A word, or a word twice, and an ending: every place where the one may end and the other begin.
    lower
        .char_indices()
        .map(|(at, _)| at)
        .chain([lower.len()])
        .any(|at| {
            let (word, ending) = lower.split_at(at);
            is_ending(ending) && is_word(&spelt_plainly(word))
        })
}

fn is_word(word: &str) -> bool {
    let doubled = || {
        let half = word.len() / 2;
        word.len().is_multiple_of(2)
            && word.is_char_boundary(half)
            && word.split_at(half).0 == word.split_at(half).1
            && FOLDED.contains(word.split_at(half).0)
    };
    FOLDED.contains(word) || doubled()
}

fn is_ending(text: &str) -> bool {
    MARKS.iter().any(|mark| {
        let Some(rest) = text.strip_suffix(mark) else {
            return false;
        };
        // `Summer-2024`, `admin_1`, `welcome@123`
        let rest = rest
            .strip_prefix(['-', '_', '.', '@', '#', ' '])
            .unwrap_or(rest);
        let year = (rest.len() == 4)
            .then(|| rest.parse::<u16>().ok())
            .flatten();
        ENDINGS.contains(&rest) || year.is_some_and(|year| YEARS.contains(&year))
    })
}

/// A word with the signs that people put for letters turned back: `p@$$w0rd`.
fn spelt_plainly(word: &str) -> String {
    let plain = |c| match c {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    };
    word.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_choose_is_found_however_it_is_spelt() {
        for common in [
            "password",
            "Password1",
            "PASSWORD123!",
            "P@ssw0rd",
            "p@$$w0rd2024",
            "Sommer2024!",
            "summer-2025",
            "Welcome@123",
            "qwertyuiop",
            "Qwertz123",
            "iloveyou2",
            "Dragon1990?",
            "penguinpenguin",
            "Sequencing2026!",
            "Admin_12345",
            "Monday01!",
            "ilovey0u!!",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn what_few_choose_is_not() {
        for rare in [
            "correct horse battery",
            "xK9#qLm-17zz",
            "summer rain in 2025",
            "passwordless future",
            "",
            "12",
            "ünïcödé-ist-gut",
            "2024 was long!",
            "qwerty is no password",
        ] {
            assert!(!is_common(rare), "{rare}");
        }
    }

    #[test]
    fn the_list_stands_for_a_few_thousand_passwords_and_more() {
        assert_eq!(
            FOLDED.len(),
            WORDS.split_ascii_whitespace().count(),
            "a word is there twice"
        );
        assert!(WORDS.lines().all(|line| line == line.to_lowercase()));
        // Of the shortest length that is accepted, and without counting years and spellings.
        let whole = FOLDED
            .iter()
            .flat_map(|word| ENDINGS.iter().map(move |ending| word.len() + ending.len()))
            .filter(|length| *length >= 8)
            .count();
        assert!(whole > 4_000, "{whole}");
    }
}
