//! Tokens that people make for their programs: on every route at once they open what their scope
//! leaves of their person's rights, and nothing more.

use crate::client::Client;
use crate::server::{PASSWORD, Server};
use serde_json::{Value, json};

const TOKENS: &str = "/api/v1/auth/tokens";

fn wanted(scope: &str, project: Option<&str>) -> Value {
    json!({ "name": "nightly", "scope": scope, "project": project, "expires_in_days": 30, "current_password": PASSWORD })
}

/// A program with a new token of somebody, and the token's id.
pub(crate) async fn program(
    person: &Client,
    scope: &str,
    project: Option<&str>,
) -> (Client, String) {
    let made = person.post(TOKENS, &wanted(scope, project)).await.is(201);
    let made = made.json();
    let id = made["id"].as_str().unwrap().to_owned();
    (person.with_token(made["token"].as_str()), id)
}

fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_listed_without_itself_and_revoked_at_once() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, user) = admin.person(server, "tokens", "user").await;
    let made = person
        .post(TOKENS, &wanted("read", None))
        .await
        .is(201)
        .json();
    let secret = made["token"].as_str().unwrap().to_owned();
    let listed = person.get(TOKENS).await.is(200);
    assert!(!listed.text().contains(&secret) && !listed.text().contains("sha256"));
    let listed = &listed.json()["items"][0];
    assert_eq!(
        (
            &listed["id"],
            &listed["name"],
            &listed["scope"],
            &listed["last_used_at"]
        ),
        (&made["id"], &json!("nightly"), &json!("read"), &Value::Null)
    );
    let program = person.with_token(Some(&secret));
    let me = program.get("/api/v1/auth/me").await.is(200).json();
    assert_eq!(me["id"], json!(user));
    // What a page would offer is what the token may, not what its person may.
    assert_eq!(
        me["permissions"],
        json!({ "create_project": false, "admin": false })
    );
    let used = person.get(TOKENS).await.is(200).json();
    assert!(
        used["items"][0]["last_used_at"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    assert_eq!(used["items"][0]["last_used_from"], "127.0.0.1");
    // A browser cannot carry it, and signing out with it ends nothing.
    let mut cookie = person.with_token(None);
    cookie.cookies = vec![format!("depictio_access={secret}")];
    cookie.get("/api/v1/auth/me").await.is(401);
    program
        .post("/api/v1/auth/logout", &json!({}))
        .await
        .is(204);
    program.get("/api/v1/auth/me").await.is(200);
    person.get("/api/v1/auth/me").await.is(200);

    let path = format!("{TOKENS}/{}", made["id"].as_str().unwrap());
    admin.delete(&path).await.is(404);
    program.delete(&path).await.is(403);
    person.delete(&path).await.is(204);
    program.get("/api/v1/auth/me").await.is(401);
    person.delete(&path).await.is(404);
    let events = admin
        .get(&format!(
            "/api/v1/audit/events?type=token.create&actor={user}"
        ))
        .await
        .is(200);
    assert!(
        !events.text().contains(&secret) && events.json()["items"].as_array().unwrap().len() == 2
    );
    let acted = admin
        .get(&format!(
            "/api/v1/audit/events?type=account.read&actor={user}"
        ))
        .await;
    assert!(
        acted
            .text()
            .contains(&format!("\"token\":\"{}\"", made["id"].as_str().unwrap()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_lowers_what_its_person_may_and_never_raises_it() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (owner, _) = admin.person(server, "scopes", "user").await;
    let project = owner.project("Scoped").await;
    let (table, _) = owner.collection(&project, "Table", "a\n1\n").await;
    let rename = json!({ "name": "Renamed" });
    let board = json!({ "title": "Board" });
    let boards = format!("{project}/dashboards");
    for (scope, query, make, manage) in [
        ("read", 200, 403, 403),
        ("edit", 200, 201, 403),
        ("admin", 200, 201, 200),
    ] {
        let (token, _) = program(&owner, scope, None).await;
        token
            .post(&format!("{table}/query"), &json!({}))
            .await
            .is(query);
        let made = token.post(&boards, &board).await.is(make);
        if make == 403 {
            assert_eq!(made.code(), "token_scope");
        }
        token.patch(&project, &rename).await.is(manage);
        let role = token.get(&project).await.is(200).json()["role"].clone();
        let role_max = match scope {
            "read" => "viewer",
            "edit" => "editor",
            _ => "owner",
        };
        assert_eq!(role, json!(role_max), "{scope}");
        // Neither a token nor a password comes of a token, whatever its scope.
        let refused = token.post(TOKENS, &wanted("read", None)).await.is(403);
        assert_eq!(refused.code(), "token_scope");
        let change =
            json!({ "current_password": PASSWORD, "new_password": "another-battery-staple-52" });
        token.put("/api/v1/auth/password", &change).await.is(403);
        // An owner's token of the widest scope is no admin's.
        token.get("/api/v1/users").await.is(403);
    }
    // The scope of an admin's token holds for what an admin may, too.
    let (reading, _) = program(&admin, "read", None).await;
    reading.get(&project).await.is(200);
    reading.patch(&project, &rename).await.is(403);
    for path in ["/api/v1/users", "/api/v1/settings", "/api/v1/audit/events"] {
        assert_eq!(
            reading.get(path).await.is(403).code(),
            "token_scope",
            "{path}"
        );
        admin.get(path).await.is(200);
    }
    let (whole, _) = program(&admin, "admin", None).await;
    whole.get("/api/v1/users").await.is(200);
    // What the person loses, the token loses with the same request.
    let (viewer, id) = admin.person(server, "loses", "user").await;
    let grant = format!("{project}/members/users/{id}");
    owner
        .put(&grant, &json!({ "role": "editor" }))
        .await
        .is(200);
    let (token, _) = program(&viewer, "admin", None).await;
    token.post(&boards, &board).await.is(201);
    owner
        .put(&grant, &json!({ "role": "viewer" }))
        .await
        .is(200);
    token.post(&boards, &board).await.is(403);
    owner.delete(&grant).await.is(204);
    token.get(&project).await.is(404);
    admin
        .patch(&format!("/api/v1/users/{id}"), &json!({ "disabled": true }))
        .await
        .is(200);
    token.get("/api/v1/auth/me").await.is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_one_project_sees_no_other() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (owner, _) = admin.person(server, "bound", "user").await;
    let (here, there) = (owner.project("Here").await, owner.project("There").await);
    let (table, id) = owner.collection(&there, "Table", "a\n1\n").await;
    for person in [&owner, &admin] {
        let (token, _) = program(person, "admin", Some(id_of(&here))).await;
        token.get(&here).await.is(200);
        let hidden = token.get(&there).await.is(404);
        let absent = token
            .get(&format!("/api/v1/projects/prj_{}", "0".repeat(32)))
            .await;
        let bytes = |answer: &crate::client::Answer| {
            let mut json = answer.json();
            json["request_id"] = Value::Null;
            json
        };
        assert_eq!(bytes(&hidden), bytes(&absent.is(404)));
        token
            .post(&format!("{table}/query"), &json!({}))
            .await
            .is(404);
        token.get(&format!("{here}/collections/{id}")).await.is(404);
        token.patch(&there, &json!({ "name": "X" })).await.is(404);
        let listed = token.get("/api/v1/projects").await.is(200).json();
        let listed: Vec<&str> = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|project| project["id"].as_str().unwrap())
            .collect();
        assert_eq!(listed, [id_of(&here)]);
        for path in [
            "/api/v1/users",
            "/api/v1/directory?q=a",
            "/api/v1/groups",
            "/api/v1/status",
        ] {
            token.get(path).await.is(403);
        }
        token
            .post("/api/v1/projects", &json!({ "name": "New" }))
            .await
            .is(403);
        token.get("/api/v1/auth/me").await.is(200);
    }
    // For a project that one does not see there is no token, and it is as if it were not there.
    let (other, _) = admin.person(server, "other", "user").await;
    for project in [id_of(&here).to_owned(), format!("prj_{}", "0".repeat(32))] {
        let refused = other
            .post(TOKENS, &wanted("read", Some(&project)))
            .await
            .is(422);
        assert_eq!(
            refused.json()["errors"][0],
            json!({ "pointer": "/project", "message": "you see no such project" })
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_not_made_from_what_is_wrong() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, _) = admin.person(server, "wrong", "user").await;
    let good = wanted("read", None);
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (body, pointer) in [
        (with("scope", json!("owner")), "/scope"),
        (with("scope", json!(["admin"])), "/scope"),
        (with("expires_in_days", json!(0)), "/expires_in_days"),
        (with("expires_in_days", json!(366)), "/expires_in_days"),
        (with("expires_in_days", json!(-1)), "/expires_in_days"),
        (with("expires_in_days", json!("30")), "/expires_in_days"),
        (with("name", json!("")), "/name"),
        (with("name", json!("a\u{202E}b")), "/name"),
        (with("name", json!("x".repeat(201))), "/name"),
        (with("project", json!("*")), "/project"),
        (with("project", json!(["prj_0"])), "/project"),
        (
            with("current_password", json!("wrong")),
            "/current_password",
        ),
        (with("user", json!("usr_0")), "/user"),
        (with("token", json!("dpt_mine")), "/token"),
    ] {
        let refused = person.post(TOKENS, &body).await.is(422);
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{body}");
    }
    let mut short = good.clone();
    short.as_object_mut().unwrap().remove("expires_in_days");
    person.post(TOKENS, &short).await.is(422);
    assert_eq!(person.get(TOKENS).await.is(200).json()["items"], json!([]));
    person.post(TOKENS, &good).await.is(201);
}
