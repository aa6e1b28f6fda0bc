//! A start for one person on their own machine: the page signs in by itself, and nothing else does.

use crate::client::Client;
use crate::server::{PASSWORD, Server, program};
use serde_json::json;

const SIGN_IN: &str = "/api/v1/auth/single-user";

fn from(server: &Server, headers: &[(&'static str, &str)]) -> Client {
    let mut client = Client::anyone(server);
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    client.headers.extend(headers);
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_start_for_one_person_signs_in_by_itself_and_no_other_page_does() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_as(dir, false, &[], true, &["--single-user"]);
    assert!(
        server
            .printed
            .contains("whoever opens this address on this machine is the admin")
    );
    let anyone = Client::anyone(&server);
    let told = anyone.get("/api/v1/auth/registration").await.is(200).json();
    assert_eq!(
        told,
        json!({ "registration": "closed", "single_user": true })
    );
    // Without a cookie nobody is anybody, also here.
    anyone.get("/api/v1/projects").await.is(401);

    let own = format!("http://{}", server.address);
    let rebound = format!(
        "evil.example:{}",
        server.address.rsplit(':').next().unwrap()
    );
    let rebound_page = format!("http://{rebound}");
    for refused in [
        from(&server, &[]),
        from(&server, &[("origin", "http://evil.example")]),
        from(
            &server,
            &[("origin", &own), ("sec-fetch-site", "cross-site")],
        ),
        from(&server, &[("origin", &rebound_page), ("host", &rebound)]),
        from(
            &server,
            &[("sec-fetch-site", "same-origin"), ("host", &rebound)],
        ),
    ] {
        let answer = refused.post(SIGN_IN, &json!({})).await.is(403);
        assert!(answer.set_cookies().is_empty());
    }

    let page = from(&server, &[("origin", &own)]);
    let signed_in = page.post(SIGN_IN, &json!({})).await.is(200);
    let cookies = signed_in.set_cookies();
    assert!(
        cookies
            .iter()
            .all(|cookie| cookie.contains("HttpOnly; SameSite=Strict"))
    );
    let mut page = page.clone();
    page.cookies = cookies
        .iter()
        .map(|cookie| cookie.split(';').next().unwrap().to_owned())
        .collect();
    let me = page.get("/api/v1/auth/me").await.is(200).json();
    assert_eq!(
        (&me["user"]["role"], &me["permissions"]["admin"]),
        (&json!("admin"), &json!(true))
    );
    let logins = page
        .get("/api/v1/audit/events?type=auth.login")
        .await
        .is(200)
        .json();
    assert_eq!(logins["items"][0]["details"]["method"], "single_user");
    // The password goes on to work, for programs.
    Client::sign_in(&server, crate::server::ADMIN, PASSWORD).await;

    // Without the word nobody is let in so.
    let dir = server.stop();
    let server = Server::start_in(dir, false, &[], true);
    let own = format!("http://{}", server.address);
    from(&server, &[("origin", &own)])
        .post(SIGN_IN, &json!({}))
        .await
        .is(404);
}

#[test]
fn a_start_for_one_person_stops_where_others_could_reach_it() {
    let dir = tempfile::tempdir().unwrap();
    for (key, more) in [
        (
            "DEPICTIO_PUBLIC_URL",
            &[("DEPICTIO_PUBLIC_URL", "http://laptop.example")][..],
        ),
        (
            "DEPICTIO_REGISTRATION",
            &[("DEPICTIO_REGISTRATION", "open")],
        ),
        (
            "DEPICTIO_BIND",
            &[
                ("DEPICTIO_BIND", "0.0.0.0:0"),
                ("DEPICTIO_PUBLIC_URL", "https://laptop.example"),
                ("DEPICTIO_TRUSTED_PROXIES", "10.0.0.1"),
            ],
        ),
    ] {
        let mut command = program(dir.path());
        let start = command
            .args(["serve", "--single-user"])
            .envs(more.iter().copied());
        let ended = start.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(1), "{said}");
        assert!(
            said.contains(key) && said.contains("--single-user"),
            "{said}"
        );
        assert!(!dir.path().join("data").exists());
    }
}
