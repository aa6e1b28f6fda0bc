//! Names, titles and descriptions that people type: trimmed, bounded, and free of control characters.
//!
//! They are kept as typed otherwise. Text is made harmless where it is shown, not where it is stored:
//! a project may be called `<b>`.

/// Why a text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing is left after trimming.
    #[error("it is empty")]
    Empty,
    /// Longer than allowed.
    #[error("it has {actual} characters, and at most {max} are allowed")]
    TooLong {
        /// Its length in characters.
        actual: usize,
        /// The longest allowed.
        max: u64,
    },
    /// A control or text-direction character, which could disguise what is shown.
    #[error("it has a control character at position {position}")]
    Control {
        /// Which character, counted from 1.
        position: usize,
    },
}

/// Unicode's controls of text direction (UAX 9), which can make one name look like another.
pub(crate) fn disguises(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn bounded(text: &str, max: u64, is_bad: impl Fn(char) -> bool) -> Result<String, NameError> {
    let text = text.trim();
    let actual = text.chars().count();
    if u64::try_from(actual).unwrap_or(u64::MAX) > max {
        return Err(NameError::TooLong { actual, max });
    }
    match text.chars().position(is_bad) {
        Some(at) => Err(NameError::Control { position: at + 1 }),
        None => Ok(text.to_owned()),
    }
}

/// One line: a name, a title, a label.
///
/// # Errors
/// When it is empty, too long, or has a control character.
pub fn line(text: &str, max: u64) -> Result<String, NameError> {
    let line = bounded(text, max, |c| c.is_control() || disguises(c))?;
    if line.is_empty() {
        Err(NameError::Empty)
    } else {
        Ok(line)
    }
}

/// Several lines, possibly none: a description, Markdown.
///
/// # Errors
/// When it is too long or has a control character other than line breaks and tabs.
pub fn text(text: &str, max: u64) -> Result<String, NameError> {
    bounded(text, max, |c| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || disguises(c)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_typed_but_for_its_ends() {
        assert_eq!(line("  <b>Penguins</b> ", 50).unwrap(), "<b>Penguins</b>");
    }

    #[test]
    fn what_cannot_be_shown_honestly_is_refused() {
        assert_eq!(line("   ", 50), Err(NameError::Empty));
        assert_eq!(line("a\0b", 50), Err(NameError::Control { position: 2 }));
        assert_eq!(line("a\nb", 50), Err(NameError::Control { position: 2 }));
        assert_eq!(
            line("a\u{202E}b", 50),
            Err(NameError::Control { position: 2 })
        );
        assert_eq!(
            line("äöü", 2),
            Err(NameError::TooLong { actual: 3, max: 2 })
        );
        assert_eq!(text("a\nb", 50).unwrap(), "a\nb");
    }
}
