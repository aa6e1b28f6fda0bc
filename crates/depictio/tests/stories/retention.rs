//! Versions that are kept no longer go, and none that somebody relies on.

use crate::client::Client;
use crate::server::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const BRIEF: (&str, &str) = ("DEPICTIO_REMOVED_VERSION_GRACE_SECONDS", "1");

/// Data files below a directory.
fn data_files(at: &Path) -> usize {
    let entries = std::fs::read_dir(at).unwrap().map(Result::unwrap);
    let counts = entries.map(|entry| match entry.file_type().unwrap().is_dir() {
        true => data_files(&entry.path()),
        false => usize::from(entry.file_name().to_string_lossy().starts_with("part-")),
    });
    counts.sum()
}

/// Waits until a number of data files lies in the store.
async fn until_files(server: &Server, wanted: usize) {
    let objects = server.dir.path().join("data/objects");
    for _ in 0..200 {
        if data_files(&objects) == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} data files, not {wanted}", data_files(&objects));
}

/// A new version with one row in place of what was there.
async fn overwrite(admin: &Client, table: &str, row: u64) {
    let csv = format!("n\n{row}\n");
    let path = format!("{table}/uploads?mode=overwrite");
    admin
        .upload(&path, &[("t.csv", csv.as_bytes())])
        .await
        .is(201);
}

async fn kept(admin: &Client, table: &str) -> Vec<u64> {
    let listed = admin.get(&format!("{table}/versions")).await.is(200).json();
    let versions = listed["items"].as_array().unwrap().iter();
    let kept = versions.filter(|version| version["removed"] == false);
    kept.map(|version| version["version"].as_u64().unwrap())
        .collect()
}

/// What a version answers: its only number, or the code of the problem.
async fn asked(admin: &Client, table: &str, version: u64) -> Value {
    let body = json!({ "version": version });
    let answer = admin.post(&format!("{table}/query"), &body).await;
    match answer.status.as_u16() {
        200 => answer.json()["rows"][0]["n"].clone(),
        _ => answer.json()["code"].clone(),
    }
}

fn card(collection: &str, version: u64) -> Value {
    let content = json!({ "kind": "card", "collection": collection, "column": "n", "aggregate": "sum", "version": version });
    let part = json!({ "id": "sum", "title": "Sum", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 }, "content": content });
    json!([{ "id": "tab", "title": "One", "filters": [], "components": [part] }])
}

#[tokio::test(flavor = "multi_thread")]
async fn older_versions_go_but_for_those_that_dashboards_are_pinned_to() {
    let server = Server::start(false, &[BRIEF]);
    let admin = Client::admin(&server).await;
    let project = admin.project("Kept").await;
    let (table, id) = admin.collection(&project, "Table", "n\n1\n").await;
    for row in 2..=5 {
        overwrite(&admin, &table, row).await;
    }
    let boards = format!("{project}/dashboards");
    let draft = json!({ "title": "Pinned", "tabs": card(&id, 2) });
    let board = admin.post(&boards, &draft).await.is(201).json();
    let board_path = format!("{boards}/{}", board["id"].as_str().unwrap());
    // Nobody else sees this one, and it holds its version all the same.
    let narrowing = format!("{board_path}/narrowing");
    admin
        .put(&narrowing, &json!({ "to": "editors" }))
        .await
        .is(200);
    assert_eq!(kept(&admin, &table).await, [5, 4, 3, 2, 1]);
    until_files(&server, 5).await;

    let policy = format!("{table}/retention");
    let bad = admin
        .put(&policy, &json!({ "keep_versions": 0 }))
        .await
        .is(422)
        .json();
    assert_eq!(bad["errors"][0]["pointer"], "/keep_versions");
    let answer = admin
        .put(&policy, &json!({ "keep_versions": 2 }))
        .await
        .is(200)
        .json();
    assert_eq!(
        answer["leaving"],
        json!([{ "from": 1, "to": 1 }, { "from": 3, "to": 3 }])
    );
    assert_eq!(answer["pinned"], json!([2]));
    assert_eq!(admin.get(&table).await.is(200).json()["keep_versions"], 2);
    assert_eq!(kept(&admin, &table).await, [5, 4, 2]);
    until_files(&server, 3).await;

    for (version, expected) in [
        (1, json!("version_removed")),
        (2, json!(2)),
        (3, json!("version_removed")),
        (4, json!(4)),
        (5, json!(5)),
        (6, json!("no_such_version")),
    ] {
        assert_eq!(asked(&admin, &table, version).await, expected, "{version}");
    }
    let restored = admin
        .post(&format!("{table}/restore"), &json!({ "version": 3 }))
        .await;
    assert_eq!(restored.is(422).json()["code"], "version_removed");
    let diff = admin
        .get(&format!("{table}/diff?from=1&to=5"))
        .await
        .is(422)
        .json();
    assert_eq!(diff["code"], "version_removed");
    let export = admin
        .get(&format!("{table}/export?version=1"))
        .await
        .is(422)
        .json();
    assert_eq!(export["code"], "version_removed");
    let shown = admin
        .post(&format!("{board_path}/render"), &json!({}))
        .await
        .is(200);
    assert_eq!(shown.lines()[0]["status"], "ok");

    // Every version from now on pushes one out; what is restored lives on in the newer version.
    admin
        .post(&format!("{table}/restore"), &json!({ "version": 4 }))
        .await
        .is(200);
    overwrite(&admin, &table, 7).await;
    until_files(&server, 3).await;
    assert_eq!(kept(&admin, &table).await, [7, 6, 2]);
    assert_eq!(asked(&admin, &table, 6).await, 4);
    assert_eq!(asked(&admin, &table, 4).await, "version_removed");

    // Once the dashboard lets go of it, version 2 goes with the next one.
    let latest = json!({ "title": "Pinned", "tabs": card(&id, 3) });
    admin.put_over(&board_path, "\"1\"", &latest).await.is(200);
    overwrite(&admin, &table, 8).await;
    until_files(&server, 2).await;
    assert_eq!(kept(&admin, &table).await, [8, 7]);
    let shown = admin
        .post(&format!("{board_path}/render"), &json!({}))
        .await
        .is(200);
    assert_eq!(shown.lines()[0]["problem"]["code"], "version_removed");

    let events = admin
        .get("/api/v1/audit/events?type=collection.retention&limit=100")
        .await;
    let events = events.is(200).json();
    let events = events["items"].as_array().unwrap();
    let by = |kind: &str| {
        events
            .iter()
            .filter(|event| event["actor"]["kind"] == kind)
            .count()
    };
    assert!(by("user") > 0 && by("job") > 0, "{events:?}");
    let removed = events
        .iter()
        .filter(|event| event["details"]["of"] == "versions_removed");
    let files: u64 = removed
        .map(|event| event["details"]["files"].as_u64().unwrap())
        .sum();
    assert_eq!(files, 5, "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_stays_while_it_may_be_read_and_comes_back_when_all_are_kept_again() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let project = admin.project("Grace").await;
    let (table, _) = admin.collection(&project, "Table", "n\n1\n").await;
    overwrite(&admin, &table, 2).await;
    let policy = format!("{table}/retention");
    admin
        .put(&policy, &json!({ "keep_versions": 1 }))
        .await
        .is(200);
    assert_eq!(asked(&admin, &table, 1).await, "version_removed");
    let answer = admin
        .put(&policy, &json!({ "keep_versions": null }))
        .await
        .is(200)
        .json();
    assert_eq!(answer["leaving"], json!([]));
    assert_eq!(asked(&admin, &table, 1).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_owners_say_what_is_kept() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let project = admin.project("Owned").await;
    let (table, _) = admin.collection(&project, "Table", "n\n1\n").await;
    let (editor, id) = admin.person(server, "keeping", "user").await;
    let body = json!({ "keep_versions": 1 });
    let policy = format!("{table}/retention");
    editor.put(&policy, &body).await.is(404);
    let grant = format!("{project}/members/users/{id}");
    admin
        .put(&grant, &json!({ "role": "editor" }))
        .await
        .is(200);
    editor.put(&policy, &body).await.is(403);
    admin.put(&grant, &json!({ "role": "owner" })).await.is(200);
    editor.put(&policy, &body).await.is(200);
}
