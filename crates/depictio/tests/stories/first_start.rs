//! The first start, the ones after it, and the ones that must not be.

use crate::audit_log::command;
use crate::client::Client;
use crate::server::{ADMIN, Server, program};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

/// Tries to serve with more in the environment; it must end by itself within ten seconds.
fn refused(dir: &Path, more: &[(&str, &str)]) -> String {
    let mut serve = program(dir);
    serve
        .arg("serve")
        .env("DEPICTIO_BIND", "127.0.0.1:0")
        .env("DEPICTIO_PYTHON", "/no/interpreter");
    serve
        .envs(more.iter().copied())
        .stdin(std::process::Stdio::null());
    serve
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = crate::server::dies_with_us(&mut serve).spawn().unwrap();
    for _ in 0..200 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let still = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert!(!still, "it started with {more:?}");
    assert_eq!(status.code(), Some(1), "{more:?}");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(said.trim().lines().count(), 1, "one sentence: {said}");
    assert!(
        said.starts_with("depictio: ") && !said.contains("panicked"),
        "{said}"
    );
    said
}

fn password_in(printed: &str) -> Option<String> {
    let rest = printed.split_once("Password:  ")?.1;
    rest.split_whitespace().next().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_is_printed_once_and_data_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let first = Server::start_in(dir, false, &[], false);
    let password = password_in(&first.printed).expect("a password in the box");
    assert!(
        password.len() >= 16 && first.printed.contains("shown this once"),
        "{}",
        first.printed
    );
    let admin = Client::sign_in(&first, ADMIN, &password).await;
    let project = admin.project("Kept").await;
    let (table, _) = admin.collection(&project, "Table", "a\n1\n").await;
    let keys = first.dir.path().join("data/keys");
    for file in std::fs::read_dir(keys).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", file.path());
    }
    let dir = first.kill();
    let second = Server::start_in(dir, false, &[], false);
    assert_eq!(password_in(&second.printed), None, "{}", second.printed);
    assert!(!second.printed.contains(&password));
    let again = Client::sign_in(&second, ADMIN, &password).await;
    let rows = again
        .post(&format!("{table}/query"), &json!({}))
        .await
        .is(200)
        .json();
    assert_eq!(rows["rows"], json!([{ "a": 1 }]));
    // A session outlives the restart.
    again
        .with_token(Some(admin.token()))
        .get("/api/v1/auth/me")
        .await
        .is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_uploads_and_saves_leaves_no_half_state() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let project = admin.project("Killed").await;
    let (table, _) = admin.collection(&project, "Table", "n\n0\n").await;
    let board = admin
        .post(&format!("{project}/dashboards"), &json!({ "title": "0" }))
        .await
        .is(201)
        .json();
    let board_path = format!("{project}/dashboards/{}", board["id"].as_str().unwrap());
    let (uploads, saves) = (
        std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0)),
        std::sync::Arc::new(std::sync::atomic::AtomicU64::new(1)),
    );
    let uploader = {
        let (admin, path, done) = (admin.clone(), format!("{table}/uploads"), uploads.clone());
        tokio::spawn(async move {
            for n in 1.. {
                let csv = format!("n\n{n}\n{n}\n");
                admin
                    .upload(&path, &[("t.csv", csv.as_bytes())])
                    .await
                    .is(201);
                done.store(n, std::sync::atomic::Ordering::SeqCst);
            }
        })
    };
    let saver = {
        let (admin, path, mut board, done) =
            (admin.clone(), board_path.clone(), board, saves.clone());
        tokio::spawn(async move {
            for n in 1.. {
                board["title"] = json!(n.to_string());
                admin
                    .put_over(&path, &format!("\"{n}\""), &board)
                    .await
                    .is(200);
                done.store(n + 1, std::sync::atomic::Ordering::SeqCst);
            }
        })
    };
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let dir = server.kill();
    // Both were cut off; what was acknowledged until then must be there.
    assert!(uploader.await.is_err() && saver.await.is_err());
    let (uploads, saves) = (
        uploads.load(std::sync::atomic::Ordering::SeqCst),
        saves.load(std::sync::atomic::Ordering::SeqCst),
    );
    assert!(
        uploads > 0 && saves > 1,
        "{uploads} uploads and {saves} saves"
    );
    let server = Server::start_in(dir, false, &[], false);
    let admin = Client::admin(&server).await;
    let shown = admin.get(&table).await.is(200).json();
    let version = shown["version"].as_u64().unwrap();
    assert!(
        version == uploads + 1 || version == uploads + 2,
        "{version} after {uploads}"
    );
    let rows = admin
        .post(&format!("{table}/query"), &json!({ "limit": 10_000 }))
        .await
        .is(200)
        .json();
    let mut numbers = vec![0];
    numbers.extend((1..version).flat_map(|n| [n, n]));
    let found: Vec<u64> = rows["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["n"].as_u64().unwrap())
        .collect();
    assert_eq!(found, numbers, "whole versions only");
    assert_eq!(shown["rows"].as_u64().unwrap(), found.len() as u64);
    let kept = admin.get(&board_path).await.is(200).json();
    let revision = kept["revision"].as_u64().unwrap();
    assert!(
        revision == saves || revision == saves + 1,
        "{revision} after {saves}"
    );
    assert_eq!(kept["title"], (revision - 1).to_string());
    let last = admin
        .get(&format!("{board_path}/revisions/{saves}"))
        .await
        .is(200)
        .json();
    assert_eq!(last["title"], (saves - 1).to_string());
    admin
        .upload(&format!("{table}/uploads"), &[("t.csv", b"n\n9\n")])
        .await
        .is(201);
    let next = admin
        .put_over(&board_path, &format!("\"{revision}\""), &kept)
        .await;
    assert!(matches!(next.status.as_u16(), 200 | 412), "{}", next.text());
    let (fine, printed, said) = command(&server, &["audit", "verify"]);
    assert!(fine, "{printed} {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_belongs_to_one_process() {
    let server = Server::start(false, &[]);
    let said = refused(server.dir.path(), &[]);
    assert!(
        said.contains("another") || said.contains("already"),
        "{said}"
    );
    Client::admin(&server)
        .await
        .get("/api/v1/auth/me")
        .await
        .is(200);
}

#[test]
fn a_wrong_or_unsafe_configuration_stops_the_start_and_names_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let open = dir.path().join("open.pem");
    std::fs::write(&open, "not a key\n").unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = open.to_str().unwrap();
    for (name, value) in [
        ("DEPICTIO_BINDD", "127.0.0.1:0"),
        ("DEPICTIO_BIND", "nowhere"),
        ("DEPICTIO_BIND", "0.0.0.0:0"),
        ("DEPICTIO_REGISTRATION", "everyone"),
        ("JWT_ALGORITHM", "HS256"),
        ("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "soon"),
        ("JWT_REFRESH_TOKEN_EXPIRE_DAYS", "-1"),
        ("JWT_PRIVATE_KEY_PATH", open),
        ("JWT_PRIVATE_KEY_PATH", "/no/such/file"),
        ("DEPICTIO_MASTER_KEY_PATH", open),
        ("DEPICTIO_ADMIN_PASSWORD_FILE", open),
        ("DEPICTIO_ADMIN_PASSWORD", "short"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("AUDIT_LOG_ENABLED", "perhaps"),
        (
            "MONGODB_URI",
            "mongodb://user:planted-secret@mongo/depictio",
        ),
        ("DEPICTIO_PUBLIC_URL", "ftp://example.org"),
    ] {
        let said = refused(dir.path(), &[(name, value)]);
        assert!(said.contains(name), "{name}={value}: {said}");
        assert!(!said.contains("planted-secret"), "{said}");
    }
    let tls = [
        ("DEPICTIO_TLS_CERT_PATH", "/no/such/file"),
        ("DEPICTIO_TLS_KEY_PATH", "/no/such/file"),
    ];
    assert!(refused(dir.path(), &tls).contains("DEPICTIO_TLS_"));
    std::fs::write(
        dir.path().join("depictio.toml"),
        "DEPICTIO_ADMIN_PASSWORD = \"planted-secret\"\n",
    )
    .unwrap();
    let said = refused(dir.path(), &[]);
    assert!(
        said.contains("DEPICTIO_ADMIN_PASSWORD") && !said.contains("planted-secret"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_everyone_may_read_stops_the_next_start() {
    let server = Server::start(false, &[]);
    let dir = server.kill();
    for name in ["data/keys/master.key", "data/keys/jwt_private.pem"] {
        let file = dir.path().join(name);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let said = refused(dir.path(), &[]);
        assert!(said.contains("chmod 600"), "{}: {said}", file.display());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    Server::start_in(dir, false, &[], false);
}

#[test]
fn what_is_no_text_in_the_environment_is_nobodys_or_an_error() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tempfile::tempdir().unwrap();
    let no_text = OsStr::from_bytes(b"caf\xe9");
    let said = |name: &str| {
        let run = program(dir.path())
            .arg("config")
            .env(name, no_text)
            .output()
            .unwrap();
        (run.status.code(), String::from_utf8(run.stderr).unwrap())
    };
    assert_eq!(said("LOCAL_NAME"), (Some(0), String::new()));
    for name in [
        "DEPICTIO_DATA_DIR",
        "JWT_PRIVATE_KEY_PATH",
        "MINIO_SECRET_KEY_FILE",
    ] {
        let expected = format!("depictio: {name}: it is not UTF-8\n");
        assert_eq!(said(name), (Some(1), expected), "{name}");
    }
}
