//! Signing in and out, for browsers and for programs.

use crate::client::{Answer, Client};
use crate::server::{PASSWORD, Server};
use serde_json::{Value, json};

const TOKEN: &str = "/api/v1/auth/token";

/// A new person's e-mail.
async fn email_of(admin: &Client, id: &str) -> String {
    let user = admin.get(&format!("/api/v1/users/{id}")).await.is(200);
    user.json()["email"].as_str().unwrap().to_owned()
}

async fn login(client: &Client, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    client.post("/api/v1/auth/login", &body).await
}

/// A browser that holds the cookies of an answer and says where its requests come from.
fn browser(client: &Client, answer: &Answer) -> Client {
    let mut browser = client.with_token(None);
    let pairs = answer.set_cookies();
    browser.cookies = pairs
        .iter()
        .map(|c| c.split(';').next().unwrap().to_owned())
        .collect();
    browser
}

fn from(client: &Client, header: &'static str, value: &str) -> Client {
    let mut client = client.clone();
    client.headers.push((header, value.to_owned()));
    client
}

fn without_request_id(answer: &Answer) -> Value {
    let mut json = answer.json();
    json["request_id"] = Value::Null;
    json
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_cookies_that_no_script_reads_and_no_other_site_uses() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (_, id) = admin.person(server, "browser", "user").await;
    let email = email_of(&admin, &id).await;
    let anyone = Client::anyone(server);
    let answer = login(&anyone, &email, PASSWORD).await.is(200);
    assert_eq!(answer.json()["user"]["email"], email);
    let cookies = answer.set_cookies();
    assert_eq!(cookies.len(), 2);
    for (cookie, name) in cookies
        .iter()
        .zip(["depictio_access=", "depictio_refresh="])
    {
        assert!(cookie.starts_with(name), "{cookie}");
        assert!(
            cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"),
            "{cookie}"
        );
        let value = cookie.split(['=', ';']).nth(1).unwrap();
        assert!(
            value.len() > 20 && !answer.text().contains(value),
            "a token in the body"
        );
    }
    let page = browser(&anyone, &answer);
    page.get("/api/v1/auth/me").await.is(200);
    let project = json!({ "name": "By cookie" });
    let make = |client: Client| {
        let project = project.clone();
        async move { client.post("/api/v1/projects", &project).await }
    };
    for foreign in [
        page.clone(),
        from(&page, "origin", "https://evil.example"),
        from(&page, "origin", "null"),
        from(
            &page,
            "origin",
            &format!("http://{}.evil.example", server.address),
        ),
        from(&page, "sec-fetch-site", "cross-site"),
        from(&page, "sec-fetch-site", "same-site"),
        from(&page, "sec-fetch-site", "none"),
    ] {
        assert_eq!(make(foreign).await.is(403).code(), "cross_site");
    }
    let own = from(&page, "origin", &format!("http://{}", server.address));
    make(own.clone()).await.is(201);
    make(from(&page, "sec-fetch-site", "same-origin"))
        .await
        .is(201);
    // Signing a person in or out from another site is refused as well.
    let evil = from(&anyone, "origin", "https://evil.example");
    assert_eq!(
        login(&evil, &email, PASSWORD).await.is(403).code(),
        "cross_site"
    );
    let evil = from(&page, "origin", "https://evil.example");
    evil.post("/api/v1/auth/logout", &json!({})).await.is(403);
    evil.post("/api/v1/auth/refresh", &json!({})).await.is(403);

    let fresh = own.post("/api/v1/auth/refresh", &json!({})).await.is(200);
    assert!(fresh.json()["expires_in"].as_u64().unwrap() > 1_700);
    assert_eq!(fresh.set_cookies().len(), 2);
    let next = from(&browser(&anyone, &fresh), "sec-fetch-site", "same-origin");
    assert_ne!(next.cookies, page.cookies);
    next.get("/api/v1/auth/me").await.is(200);
    let out = next.post("/api/v1/auth/logout", &json!({})).await.is(204);
    assert!(
        out.set_cookies()
            .iter()
            .all(|cookie| cookie.contains("Max-Age=0"))
    );
    next.get("/api/v1/auth/me").await.is(401);
    page.get("/api/v1/auth/me").await.is(401);
    let spent = next.post("/api/v1/auth/refresh", &json!({})).await.is(401);
    assert_eq!(spent.code(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_a_pair_that_rotates_and_logout_ends_it() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (_, id) = admin.person(server, "program", "user").await;
    let email = email_of(&admin, &id).await;
    let anyone = Client::anyone(server);
    let body = json!({ "grant_type": "password", "email": email, "password": PASSWORD });
    let first = anyone.post(TOKEN, &body).await.is(200);
    assert!(first.set_cookies().is_empty());
    let first = first.json();
    let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["access_token", "expires_in", "refresh_token", "token_type"]
    );
    assert_eq!(
        (&first["token_type"], &first["expires_in"]),
        (&json!("Bearer"), &json!(1_800))
    );
    let refresh = |token: &Value| {
        let body = json!({ "grant_type": "refresh_token", "refresh_token": token });
        let anyone = anyone.clone();
        async move { anyone.post(TOKEN, &body).await }
    };
    let second = refresh(&first["refresh_token"]).await.is(200).json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let by_body = json!({ "refresh_token": second["refresh_token"] });
    let third = anyone
        .post("/api/v1/auth/refresh", &by_body)
        .await
        .is(200)
        .json();
    for unknown in [
        json!("x"),
        json!(""),
        json!("a".repeat(5_000)),
        third["access_token"].clone(),
    ] {
        assert_eq!(refresh(&unknown).await.is(401).code(), "invalid_grant");
    }
    let bearer = anyone.with_token(third["access_token"].as_str());
    bearer.get("/api/v1/auth/me").await.is(200);
    // Two tabs may race: within the grace the token just replaced brings another pair of the same session.
    let raced = refresh(&second["refresh_token"]).await.is(200).json();
    let sessions = bearer.get("/api/v1/auth/sessions").await.is(200).json();
    assert_eq!(
        sessions["items"].as_array().unwrap().len(),
        2,
        "hers and that of this story"
    );
    bearer.post("/api/v1/auth/logout", &json!({})).await.is(204);
    for pair in [&first, &second, &third, &raced] {
        let bearer = anyone.with_token(pair["access_token"].as_str());
        bearer.get("/api/v1/auth/me").await.is(401);
        let spent = refresh(&pair["refresh_token"]).await.is(401);
        assert_eq!(spent.code(), "invalid_grant");
    }

    let other = anyone.post(TOKEN, &body).await.is(200).json();
    let bearer = anyone.with_token(other["access_token"].as_str());
    bearer.get("/api/v1/auth/me").await.is(200);
    let out = json!({ "refresh_token": other["refresh_token"] });
    anyone.post("/api/v1/auth/logout", &out).await.is(204);
    bearer.get("/api/v1/auth/me").await.is(401);
    assert_eq!(
        refresh(&other["refresh_token"]).await.is(401).code(),
        "invalid_grant"
    );
    for bad in [
        json!({ "grant_type": "anything" }),
        json!({ "grant_type": "password", "email": email }),
    ] {
        anyone.post(TOKEN, &bad).await.is(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_address_are_the_same_answer() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (_, id) = admin.person(server, "known", "user").await;
    let email = email_of(&admin, &id).await;
    let anyone = Client::anyone(server);
    let mut answers = Vec::new();
    for who in [email.as_str(), "nobody@example.org", "", "not an address"] {
        answers.push(login(&anyone, who, "wrong-password-17").await.is(401));
        let body =
            json!({ "grant_type": "password", "email": who, "password": "wrong-password-17" });
        answers.push(anyone.post(TOKEN, &body).await.is(401));
    }
    let first = without_request_id(&answers[0]);
    assert_eq!(first["code"], "bad_credentials");
    for answer in &answers {
        assert_eq!(without_request_id(answer), first);
        assert!(answer.set_cookies().is_empty());
    }
    login(&anyone, &email.to_uppercase(), PASSWORD)
        .await
        .is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_ends_sessions_and_changes_their_password() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (one, id) = admin.person(server, "sessions", "user").await;
    let email = email_of(&admin, &id).await;
    let two = Client::sign_in(server, &email, PASSWORD).await;
    let list = one.get("/api/v1/auth/sessions").await.is(200).json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert!(
        items
            .iter()
            .all(|session| session["address"] == "127.0.0.1")
    );
    let other = items.iter().find(|s| s["current"] == false).unwrap()["id"]
        .as_str()
        .unwrap();
    let path = format!("/api/v1/auth/sessions/{other}");
    admin.delete(&path).await.is(404);
    one.delete(&path).await.is(204);
    two.get("/api/v1/auth/me").await.is(401);

    let three = Client::sign_in(server, &email, PASSWORD).await;
    let change =
        |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    let path = "/api/v1/auth/password";
    let next = "another-battery-staple-52";
    assert_eq!(
        one.put(path, &change("wrong", next)).await.is(422).code(),
        "bad_credentials"
    );
    for weak in ["short", "password123", &"x".repeat(129)] {
        let refused = one.put(path, &change(PASSWORD, weak)).await.is(422);
        assert_eq!(refused.json()["errors"][0]["pointer"], "/new_password");
    }
    one.put(path, &change(PASSWORD, next)).await.is(204);
    three.get("/api/v1/auth/me").await.is(401);
    one.get("/api/v1/auth/me").await.is(200);
    login(&Client::anyone(server), &email, PASSWORD)
        .await
        .is(401);
    Client::sign_in(server, &email, next).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_person_is_out_at_once() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, id) = admin.person(server, "disabled", "user").await;
    let email = email_of(&admin, &id).await;
    let path = format!("/api/v1/users/{id}");
    person.get("/api/v1/auth/me").await.is(200);
    admin
        .patch(&path, &json!({ "disabled": true }))
        .await
        .is(200);
    person.get("/api/v1/auth/me").await.is(401);
    let anyone = Client::anyone(server);
    assert_eq!(
        login(&anyone, &email, PASSWORD).await.is(401).code(),
        "bad_credentials"
    );
    admin
        .patch(&path, &json!({ "disabled": false }))
        .await
        .is(200);
    person.get("/api/v1/auth/me").await.is(401);
    login(&anyone, &email, PASSWORD).await.is(200);
    // A role is read at each request: whoever is made an admin is one now.
    let again = Client::sign_in(server, &email, PASSWORD).await;
    again.get("/api/v1/users").await.is(403);
    admin
        .patch(&path, &json!({ "role": "admin" }))
        .await
        .is(200);
    again.get("/api/v1/users").await.is(200);
    admin.patch(&path, &json!({ "role": "user" })).await.is(200);
    again.get("/api/v1/users").await.is(403);
}
