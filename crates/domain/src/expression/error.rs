//! What is wrong with a filter expression, and where: a sentence, the place, and a picture of it.

use serde::Serialize;
use std::fmt::Write as _;

/// Characters of the line shown on each side of the place.
const SHOWN_BEFORE: usize = 50;
/// Characters of the line shown from the place on.
const SHOWN_AFTER: usize = 50;

/// From one byte of the text up to another, both on the border of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    pub(crate) const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From the beginning of this one to the end of the other.
    pub(crate) const fn to(self, other: Self) -> Self {
        Self::new(self.start, other.end)
    }
}

/// The kind of mistake, by which programs decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpressionFault {
    /// Longer than `filter_expression_chars_max`, or a pattern longer than `filter_pattern_chars_max`.
    Long,
    /// Nested deeper than `filter_expression_depth_max`.
    Deep,
    /// More conditions than `filter_expression_conditions_max`, or more values in a list than `filter_values_max`.
    Many,
    /// A quote or backtick that is not closed, or an escape that is none.
    Quotes,
    /// Not what the grammar allows here.
    Syntax,
    /// No such column.
    Column,
    /// No such function.
    Function,
    /// Two types that cannot be compared, or a function on the wrong type.
    Type,
    /// A value that is none: a day that does not exist, a number too large.
    Value,
}

/// A mistake and where it is, while the text is being read.
#[derive(Debug)]
pub(crate) struct Slip {
    pub(crate) fault: ExpressionFault,
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) near: Vec<String>,
}

impl Slip {
    pub(crate) fn new(fault: ExpressionFault, span: Span, message: impl Into<String>) -> Self {
        Self {
            fault,
            span,
            message: message.into(),
            near: Vec::new(),
        }
    }

    pub(crate) fn syntax(span: Span, message: impl Into<String>) -> Self {
        Self::new(ExpressionFault::Syntax, span, message)
    }

    pub(crate) fn kind(span: Span, message: impl Into<String>) -> Self {
        Self::new(ExpressionFault::Type, span, message)
    }
}

/// Why an expression cannot be a filter. It prints as its sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error, utoipa::ToSchema)]
#[error("{message}")]
pub struct ExpressionError {
    /// The kind of mistake.
    pub fault: ExpressionFault,
    /// What is wrong and what would be right.
    pub message: String,
    /// Names that were perhaps meant, nearest first; for an unknown column or function.
    pub near: Vec<String>,
    /// The first character at fault, counted from 0 in Unicode scalar values.
    pub start: usize,
    /// The character after the last one at fault; the same as `start` when something is missing there.
    pub end: usize,
    /// The line of `start`, counted from 1.
    pub line: usize,
    /// The character of `start` in its line, counted from 1.
    pub column: usize,
    /// The line and carets under the place, as two lines of plain text. A long line is cut to what is near.
    pub excerpt: String,
}

impl ExpressionError {
    pub(crate) fn new(text: &str, slip: Slip) -> Self {
        let before = text.get(..slip.span.start).unwrap_or(text);
        let within = text.get(slip.span.start..slip.span.end).unwrap_or_default();
        let start = before.chars().count();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        Self {
            fault: slip.fault,
            message: slip.message,
            near: slip.near,
            start,
            end: start + within.chars().count(),
            line: before.matches('\n').count() + 1,
            column: in_line.chars().count() + 1,
            excerpt: excerpt(
                in_line,
                text.get(slip.span.start..).unwrap_or_default(),
                within,
            ),
        }
    }
}

/// The part of the line before the place, the rest of the text from the place on, and the place itself.
fn excerpt(before: &str, rest: &str, within: &str) -> String {
    let skipped = before.chars().count().saturating_sub(SHOWN_BEFORE);
    let (mut shown, mut under) = (String::new(), String::new());
    if skipped > 0 {
        shown.push('…');
        under.push(' ');
    }
    for c in before.chars().skip(skipped) {
        let _ = write!(shown, "{}", harmless(c));
        under.push(blank(c));
    }
    let line = rest.split('\n').next().unwrap_or_default();
    let mut carets = within
        .split('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count();
    for (at, c) in line.chars().enumerate() {
        if at == SHOWN_AFTER {
            shown.push('…');
            carets = carets.min(SHOWN_AFTER);
            break;
        }
        let _ = write!(shown, "{}", harmless(c));
    }
    under.extend(std::iter::repeat_n('^', carets.max(1)));
    format!("{shown}\n{under}")
}

/// What would disguise the line is shown as the replacement character.
fn harmless(c: char) -> char {
    let hides = crate::name::disguises(c) || (c.is_control() && c != '\t');
    if hides {
        char::REPLACEMENT_CHARACTER
    } else {
        c
    }
}

/// What is as wide as this character and shows nothing.
fn blank(c: char) -> char {
    match c {
        '\t' => '\t',
        // Hangul, Chinese and Japanese characters and full-width forms take two columns (UAX 11).
        '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}' => '\u{3000}',
        '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' => '\u{3000}',
        _ => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str, start: usize, end: usize) -> ExpressionError {
        ExpressionError::new(text, Slip::syntax(Span::new(start, end), "no"))
    }

    #[test]
    fn the_place_is_counted_in_characters_and_shown_under_its_line() {
        let told = error("ä = 1\nand größe > > 3", 21, 22);
        assert_eq!((told.start, told.end), (18, 19));
        assert_eq!((told.line, told.column), (2, 13));
        assert_eq!(told.excerpt, "and größe > > 3\n            ^");
    }

    #[test]
    fn carets_stand_under_tabs_and_wide_characters_and_at_the_end() {
        assert_eq!(error("a\tb > x", 6, 7).excerpt, "a\tb > x\n \t    ^");
        assert_eq!(error("名 > x", 6, 7).excerpt, "名 > x\n\u{3000}   ^");
        assert_eq!(error("age >", 5, 5).excerpt, "age >\n     ^");
        assert_eq!(error("", 0, 0).excerpt, "\n^");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{} ! {}", "a".repeat(1_000), "b".repeat(1_000));
        let told = error(&text, 1_001, 1_002);
        let lines: Vec<&str> = told.excerpt.lines().collect();
        assert_eq!(lines[0].chars().count(), 1 + SHOWN_BEFORE + SHOWN_AFTER + 1);
        assert_eq!(lines[0].chars().nth(lines[1].len() - 1), Some('!'));
    }

    #[test]
    fn nothing_in_the_excerpt_turns_the_direction_of_the_text() {
        assert_eq!(error("a\u{202E}b", 4, 5).excerpt, "a\u{FFFD}b\n  ^");
    }
}
