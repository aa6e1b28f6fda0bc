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

/// Every file of the data, by name, with its bytes; the log and its neighbours grow by themselves.
fn objects(dir: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let read = |path: std::path::PathBuf| {
        let bytes = std::fs::read(&path).unwrap();
        (path, bytes)
    };
    let files = crate::raw::files(&dir.join("data/objects"));
    files.into_iter().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_key_is_rotated_without_rewriting_data_and_the_old_one_opens_nothing() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let project = admin.project("Sealed").await;
    let (table, _) = admin.collection(&project, "Table", "a\n1\n").await;
    let key = server.dir.path().join("data/keys/master.key");
    let (old, before) = (std::fs::read(&key).unwrap(), objects(server.dir.path()));
    assert!(!before.is_empty());
    let (fine, printed, said) = command(&server, &["keys", "rotate-master"]);
    assert!(fine, "{printed} {said}");
    let new = std::fs::read(&key).unwrap();
    assert!(old != new && !printed.contains(std::str::from_utf8(&new).unwrap().trim()));
    assert!(
        objects(server.dir.path()) == before,
        "no byte of data is written anew"
    );
    let rows = |client: Client, table: String| async move {
        let answer = client
            .post(&format!("{table}/query"), &serde_json::json!({}))
            .await;
        answer.is(200).json()["rows"].clone()
    };
    assert_eq!(
        rows(admin.clone(), table.clone()).await,
        serde_json::json!([{ "a": 1 }])
    );
    admin
        .upload(&format!("{table}/uploads"), &[("t.csv", b"a\n2\n")])
        .await
        .is(201);

    let dir = server.kill();
    let offline = |arguments: &[&str]| program(dir.path()).args(arguments).output().unwrap();
    // The old key is a key like any other: it opens nothing here.
    std::fs::write(&key, &old).unwrap();
    let refused = offline(&["user", "list"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("DEPICTIO_MASTER_KEY_PATH"),
        "{said}"
    );
    std::fs::write(&key, &new).unwrap();
    // Killed wherever the moment falls, whatever key then lies there opens the data.
    for round in 0..6 {
        let mut child = program(dir.path())
            .args(["keys", "rotate-master"])
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(40 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let listed = offline(&["user", "list"]);
        assert!(
            listed.status.success(),
            "{}",
            String::from_utf8_lossy(&listed.stderr)
        );
    }
    assert!(offline(&["keys", "rotate-master"]).status.success());
    let server = Server::start_in(dir, false, &[], false);
    let admin = Client::admin(&server).await;
    assert_eq!(
        rows(admin, table).await,
        serde_json::json!([{ "a": 1 }, { "a": 2 }])
    );
    let (_, listed, _) = command(
        &server,
        &["audit", "list", "--json", "--type", "keys.rotate"],
    );
    assert!(
        listed.contains("master_key") && listed.contains("\"done\""),
        "{listed}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projects_data_key_is_rotated_and_older_data_keeps_the_key_that_opens_it() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let project = admin.project("Rotated").await;
    let id = project.rsplit('/').next().unwrap().to_owned();
    let (table, _) = admin.collection(&project, "Table", "a\n1\n").await;
    let before = objects(server.dir.path());
    let (fine, printed, said) = command(&server, &["keys", "rotate-data", &id]);
    assert!(fine, "{said}");
    let told: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(told["older_keys"], 1);
    admin
        .upload(&format!("{table}/uploads"), &[("t.csv", b"a\n2\n")])
        .await
        .is(201);
    let after = objects(server.dir.path());
    assert!(
        before.iter().all(|file| after.contains(file)),
        "what lay there is untouched"
    );
    let newest = told["key"].as_str().unwrap().to_owned();
    // The header of an object names its key: 16 digits behind nine bytes.
    let sealed_under = |bytes: &[u8]| bytes.get(9..25) == Some(newest.as_bytes());
    let fresh: Vec<_> = after.iter().filter(|file| !before.contains(file)).collect();
    assert!(!fresh.is_empty() && fresh.iter().all(|(_, bytes)| sealed_under(bytes)));
    assert!(before.iter().all(|(_, bytes)| !sealed_under(bytes)));
    let dir = server.kill();
    let again = program(dir.path())
        .args(["keys", "rotate-data", &id])
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(told["older_keys"], 2);
    let unknown = [
        "keys",
        "rotate-data",
        "prj_00000000000000000000000000000000",
    ];
    let unknown = program(dir.path()).args(unknown).output().unwrap();
    assert_eq!(unknown.status.code(), Some(1));
    let server = Server::start_in(dir, false, &[], false);
    let admin = Client::admin(&server).await;
    let rows = admin
        .post(&format!("{table}/query"), &serde_json::json!({}))
        .await
        .is(200);
    assert_eq!(
        rows.json()["rows"],
        serde_json::json!([{ "a": 1 }, { "a": 2 }])
    );
    let listed = command(
        &server,
        &["audit", "list", "--json", "--type", "project.settings"],
    )
    .1;
    assert!(
        listed.contains("data_key") && listed.contains(&newest),
        "{listed}"
    );
}
