//! Any figure that anyone could make up: what comes out holds only what may be shown.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

/// Keys that mean something to a chart, to a browser or to the sanitiser, and others.
const KEYS: [&str; 34] = [
    "data",
    "layout",
    "frames",
    "type",
    "name",
    "text",
    "title",
    "source",
    "geojson",
    "topojson",
    "style",
    "mapbox",
    "map",
    "accesstoken",
    "tiles",
    "tilejson",
    "sourceattribution",
    "plotlyServerURL",
    "href",
    "url",
    "src",
    "link",
    "xlink:href",
    "path",
    "customsymbol",
    "__proto__",
    "constructor",
    "prototype",
    "hovertemplate",
    "images",
    "layers",
    "bdata",
    "onclick",
    "srcdoc",
];

/// Texts that would do something if a page took them for more than text.
const TEXTS: [&str; 24] = [
    "scatter",
    "bar",
    "image",
    "scattermapbox",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<b>bold</b>",
    "<a href=\"https://example.org\">x</a>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href='https://example.org' onclick='x'>x</a>",
    "<span style=\"color:red\">x</span>",
    "<span style=\"background:url(https://example.org)\">x</span>",
    "javascript:alert(1)",
    "https://example.org/beacon",
    "//example.org/beacon",
    "data:text/html,x",
    "data:image/png;base64,iVBORw0KGgo=",
    "data:image/svg+xml;base64,AAAA",
    "<svg/onload=x>",
    "<scr<script>ipt>",
    "<<b>script>",
    "open-street-map",
    "M 0,0 L 1,1",
    "a < b > c",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::sample::select(&TEXTS[..]).prop_map(str::to_owned),
        // Tags from their parts, whole and torn.
        2 => proptest::collection::vec(
            proptest::sample::select(&["<", ">", "/", "a", "b", "script", "img", "svg", " href=", " style=", " onerror=",
                "\"", "'", "javascript:", "https://x.y", "color:red", "url(", "&lt;", "&#60;", "\u{0}", "\t", "x"][..]),
            0..12,
        ).prop_map(|parts| parts.concat()),
        1 => ".{0,40}",
    ]
}

fn value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        5 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            2 => object(inner.boxed()).prop_map(Value::from),
        ]
    })
    .boxed()
}

fn object(inner: BoxedStrategy<Value>) -> BoxedStrategy<Map<String, Value>> {
    let key =
        prop_oneof![4 => proptest::sample::select(&KEYS[..]).prop_map(str::to_owned), 1 => text()];
    proptest::collection::vec((key, inner), 0..6)
        .prop_map(|fields| fields.into_iter().collect())
        .boxed()
}

/// Mostly the form of a figure, so that what is inside is looked at.
fn figure() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![4 => proptest::sample::select(super::TRACE_TYPES), 1 => Just("scattermapbox"), 1 => Just("?")];
    let typed = (kind, object(value()))
        .prop_map(|(kind, mut trace)| {
            trace.insert("type".to_owned(), kind.into());
            Value::from(trace)
        })
        .boxed();
    let traces = || proptest::collection::vec(typed.clone(), 0..4);
    let frame = (traces(), object(value()))
        .prop_map(|(data, layout)| json!({"data": data, "layout": layout, "name": "f"}));
    prop_oneof![
        6 => (traces(), object(value()), proptest::collection::vec(frame, 0..3), object(value())).prop_map(
            |(data, layout, frames, more)| {
                let mut figure = more;
                figure.insert("data".to_owned(), data.into());
                figure.insert("layout".to_owned(), layout.into());
                figure.insert("frames".to_owned(), frames.into());
                Value::from(figure)
            }
        ),
        1 => value(),
    ]
}

/// What must not be found in a clean figure: the first such thing.
fn harm(key: &str, value: &Value) -> Option<String> {
    const FORBIDDEN: [&str; 12] = [
        "__proto__",
        "constructor",
        "prototype",
        "mapbox",
        "accesstoken",
        "tilejson",
        "tiles",
        "sourceattribution",
        "plotlyServerURL",
        "topojsonURL",
        "",
        "",
    ];
    if !key.is_empty() && FORBIDDEN.contains(&key) {
        return Some(format!("the key {key}"));
    }
    match value {
        Value::String(text) => harmful_text(key, text).then(|| format!("{key}: {text}")),
        Value::Array(values) => values.iter().find_map(|value| harm(key, value)),
        Value::Object(fields) => fields.iter().find_map(|(key, value)| harm(key, value)),
        _ => None,
    }
}

fn harmful_text(key: &str, text: &str) -> bool {
    let address = ["href", "url", "src", "link", "xlink:href"].contains(&key);
    let web =
        text.starts_with("https://") || text.starts_with("http://") || text.starts_with("HTTP");
    if address && !web {
        return true;
    }
    if key == "source" && (!text.starts_with("data:image/") || text.contains("svg")) {
        return true;
    }
    if key == "style" && !["normal", "italic", "white-bg"].contains(&text) {
        return true;
    }
    // Whatever a reader of HTML would take for a tag is one of ours, with nothing but its own attribute.
    text.match_indices('<')
        .any(|(at, _)| !harmless_tag(&text[at + 1..]))
}

/// What stands behind a `<`, judged by a reader of its own.
fn harmless_tag(rest: &str) -> bool {
    if !rest.starts_with(|next: char| next.is_ascii_alphabetic() || "/!?".contains(next)) {
        return true;
    }
    let Some((inside, _)) = rest.split_once('>') else {
        return false;
    };
    let plain = inside.trim_start_matches('/');
    let known = [
        "b", "strong", "i", "em", "sub", "sup", "br", "u", "s", "span", "a", "extra",
    ];
    if known.contains(&plain) {
        return true;
    }
    let Some((name, attribute)) = plain.split_once(' ') else {
        return false;
    };
    let quoted = |start: &str| {
        attribute
            .strip_prefix(start)
            .and_then(|value| value.strip_suffix('"'))
            .filter(|value| !value.contains(['"', '<', '>', '`']))
            .map(str::to_ascii_lowercase)
    };
    match name {
        "a" => quoted("href=\"")
            .is_some_and(|value| value.starts_with("http://") || value.starts_with("https://")),
        _ => {
            known.contains(&name)
                && quoted("style=\"").is_some_and(|value| !value.contains(['(', '\\', '&', '@']))
        }
    }
}

proptest! {
    #[test]
    fn a_clean_figure_has_nothing_that_does_more_than_show(figure in figure()) {
        if let Ok(clean) = sanitise(figure.to_string().as_bytes()) {
            let fields = clean.as_object().unwrap();
            prop_assert!(fields.keys().all(|key| ["data", "layout", "frames"].contains(&key.as_str())));
            for trace in fields["data"].as_array().unwrap() {
                let kind = trace.get("type").map(|kind| kind.as_str().unwrap());
                prop_assert!(kind.is_none_or(|kind| super::TRACE_TYPES.contains(&kind)));
            }
            let found = harm("", &clean);
            prop_assert!(found.is_none(), "{} in {clean}", found.unwrap_or_default());
        }
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(figure in figure()) {
        if let Ok(once) = sanitise(figure.to_string().as_bytes()) {
            let twice = sanitise(once.to_string().as_bytes());
            prop_assert_eq!(twice, Ok(once));
        }
    }

    #[test]
    fn any_bytes_are_a_figure_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = sanitise(&bytes);
    }
}

#[test]
fn what_the_properties_look_for_is_found() {
    for harmful in [
        json!({"title": "<script>x</script>"}),
        json!({"a": [{"name": "<b onclick=x>"}]}),
        json!({"a": "<a href=\"javascript:x\">y</a>"}),
        json!({"a": "<span style=\"background:url(x)\">y</span>"}),
        json!({"a": "<img"}),
        json!({"href": "//example.org"}),
        json!({"source": "https://example.org"}),
        json!({"tiles": []}),
        json!({"style": "https://example.org"}),
    ] {
        assert!(harm("", &harmful).is_some(), "{harmful}");
    }
    assert!(
        harm(
            "",
            &json!({"title": "<b>x</b> <a href=\"https://x.y\">z</a> 1 < 2"})
        )
        .is_none()
    );
}
