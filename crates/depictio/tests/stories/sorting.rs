//! A large table that people filter is sorted in the background; the audit log says so, and answers stay what they were.

use crate::client::Client;
use crate::server::Server;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

const ROWS: u64 = 150_000;
const SMALL: (&str, &str) = ("DEPICTIO_SORTED_ROWS_MIN", "100000");

fn csv() -> String {
    let mut text = "n,word\n".to_owned();
    for n in 0..ROWS {
        let word = ["alpha", "beta", "gamma", "delta"][usize::try_from(n * n / 7 % 4).unwrap()];
        writeln!(text, "{n},{word}").unwrap();
    }
    text
}

/// Sorted copies below a directory.
fn copies(at: &Path) -> usize {
    let entries = std::fs::read_dir(at).unwrap().map(Result::unwrap);
    let counts = entries.map(|entry| match entry.file_type().unwrap().is_dir() {
        true => copies(&entry.path()),
        false => usize::from(entry.file_name().to_string_lossy().starts_with("by-")),
    });
    counts.sum()
}

/// The sum of `n` over the rows of a word; `above` makes it a new question.
async fn sum(client: &Client, table: &str, word: &str, above: i64) -> Value {
    let body = json!({
        "measures": [{ "aggregate": "sum", "column": "n" }],
        "filters": [
            { "column": "word", "op": "eq", "value": word },
            { "column": "n", "op": "gt", "value": above },
        ],
    });
    let path = format!("{table}/aggregate");
    client.post(&path, &body).await.is(200).json()["rows"][0]["m0"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_filter_by_is_sorted_by_the_server_itself() {
    let server = Server::start(false, &[SMALL]);
    let admin = Client::admin(&server).await;
    let project = admin.project("Filtered").await;
    let (table, id) = admin.collection(&project, "Words", &csv()).await;
    let first = sum(&admin, &table, "beta", -1).await;
    for above in 0..10 {
        sum(&admin, &table, "beta", -2 - above).await;
    }
    let objects = server.dir.path().join("data/objects");
    let mut event = Value::Null;
    for _ in 0..400 {
        let listed = admin
            .get("/api/v1/audit/events?type=collection.sort&limit=10")
            .await;
        let listed = listed.is(200).json();
        let done = listed["items"].as_array().unwrap().iter();
        if let Some(done) = done
            .clone()
            .find(|event| event["details"]["of"] == "sorted")
        {
            event = done.clone();
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(
        (&event["actor"]["kind"], &event["outcome"]),
        (&json!("job"), &json!("done")),
        "{event}"
    );
    assert_eq!(event["details"]["columns"], json!(["word"]));
    assert_eq!(event["details"]["files"], 1);
    assert!(event.to_string().contains(&id));
    assert_eq!(copies(&objects), 1);
    // The same answer, from the copy now: a new question, so that none is remembered.
    assert_eq!(sum(&admin, &table, "beta", -100).await, first);
    // It is no version, and goes with the table.
    let versions = admin.get(&format!("{table}/versions")).await.is(200).json();
    assert_eq!(versions["items"].as_array().unwrap().len(), 1);
    admin.delete(&table).await.is(204);
    assert_eq!(copies(&objects), 0);
}

/// What `/metrics` says under a name.
async fn measured(client: &Client, name: &str) -> f64 {
    let text = client.get("/metrics").await.is(200).text();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0.0, |value| value.trim().parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_questions_cost_is_measured() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let project = admin.project("Measured").await;
    let (table, _) = admin.collection(&project, "Words", &csv()).await;
    let names = [
        "depictio_query_answers_total{from=\"tables\"}",
        "depictio_query_answers_total{from=\"memory\"}",
        "depictio_query_rows_read_total",
    ];
    let mut told = Vec::new();
    for _ in 0..3 {
        let mut now = Vec::new();
        for name in names {
            now.push(measured(&admin, name).await);
        }
        told.push(now);
        sum(&admin, &table, "beta", 149_990).await;
    }
    let more = |at: usize| -> Vec<f64> {
        let pairs = told[at].iter().zip(&told[at + 1]);
        pairs.map(|(before, after)| after - before).collect()
    };
    // Only the last row group can have such numbers, and of it only the last pages.
    let first = more(0);
    assert_eq!(first[..2], [1.0, 0.0]);
    assert!(first[2] > 0.0 && first[2] <= 30_000.0, "{first:?}");
    assert_eq!(more(1), [0.0, 1.0, 0.0]);
    assert!(measured(&admin, "depictio_query_bytes_read_total").await > 1_000.0);
}
