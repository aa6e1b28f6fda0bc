//! Text as a Python string literal.

/// A literal in double quotes that Python reads back as exactly this text.
///
/// Everything that could end the literal, start an escape, or be unseen in an editor (controls,
/// line separators, directions of text) is written as an escape.
pub(crate) fn literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if is_unseen(c) => quoted.push_str(&escape(u32::from(c))),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFF}' | '\u{E0000}'..='\u{E0FFF}')
}

fn escape(code: u32) -> String {
    match code {
        0..=0xFF => format!("\\x{code:02x}"),
        0x100..=0xFFFF => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a literal as CPython's own grammar does.
    fn read_back(source: &str) -> String {
        let parsed = ruff_python_parser::parse_expression(source).unwrap();
        let expression = parsed.into_expr();
        let string = expression.as_string_literal_expr().unwrap();
        string.value.to_str().to_owned()
    }

    #[test]
    fn quotes_and_breaks_cannot_end_a_literal() {
        for text in [
            "\"; import os; \"",
            "\\",
            "\\\"",
            "a\nb\r\n\tc\0",
            "'''\"\"\"",
            "{x} %{y} \\N{BULLET} \\x41",
            "\u{2028}\u{202E}abc\u{10FFFF}\u{FEFF}",
        ] {
            let source = literal(text);
            assert!(!source.contains('\n'), "{source}");
            assert_eq!(read_back(&source), text, "{source}");
        }
    }

    proptest! {
        #[test]
        fn every_text_reads_back(text in any::<String>()) {
            prop_assert_eq!(read_back(&literal(&text)), text);
        }
    }
}
