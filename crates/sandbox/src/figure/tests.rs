use super::*;
use proptest::prelude::*;
use serde_json::json;

fn clean(figure: &Value) -> Value {
    sanitise(figure.to_string().as_bytes()).unwrap()
}

#[test]
fn an_ordinary_figure_is_unchanged() {
    let figure = json!({
        "data": [{"type": "scatter", "x": {"dtype": "i1", "bdata": "AAEC"}, "y": [1, 2.5, null], "name": "a < b",
            "hovertemplate": "<b>%{x}</b><br>y=%{y:.2f}<extra></extra>", "marker": {"color": ["red", "#abc"]}},
            {"type": "sankey", "link": {"source": [0, 1], "target": [1, 2], "value": [1, 1]}}],
        "layout": {"title": {"text": "H<sub>2</sub>O <span style=\"color:#f00\">x</span>", "font": {"style": "italic"}},
            "shapes": [{"type": "path", "path": "M 0,0 L 1.5,2e3 Z"}],
            "images": [{"source": "data:image/png;base64,iVBORw0KGgo="}],
            "annotations": [{"text": "<a href=\"https://example.org/?a=1&amp;b=2\">see</a>"}]},
        "frames": [{"name": "2020", "data": [{"type": "bar", "y": [1]}], "layout": {"title": {"text": "x"}}}]
    });
    assert_eq!(clean(&figure), figure);
}

#[test]
fn script_in_any_text_is_only_text() {
    for text in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href='data:text/html,x'>x</a>",
        "<a href=\"https://x\" onclick=\"alert(1)\">x</a>",
        "<b onmouseover=alert(1)>x</b>",
        "<span style=\"background:url(https://x)\">x</span>",
        "<<b>script>alert(1)</script>",
        "<scr<b>ipt>",
        "<iframe srcdoc=x>",
        "<!--<img src=x>-->",
    ] {
        let figure = clean(
            &json!({"data": [{"name": text, "text": [text], "customdata": [[text]]}],
            "layout": {"title": {"text": text}, "xaxis": {"ticktext": [text]}}}),
        );
        let shown = figure.to_string().to_ascii_lowercase();
        for bad in [
            "<script",
            "<img",
            "<svg",
            "<iframe",
            "javascript:",
            "data:text",
            "onclick=\\\"",
            "<b on",
            "url(",
            "<!--",
        ] {
            assert!(!shown.contains(bad), "{text}: {shown}");
        }
    }
}

#[test]
fn nothing_makes_the_browser_fetch() {
    let figure = clean(&json!({
        "data": [{"type": "choropleth", "geojson": "https://x/beacon"}, {"type": "image", "source": "https://x/a.png"},
            {"type": "image", "source": "data:image/svg+xml;base64,AAAA"}],
        "layout": {"images": [{"source": "http://x/a.png"}, {"source": "data:image/svg+xml,<svg/>"}],
            "map": {"style": "https://x/style.json", "layers": [
                {"source": "https://x/t", "sourcetype": "raster"}, {"source": ["https://x/{z}"], "sourcetype": "raster"}]},
            "mapbox": {"style": "https://x", "accesstoken": "k"}, "__proto__": {"a": 1},
            "geo": {"topojsonURL": "https://x"}},
        "config": {"topojsonURL": "https://x"}, "other": 1
    }));
    assert!(!figure.to_string().contains("//x"), "{figure}");
    assert!(!figure.to_string().contains("svg"), "{figure}");
    assert_eq!(
        figure.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["data", "layout"]
    );
    assert!(figure["layout"].get("__proto__").is_none());
}

#[test]
fn a_click_sets_nothing_that_the_figure_itself_could_not_hold() {
    let button = |arguments: Value| {
        clean(&json!({"data": [], "layout": {"updatemenus": [{"buttons": [{"args": arguments}]}]}}))
            ["layout"]["updatemenus"][0]["buttons"][0]
            .clone()
    };
    for bad in [
        json!(["images[0].source", "https://x/beacon"]),
        json!([{"images[0].source": "https://x/beacon"}]),
        json!([{}, {"map.style": "https://x/style"}]),
        json!(["geojson", ["https://x/a"]]),
        json!(["__proto__.x", "https://x"]),
        json!([{"marker.color": "url(https://x)"}]),
        json!([{"font.family": "x;background:url(//x)"}]),
        json!(["title.text", "<a href=\"javascript://x\">y</a>"]),
    ] {
        let kept = button(bad.clone());
        assert!(!kept.to_string().contains("//x"), "{bad}: {kept}");
    }
    for good in [
        json!(["title.text", "a <b>b</b>"]),
        json!([{"visible": [true, false]}, {"title.text": "x", "xaxis.type": "log"}]),
        json!([null, {"frame": {"duration": 500}, "fromcurrent": true}]),
        json!([["2020"], {"mode": "immediate"}]),
        json!(["marker.color", "rgb(1, 2, 3)", [0]]),
        json!([{"font.family": "'Open Sans', Arial"}]),
    ] {
        assert_eq!(button(good.clone())["args"], good);
    }
}

#[test]
fn what_is_no_figure_is_refused() {
    assert_eq!(sanitise(b"nonsense"), Err(SanitiseError::Json));
    assert_eq!(sanitise(b"[]"), Err(SanitiseError::Json));
    assert_eq!(sanitise(br#"{"data": 1}"#), Err(SanitiseError::Form));
    assert_eq!(sanitise(br#"{"data": [1]}"#), Err(SanitiseError::Form));
    assert!(matches!(
        sanitise(br#"{"data": [{"type": "scattermapbox"}]}"#),
        Err(SanitiseError::TraceType(_))
    ));
    let deep = format!("{{\"data\": [{}{}]}}", "[".repeat(500), "]".repeat(500));
    assert_eq!(sanitise(deep.as_bytes()), Err(SanitiseError::Json));
}

proptest! {
    #[test]
    fn no_text_keeps_a_tag_that_is_not_known(text in "[<>/a-zA-Z =\"':;#&!?-]{0,60}") {
        let figure = clean(&json!({"data": [{"name": text}]}));
        let shown = figure["data"][0]["name"].as_str().unwrap().to_owned();
        for (at, _) in shown.match_indices('<') {
            let tail = shown[at + 1..].trim_start_matches('/');
            let name: String = tail.chars().take_while(char::is_ascii_alphanumeric).collect();
            let known = ["b", "strong", "i", "em", "sub", "sup", "br", "u", "s", "span", "a", "extra", ""];
            prop_assert!(known.contains(&name.as_str()), "{shown}");
            prop_assert!(name.is_empty() || tail[name.len()..].starts_with(['>', ' ']), "{shown}");
        }
        // Cleaning again changes nothing.
        let again = clean(&figure);
        prop_assert_eq!(again, figure);
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = sanitise(&bytes);
    }
}
