//! Every value of a figure, cleaned by the meaning of its key.

use serde_json::{Map, Value};

use super::text;

/// Pictures by their content; SVG can carry script and is not among them.
const PICTURES: [&str; 4] = [
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/webp;base64,",
    "data:image/gif;base64,",
];

/// Cleans a value and all below it. Recursion is bounded by the reader's 128 levels.
pub(super) fn clean(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text::clean(text)),
        Value::Array(values) => Value::Array(values.into_iter().map(clean).collect()),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .filter_map(|(key, value)| field(key, value))
                .collect(),
        ),
        plain => plain,
    }
}

/// One field, or none when it would make a browser fetch or run something. A button's arguments name a field by its
/// path, as in `images[0].source`: the last part says what it is.
fn field(key: String, value: Value) -> Option<(String, Value)> {
    let parts = || {
        key.split(['.', '[', ']'])
            .filter(|part| !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    // Keys that would reach an object's prototype when a page copies them, and keys that are markup.
    if parts().any(|part| matches!(part, "__proto__" | "constructor" | "prototype"))
        || key.contains(['<', '>'])
    {
        return None;
    }
    let leaf = parts().next_back().unwrap_or_default().to_owned();
    let value = match leaf.as_str() {
        // Pictures: of images in the layout, of image traces, of fill patterns and map layers.
        "source" => picture(value)?,
        // Outlines of maps: our own server's, or in the figure; never an address.
        "geojson" | "topojson" | "topojsonURL" | "topojsonUrl" if !value.is_object() => {
            return None;
        }
        // Map grounds: their styles are addresses or names of services elsewhere.
        "style" => style(value)?,
        "mapbox" | "accesstoken" | "tilejson" | "tiles" | "sourceattribution"
        | "plotlyServerURL" => return None,
        // Never an address anywhere else.
        "href" | "url" | "src" | "link" | "xlink:href" => return link(key, value),
        // What a click or a slider sets, by path or by an object of paths.
        "args" | "args2" => arguments(value)?,
        // SVG path data goes into an attribute; it has no use for anything but commands and numbers.
        "path" | "customsymbol" => match value {
            Value::String(path) if path.chars().all(is_path) => Value::String(path),
            _ => return None,
        },
        // A font's name and a colour go into a style.
        "family" if !is_plain(&value, is_family) => return None,
        name if name.ends_with("color") && !is_plain(&value, is_colour) => return None,
        _ => clean(value),
    };
    Some((key, value))
}

/// `[path, value, ...]` is one field like any other.
fn arguments(value: Value) -> Option<Value> {
    let Value::Array(values) = value else {
        return Some(clean(value));
    };
    let mut values = values.into_iter();
    let mut kept = Vec::with_capacity(values.len());
    match (values.next(), values.next()) {
        (Some(Value::String(path)), Some(second)) => {
            let (path, second) = field(path, second)?;
            kept.extend([Value::String(text::clean(path)), second]);
        }
        (first, second) => kept.extend(first.into_iter().chain(second).map(clean)),
    }
    kept.extend(values.map(clean));
    Some(Value::Array(kept))
}

/// Whether every text in a value, or in a list of values, keeps to `rule`.
fn is_plain(value: &Value, rule: fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => rule(text),
        Value::Array(values) => values.iter().all(|value| is_plain(value, rule)),
        _ => true,
    }
}

fn is_family(text: &str) -> bool {
    text.chars()
        .all(|next| next.is_alphanumeric() || " ,.-_'\"".contains(next))
}

/// `red`, `#abc`, `rgb(1, 2, 3)`, or the categories and numbers that plotly colours by; never a function that fetches.
fn is_colour(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    !["url(", "image(", "image-set(", "element(", "src("]
        .iter()
        .any(|function| lower.contains(function))
}

fn is_path(character: char) -> bool {
    character.is_ascii_alphanumeric() || " ,.-+:_\t\n".contains(character)
}

/// `source` is a picture, or in a Sankey diagram a list of numbers.
fn picture(value: Value) -> Option<Value> {
    match value {
        Value::String(text)
            if PICTURES.iter().any(|kind| starts_with(&text, kind)) && base64_tail(&text) =>
        {
            Some(Value::String(text))
        }
        Value::String(_) => None,
        // A Sankey diagram's numbers; a map layer could name its tiles here, as a list of addresses.
        Value::Array(values) => Some(Value::Array(
            values.into_iter().filter_map(picture).collect(),
        )),
        // A map layer's GeoJSON, or typed numbers.
        other => Some(clean(other)),
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn base64_tail(text: &str) -> bool {
    text.split_once(',').is_some_and(|(_, tail)| {
        tail.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
    })
}

/// `style` of a map is a name, an address or a whole style document: only the empty ground is kept. Elsewhere it is
/// a plain word or a list of such (a font's or a box's style).
fn style(value: Value) -> Option<Value> {
    match value {
        Value::String(word) if matches!(word.as_str(), "normal" | "italic") => {
            Some(Value::String(word))
        }
        Value::String(_) => Some(Value::String("white-bg".to_owned())),
        Value::Array(words)
            if words
                .iter()
                .all(|word| matches!(word.as_str(), Some("normal" | "italic"))) =>
        {
            Some(Value::Array(words))
        }
        _ => None,
    }
}

/// A field whose text is an address: to the web, or not at all.
fn link(key: String, value: Value) -> Option<(String, Value)> {
    match value {
        Value::String(address) => {
            text::web_address(&address).map(|address| (key, Value::String(address)))
        }
        Value::Object(fields) => Some((key, clean(Value::Object(Map::from_iter(fields))))),
        // A list of addresses, or of objects; each is judged by the same key.
        Value::Array(values) => {
            let kept = values
                .into_iter()
                .filter_map(|value| link(key.clone(), value))
                .map(|(_, value)| value);
            let kept = Value::Array(kept.collect());
            Some((key, kept))
        }
        _ => None,
    }
}
