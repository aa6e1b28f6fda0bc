//! Whatever is sent where a model belongs: an answer that says what is wrong, and no change.

use crate::client::Client;
use crate::raw;
use crate::server::Server;
use hyper::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_its_model_is_refused_on_every_route() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let project = admin.project("Queries").await;
    let (_, collection) = admin.collection(&project, "Table", "a\n1\n").await;
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
            .replace("{collection}", &collection)
            .replace("{dashboard}", &dashboard)
            .replace("{user}", &user)
            .replace("{group}", group["id"].as_str().unwrap())
    };
    // Signing out ends nobody's session here, and a revision is matched before a body is read.
    let mut anyone = Client::anyone(server);
    // As our own page sends it, so that every public route comes to its body.
    let page = format!("http://{}", server.address);
    anyone.headers.push(("origin", page));
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

/// A connection that is about to be closed must say so, or the next request on it is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_refused_before_it_was_read_costs_no_other_request() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let large = vec![b'x'; 3 << 20];
    for round in 0..40 {
        let refused = admin
            .send(
                Method::POST,
                "/api/v1/projects",
                Some("application/json"),
                large.clone(),
            )
            .await
            .is(413);
        let closes = refused.headers.contains_key("connection");
        assert!(
            !closes,
            "round {round}: three megabytes are read and forgotten"
        );
        admin.get("/api/v1/auth/me").await.is(200);
    }

    let token = admin.token();
    let asked = |more: &str| {
        format!(
            "POST /api/v1/projects HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\n{more}\r\n\r\n",
            server.address
        )
    };
    for (request, why) in [
        (asked("content-length: 1073741824"), "the body never comes"),
        (
            asked("content-length: 3145728\r\nexpect: 100-continue"),
            "the client waits to be asked for it",
        ),
    ] {
        let mut stream = raw::send(server, request.as_bytes()).await;
        let head = raw::head(&mut stream).await.to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 413"), "{why}: {head}");
        assert!(head.contains("\r\nconnection: close\r\n"), "{why}: {head}");
    }
}
