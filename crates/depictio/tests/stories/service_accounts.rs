//! Accounts of programs: each belongs to a project, may there what its role allows, and nothing else
//! anywhere.

use crate::client::Client;
use crate::server::{PASSWORD, Server};
use serde_json::{Value, json};

fn wanted(name: &str, role: &str) -> Value {
    json!({ "name": name, "role": role, "expires_in_days": 30, "current_password": PASSWORD })
}

/// A program with a new account in a project, and the account as it was answered.
async fn program(owner: &Client, project: &str, role: &str) -> (Client, Value) {
    let path = format!("{project}/service-accounts");
    let made = owner.post(&path, &wanted(role, role)).await.is(201).json();
    (owner.with_token(made["token"].as_str()), made)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_works_in_its_project_by_its_role_and_sees_nothing_else() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (owner, _) = admin.person(server, "service-owner", "user").await;
    let project = owner.project("Sequencer").await;
    let other = owner.project("Other").await;
    let (collection, _) = owner.collection(&project, "Runs", "a,b\n1,x\n").await;
    let (editor, made) = program(&owner, &project, "editor").await;
    let (viewer, _) = program(&owner, &project, "viewer").await;

    let listed = editor.get("/api/v1/projects").await.is(200).json();
    let ids: Vec<_> = listed["items"].as_array().unwrap().iter().collect();
    assert_eq!((ids.len(), &ids[0]["role"]), (1, &json!("editor")));
    assert!(project.ends_with(ids[0]["id"].as_str().unwrap()));

    let uploads = format!("{collection}/uploads?mode=append");
    let rows = [("more.csv", b"a,b\n2,y\n".as_slice())];
    viewer.upload(&uploads, &rows).await.is(403);
    editor.upload(&uploads, &rows).await.is(201);
    for program in [&viewer, &editor] {
        let query = program
            .post(&format!("{collection}/query"), &json!({}))
            .await;
        assert_eq!(query.is(200).json()["rows"].as_array().unwrap().len(), 2);
        let why = program
            .get(&format!("{project}/access"))
            .await
            .is(200)
            .json();
        assert_eq!(why["grants"][0]["via"], "service");
        // Neither the other project of its owner, nor the installation, nor people's own things.
        program.get(&other).await.is(404);
        program.get("/api/v1/directory?q=a").await.is(403);
        program
            .post("/api/v1/projects", &json!({ "name": "Own" }))
            .await
            .is(403);
        program.get("/api/v1/users").await.is(403);
        let me = program.get("/api/v1/auth/me").await.is(403);
        assert_eq!(me.code(), "service_account");
        // It makes no way in that outlives it.
        let path = format!("{project}/service-accounts");
        program.get(&path).await.is(403);
        program.post(&path, &wanted("more", "viewer")).await.is(403);
        program.delete(&project).await.is(403);
    }
    // What it did is told under its name.
    let versions = owner
        .get(&format!("{collection}/versions"))
        .await
        .is(200)
        .json();
    let by = &versions["items"][0]["created_by"];
    assert_eq!((&by["id"], &by["name"]), (&made["id"], &json!("editor")));
    let events = admin
        .get("/api/v1/audit/events?type=collection.write&limit=200")
        .await;
    let events = events.is(200).json();
    let mut actors = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["actor"]);
    assert!(actors.any(|actor| actor["kind"] == "service" && actor["service"] == made["id"]));
    // A browser cannot carry the token.
    let mut cookie = editor.with_token(None);
    cookie.cookies = vec![format!("depictio_access={}", editor.token())];
    cookie.get(&project).await.is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_makes_renews_and_ends_accounts_and_their_tokens_end_at_once() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (owner, owner_id) = admin.person(server, "service-maker", "user").await;
    let (editor, editor_id) = admin.person(server, "service-editor", "user").await;
    let project = owner.project("Kept").await;
    let member = format!("{project}/members/users/{editor_id}");
    owner
        .put(&member, &json!({ "role": "editor" }))
        .await
        .is(200);
    let path = format!("{project}/service-accounts");
    editor.get(&path).await.is(403);
    editor.post(&path, &wanted("own", "viewer")).await.is(403);

    let (program, made) = program(&owner, &project, "editor").await;
    program.get(&project).await.is(200);
    let listed = owner.get(&path).await.is(200);
    assert!(!listed.text().contains(program.token()) && !listed.text().contains("sha256"));
    let kept = &listed.json()["items"][0];
    assert_eq!(
        (&kept["id"], &kept["created_by"]["id"]),
        (&made["id"], &json!(owner_id))
    );
    assert_eq!(kept["last_used_from"], "127.0.0.1");
    let again = owner.post(&path, &wanted("EDITOR", "viewer")).await.is(409);
    assert_eq!(again.code(), "name_taken");

    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let life = json!({ "expires_in_days": 1, "current_password": PASSWORD });
    let renewed = owner
        .post(&format!("{one}/token"), &life)
        .await
        .is(201)
        .json();
    program.get(&project).await.is(401);
    let program = owner.with_token(renewed["token"].as_str());
    program.get(&project).await.is(200);
    // It belongs to the project: whoever made it may go.
    owner
        .put(&member, &json!({ "role": "owner" }))
        .await
        .is(200);
    let maker = format!("{project}/members/users/{owner_id}");
    editor.delete(&maker).await.is(204);
    program.get(&project).await.is(200);
    editor.delete(&one).await.is(204);
    program.get(&project).await.is(401);
    editor.delete(&one).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_not_made_from_what_is_wrong_nor_reached_through_another_project() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (owner, _) = admin.person(server, "service-wrong", "user").await;
    let (stranger, _) = admin.person(server, "service-stranger", "user").await;
    let project = owner.project("Wrong").await;
    let path = format!("{project}/service-accounts");
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("a\nb")),
        ("role", json!("owner")),
        ("role", json!("admin")),
        ("expires_in_days", json!(0)),
        ("expires_in_days", json!(366)),
        ("current_password", json!("not the password")),
    ] {
        let mut body = wanted("nightly", "viewer");
        body[field] = value.clone();
        let refused = owner.post(&path, &body).await.is(422).json();
        assert_eq!(
            refused["errors"][0]["pointer"],
            format!("/{field}"),
            "{value}"
        );
    }
    assert_eq!(owner.get(&path).await.is(200).json()["items"], json!([]));
    let (_, made) = program(&owner, &project, "viewer").await;
    let id = made["id"].as_str().unwrap();
    let theirs = stranger.project("Theirs").await;
    let through = format!("{theirs}/service-accounts/{id}");
    stranger.delete(&through).await.is(404);
    let life = json!({ "expires_in_days": 1, "current_password": PASSWORD });
    stranger
        .post(&format!("{through}/token"), &life)
        .await
        .is(404);
    stranger.delete(&format!("{path}/{id}")).await.is(404);
    owner.delete(&format!("{path}/{id}")).await.is(204);
    // A token that nobody has opens nothing, and a person's is none of a program's.
    let guess = format!("dps_{}", "A".repeat(43));
    owner.with_token(Some(&guess)).get(&project).await.is(401);
}
