//! What many rows come to, over HTTP: each number against one worked out by hand.

use crate::client::Client;
use crate::server::Server;
use serde_json::{Value, json};

const CSV: &str = "g,x,y,z,t\na,1,2,5,2024-01-01\na,2,4,5,2024-01-02\na,3,6,5,2024-01-03\nb,4,1,5,2024-01-04\nb,10,,5,2024-01-05\n,7,0,5,\n";

async fn asker() -> (Client, String) {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Summaries").await;
    let path = admin.collection(&project, "Numbers", CSV).await.0;
    (admin, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_bins_quantiles_and_correlations_are_answered_under_any_filter() {
    let (admin, path) = asker().await;
    let ask = async |route: &str, body: Value| -> Value {
        admin
            .post(&format!("{path}/{route}"), &body)
            .await
            .is(200)
            .json()
    };
    let sums = json!([{ "aggregate": "count" }, { "aggregate": "sum", "column": "x" }, { "aggregate": "mean", "column": "y" }]);
    let all = ask("aggregate", json!({ "group_by": ["g"], "measures": sums })).await;
    assert_eq!(
        all["rows"],
        json!([
            { "g": "a", "m0": 3, "m1": 6, "m2": 4.0 },
            { "g": "b", "m0": 2, "m1": 14, "m2": 1.0 },
            { "g": null, "m0": 1, "m1": 7, "m2": 0.0 },
        ])
    );
    assert_eq!(
        (&all["total"], &all["truncated"], &all["version"]),
        (&json!(3), &json!(false), &json!(1))
    );
    let some = ask("aggregate", json!({ "group_by": ["g"], "measures": sums, "filter": "x > 1 and g is not null", "limit": 1 })).await;
    assert_eq!(
        some["rows"],
        json!([{ "g": "a", "m0": 2, "m1": 5, "m2": 5.0 }])
    );
    assert_eq!(
        (&some["total"], &some["truncated"]),
        (&json!(2), &json!(true))
    );

    let bins = ask(
        "histogram",
        json!({ "column": "x", "bins": 3, "filter": "g = 'a' or x = 10" }),
    )
    .await;
    assert_eq!(
        bins["rows"],
        json!([{ "bin": 0, "start": 1.0, "end": 4.0, "count": 3 }, { "bin": 2, "start": 7.0, "end": 10.0, "count": 1 }])
    );

    let quarters = ask(
        "quantiles",
        json!({ "column": "x", "at": [0, 0.25, 0.5, 1] }),
    )
    .await;
    // 1 2 3 4 7 10: the quarter is at place 1.25, the half at 2.5.
    assert_eq!(
        quarters["rows"],
        json!([{ "q0": 1.0, "q1": 2.25, "q2": 3.5, "q3": 10.0, "count": 6 }])
    );
    let by = json!({ "column": "y", "at": [0.5], "group_by": ["g"], "filters": [{ "column": "g", "op": "not_null" }] });
    let by = ask("quantiles", by).await;
    assert_eq!(
        by["rows"],
        json!([{ "g": "a", "q0": 4.0, "count": 3 }, { "g": "b", "q0": 1.0, "count": 1 }])
    );

    let pairs = ask(
        "correlations",
        json!({ "columns": ["x", "y", "z"], "filter": "g = 'a'" }),
    )
    .await;
    let rows = pairs["rows"].as_array().unwrap();
    assert!(
        (rows[0]["correlation"].as_f64().unwrap() - 1.0).abs() < 1e-12,
        "{pairs}"
    );
    assert_eq!(
        (&rows[0]["a"], &rows[0]["b"], &rows[0]["count"]),
        (&json!("x"), &json!("y"), &json!(3))
    );
    assert_eq!(
        (&rows[1]["b"], &rows[1]["correlation"]),
        (&json!("z"), &Value::Null),
        "z does not vary"
    );
    let pairs = ask("correlations", json!({ "columns": ["x", "y"] })).await;
    // x 1 2 3 4 7, y 2 4 6 1 0: sums of products -12.2, of squares 21.2 and 23.2.
    let expected = -12.2 / (21.2_f64 * 23.2).sqrt();
    let told = pairs["rows"][0]["correlation"].as_f64().unwrap();
    assert!((told - expected).abs() < 1e-12, "{told} {expected}");
    assert_eq!(pairs["rows"][0]["count"], 5, "only where both are there");
    let none = ask(
        "correlations",
        json!({ "columns": ["x", "y"], "filter": "x > 99" }),
    )
    .await;
    assert_eq!(
        (&none["rows"][0]["correlation"], &none["rows"][0]["count"]),
        (&Value::Null, &json!(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_summed_up_is_refused() {
    let (admin, path) = asker().await;
    let count = json!([{ "aggregate": "count" }]);
    for (route, body, pointer) in [
        ("aggregate", json!({ "measures": [] }), "/measures"),
        (
            "aggregate",
            json!({ "measures": [{ "aggregate": "sum", "column": "g" }] }),
            "/measures/0/column",
        ),
        (
            "aggregate",
            json!({ "measures": [{ "aggregate": "sum", "column": "w" }] }),
            "/measures/0/column",
        ),
        (
            "aggregate",
            json!({ "measures": count, "group_by": ["gg"] }),
            "/group_by/0",
        ),
        (
            "aggregate",
            json!({ "measures": count, "limit": 10_001 }),
            "/limit",
        ),
        (
            "aggregate",
            json!({ "measures": count, "limit": 0 }),
            "/limit",
        ),
        (
            "aggregate",
            json!({ "measures": count, "filter": "gg = 1" }),
            "/filter",
        ),
        ("histogram", json!({ "column": "g" }), "/column"),
        ("histogram", json!({ "column": "x", "bins": 0 }), "/bins"),
        (
            "histogram",
            json!({ "column": "x", "filter": "x >" }),
            "/filter",
        ),
        ("quantiles", json!({ "column": "x", "at": [] }), "/at"),
        (
            "quantiles",
            json!({ "column": "x", "at": [0.5, 1.5] }),
            "/at/1",
        ),
        (
            "quantiles",
            json!({ "column": "x", "at": vec![0.5; 101] }),
            "/at",
        ),
        (
            "quantiles",
            json!({ "column": "t", "at": [0.5] }),
            "/column",
        ),
        ("correlations", json!({ "columns": ["x"] }), "/columns"),
        (
            "correlations",
            json!({ "columns": ["x", "x"] }),
            "/columns/1",
        ),
        (
            "correlations",
            json!({ "columns": ["x", "g"] }),
            "/columns/1",
        ),
        (
            "correlations",
            json!({ "columns": ["x", "y"], "filter": "" }),
            "/filter",
        ),
        (
            "correlations",
            json!({ "columns": ["x", "y"], "method": "magic" }),
            "/method",
        ),
    ] {
        let answer = admin.post(&format!("{path}/{route}"), &body).await.is(422);
        let told = answer.json();
        assert_eq!(
            told["errors"][0]["pointer"],
            pointer,
            "{route} {body}: {}",
            answer.text()
        );
    }
    // More bins in groups than one answer may hold.
    let project = admin.project("Too many bins").await;
    let rows: String = (0..12_000).map(|n| format!("g{n},{n}\n")).collect();
    let (path, _) = admin
        .collection(&project, "Wide", &format!("g,x\n{rows}"))
        .await;
    let answer = admin
        .post(
            &format!("{path}/histogram"),
            &json!({ "column": "x", "bins": 2, "group_by": "g" }),
        )
        .await
        .is(422);
    assert_eq!(answer.code(), "too_large");
}
