//! Text in a figure. plotly.js reads a few HTML-like tags in titles, labels and hover texts, so every text is
//! treated as if it were shown that way: known tags are written anew, everything else that begins like a tag is
//! made visible as text.

/// Tags without attributes that charts use.
const TAGS: [&str; 11] = [
    "b", "strong", "i", "em", "sub", "sup", "br", "u", "s", "span", "a",
];
/// Longest address of a link, in bytes.
const ADDRESS_BYTES_MAX: usize = 2_000;

/// The text with only known tags.
pub(super) fn clean(text: String) -> String {
    if !text.contains('<') {
        return text;
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('<') {
        let (before, tail) = rest.split_at(at);
        clean.push_str(before);
        match tag(tail) {
            Some((written, length)) => {
                clean.push_str(&written);
                rest = tail.get(length..).unwrap_or_default();
            }
            None => {
                let inside = tail.get(1..).unwrap_or_default();
                // "a < b" is a comparison; "<x", "</x", "<!" and "<?" are how something begins that is not ours.
                let begins = inside
                    .starts_with(|next: char| next.is_ascii_alphabetic() || "/!?".contains(next));
                clean.push_str(if begins { "&lt;" } else { "<" });
                rest = inside;
            }
        }
    }
    clean.push_str(rest);
    clean
}

/// A known tag at the start of `text`, written anew, and how many bytes it took.
fn tag(text: &str) -> Option<(String, usize)> {
    let end = text.find('>')?;
    let inside = text.get(1..end)?;
    if inside.contains('<') {
        return None;
    }
    let (closing, inside) = match inside.strip_prefix('/') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let name_end = inside
        .find(|next: char| !next.is_ascii_alphanumeric())
        .unwrap_or(inside.len());
    let (name, attributes) = inside.split_at(name_end);
    let name = name.to_ascii_lowercase();
    if !TAGS.contains(&name.as_str()) {
        // `<extra></extra>` is how a hover text says what stands beside it.
        return (name == "extra").then(|| {
            (
                format!("<{}extra>", if closing { "/" } else { "" }),
                end + 1,
            )
        });
    }
    let written = match (name.as_str(), closing) {
        ("br", _) => "<br>".to_owned(),
        (name, true) => format!("</{name}>"),
        ("a", false) => {
            match attribute(attributes, "href").and_then(|address| web_address(&address)) {
                Some(address) => format!("<a href=\"{}\">", address.replace('&', "&amp;")),
                None => "<a>".to_owned(),
            }
        }
        (name, false) => match attribute(attributes, "style").filter(|style| plain_style(style)) {
            Some(style) => format!("<{name} style=\"{style}\">"),
            None => format!("<{name}>"),
        },
    };
    Some((written, end + 1))
}

/// The value of a quoted attribute.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let start = lower.find(&format!("{name}="))? + name.len() + 1;
    let value = attributes.get(start..)?;
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    let value = value.get(1..)?;
    Some(value.get(..value.find(quote)?)?.to_owned())
}

/// Colours, sizes and weights; no function, no address, no escape.
fn plain_style(style: &str) -> bool {
    style.len() <= 200
        && style
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || " #.,:;%-".contains(next))
        && style.split(';').all(|rule| {
            let property = rule.split(':').next().unwrap_or_default().trim();
            property.is_empty()
                || [
                    "color",
                    "font-size",
                    "font-weight",
                    "font-style",
                    "font-family",
                    "text-decoration",
                ]
                .contains(&property.to_ascii_lowercase().as_str())
        })
}

/// The address when it leads to the web, without what could end an attribute.
pub(super) fn web_address(address: &str) -> Option<String> {
    let address = address.trim().replace("&amp;", "&");
    let web = ["http://", "https://"].iter().any(|scheme| {
        address
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let plain = address
        .chars()
        .all(|next| !next.is_control() && !next.is_whitespace() && !"\"'<>`\\".contains(next));
    (web && plain && address.len() <= ADDRESS_BYTES_MAX).then_some(address)
}
