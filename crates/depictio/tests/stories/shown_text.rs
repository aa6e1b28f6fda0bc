//! Script in every name, title, Markdown, column name and cell comes out as text.

use crate::client::Client;
use crate::server::Server;
use serde_json::{Value, json};

const EVIL: [&str; 6] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "[x](javascript:alert(1))",
    "![x](data:text/html;base64,PHNjcmlwdD4=)",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><svg onload=alert(1)>",
];

/// Whether HTML has a tag that a browser would run or load something for.
fn is_live(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    lower.split('<').skip(1).any(|rest| {
        let tag = rest.split('>').next().unwrap_or_default();
        let named = [
            "script", "img", "iframe", "svg", "object", "embed", "style", "base", "form",
        ];
        let does = ["src", "javascript:", "data:", " on", "/on", "style="];
        named.iter().any(|name| tag.starts_with(name)) || does.iter().any(|word| tag.contains(word))
    })
}

#[test]
fn the_test_itself_sees_what_is_live() {
    for evil in EVIL.iter().filter(|evil| evil.starts_with('<')) {
        assert!(is_live(evil), "{evil}");
    }
    assert!(!is_live(
        "&lt;img src=x onerror=y&gt; <b>one</b><br><extra></extra>"
    ));
}

/// Every string of a JSON value that a chart shows as HTML of its own kind.
fn strings(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, into)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn markdown_becomes_html_that_does_nothing() {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Markdown").await;
    for evil in EVIL {
        let markdown =
            format!("# Title\n\nwords {evil} more\n\n{evil}\n\n[good](https://example.org)");
        let body = json!({ "content": { "kind": "text", "markdown": markdown } });
        let shown = admin
            .post(&format!("{project}/components/preview"), &body)
            .await
            .is(200);
        let html = shown.json()["result"]["html"].as_str().unwrap().to_owned();
        assert!(!is_live(&html), "{evil}: {html}");
        assert!(
            html.contains("<h1>Title</h1>") && html.contains("href=\"https://example.org\""),
            "{html}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_titles_come_back_as_the_text_they_are_in_json_only() {
    let admin = Client::admin(Server::shared()).await;
    for evil in EVIL {
        let made = admin
            .post("/api/v1/projects", &json!({ "name": evil }))
            .await
            .is(201);
        assert!(
            made.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("application/json")
        );
        assert_eq!(made.headers["x-content-type-options"], "nosniff");
        assert_eq!(made.json()["name"], evil);
        let project = format!("/api/v1/projects/{}", made.json()["id"].as_str().unwrap());
        let board = json!({ "title": evil });
        let board = admin
            .post(&format!("{project}/dashboards"), &board)
            .await
            .is(201);
        assert_eq!(board.json()["title"], evil);
        admin.delete(&project).await.is(204);
    }
    for hidden in ["a\u{0}b", "a\u{202e}b", "a\nb", "", "   "] {
        admin
            .post("/api/v1/projects", &json!({ "name": hidden }))
            .await
            .is(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn column_names_and_cells_are_text_in_figures_of_forms_and_of_code() {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Cells").await;
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let column = EVIL[1];
    let mut csv = format!("{},n\n", quoted(column));
    for (n, evil) in EVIL.iter().enumerate() {
        csv.push_str(&format!("{},{n}\n", quoted(evil)));
    }
    let (path, id) = admin.collection(&project, "Cells", &csv).await;
    let rows = admin
        .post(&format!("{path}/query"), &json!({}))
        .await
        .is(200)
        .json();
    for (n, evil) in EVIL.iter().enumerate() {
        assert_eq!(
            rows["rows"][n][column], *evil,
            "a cell is kept as it was uploaded"
        );
    }
    let code = format!(
        "import plotly.express as px\nfig = px.bar(df, x={column:?}, y='n', title={:?})",
        EVIL[0]
    );
    let link = "import plotly.graph_objects as go\nfig = go.Figure(go.Scatter(x=[1], y=[1], \
                text=['<a href=\"javascript:alert(1)\">x</a>'], mode='text'))";
    let asked = [
        json!({ "collection": id, "spec": { "chart": "bar", "x": column, "y": "n", "aggregate": "sum", "color": column } }),
        json!({ "collection": id, "spec": { "chart": "box", "x": column, "y": "n" } }),
        json!({ "collection": id, "spec": { "chart": "scatter", "x": "n", "y": "n", "color": column, "x_title": EVIL[2] } }),
        json!({ "collection": id, "code": code }),
        json!({ "collection": id, "code": link }),
    ];
    for body in asked {
        let answer = admin
            .post(&format!("{project}/figures/preview"), &body)
            .await
            .is(200);
        let mut found = Vec::new();
        strings(&answer.json()["figure"], &mut found);
        assert!(!found.is_empty());
        for text in found {
            assert!(!is_live(&text), "{body}: {text}");
        }
    }
}
