//! Many people run code on one server: who waits, who is told to come again, who is stopped, and that nobody else
//! notices.

use crate::code_desk::{Desk, ENDLESS, FIGURE, below, within};
use crate::server::Server;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Time in which something that happens at once is seen to have happened, on a machine with other things to do.
const SOON: Duration = Duration::from_secs(2);

fn spawn(
    desk: &Desk,
    code: &'static str,
    editor: Option<&'static str>,
) -> tokio::task::JoinHandle<crate::client::Answer> {
    let desk = desk.clone();
    tokio::spawn(async move { desk.preview(code, editor).await })
}

/// Waits until so many runs are in a worker.
async fn running(desk: &Desk, count: f64) {
    let seen = within(Duration::from_secs(20), || async {
        desk.measured("depictio_code_running ").await >= count
    });
    assert!(seen.await, "{count} runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_run_of_an_editor_takes_the_place_of_the_older() {
    let server = Server::start(
        true,
        &[
            ("DEPICTIO_CODE_WALL_MS_MAX", "60000"),
            ("DEPICTIO_CODE_CPU_MS_MAX", "60000"),
        ],
    );
    let desk = Desk::on(&server).await;
    let hers = desk.colleague(&server).await;
    let older = spawn(&desk, ENDLESS, Some("editor-1"));
    // Another script: the same one would wait for the result of the first.
    let other = spawn(&desk, "while 1:\n    pass", Some("editor-2"));
    running(&desk, 2.0).await;
    let asked = Instant::now();
    let newer = spawn(&desk, FIGURE, Some("editor-1"));
    let older = older.await.unwrap().is(422);
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert_eq!(older.code(), "cancelled", "{}", older.text());
    let words = "A newer run of this editor took its place.";
    assert_eq!(older.json()["detail"], words);
    assert!(newer.await.unwrap().is(200).json()["figure"].is_object());
    assert!(!other.is_finished(), "another editor goes on");

    // Somebody else's editor of the same name is another editor, and a program without one replaces nothing.
    hers.preview(FIGURE, Some("editor-2")).await.is(200);
    desk.preview("fig = go.Figure()", None).await.is(200);
    assert!(!other.is_finished());
    desk.preview("fig = go.Figure()", Some("editor-2"))
        .await
        .is(200);
    assert_eq!(other.await.unwrap().is(422).code(), "cancelled");
    let ends: Vec<Value> = desk
        .runs()
        .await
        .iter()
        .map(|run| run["details"]["ended"].clone())
        .collect();
    assert_eq!(
        ends.iter().filter(|end| *end == "cancelled").count(),
        2,
        "{ends:?}"
    );

    for bad in ["", "a b", "../x", &"x".repeat(65)] {
        let refused = desk.preview(FIGURE, Some(bad)).await.is(422);
        assert_eq!(refused.json()["errors"][0]["pointer"], "/editor", "{bad}");
    }
    let form = json!({ "kind": "card", "collection": desk.collection, "aggregate": "count" });
    let body = json!({ "content": form, "editor": "editor-1" });
    let path = format!("{}/components/preview", desk.project);
    desk.admin.post(&path, &body).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_when_nobody_waits_for_it_any_more() {
    let server = Server::start(
        true,
        &[
            ("DEPICTIO_CODE_WALL_MS_MAX", "300000"),
            ("DEPICTIO_CODE_CPU_MS_MAX", "300000"),
        ],
    );
    let desk = Desk::on(&server).await;
    // Workers are forked and warmed ahead. Once that is done, none of those that are there uses the processor, until
    // one of them is taken for the run.
    let mut before = below(server.pid());
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = below(server.pid());
        if now == before {
            break;
        }
        before = now;
    }
    let endless = spawn(&desk, ENDLESS, None);
    let mut worker = None;
    let found = within(Duration::from_secs(120), || {
        let now = below(server.pid());
        let busiest = before
            .iter()
            .filter_map(|(pid, ticks)| Some((now.get(pid)?.checked_sub(*ticks)?, *pid)))
            .max();
        worker = busiest
            .filter(|(ticks, _)| *ticks > 100)
            .map(|(_, pid)| pid);
        std::future::ready(worker.is_some())
    });
    assert!(found.await, "no process is busy");
    running(&desk, 1.0).await;
    let worker = worker.unwrap();
    assert!(!endless.is_finished());
    endless.abort();
    let gone = within(SOON, || {
        std::future::ready(!below(server.pid()).contains_key(&worker))
    });
    assert!(
        gone.await,
        "the worker outlives the one who asked by two seconds"
    );
    let idle = within(SOON, || async {
        desk.measured("depictio_code_running ").await == 0.0
    });
    assert!(idle.await);
    let runs = desk.runs().await;
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!(
        (&runs[0]["details"]["ended"], &runs[0]["outcome"]),
        (&json!("cancelled"), &json!("failed"))
    );
    desk.preview(FIGURE, None).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_more_than_may_wait_is_told_to_come_again() {
    let server = Server::start(
        true,
        &[
            ("DEPICTIO_CODE_PERSON_WAITING_RUNS_MAX", "1"),
            ("DEPICTIO_CODE_WALL_MS_MAX", "8000"),
        ],
    );
    let desk = Desk::on(&server).await;
    let hers = desk.colleague(&server).await;
    let first: Vec<_> = [
        "a = 1\nwhile True: pass",
        "b = 1\nwhile True: pass",
        "c = 1\nwhile True: pass",
    ]
    .map(|code| spawn(&desk, code, None))
    .into();
    let full = within(Duration::from_secs(5), || async {
        desk.measured("depictio_code_running ").await == 2.0
            && desk.measured("depictio_code_waiting ").await == 1.0
    });
    assert!(full.await);
    let busy = desk.preview(FIGURE, None).await.is(429);
    assert_eq!(busy.code(), "busy");
    assert!(
        busy.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 0
    );
    let status = desk.admin.get("/api/v1/status").await.is(200).json();
    let mode = &status["code_mode"];
    assert_eq!(
        (&mode["running"], &mode["waiting"], &mode["workers"]),
        (&json!(2), &json!(1), &json!(2))
    );
    // Somebody else has places of their own, and their dashboards too.
    let (hers, own) = tokio::join!(hers.preview(FIGURE, None), async {
        let board = desk.board("fig = go.Figure()").await;
        desk.admin
            .post(&format!("{board}/render"), &json!({}))
            .await
            .is(200)
            .lines()
    });
    hers.is(200);
    assert_eq!(own[0]["status"], "ok", "{own:?}");
    for one in first {
        assert_eq!(one.await.unwrap().is(422).code(), "timeout");
    }
    desk.preview(FIGURE, None).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_loops_stall_nobody() {
    let server = Server::start(true, &[("DEPICTIO_CODE_CPU_MS_MAX", "60000")]);
    let desk = Desk::on(&server).await;
    let hers = desk.colleague(&server).await;
    let loops: Vec<_> = [
        ("while True: pass", &desk),
        ("while 1: pass", &desk),
        ("while True: len(df)", &hers),
        ("while 2: pass", &hers),
    ]
    .map(|(code, who)| spawn(who, code, None))
    .into();
    running(&desk, 2.0).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let asked = Instant::now();
        desk.admin.get("/api/v1/auth/me").await.is(200);
        slowest = slowest.max(asked.elapsed());
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    assert!(loops.iter().all(|one| !one.is_finished()), "they still run");
    for one in loops {
        assert_eq!(one.await.unwrap().is(422).code(), "timeout");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_a_run_ends_has_its_code_and_its_count() {
    let server = Server::start(
        true,
        &[
            ("DEPICTIO_CODE_WALL_MS_MAX", "30000"),
            ("DEPICTIO_CODE_CPU_MS_MAX", "60000"),
            ("DEPICTIO_CODE_RESULT_BYTES_MAX", "50000"),
            ("DEPICTIO_CODE_TEXT_BYTES_MAX", "2000"),
            ("DEPICTIO_CODE_SOURCE_BYTES_MAX", "2000"),
        ],
    );
    let desk = Desk::on(&server).await;
    let limits = |wall: Value| json!({ "code_limits": wall });
    let short = limits(json!({ "code_wall_ms_max": 3_000 }));
    for (code, ended) in [
        (ENDLESS, "timeout"),
        ("x = [0] * (1 << 31)\nfig = go.Figure()", "memory"),
        (
            "y = list(range(20000))\nfig = go.Figure(go.Bar(x=y, y=y))",
            "output",
        ),
        ("fig = (", "syntax"),
        ("import os", "refused"),
        ("\nx = 1 / 0", "failed"),
        ("x = 1", "no_figure"),
    ] {
        // Only what never ends is held to a time that a busy machine might need for the others.
        let held = if ended == "timeout" {
            short.clone()
        } else {
            limits(Value::Null)
        };
        desk.admin.patch(&desk.project, &held).await.is(200);
        let answer = desk.preview(code, None).await.is(422);
        let told = answer.json();
        assert_eq!(told["code"], ended, "{told}");
        for field in ["line", "column", "stdout", "detail"] {
            assert!(told.get(field).is_some(), "{field} in {told}");
        }
        assert!(
            told["detail"]
                .as_str()
                .is_some_and(|words| words.len() > 10),
            "{told}"
        );
        let counted = format!("depictio_code_runs_total{{outcome=\"{ended}\"}} ");
        assert_eq!(desk.measured(&counted).await, 1.0, "{ended}");
        let line = if matches!(ended, "syntax" | "refused") {
            1
        } else {
            2
        };
        if matches!(ended, "syntax" | "refused" | "failed") {
            assert_eq!(told["line"], line, "{told}");
        }
        if ended == "timeout" {
            assert_eq!(told["stdout"], "begun\n", "{told}");
            assert!(told["detail"].as_str().unwrap().ends_with("3 s."), "{told}");
        }
    }
    let cut = desk
        .preview(
            "for i in range(1000):\n    print('x' * 99)\nfig = go.Figure()",
            None,
        )
        .await
        .is(200)
        .json();
    assert_eq!(cut["stdout_cut"], true);
    assert!((1..=2_000).contains(&cut["stdout"].as_str().unwrap().len()));
    let long = format!("x = 1{}\nfig = go.Figure()", " ".repeat(2_000));
    desk.preview(&long, None).await.is(422);
    let check = format!("{}/figures/check", desk.project);
    let found = desk
        .admin
        .post(&check, &json!({ "code": long }))
        .await
        .is(200)
        .json();
    assert!(
        found["items"][0]["message"]
            .as_str()
            .unwrap()
            .contains("2000"),
        "{found}"
    );
    let huge = json!({ "code": "x".repeat(2 << 20) });
    desk.admin.post(&check, &huge).await.is(413);

    // What another preview has sealed is used again, and what is remembered runs nothing.
    for code in [
        "fig = px.bar(df, x='n')",
        "fig = px.line(df, x='n')",
        "fig = px.bar(df, x='n')",
    ] {
        desk.preview(code, None).await.is(200);
    }
    for (cache, least) in [("frames", 1.0), ("results", 1.0)] {
        let line = format!("depictio_code_cache_total{{cache=\"{cache}\",answer=\"hit\"}} ");
        assert!(desk.measured(&line).await >= least, "{cache}");
    }
    let text = desk.admin.get("/metrics").await.is(200).text();
    assert!(
        text.contains("depictio_code_run_duration_seconds_bucket"),
        "{text}"
    );
    let status = desk.admin.get("/api/v1/status").await.is(200).json();
    let mode = &status["code_mode"];
    assert_eq!(mode["runs"]["timeout"], 1, "{mode}");
    assert!(
        mode["python"].as_str().unwrap().contains("pandas"),
        "{mode}"
    );
}
