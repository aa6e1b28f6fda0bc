//! Links that are good once, and who may make an account.

use crate::client::{Answer, Client};
use crate::personal_tokens::program;
use crate::server::{PASSWORD, Server};
use serde_json::{Value, json};

const NEXT: &str = "another-battery-staple-52";
const RESET: &str = "/api/v1/auth/reset";
const REGISTER: &str = "/api/v1/auth/register";

/// What opens a link that was just made: it stands behind the `#`, and nowhere else in the answer.
fn opens(made: &Answer, page: &str) -> String {
    let path = made.json()["path"].as_str().unwrap().to_owned();
    let (before, token) = path.split_once('#').unwrap();
    assert_eq!(before, page);
    assert!(token.len() >= 43 && made.text().matches(token).count() == 1);
    token.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_makes_a_link_and_its_holder_sets_a_password_once() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, id) = admin.person(server, "forgetful", "user").await;
    let email = person.get("/api/v1/auth/me").await.json()["email"].clone();
    let path = format!("/api/v1/users/{id}/reset-link");
    person.post(&path, &json!({})).await.is(403);
    // A token of an admin, however wide, makes no such link: it would be a password.
    let (token, _) = program(&admin, "admin", None).await;
    assert_eq!(
        token.post(&path, &json!({})).await.is(403).code(),
        "token_scope"
    );
    let nobody = format!("/api/v1/users/usr_{}/reset-link", "0".repeat(32));
    admin.post(&nobody, &json!({})).await.is(404);
    let made = admin.post(&path, &json!({})).await.is(201);
    let link = opens(&made, "/reset");

    let anyone = Client::anyone(server);
    let seen = anyone
        .post("/api/v1/auth/link", &json!({ "token": link }))
        .await
        .is(200);
    assert_eq!(seen.json(), json!({ "purpose": "reset", "email": email }));
    let body = |password: &str| json!({ "token": link, "new_password": password });
    for weak in ["short", "Password123", "Sommer2024!", &"x".repeat(129)] {
        let refused = anyone.post(RESET, &body(weak)).await.is(422);
        assert_eq!(
            refused.json()["errors"][0]["pointer"],
            "/new_password",
            "{weak}"
        );
    }
    for wrong in [
        json!({}),
        json!({ "token": [link], "new_password": NEXT }),
        json!({ "token": link, "new_password": NEXT, "user": id }),
    ] {
        anyone.post(RESET, &wrong).await.is(422);
    }
    let mut evil = anyone.clone();
    evil.headers
        .push(("origin", "https://evil.example".to_owned()));
    assert_eq!(
        evil.post(RESET, &body(NEXT)).await.is(403).code(),
        "cross_site"
    );
    person.get("/api/v1/auth/me").await.is(200);

    anyone.post(RESET, &body(NEXT)).await.is(204);
    person.get("/api/v1/auth/me").await.is(401);
    let email = email.as_str().unwrap();
    Client::sign_in(server, email, NEXT).await;
    let old = json!({ "email": email, "password": PASSWORD });
    anyone.post("/api/v1/auth/login", &old).await.is(401);
    // Used, made up, empty and long: one answer.
    let bytes = |answer: Answer| {
        let mut json = answer.is(410).json();
        json["request_id"] = Value::Null;
        json
    };
    let used = bytes(anyone.post(RESET, &body(PASSWORD)).await);
    assert_eq!(used["code"], "link_not_valid");
    for other in ["", "x", &"x".repeat(5_000), id.as_str()] {
        let body = json!({ "token": other, "new_password": NEXT });
        assert_eq!(bytes(anyone.post(RESET, &body).await), used);
        let body = json!({ "token": other });
        assert_eq!(bytes(anyone.post("/api/v1/auth/link", &body).await), used);
    }
    let events = admin
        .get("/api/v1/audit/events?limit=200")
        .await
        .is(200)
        .text();
    assert!(!events.contains(&link), "what opens a link is in no log");
    for what in ["users.reset_link", "auth.reset"] {
        let done = admin
            .get(&format!("/api/v1/audit/events?type={what}"))
            .await
            .is(200);
        assert!(done.text().contains("\"done\""), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_registration_is_closed_nobody_makes_an_account() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let anyone = Client::anyone(server);
    let mode = anyone.get("/api/v1/auth/registration").await.is(200).json();
    assert_eq!(
        mode,
        json!({ "registration": "closed", "single_user": false })
    );
    let invitation = json!({ "role": "user" });
    let refused = admin.post("/api/v1/invitations", &invitation).await.is(403);
    assert_eq!(refused.code(), "registration_closed");
    let new = json!({ "email": "eve@example.org", "display_name": "Eve", "password": NEXT });
    for body in [new.clone(), {
        let mut with = new.clone();
        with["token"] = json!("x");
        with
    }] {
        assert_eq!(
            anyone.post(REGISTER, &body).await.is(403).code(),
            "registration_closed"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_invitation_one_makes_ones_own_account_once() {
    let server = Server::start(false, &[("DEPICTIO_REGISTRATION", "invite")]);
    let admin = Client::admin(&server).await;
    let anyone = Client::anyone(&server);
    let invite = |body: Value| {
        let admin = admin.clone();
        async move { admin.post("/api/v1/invitations", &body).await }
    };
    for (body, pointer) in [
        (json!({ "role": "owner" }), "/role"),
        (json!({ "role": "user", "email": "no address" }), "/email"),
        (json!({ "role": "user", "days": 9 }), "/days"),
    ] {
        let refused = invite(body).await.is(422);
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
    }
    let named = invite(json!({ "email": "Eve@Example.org", "role": "viewer" }))
        .await
        .is(201);
    let waiting = admin.get("/api/v1/invitations").await.is(200);
    assert!(!waiting.text().contains(&opens(&named, "/invitation")));
    assert_eq!(waiting.json()["items"][0]["email"], "eve@example.org");
    let account = |token: Option<&str>, email: Option<&str>| json!({ "token": token, "email": email, "display_name": "Eve", "password": NEXT });
    let link = opens(&named, "/invitation");
    let without = account(None, Some("eve@example.org"));
    assert_eq!(
        anyone.post(REGISTER, &without).await.is(403).code(),
        "registration_closed"
    );
    let other = account(Some(&link), Some("mallory@example.org"));
    let other = anyone.post(REGISTER, &other).await.is(422);
    assert_eq!(other.json()["errors"][0]["pointer"], "/email");
    let mut raised = account(Some(&link), None);
    raised["role"] = json!("admin");
    anyone.post(REGISTER, &raised).await.is(422);

    let made = anyone
        .post(REGISTER, &account(Some(&link), None))
        .await
        .is(201)
        .json();
    assert_eq!(
        (&made["email"], &made["role"]),
        (&json!("eve@example.org"), &json!("viewer"))
    );
    let eve = Client::sign_in(&server, "eve@example.org", NEXT).await;
    eve.get("/api/v1/invitations").await.is(403);
    eve.post("/api/v1/invitations", &json!({ "role": "admin" }))
        .await
        .is(403);
    let again = anyone.post(REGISTER, &account(Some(&link), None)).await;
    assert_eq!(again.is(410).code(), "link_not_valid");
    // An address that another has does not use the invitation up.
    let open = opens(
        &invite(json!({ "role": "user" })).await.is(201),
        "/invitation",
    );
    let taken = anyone
        .post(REGISTER, &account(Some(&open), Some("eve@example.org")))
        .await;
    assert_eq!(taken.is(409).code(), "email_taken");
    anyone
        .post(REGISTER, &account(Some(&open), Some("bob@example.org")))
        .await
        .is(201);
    let withdrawn = invite(json!({ "role": "admin" })).await.is(201);
    let path = format!(
        "/api/v1/invitations/{}",
        withdrawn.json()["id"].as_str().unwrap()
    );
    admin.delete(&path).await.is(204);
    admin.delete(&path).await.is(404);
    let late = account(
        Some(&opens(&withdrawn, "/invitation")),
        Some("x@example.org"),
    );
    anyone.post(REGISTER, &late).await.is(410);
    assert_eq!(
        admin.get("/api/v1/invitations").await.is(200).json()["items"],
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everybody_may_an_account_is_a_users_and_no_more() {
    let server = Server::start(false, &[("DEPICTIO_REGISTRATION", "open")]);
    let anyone = Client::anyone(&server);
    let body = json!({ "email": "eve@example.org", "display_name": "Eve", "password": NEXT });
    for (name, value) in [
        ("role", json!("admin")),
        ("disabled", json!(false)),
        ("id", json!("usr_1")),
    ] {
        let mut raised = body.clone();
        raised[name] = value;
        anyone.post(REGISTER, &raised).await.is(422);
    }
    let made = anyone.post(REGISTER, &body).await.is(201).json();
    assert_eq!(made["role"], "user");
    assert_eq!(
        anyone.post(REGISTER, &body).await.is(409).code(),
        "email_taken"
    );
    let eve = Client::sign_in(&server, "eve@example.org", NEXT).await;
    eve.get("/api/v1/users").await.is(403);
    eve.post("/api/v1/projects", &json!({ "name": "Own" }))
        .await
        .is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_ends_all_that_somebody_has_open() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, id) = admin.person(server, "ended", "user").await;
    let (token, _) = program(&person, "read", None).await;
    let path = format!("/api/v1/users/{id}/sessions");
    person.delete(&path).await.is(403);
    token.get("/api/v1/auth/me").await.is(200);
    admin.delete(&path).await.is(204);
    person.get("/api/v1/auth/me").await.is(401);
    token.get("/api/v1/auth/me").await.is(401);
    admin.get("/api/v1/auth/me").await.is(200);
    let nobody = format!("/api/v1/users/usr_{}/sessions", "0".repeat(32));
    admin.delete(&nobody).await.is(404);
}
