//! Python that people write: drawn, refused with its place, or stopped.

use crate::code_desk::Desk;
use crate::server::Server;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn code_draws_a_figure_and_what_it_prints_comes_back() {
    let desk = Desk::new().await;
    let answer = desk
        .run("import plotly.express as px\nimport plotly.graph_objects as go\nimport pandas as pd\n\
              df['double'] = df['n'] * 2\nprint('rows', len(df))\nfig = px.scatter(df, x='n', y='double')")
        .await
        .is(200)
        .json();
    assert_eq!(answer["stdout"], "rows 3\n");
    assert_eq!(answer["figure"]["data"][0]["type"], "scatter");
    assert_eq!(answer["version"], 1);
    // The column was added to the run's own copy.
    let second = desk
        .run("fig = px.bar(df, x='n', y='double')")
        .await
        .is(422);
    assert_eq!(second.code(), "failed");
    let names = "print(' '.join(sorted(df.columns)))\nfig = go.Figure()";
    assert_eq!(
        desk.run(names).await.is(200).json()["stdout"],
        "day kind n\n"
    );
    let leak = desk.run("shared = 41\nfig = go.Figure()").await.is(200);
    assert_eq!(leak.json()["stdout"], "");
    assert_eq!(
        desk.run("print(shared)\nfig = go.Figure()")
            .await
            .is(422)
            .code(),
        "failed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_comes_back_with_line_and_column() {
    let desk = Desk::new().await;
    let cases = [
        ("fig = (", "syntax", json!(1)),
        (
            "print('begun')\nx = 1\nif False:\n    import os\n",
            "refused",
            json!(4),
        ),
        ("print('begun')\nopen('/etc/passwd')", "refused", json!(2)),
        ("print('begun')\ndf.__class__", "refused", json!(2)),
        ("print('begun')\neval('1')", "refused", json!(2)),
        ("import socket", "refused", json!(1)),
        ("import plotly.io", "refused", json!(1)),
        ("print('begun')\n\nx = 1 / 0", "failed", json!(3)),
        ("print('begun')\nx = 1", "no_figure", Value::Null),
        ("fig = 'a figure'", "no_figure", Value::Null),
    ];
    for (code, expected, line) in cases {
        let answer = desk.run(code).await.is(422);
        assert_eq!(answer.code(), expected, "{code}: {}", answer.text());
        let told = answer.json();
        assert!(line.is_null() || told["line"] == line, "{code}: {told}");
        if matches!(expected, "syntax" | "refused") {
            assert!(told["column"].as_u64().is_some(), "{told}");
            assert_eq!(
                told["stdout"], "",
                "refused before the first statement ran: {told}"
            );
        }
        if code.starts_with("print") && matches!(expected, "failed" | "no_figure") {
            assert_eq!(told["stdout"], "begun\n", "{told}");
        }
    }
    let path = format!("{}/figures/check", desk.project);
    let findings = desk
        .admin
        .post(&path, &json!({ "code": "x = 1\nimport os\nopen('x')" }))
        .await;
    let findings = findings.is(200).json();
    let lines: Vec<_> = findings["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["line"].as_u64().unwrap(), f["code"].as_str().unwrap()))
        .collect();
    assert_eq!(lines, [(2, "refused"), (3, "refused")], "{findings}");
    let fine = desk
        .admin
        .post(&path, &json!({ "code": "fig = px.bar(df)" }))
        .await
        .is(200)
        .json();
    assert_eq!(fine["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_eats_time_memory_or_paper_is_stopped_and_the_next_one_works() {
    let desk = Desk::new().await;
    let started = Instant::now();
    let endless = desk
        .run("print('begun')\nwhile True:\n    pass")
        .await
        .is(422);
    assert_eq!(endless.code(), "timeout", "{}", endless.text());
    assert!(
        started.elapsed() < Duration::from_secs(40),
        "{:?}",
        started.elapsed()
    );
    let hungry = desk
        .run("x = [0] * (1024 * 1024 * 1024)\nfig = go.Figure()")
        .await
        .is(422);
    assert_eq!(hungry.code(), "memory", "{}", hungry.text());
    let hungry = desk
        .run("x = np.ones((3 * 1024, 1024, 1024), dtype='uint8')\nfig = go.Figure()")
        .await;
    assert_eq!(hungry.is(422).code(), "memory");
    let paper = desk
        .run("for i in range(200000):\n    print('x' * 100)\nfig = go.Figure()")
        .await;
    let printed = paper.json()["stdout"].as_str().map_or(0, str::len);
    assert!(
        matches!(paper.status.as_u16(), 200 | 422),
        "{}",
        paper.status
    );
    assert!(
        (1..=70_000).contains(&printed),
        "{printed} bytes of text, {}",
        paper.status
    );
    let wide = desk
        .run("fig = go.Figure(go.Bar(x=list(range(4000000)), y=list(range(4000000))))")
        .await;
    assert!(matches!(
        wide.is(422).code().as_str(),
        "output" | "timeout" | "memory"
    ));
    desk.run("fig = go.Figure(go.Bar(x=[1], y=[1]))")
        .await
        .is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_has_code_that_draws() {
    let desk = Desk::new().await;
    let specs = [
        json!({ "chart": "scatter", "x": "n", "y": "n", "color": "kind", "size": "n", "opacity": 0.5 }),
        json!({ "chart": "line", "x": "day", "y": "n", "color": "kind" }),
        json!({ "chart": "bar", "x": "kind" }),
        json!({ "chart": "bar", "x": "kind", "y": "n", "aggregate": "mean", "horizontal": true }),
        json!({ "chart": "bar", "x": "kind", "y": "n", "aggregate": "sum", "color": "kind", "mode": "stack" }),
        json!({ "chart": "histogram", "x": "n", "bins": 3, "color": "kind" }),
        json!({ "chart": "box", "y": "n", "x": "kind", "y_title": "it's \"n\"\\" }),
    ];
    for spec in specs {
        let body = json!({ "collection": desk.collection, "spec": spec });
        let path = format!("{}/figures/code", desk.project);
        let code = desk.admin.post(&path, &body).await.is(200).json();
        let code = code["code"].as_str().unwrap();
        let drawn = desk.run(code).await;
        assert_eq!(drawn.status.as_u16(), 200, "{code}\n{}", drawn.text());
        assert!(
            !drawn.json()["figure"]["data"]
                .as_array()
                .unwrap()
                .is_empty(),
            "{code}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_writes_and_previews_no_code() {
    let desk = Desk::new().await;
    let (viewer, user) = desk.admin.person(Server::shared(), "viewer", "user").await;
    let grant = format!("{}/members/users/{user}", desk.project);
    desk.admin
        .put(&grant, &json!({ "role": "viewer" }))
        .await
        .is(200);
    let path = format!("{}/figures/preview", desk.project);
    let code = json!({ "collection": desk.collection, "code": "fig = go.Figure()" });
    let form = json!({ "collection": desk.collection, "spec": { "chart": "histogram", "x": "n" } });
    viewer.post(&path, &code).await.is(403);
    viewer
        .post(
            &format!("{}/figures/check", desk.project),
            &json!({ "code": "x" }),
        )
        .await
        .is(403);
    viewer
        .post(&format!("{}/figures/code", desk.project), &form)
        .await
        .is(403);
    viewer.post(&path, &form).await.is(200);
    desk.admin
        .put(&grant, &json!({ "role": "editor" }))
        .await
        .is(200);
    viewer.post(&path, &code).await.is(200);
}
