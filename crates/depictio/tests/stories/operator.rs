//! What the operator does on the machine, with and without a running server.

use crate::audit_log::command;
use crate::client::Client;
use crate::server::{ADMIN, Server, program};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_keeps_accounts_with_and_without_a_running_server() {
    let server = Server::start(false, &[]);
    let (fine, printed, said) = command(
        &server,
        &["user", "add", "ann@example.org", "--role", "viewer"],
    );
    assert!(fine, "{said}");
    let ann: Value = serde_json::from_str(&printed).unwrap();
    let signed_in = Client::sign_in(
        &server,
        "ann@example.org",
        ann["password"].as_str().unwrap(),
    )
    .await;
    let (_, listed, _) = command(&server, &["user", "list"]);
    assert!(
        listed.contains("ann@example.org")
            && listed.contains(ADMIN)
            && !listed.contains("password")
    );
    let (fine, printed, _) = command(&server, &["user", "reset-password", "ann@example.org"]);
    let reset: Value = serde_json::from_str(&printed).unwrap();
    assert!(fine && reset["password"] != ann["password"]);
    signed_in.get("/api/v1/auth/me").await.is(401);
    let signed_in = Client::sign_in(
        &server,
        "ann@example.org",
        reset["password"].as_str().unwrap(),
    )
    .await;
    assert!(command(&server, &["user", "disable", "ann@example.org"]).0);
    signed_in.get("/api/v1/auth/me").await.is(401);
    let (fine, _, said) = command(&server, &["user", "disable", ADMIN]);
    assert!(
        !fine && said.trim().lines().count() == 1,
        "the last admin: {said}"
    );
    let (fine, _, said) = command(&server, &["user", "disable", "nobody@example.org"]);
    assert!(!fine && said.starts_with("depictio: "), "{said}");

    // New keys: tokens signed by the old one stay good until they expire.
    let admin = Client::admin(&server).await;
    let kids = |answer: Value| answer["keys"].as_array().unwrap().len();
    assert!(command(&server, &["keys", "rotate"]).0);
    let newer = Client::admin(&server).await;
    let head = |client: &Client| client.token().split('.').next().unwrap().to_owned();
    assert_ne!(head(&admin), head(&newer), "another kid");
    for client in [&admin, &newer] {
        client.get("/api/v1/auth/me").await.is(200);
    }
    assert_eq!(
        kids(admin.get("/.well-known/jwks.json").await.is(200).json()),
        2
    );

    let dir = server.kill();
    let offline = |arguments: &[&str]| program(dir.path()).args(arguments).output().unwrap();
    let made = offline(&["user", "add", "bob@example.org"]);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let bob: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert!(offline(&["keys", "rotate"]).status.success());
    assert!(offline(&["audit", "verify"]).status.success());
    let server = Server::start_in(dir, false, &[], false);
    Client::sign_in(
        &server,
        "bob@example.org",
        bob["password"].as_str().unwrap(),
    )
    .await;
    let (_, listed, _) = command(
        &server,
        &["audit", "list", "--json", "--type", "users.manage"],
    );
    assert!(listed.contains("\"operator\""), "{listed}");
}

#[test]
fn commands_say_what_is_wrong_by_their_exit_status() {
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| program(dir.path()).args(arguments).output().unwrap();
    for usage in [
        &["nothing"][..],
        &[],
        &["user", "add"],
        &["audit", "list", "--limit", "0"],
        &["serve", "--fast"],
    ] {
        let done = run(usage);
        assert_eq!(done.status.code(), Some(2), "{usage:?}");
        assert!(!done.stderr.is_empty());
    }
    let early = run(&["user", "list"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&early.stderr).contains("start the server first"));
    let mut config = program(dir.path());
    let config = config
        .arg("config")
        .env("DEPICTIO_ADMIN_PASSWORD", "planted-secret")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&config.stdout);
    assert!(
        config.status.success() && !printed.contains("planted-secret"),
        "{printed}"
    );
    assert!(printed.contains("JWT_ACCESS_TOKEN_EXPIRE_MINUTES") && printed.contains("not shown"));
    let document = run(&["openapi"]);
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert!(document["paths"].as_object().unwrap().len() > 30);
    let doctor = run(&["doctor"]);
    let printed = String::from_utf8_lossy(&doctor.stdout);
    assert!(
        doctor.status.success(),
        "{printed}\n{}",
        String::from_utf8_lossy(&doctor.stderr)
    );
    let claims: Vec<&str> = printed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    for claim in [
        "S1", "S2", "S12", "S18", "S22", "S23", "S24", "S25", "S32", "S37", "S38", "S41",
    ] {
        assert!(claims.contains(&claim), "{claim} in {printed}");
    }
}
