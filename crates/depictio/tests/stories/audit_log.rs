//! What has happened is in the log, for the admin's page and for the operator.

use crate::client::Client;
use crate::raw;
use crate::server::{ADMIN, PASSWORD, Server, program};
use serde_json::{Value, json};
use std::time::Duration;

/// Events of a query string, newest first.
async fn events(admin: &Client, query: &str) -> Vec<Value> {
    // Reads are written within 50 ms.
    tokio::time::sleep(Duration::from_millis(150)).await;
    let path = format!("/api/v1/audit/events?limit=200&{query}");
    admin.get(&path).await.is(200).json()["items"]
        .as_array()
        .unwrap()
        .clone()
}

/// The program with arguments on a server's directory: whether it succeeded, and what it printed.
pub(crate) fn command(server: &Server, arguments: &[&str]) -> (bool, String, String) {
    let done = program(server.dir.path()).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        done.status.success(),
        text(&done.stdout),
        text(&done.stderr),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_story_is_in_the_log_in_every_part() {
    let server = Server::start(false, &[]);
    let anyone = Client::anyone(&server);
    let wrong = json!({ "email": ADMIN, "password": "planted-wrong-password" });
    anyone.post("/api/v1/auth/login", &wrong).await.is(401);
    let admin = Client::admin(&server).await;
    let pair = json!({ "grant_type": "password", "email": ADMIN, "password": PASSWORD });
    let pair = anyone
        .post("/api/v1/auth/token", &pair)
        .await
        .is(200)
        .json();
    let old = json!({ "refresh_token": pair["refresh_token"] });
    let pair = anyone
        .post("/api/v1/auth/refresh", &old)
        .await
        .is(200)
        .json();
    let out = json!({ "refresh_token": pair["refresh_token"] });
    anyone.post("/api/v1/auth/logout", &out).await.is(204);
    let (viewer, user) = admin.person(&server, "viewer", "user").await;
    let project = admin.project("Story").await;
    let id = project.rsplit('/').next().unwrap().to_owned();
    let grant = format!("{project}/members/users/{user}");
    viewer.get(&project).await.is(404);
    admin
        .put(&grant, &json!({ "role": "viewer" }))
        .await
        .is(200);
    let (table, collection) = admin
        .collection(&project, "Table", "a\nplanted-cell\n")
        .await;
    let tabs = json!([{ "id": "t", "title": "T", "components": [{ "id": "c", "layout":
        { "x": 0, "y": 0, "w": 1, "h": 1 }, "content": { "kind": "card", "collection": collection, "aggregate": "count" } }] }]);
    let board = json!({ "title": "Board", "tabs": tabs });
    let board = admin
        .post(&format!("{project}/dashboards"), &board)
        .await
        .is(201)
        .json();
    let path = format!("{project}/dashboards/{}", board["id"].as_str().unwrap());
    admin.put_over(&path, "\"1\"", &board).await.is(200);
    viewer
        .post(&format!("{path}/render"), &json!({}))
        .await
        .is(200);
    let filter = json!({ "filters": [{ "column": "a", "op": "eq", "value": "planted-value" }] });
    viewer
        .post(&format!("{table}/query"), &filter)
        .await
        .is(200);
    viewer.put_over(&path, "\"2\"", &board).await.is(403);
    viewer.get("/api/v1/users").await.is(403);
    admin
        .patch("/api/v1/settings", &json!({ "public_projects": true }))
        .await
        .is(200);

    for (what, outcome) in [
        ("auth.login", "denied"),
        ("auth.login", "done"),
        ("auth.refresh", "done"),
        ("auth.logout", "done"),
        ("dashboard.view", "allowed"),
        ("data.query", "allowed"),
        ("dashboard.create", "done"),
        ("dashboard.edit", "allowed"),
        ("dashboard.edit", "done"),
        ("dashboard.edit", "denied"),
        ("project.create", "done"),
        ("project.members", "done"),
        ("project.view", "denied"),
        ("collection.create", "done"),
        ("collection.write", "done"),
        ("users.manage", "done"),
        ("users.list", "denied"),
        ("settings.manage", "done"),
        ("server.start", "done"),
    ] {
        let found = events(&admin, &format!("type={what}")).await;
        assert!(found.iter().all(|event| event["type"] == what));
        assert!(
            found.iter().any(|event| event["outcome"] == outcome),
            "{what} {outcome}: {found:#?}"
        );
    }
    let denied = events(&admin, &format!("type=dashboard.edit&actor={user}")).await;
    assert_eq!(denied.len(), 1, "{denied:?}");
    assert_eq!(
        (&denied[0]["outcome"], &denied[0]["project"]),
        (&json!("denied"), &json!(id))
    );
    assert_eq!(denied[0]["because"]["reason"], "role");
    assert_eq!(denied[0]["because"]["role"], "viewer");
    assert!(denied[0]["address"].is_string() && denied[0]["request_id"].is_string());
    let hidden = events(&admin, &format!("type=project.view&actor={user}")).await;
    assert!(
        hidden
            .iter()
            .any(|event| event["because"]["reason"] == "no_grant"),
        "{hidden:?}"
    );
    let start = &events(&admin, "type=server.start").await[0];
    assert_eq!(
        start["details"]["values"]["AUDIT_LOG_ENABLED"], "true",
        "{start}"
    );
    let all = events(&admin, "").await;
    let whole = serde_json::to_string(&all).unwrap();
    for secret in [
        PASSWORD,
        "planted",
        admin.token(),
        pair["refresh_token"].as_str().unwrap(),
    ] {
        assert!(!whole.contains(secret), "the log holds {secret}");
    }
    let here = events(&admin, &format!("project={id}")).await;
    assert!(here.len() > 8 && here.iter().all(|event| event["project"] == id.as_str()));
    let done = all
        .iter()
        .find(|event| event["type"] == "dashboard.edit" && event["outcome"] == "done")
        .unwrap();
    let intent = all
        .iter()
        .find(|event| event["id"] == done["intent"])
        .unwrap();
    assert_eq!(intent["outcome"], "allowed");
    assert!(
        intent["seq"].as_u64() < done["seq"].as_u64(),
        "the intent comes before the act"
    );
    viewer.get("/api/v1/audit/events").await.is(403);
    admin.get("/api/v1/audit/events?type=no.such").await.is(422);
    admin
        .get("/api/v1/audit/events?surely=unknown")
        .await
        .is(422);
    let last = all[0]["at"].as_str().unwrap().replace('+', "%2B");
    assert!(
        events(&admin, &format!("from={last}&type=server.start"))
            .await
            .is_empty()
    );
    assert_eq!(
        events(&admin, &format!("to={last}&type=server.start"))
            .await
            .len(),
        1
    );

    // The operator sees the same through the running server.
    let (fine, printed, _) = command(
        &server,
        &["audit", "list", "--type", "auth.login", "--json"],
    );
    let lines: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let over_http = events(&admin, "type=auth.login").await;
    assert!(fine && lines.len() == over_http.len(), "{printed}");
    assert_eq!(lines[0]["id"], over_http[0]["id"]);
    let (fine, printed, _) = command(&server, &["audit", "list"]);
    assert!(fine && printed.contains("settings.manage") && printed.lines().count() <= 50);
    let (fine, printed, _) = command(&server, &["audit", "export"]);
    let seqs: Vec<u64> = printed
        .lines()
        .map(|l| {
            serde_json::from_str::<Value>(l).unwrap()["seq"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert!(
        fine && seqs[0] == 1 && seqs.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{seqs:?}"
    );
    let (fine, printed, _) = command(&server, &["audit", "verify"]);
    let told: Value = serde_json::from_str(&printed).unwrap();
    assert!(
        fine && told["events"].as_u64().unwrap() >= *seqs.last().unwrap(),
        "{printed}"
    );
    let point = admin.get("/api/v1/audit/checkpoint").await.is(200).json();
    assert_eq!(point["hash"].as_str().unwrap().len(), 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_log_hold_each_event_once() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    for n in 0..6 {
        admin.project(&format!("Project {n}")).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/audit/events?type=project.create&limit=5{cursor}");
        let page = admin.get(&path).await.is(200).json();
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["seq"].as_u64().unwrap()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(
        seen.len(),
        12,
        "an intent and an outcome for each of six: {seen:?}"
    );
    assert!(
        seen.windows(2).all(|pair| pair[1] < pair[0]),
        "newest first: {seen:?}"
    );
    admin.get("/api/v1/audit/events?limit=0").await.is(422);
    admin.get("/api/v1/audit/events?limit=201").await.is(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_the_log_off_is_the_last_thing_in_it() {
    let server = Server::start(false, &[("AUDIT_LOG_ENABLED", "false")]);
    let admin = Client::admin(&server).await;
    admin.project("Unseen").await;
    let all = events(&admin, "").await;
    assert!(
        all.iter().any(|event| event["type"] == "audit.off"),
        "{all:?}"
    );
    assert!(
        all.iter().all(|event| event["type"] != "project.create"),
        "{all:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn code_runs_are_in_the_log_by_digest_and_end() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let project = admin.project("Code in the log").await;
    let id = project.rsplit('/').next().unwrap();
    let (_, collection) = admin.collection(&project, "Table", "n\n1\n").await;
    let preview = format!("{project}/figures/preview");
    let good = "import plotly.express as px\nfig = px.bar(df, x='n', y='n', title='planted-code')";
    admin
        .post(&preview, &json!({ "collection": collection, "code": good }))
        .await
        .is(200);
    admin
        .post(
            &preview,
            &json!({ "collection": collection, "code": "x = 1 / 0" }),
        )
        .await
        .is(422);
    let found = events(&admin, &format!("type=code.run&project={id}")).await;
    let ends: Vec<_> = found
        .iter()
        .map(|event| event["details"]["ended"].as_str().unwrap())
        .collect();
    assert_eq!(ends, ["failed", "done"], "{found:?}");
    assert_eq!(found[0]["details"]["sha256"].as_str().unwrap().len(), 64);
    assert!(!serde_json::to_string(&found).unwrap().contains("planted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_of_the_log_is_found() {
    let server = Server::start(false, &[]);
    Client::admin(&server).await.project("Whole").await;
    let dir = server.stop();
    let verify = || {
        program(dir.path())
            .args(["audit", "verify"])
            .output()
            .unwrap()
    };
    assert!(verify().status.success());
    let journal = raw::files(&dir.path().join("data"))
        .into_iter()
        .find(|path| {
            path.file_name().is_some_and(|name| {
                name.to_string_lossy().contains("audit") && name.to_string_lossy().ends_with(".db")
            })
        });
    let path = journal.expect("the log is a file of its own");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let done = verify();
    assert_eq!(
        done.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&done.stdout)
    );
}
