//! What is known of a run afterwards, and whose code it was.

use crate::code_desk::Desk;
use crate::server::{Server, program};
use serde_json::{Value, json};
use std::collections::HashMap;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_recorded_with_its_code_data_limits_and_end() {
    let desk = Desk::new().await;
    let code = "fig = px.bar(df[df['n'] > 1], x='n', title='planted-title')";
    let filters = json!([{ "column": "kind", "op": "eq", "value": "b" }]);
    let body = json!({ "collection": desk.collection, "code": code, "filters": filters });
    let path = format!("{}/figures/preview", desk.project);
    let first = desk.admin.post(&path, &body).await.is(200).json();
    assert_eq!(first["cached"], false);
    let runs = desk.runs().await;
    let [run] = runs.as_slice() else {
        panic!("{runs:?}");
    };
    let me = desk.admin.get("/api/v1/auth/me").await.is(200).json();
    assert_eq!(run["actor"]["id"], me["id"], "{run}");
    assert_eq!(run["project"], desk.id());
    assert_eq!(
        run["target"],
        json!({ "kind": "collection", "id": desk.collection })
    );
    let known = &run["details"];
    assert_eq!(known["ended"], "done");
    assert_eq!((&known["version"], &known["rows"]), (&json!(1), &json!(2)));
    for digest in ["sha256", "guard"] {
        let text = known[digest].as_str().unwrap();
        assert!(
            text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()),
            "{known}"
        );
    }
    assert_eq!(known["limits"]["code_wall_ms_max"], 10_000);
    assert_eq!(known["limits"]["code_memory_extra_bytes_max"], 1 << 30);
    assert!(known["duration_ms"].as_u64().unwrap() > 0);
    assert!(
        !run.to_string().contains("planted"),
        "the digest names the code, the log does not keep it"
    );

    // What is remembered runs nothing; it is the query it is.
    let again = desk.admin.post(&path, &body).await.is(200).json();
    assert_eq!(
        (&again["cached"], &again["figure"]),
        (&json!(true), &first["figure"])
    );
    assert_eq!(desk.runs().await.len(), 1);
    let asked = desk.events("figure.preview").await;
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(
        asked.iter().all(|event| event["details"]["rows"] == 2),
        "{asked:?}"
    );

    // A new version, other filters or other code is another run, and says so.
    let upload = format!(
        "{}/collections/{}/uploads?mode=append",
        desk.project, desk.collection
    );
    desk.admin
        .upload(&upload, &[("more.csv", b"n,kind,day\n9,b,2024-02-01\n")])
        .await
        .is(201);
    let newer = desk.admin.post(&path, &body).await.is(200).json();
    assert_eq!(
        (&newer["cached"], &newer["version"]),
        (&json!(false), &json!(2))
    );
    let newest = &desk.runs().await[0]["details"];
    assert_eq!(
        (&newest["version"], &newest["rows"], &newest["sha256"]),
        (&json!(2), &json!(3), &known["sha256"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_of_an_unchanged_dashboard_run_nothing_and_whoever_lost_access_gets_nothing() {
    let server = Server::shared();
    let desk = Desk::new().await;
    let board = desk
        .board("print('seen')\nfig = px.bar(df, x='n', y='n')")
        .await;
    let render = format!("{board}/render");
    let (ann, ann_id) = desk.admin.person(server, "ann", "user").await;
    let (ben, ben_id) = desk.admin.person(server, "ben", "user").await;
    let grant = |id: &str| format!("{}/members/users/{id}", desk.project);
    for id in [&ann_id, &ben_id] {
        desk.admin
            .put(&grant(id), &json!({ "role": "viewer" }))
            .await
            .is(200);
    }
    // Both at once: one run, by whoever was first.
    let empty = json!({});
    let (one, two) = tokio::join!(ann.post(&render, &empty), ben.post(&render, &empty));
    let (one, two) = (one.is(200).lines(), two.is(200).lines());
    assert_eq!(one[0]["status"], "ok", "{one:?}");
    assert_eq!(one[0]["result"], two[0]["result"]);
    let third = desk.admin.post(&render, &empty).await.is(200).lines();
    assert_eq!(third[0]["cached"], true);
    let runs = desk.runs().await;
    assert_eq!(runs.len(), 1, "{runs:?}");
    let who = runs[0]["actor"]["id"].as_str().unwrap();
    assert!(
        [ann_id.as_str(), ben_id.as_str()].contains(&who),
        "the viewer's own permission: {runs:?}"
    );
    assert!(
        !one[0].to_string().contains("px.bar"),
        "a viewer does not read the code"
    );

    // The grant goes: nothing, though the result is remembered.
    desk.admin.delete(&grant(&ann_id)).await.is(204);
    let hidden = ann.post(&render, &empty).await.is(404);
    assert!(!hidden.text().contains("figure"));
    assert_eq!(
        ben.post(&render, &empty).await.is(200).lines()[0]["cached"],
        true
    );
    // The table goes: nothing for anyone.
    let table = format!("{}/collections/{}", desk.project, desk.collection);
    desk.admin.delete(&table).await.is(204);
    let without = ben.post(&render, &empty).await.is(200).lines();
    assert_eq!(
        without[0]["problem"]["code"], "collection_not_found",
        "{without:?}"
    );
    // Filters of one's own run the stored code on fewer rows, under one's own name.
    assert_eq!(desk.runs().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewers_own_filters_run_the_stored_code_under_the_viewers_name() {
    let desk = Desk::new().await;
    let board = desk
        .board("print(len(df))\nfig = px.bar(df, x='n', y='n')")
        .await;
    let (ann, id) = desk.admin.person(Server::shared(), "ann", "user").await;
    let grant = format!("{}/members/users/{id}", desk.project);
    desk.admin
        .put(&grant, &json!({ "role": "viewer" }))
        .await
        .is(200);
    let filters = json!({ "filters": [{ "column": "kind", "op": "eq", "value": "a" }] });
    let shown = ann
        .post(&format!("{board}/render"), &filters)
        .await
        .is(200)
        .lines();
    assert_eq!(shown[0]["result"]["stdout"], "1\n", "{shown:?}");
    let runs = desk.runs().await;
    assert_eq!(
        (&runs[0]["actor"]["id"], &runs[0]["details"]["rows"]),
        (&json!(id), &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_every_saved_figure_is_in_the_history_with_its_author() {
    let server = Server::shared();
    let desk = Desk::new().await;
    let board = desk.board("fig = px.bar(df, x='n')").await;
    let (ann, id) = desk.admin.person(server, "ann", "user").await;
    let grant = format!("{}/members/users/{id}", desk.project);
    desk.admin
        .put(&grant, &json!({ "role": "editor" }))
        .await
        .is(200);
    let mut document = ann.get(&board).await.is(200).json();
    document["tabs"] = json!([desk.tab("fig = px.line(df, x='n')")]);
    ann.put_over(&board, "\"1\"", &document).await.is(200);
    let me = desk.admin.get("/api/v1/auth/me").await.is(200).json();
    let code = |revision: &Value| revision["tabs"][0]["components"][0]["content"]["code"].clone();
    let mut authors = HashMap::new();
    for number in [1, 2] {
        let revision = desk
            .admin
            .get(&format!("{board}/revisions/{number}"))
            .await
            .is(200)
            .json();
        authors.insert(
            number,
            (code(&revision), revision["updated_by"]["id"].clone()),
        );
    }
    assert_eq!(
        authors[&1],
        (json!("fig = px.bar(df, x='n')"), me["id"].clone())
    );
    assert_eq!(authors[&2], (json!("fig = px.line(df, x='n')"), json!(id)));
    let listed = desk
        .admin
        .get(&format!("{board}/revisions"))
        .await
        .is(200)
        .json();
    let by: Vec<&Value> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["created_by"]["id"])
        .collect();
    assert_eq!(by, [&json!(id), &me["id"]], "{listed}");
    // Who may not read code reads none of the history's either.
    desk.admin
        .put(&grant, &json!({ "role": "viewer" }))
        .await
        .is(200);
    let revision = ann
        .get(&format!("{board}/revisions/1"))
        .await
        .is(200)
        .json();
    assert_eq!(code(&revision), json!(""), "{revision}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_with_runs_in_it_verifies() {
    let server = Server::start(false, &[]);
    let desk = Desk::on(&server).await;
    desk.preview("fig = go.Figure()", None).await.is(503);
    let runs = desk.runs().await;
    assert_eq!(runs[0]["details"]["ended"], "off", "{runs:?}");
    let dir = server.stop();
    let verified = program(dir.path())
        .args(["audit", "verify"])
        .output()
        .unwrap();
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stderr)
    );
}
