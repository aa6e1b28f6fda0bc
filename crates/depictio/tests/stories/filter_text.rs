//! Filters as text over HTTP: what they keep, and that one which cannot be read lets nothing through.

use crate::client::Client;
use crate::server::Server;
use serde_json::{Value, json};

const CSV: &str = "sample_id,condition,age,taken\nS_001,treated,31,2024-05-01\nS_002,control,40,2024-05-02\n\
                  S_013,recovery,,2024-05-03\nT_004,treated,70,2024-05-04\n";

async fn table(admin: &Client) -> String {
    let project = admin.project("Filters as text").await;
    admin.collection(&project, "Samples", CSV).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_that_asks_rows_takes_a_filter_as_text() {
    let admin = Client::admin(Server::shared()).await;
    let path = table(&admin).await;
    let kept = async |filter: &str, filters: Value| -> Vec<String> {
        let body = json!({ "filter": filter, "filters": filters, "columns": ["sample_id"] });
        let answer = admin.post(&format!("{path}/query"), &body).await.is(200);
        let rows = answer.json()["rows"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["sample_id"].as_str().unwrap().to_owned())
            .collect()
    };
    let sentence = r#"age > 30 and condition in ("treated", "recovery") and sample_id like "S!_00%" escape "!""#;
    assert_eq!(kept(sentence, json!([])).await, ["S_001"]);
    assert_eq!(
        kept("age is null or year(taken) = 2024 and age >= 70", json!([])).await,
        ["S_013", "T_004"]
    );
    let young = json!([{ "column": "age", "op": "lt", "value": 50 }]);
    assert_eq!(
        kept("condition = 'treated' or taken = '2024-05-02'", young).await,
        ["S_001", "S_002"]
    );

    let body = json!({ "column": "condition", "filter": "age > 30" });
    let values = admin
        .post(&format!("{path}/distinct"), &body)
        .await
        .is(200)
        .json();
    assert_eq!(
        values["items"][0],
        json!({ "value": "treated", "count": 2 })
    );
    assert_eq!(values["total"], 2, "recovery has no age: {values}");
    let body = json!({ "column": "taken", "filter": "age > 30", "filters": [{ "column": "age", "op": "lt", "value": 50 }] });
    let ends = admin
        .post(&format!("{path}/range"), &body)
        .await
        .is(200)
        .json();
    assert_eq!(
        (&ends["min"], &ends["max"]),
        (&json!("2024-05-01"), &json!("2024-05-02"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_cannot_be_read_is_told_with_its_place_and_never_left_out() {
    let admin = Client::admin(Server::shared()).await;
    let path = table(&admin).await;
    for (route, body) in [
        ("query", json!({})),
        ("distinct", json!({ "column": "age" })),
        ("range", json!({ "column": "age" })),
        ("filter", json!({})),
    ] {
        let mut body = body;
        body["filter"] = json!("age > 3 and\n  conditoin = 'x'");
        let told = admin
            .post(&format!("{path}/{route}"), &body)
            .await
            .is(422)
            .json();
        assert_eq!(
            (&told["code"], &told["fault"]),
            (&json!("invalid_filter"), &json!("column")),
            "{told}"
        );
        assert_eq!(told["errors"][0]["pointer"], "/filter");
        assert_eq!((&told["line"], &told["column"]), (&json!(2), &json!(3)));
        assert_eq!((&told["start"], &told["end"]), (&json!(14), &json!(23)));
        assert_eq!(told["excerpt"], "  conditoin = 'x'\n  ^^^^^^^^^");
        assert_eq!(told["near"], json!(["condition"]));
        assert!(
            told["detail"]
                .as_str()
                .unwrap()
                .contains("perhaps \"condition\" is meant")
        );
        for (bad, fault) in [
            ("", "syntax"),
            ("age > 'x'", "type"),
            ("age > 3 or", "syntax"),
            ("age > 3 -- ", "syntax"),
            ("age > 3; drop table", "syntax"),
            ("1 = 1", "type"),
            ("age in (select 1)", "column"),
            ("sample_id = 'S_001", "quotes"),
            ("\u{202e}age = 3", "syntax"),
        ] {
            body["filter"] = json!(bad);
            let answer = admin.post(&format!("{path}/{route}"), &body).await.is(422);
            assert_eq!(answer.json()["fault"], fault, "{bad:?}: {}", answer.text());
        }
        for no_text in [
            json!(3),
            json!(["age > 3"]),
            json!({ "kind": "and", "of": [] }),
        ] {
            body["filter"] = no_text;
            admin.post(&format!("{path}/{route}"), &body).await.is(422);
        }
    }
    // Long, deep and many are told as such; nothing falls over.
    for (bad, fault) in [
        (format!("age > {}", " ".repeat(100_000)), "long"),
        (format!("{}age > 3", "(".repeat(50_000)), "deep"),
        (format!("age in ({}1)", "1, ".repeat(10_000)), "many"),
        (format!("age > 3{}", " or age > 3".repeat(501)), "many"),
    ] {
        let answer = admin
            .post(&format!("{path}/query"), &json!({ "filter": bad }))
            .await
            .is(422);
        assert_eq!(answer.json()["fault"], fault);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_read_for_the_version_it_is_asked_of() {
    let admin = Client::admin(Server::shared()).await;
    let path = table(&admin).await;
    let files: [(&str, &[u8]); 1] = [("new.csv", b"sample_id,age\nS_1,old\nS_2,young\n")];
    admin
        .upload(&format!("{path}/uploads?mode=overwrite"), &files)
        .await
        .is(201);
    let ask = async |filter: &str, version: Option<u64>| {
        let mut body = json!({ "filter": filter });
        if let Some(version) = version {
            body["version"] = json!(version);
        }
        let checked = admin.post(&format!("{path}/filter"), &body).await;
        let asked = admin.post(&format!("{path}/query"), &body).await;
        assert_eq!(checked.status, asked.status, "{filter}");
        (checked, asked)
    };
    let (_, asked) = ask("age = 'old'", None).await;
    assert_eq!(asked.is(200).json()["total_rows"], 1);
    let (_, asked) = ask("age > 35", Some(1)).await;
    assert_eq!(asked.is(200).json()["total_rows"], 2);
    ask("age > 35", None).await.0.is(422);
    ask("age = 'old'", Some(1)).await.0.is(422);
    ask("age = 'old'", Some(9)).await.0.is(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_a_filter_gives_its_one_form_and_its_list_where_there_is_one() {
    let admin = Client::admin(Server::shared()).await;
    let path = table(&admin).await;
    let read = async |filter: &str| {
        let body = json!({ "filter": filter });
        admin
            .post(&format!("{path}/filter"), &body)
            .await
            .is(200)
            .json()
    };
    let listed = read("30<age AND condition  in ('treated')").await;
    assert_eq!(listed["filter"], r#"age > 30 and condition in ("treated")"#);
    assert_eq!(
        (&listed["columns"], &listed["conditions"]),
        (&json!(["age", "condition"]), &json!(2))
    );
    assert_eq!(listed["version"], 1);
    assert_eq!(
        listed["filters"],
        json!([{ "column": "age", "op": "gt", "value": 30 }, { "column": "condition", "op": "in", "values": ["treated"] }])
    );
    assert_eq!(read("age > 30 or age < 3").await["filters"], Value::Null);
}
