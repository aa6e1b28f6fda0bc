//! Headers that protect the page, and the routes at the root.

use crate::client::Client;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_answers_carry_the_headers_that_protect_them() {
    let server = Server::shared();
    let anyone = Client::anyone(server);
    assert_eq!(anyone.get("/healthz").await.is(200).text().trim(), "alive");
    assert_eq!(anyone.get("/readyz").await.is(200).text().trim(), "ready");
    for path in [
        "/",
        "/projects/anything",
        "/api/v1/projects",
        "/api/v1/nothing",
        "/healthz",
    ] {
        let answer = anyone.get(path).await;
        let text = |name: &str| {
            answer
                .headers
                .get(name)
                .map_or("", |v| v.to_str().unwrap())
                .to_owned()
        };
        let csp = text("content-security-policy");
        let scripts = csp
            .split(';')
            .map(str::trim)
            .find(|part| part.starts_with("script-src"))
            .unwrap();
        assert_eq!(scripts, "script-src 'self'", "{path}: {csp}");
        assert!(
            csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'"),
            "{csp}"
        );
        assert!(csp.contains("base-uri 'none'"), "{csp}");
        assert_eq!(text("x-content-type-options"), "nosniff", "{path}");
        assert!(
            !text("referrer-policy").is_empty() && !text("cross-origin-opener-policy").is_empty()
        );
        assert_eq!(text("strict-transport-security"), "", "HSTS is for TLS");
        assert!(text("x-request-id").starts_with("req_"), "{path}");
        if path.starts_with("/api/") {
            assert_eq!(text("cache-control"), "no-store", "{path}");
        }
    }
    let page = anyone.get("/").await.is(200).text();
    assert!(
        page.contains("<script") && !page.contains("<script>"),
        "no inline script: {page}"
    );
    anyone.get("/metrics").await.is(401);
    Client::admin(server).await.get("/metrics").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_to_tell_of_a_hole_is_said_where_somebody_is_named() {
    let path = "/.well-known/security.txt";
    let silent = Client::anyone(Server::shared());
    silent.get(path).await.is(404);
    let contact = "mailto:security@lab.example";
    let server = Server::start(false, &[("DEPICTIO_SECURITY_CONTACT", contact)]);
    let told = Client::anyone(&server).get(path).await.is(200);
    assert_eq!(told.headers["content-type"], "text/plain; charset=utf-8");
    let text = told.text();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines[0], format!("Contact: {contact}"));
    let (_, expires) = lines[1].split_once("Expires: ").unwrap();
    let expires: chrono::DateTime<chrono::Utc> = expires.parse().unwrap();
    let told = told.headers["date"].to_str().unwrap();
    let told = chrono::DateTime::parse_from_rfc2822(told).unwrap();
    let days = (expires - told.to_utc()).num_days();
    assert!((1..365).contains(&days), "{expires}");
}
