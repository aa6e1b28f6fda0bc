//! Text that Plotly shows as it was written.
//!
//! Plotly reads titles, tick labels, legend entries and hover texts as pseudo-HTML (`<b>`,
//! `<a href>`, `<br>`) and hover templates also for `%{..}`. It decodes `&lt;`, `&gt;`, `&amp;` and
//! numeric entities when it builds the SVG text, after templates are filled, so entities are the
//! one form that shows every character as itself.

/// Longest label drawn, in characters: a cell may hold a mebibyte, an axis cannot.
pub const LABEL_CHARS_MAX: usize = 120;

/// A text for titles, names and labels.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            _ => safe.push(c),
        }
    }
    safe
}

/// A text that is already escaped, for the fixed part of a hover template.
#[must_use]
pub fn in_template(escaped: &str) -> String {
    escaped.replace('%', "&#37;")
}

/// At most [`LABEL_CHARS_MAX`] characters; a cut is shown by an ellipsis.
#[must_use]
pub fn clip(text: &str) -> String {
    match text.char_indices().nth(LABEL_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => {
            let mut clipped = text.get(..end).unwrap_or_default().to_owned();
            clipped.push('…');
            clipped
        }
    }
}

/// The name of a column as a title.
pub(crate) fn title(name: &str) -> String {
    escape(&clip(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_templates_show_as_they_are_written() {
        assert_eq!(
            escape("<img src=x onerror=alert(1)> & co"),
            "&lt;img src=x onerror=alert(1)&gt; &amp; co"
        );
        assert_eq!(in_template(&escape("%{x} 5 %")), "&#37;{x} 5 &#37;");
        assert_eq!(escape("plain (mm)"), "plain (mm)");
    }

    #[test]
    fn a_long_label_is_cut_between_characters() {
        let cut = clip(&"ä".repeat(500));
        assert_eq!(cut.chars().count(), LABEL_CHARS_MAX + 1);
        assert!(cut.ends_with('…'));
        assert_eq!(clip("short"), "short");
    }
}
