//! Questions to tables: what a filter lets through, and what is never let through.

use crate::client::Client;
use crate::raw;
use crate::server::Server;
use hyper::Method;
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
async fn a_body_that_is_not_its_model_is_refused_on_every_route() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (project, query) = table(&admin).await;
    let document = admin.get("/api/v1/openapi.json").await.is(200).json();
    let made = admin
        .post(
            &format!("{project}/dashboards"),
            &json!({ "title": "Board" }),
        )
        .await;
    let dashboard = made.is(201).json()["id"].as_str().unwrap().to_owned();
    let (_, user) = admin.person(server, "target", "user").await;
    let group = json!({ "name": format!("Bodies {user}") });
    let group = admin.post("/api/v1/groups", &group).await.is(201).json();
    let fill = |path: &str| {
        path.replace("{project}", project.rsplit('/').next().unwrap())
            .replace("{collection}", query.rsplit('/').nth(1).unwrap())
            .replace("{dashboard}", &dashboard)
            .replace("{user}", &user)
            .replace("{group}", group["id"].as_str().unwrap())
    };
    // Signing out ends nobody's session here, and a revision is matched before a body is read.
    let anyone = Client::anyone(server);
    let mut admin_over_one = admin.clone();
    admin_over_one
        .headers
        .push(("if-match", "\"1\"".to_owned()));
    let (mut wrong, mut routes) = (Vec::new(), 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            if operation["requestBody"]["content"]["application/json"].is_null() {
                continue;
            }
            routes += 1;
            let client = match operation["security"] == json!([]) {
                true => &anyone,
                false => &admin_over_one,
            };
            let method = Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap();
            // These two take a body without a type: browsers send none.
            let typeless = path.ends_with("/auth/refresh") || path.ends_with("/auth/logout");
            let (json, text) = ("application/json", "text/plain");
            for (kind, body, expected) in [
                (json, "[]", 422),
                (json, "\"x\"", 422),
                (json, "7", 422),
                (json, "null", 422),
                (json, "{\"surely_unknown\":1}", 422),
                (json, "{\"a\":", 400),
                (json, "{} {}", 400),
                (json, "", 400),
                (json, "\u{0}", 400),
                (text, "{}", 415),
            ] {
                if typeless && (body.is_empty() || kind == text) {
                    continue;
                }
                let sent = client
                    .send(method.clone(), &fill(path), Some(kind), body.into())
                    .await;
                let status = sent.status.as_u16();
                if status != expected {
                    wrong.push(format!("{verb} {path} {body:?}: {status} {}", sent.text()));
                }
            }
        }
    }
    assert!(routes > 20, "{routes} routes with a body");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        admin
            .get(&fill("/api/v1/projects/{project}"))
            .await
            .is(200)
            .json()["name"],
        "Queries"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_another_tenant_is_reached_by_naming_its_ids() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (one, _) = admin.person(server, "one", "user").await;
    let (two, _) = admin.person(server, "two", "user").await;
    let (theirs, own) = (one.project("Theirs").await, two.project("Own").await);
    let (_, secret) = one
        .collection(&theirs, "Secret", "cell\nplanted-isolation\n")
        .await;
    let (mine, id) = two.collection(&own, "Mine", "cell\nmine\n").await;
    two.post(&format!("{mine}/query"), &json!({})).await.is(200);
    let spec = json!({ "chart": "histogram", "x": "cell" });
    let asked = [
        (format!("{own}/collections/{secret}/query"), json!({}), 404),
        (
            format!("{theirs}/collections/{secret}/query"),
            json!({}),
            404,
        ),
        (format!("{theirs}/collections/{id}/query"), json!({}), 404),
        (
            format!("{own}/collections/{secret}/distinct"),
            json!({ "column": "cell" }),
            404,
        ),
        (
            format!("{own}/collections/{secret}/restore"),
            json!({ "version": 1 }),
            404,
        ),
        (
            format!("{own}/figures/preview"),
            json!({ "collection": secret, "spec": spec }),
            422,
        ),
    ];
    for (path, body, status) in asked {
        let answer = two.post(&path, &body).await.is(status);
        assert!(!answer.text().contains("planted-isolation"), "{path}");
    }
    // The admin acts as owner of both; the path still decides which project is meant.
    admin
        .post(&format!("{own}/collections/{secret}/query"), &json!({}))
        .await
        .is(404);
    admin
        .post(&format!("{theirs}/collections/{secret}/query"), &json!({}))
        .await
        .is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_on_the_disk_shows_a_cell_a_column_or_a_name() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let words = [
        "plantedcellvalue",
        "plantedcolumnname",
        "plantedprojectname",
        "plantedusername",
    ];
    admin.person(&server, words[3], "user").await;
    let project = admin.project(words[2]).await;
    let line = format!("{},1\n", words[0]);
    let csv = format!("{},n\n{}", words[1], line.repeat(500));
    let (path, _) = admin.collection(&project, "plantedcollection", &csv).await;
    let board = json!({ "title": "planteddashboard" });
    admin
        .post(&format!("{project}/dashboards"), &board)
        .await
        .is(201);
    let rows = admin
        .post(&format!("{path}/query"), &json!({ "limit": 1 }))
        .await
        .is(200);
    assert!(
        rows.text().contains(words[0]),
        "the data is there for who may read it"
    );
    let files = raw::files(&server.dir.path().join("data"));
    assert!(files.len() > 5, "{files:?}");
    let lower = |bytes: Vec<u8>| bytes.to_ascii_lowercase();
    for file in files {
        let name = file.to_string_lossy().to_ascii_lowercase();
        assert!(!name.contains("planted"), "{name}");
        let bytes = lower(std::fs::read(&file).unwrap_or_default());
        for pattern in [
            b"planted".as_slice(),
            b"p\0l\0a\0n\0t\0e\0d",
            b"admin@localhost",
        ] {
            let found = bytes.windows(pattern.len()).any(|window| window == pattern);
            assert!(!found, "{name} shows {}", String::from_utf8_lossy(pattern));
        }
    }
}
