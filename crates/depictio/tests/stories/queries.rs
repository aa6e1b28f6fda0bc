//! Questions to tables: what a filter lets through, and what is never let through.

use crate::client::Client;
use crate::server::Server;
use serde_json::{Value, json};

const CSV: &str = "n,name,size,day,ok\n1,ash,1.5,2024-01-01,true\n2,Ash,2.5,2024-02-01,false\n\
                   3,elm,,2024-03-01,true\n4,\"oak, red\",4.5,2024-04-01,\n";

async fn table(admin: &Client) -> (String, String) {
    let project = admin.project("Queries").await;
    let (path, _) = admin.collection(&project, "Trees", CSV).await;
    (project, format!("{path}/query"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operator_keeps_exactly_the_rows_it_says() {
    let admin = Client::admin(Server::shared()).await;
    let (_, path) = table(&admin).await;
    let cases = [
        (
            json!({ "column": "name", "op": "eq", "value": "ash" }),
            vec![1],
        ),
        (
            json!({ "column": "name", "op": "in", "values": ["ash", "elm"] }),
            vec![1, 3],
        ),
        (
            json!({ "column": "n", "op": "not_in", "values": [1, 2] }),
            vec![3, 4],
        ),
        (
            json!({ "column": "n", "op": "ne", "value": 1 }),
            vec![2, 3, 4],
        ),
        (
            json!({ "column": "size", "op": "lt", "value": 2.5 }),
            vec![1],
        ),
        (
            json!({ "column": "size", "op": "lte", "value": 2.5 }),
            vec![1, 2],
        ),
        (
            json!({ "column": "size", "op": "gt", "value": 2.5 }),
            vec![4],
        ),
        (
            json!({ "column": "size", "op": "gte", "value": 2.5 }),
            vec![2, 4],
        ),
        (
            json!({ "column": "size", "op": "between", "values": [1.5, 2.5] }),
            vec![1, 2],
        ),
        (
            json!({ "column": "day", "op": "gte", "value": "2024-03-01" }),
            vec![3, 4],
        ),
        (
            json!({ "column": "name", "op": "contains", "value": "s" }),
            vec![1, 2],
        ),
        (
            json!({ "column": "name", "op": "contains", "value": "%" }),
            vec![],
        ),
        (
            json!({ "column": "name", "op": "starts_with", "value": "oak," }),
            vec![4],
        ),
        (json!({ "column": "size", "op": "is_null" }), vec![3]),
        (json!({ "column": "size", "op": "not_null" }), vec![1, 2, 4]),
        (
            json!({ "column": "ok", "op": "eq", "value": true }),
            vec![1, 3],
        ),
        (
            json!({ "column": "name", "op": "eq", "value": "x' OR '1'='1" }),
            vec![],
        ),
    ];
    for (filter, expected) in cases {
        let body = json!({ "filters": [filter], "columns": ["n"] });
        let answer = admin.post(&path, &body).await.is(200).json();
        let rows = answer["rows"].as_array().unwrap();
        let found: Vec<i64> = rows.iter().map(|row| row["n"].as_i64().unwrap()).collect();
        assert_eq!(found, expected, "{filter}");
        assert_eq!(answer["total_rows"], expected.len(), "{filter}");
    }
    let sorted = json!({ "columns": ["name", "n"], "sort": [{ "column": "n", "descending": true }],
        "limit": 2, "offset": 1 });
    let answer = admin.post(&path, &sorted).await.is(200).json();
    let expected = json!([{ "name": "elm", "n": 3 }, { "name": "Ash", "n": 2 }]);
    assert_eq!(answer["rows"], expected);
    assert_eq!(
        answer["columns"][0],
        json!({ "name": "name", "type": "string" })
    );
    assert_eq!(
        (&answer["truncated"], &answer["total_rows"]),
        (&json!(true), &json!(4))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_every_row_once_even_when_a_version_comes_in_between() {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Pages").await;
    let numbers: String = (0..1_050).map(|n| format!("{n},{}\n", n % 7)).collect();
    let csv = format!("n,m\n{numbers}");
    let (path, _) = admin.collection(&project, "Numbers", &csv).await;
    let query = format!("{path}/query");
    let mut body = json!({ "sort": [{ "column": "m" }], "limit": 100 });
    let mut seen = Vec::new();
    loop {
        let page = admin.post(&query, &body).await.is(200).json();
        assert_eq!(
            (&page["version"], &page["total_rows"]),
            (&json!(1), &json!(1_050))
        );
        for row in page["rows"].as_array().unwrap() {
            seen.push((row["m"].as_i64().unwrap(), row["n"].as_i64().unwrap()));
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert_eq!(page["truncated"], false);
            break;
        };
        if seen.len() == 100 {
            let more: [(&str, &[u8]); 1] = [("more.csv", b"n,m\n5000,0\n")];
            admin
                .upload(&format!("{path}/uploads"), &more)
                .await
                .is(201);
        }
        body["cursor"] = json!(cursor);
    }
    let mut expected: Vec<(i64, i64)> = (0..1_050).map(|n| (n % 7, n)).collect();
    expected.sort_unstable();
    assert_eq!(seen, expected, "ties stay in the order of upload");
    let all = admin.post(&query, &json!({})).await.is(200).json();
    assert_eq!(
        all["rows"].as_array().unwrap().len(),
        100,
        "the limit when none is named"
    );
    assert_eq!(
        (&all["version"], &all["truncated"]),
        (&json!(2), &json!(true))
    );
    let most = admin
        .post(&query, &json!({ "limit": 10_000 }))
        .await
        .is(200)
        .json();
    assert_eq!(most["rows"].as_array().unwrap().len(), 1_051);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_question_is_an_error_and_never_unfiltered_data() {
    let admin = Client::admin(Server::shared()).await;
    let (_, path) = table(&admin).await;
    let filter = |filter: Value| json!({ "filters": [filter] });
    let cases = [
        (
            filter(json!({ "column": "nothing", "op": "eq", "value": 1 })),
            "/filters/0/column",
        ),
        (
            filter(json!({ "column": "n", "op": "eq", "value": "x" })),
            "/filters/0",
        ),
        (filter(json!({ "column": "n", "op": "eq" })), "/filters/0"),
        (
            filter(json!({ "column": "n", "op": "eq", "value": null })),
            "/filters/0",
        ),
        (
            filter(json!({ "column": "n", "op": "eq", "values": [1] })),
            "/filters/0",
        ),
        (
            filter(json!({ "column": "n", "op": "between", "values": [1] })),
            "/filters/0",
        ),
        (
            filter(json!({ "column": "n", "op": "in", "values": [] })),
            "/filters/0",
        ),
        (
            filter(json!({ "column": "n", "op": "is_null", "value": 1 })),
            "/filters/0",
        ),
        (
            filter(json!({ "column": "day", "op": "eq", "value": "yesterday" })),
            "/filters/0",
        ),
        (
            filter(json!({ "column": "n", "op": "contains", "value": "1" })),
            "/filters/0",
        ),
        (
            filter(json!({ "column": "n", "op": "matches", "value": 1 })),
            "/filters/0/op",
        ),
        (
            filter(json!({ "column": "n", "op": "eq", "value": 1, "or": 1 })),
            "/filters/0",
        ),
        (json!({ "columns": ["nothing"] }), "/columns/0"),
        (json!({ "sort": [{ "column": "nothing" }] }), "/sort/0"),
        (json!({ "limit": 10_001 }), "/limit"),
        (json!({ "limit": -1 }), "/limit"),
        (json!({ "limit": "10" }), "/limit"),
        (json!({ "version": 9 }), "/version"),
        (json!({ "cursor": "anything" }), "/cursor"),
        (json!({ "surely_unknown": 1 }), "/surely_unknown"),
    ];
    for (body, pointer) in cases {
        let answer = admin.post(&path, &body).await.is(422);
        let told = answer.json();
        assert!(told["rows"].is_null(), "{body}");
        let at = told["errors"][0]["pointer"].as_str().unwrap_or_default();
        assert!(at.starts_with(pointer), "{body}: {}", answer.text());
        assert!(told["request_id"].is_string() && told["title"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_panel_gets_values_with_their_counts_and_the_ends_of_a_column() {
    let admin = Client::admin(Server::shared()).await;
    let (_, query) = table(&admin).await;
    let path = query.trim_end_matches("/query");
    let ask = |what: &str, body: Value| {
        let (admin, path) = (admin.clone(), format!("{path}/{what}"));
        async move { admin.post(&path, &body).await }
    };
    let ok = ask("distinct", json!({ "column": "ok" }))
        .await
        .is(200)
        .json();
    // Missing is no value: a panel offers what can be chosen.
    let values = json!([{ "value": true, "count": 2 }, { "value": false, "count": 1 }]);
    assert_eq!((&ok["items"], &ok["total"]), (&values, &json!(2)));
    assert_eq!(
        (&ok["truncated"], &ok["version"]),
        (&json!(false), &json!(1))
    );
    let found = json!({ "column": "name", "search": "AS", "limit": 1 });
    let found = ask("distinct", found).await.is(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(
        (&found["total"], &found["truncated"]),
        (&json!(2), &json!(true))
    );
    let range = ask("range", json!({ "column": "size" }))
        .await
        .is(200)
        .json();
    assert_eq!((&range["min"], &range["max"]), (&json!(1.5), &json!(4.5)));
    let days = ask("range", json!({ "column": "day" }))
        .await
        .is(200)
        .json();
    assert_eq!(
        (&days["min"], &days["max"]),
        (&json!("2024-01-01"), &json!("2024-04-01"))
    );
    ask("distinct", json!({ "column": "nothing" }))
        .await
        .is(422);
    ask("distinct", json!({ "column": "name", "limit": 1_001 }))
        .await
        .is(422);
    ask("range", json!({ "column": "nothing" })).await.is(422);
}
