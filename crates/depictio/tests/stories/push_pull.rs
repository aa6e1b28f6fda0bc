//! `depictio push` and `depictio pull`: tables go to a server and come back as they were, or not at all.

use crate::client::Client;
use crate::personal_tokens;
use crate::remote_desk::Desk;
use crate::server::{ADMIN, PASSWORD, Server};
use crate::tls;
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_is_one_version_and_comes_back_byte_for_byte() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, _) = admin.person(server, "push", "user").await;
    let project = person.project("Forest").await;
    let (path, id) = person.collection(&project, "Trees", "").await;
    let (token, _) = personal_tokens::program(&person, "edit", None).await;
    let desk = Desk::of(&token, server);

    let first = "name,height\r\noak,21.5\r\nelm,9.0\r\nash,12.25\r\n";
    let (oak, ash) = first.split_at(first.find("ash").unwrap());
    desk.write("one.csv", oak);
    desk.write("two.csv", &format!("name,height\r\n{ash}"));
    let said = desk.done(&["push", "Forest", "Trees", "one.csv", "two.csv"]);
    assert_eq!(
        said,
        "Version 1 of Trees: 3 rows added, 3 in all, 2 columns.\n"
    );
    desk.write("three.csv", "name,height\r\nfir,40.0\r\n");
    let said = desk.done(&["push", id_of(&project), &id, "three.csv"]);
    assert_eq!(
        said,
        "Version 2 of Trees: 1 row added, 4 in all, 2 columns.\n"
    );

    let all = format!("{first}fir,40.0\r\n");
    let said = desk.done(&["pull", "Forest", "Trees", "back.csv"]);
    let bytes = all.len();
    assert_eq!(
        said,
        format!("Version 2 of Trees: {bytes} bytes in back.csv.\n")
    );
    assert_eq!(desk.read("back.csv"), all);
    desk.done(&["pull", id_of(&project), &id, "old.csv", "--version", "1"]);
    assert_eq!(desk.read("old.csv"), first);
    let said = desk.done(&[
        "pull",
        "Forest",
        "Trees",
        "tall.jsonl",
        "--filter",
        "height > 12 and name != \"oak\"",
    ]);
    assert!(said.contains("the rows that meet the filter"), "{said}");
    let tall = desk.read("tall.jsonl");
    let tall: Vec<Value> = tall
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let expected = [
        json!({ "name": "ash", "height": 12.25 }),
        json!({ "name": "fir", "height": 40.0 }),
    ];
    assert_eq!(tall, expected);
    // What goes to standard output is the rows and nothing else.
    let ran = desk.run(&["pull", "Forest", "Trees", "-", "--format", "csv"]);
    assert_eq!((ran.code, ran.out), (Some(0), all.clone()));
    assert!(ran.err.starts_with("Version 2 of Trees: "), "{}", ran.err);

    for (name, version) in [("back.parquet", 3), ("back.arrows", 4)] {
        desk.done(&["pull", "Forest", "Trees", name]);
        let said = desk.done(&["push", "Forest", "Trees", name, "--mode", "overwrite"]);
        let expected = format!("Version {version} of Trees: 4 rows in all, 2 columns.\n");
        assert_eq!(said, expected);
        desk.done(&["pull", "Forest", "Trees", "back.csv", "--force"]);
        assert_eq!(desk.read("back.csv"), all, "{name}");
    }
    assert_eq!(person.get(&path).await.is(200).json()["version"], 4);
    assert!(
        desk.names().iter().all(|name| !name.starts_with('.')),
        "{:?}",
        desk.names()
    );

    // What a spreadsheet would compute is marked, unless it is asked for as it is.
    let cells = "id,text\r\n1,=1+1\r\n2,plain\r\n";
    desk.write("cells.csv", cells);
    desk.done(&["push", "Forest", "Cells", "cells.csv", "--create"]);
    desk.done(&["pull", "Forest", "Cells", "marked.csv"]);
    assert_eq!(desk.read("marked.csv"), cells.replace("=1+1", "'=1+1"));
    desk.done(&["pull", "Forest", "Cells", "kept.csv", "--keep-formulas"]);
    assert_eq!(desk.read("kept.csv"), cells);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_row_leaves_nothing_or_is_set_aside_and_a_key_replaces() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, _) = admin.person(server, "rows", "user").await;
    let project = person.project("Wells").await;
    let desk = Desk::of(&person, server);
    desk.write("good.csv", "id,n\n1,10\n2,20\n");
    let push = ["push", "Wells", "Readings", "good.csv"];
    let none = desk.refused(&push);
    assert!(
        none.contains("no collection \"Readings\"") && none.contains("there are no collections"),
        "{none}"
    );
    let said = desk.done(&["push", "Wells", "Readings", "good.csv", "--create"]);
    assert_eq!(
        said,
        "Version 1 of Readings: 2 rows added, 2 in all, 2 columns.\n"
    );
    let listed = person.get(&format!("{project}/collections")).await;
    let listed = listed.is(200).json();
    let path = format!(
        "{project}/collections/{}",
        listed["items"][0]["id"].as_str().unwrap()
    );

    desk.write("bad.csv", "id,n\n3,30\n4,many\n");
    let words = desk.refused(&["push", "Wells", "Readings", "bad.csv", "--create"]);
    assert!(
        words.contains("bad.csv, line 3, column \"n\"") && words.contains("Nothing was changed."),
        "{words}"
    );
    assert_eq!(
        words.matches("bad.csv").count(),
        1,
        "it is said once: {words}"
    );
    assert_eq!(person.get(&path).await.is(200).json()["version"], 1);
    let words = desk.refused(&["push", "Wells", "Other", "nowhere.csv", "--create"]);
    assert!(words.contains("nowhere.csv: "), "{words}");
    let listed = person.get(&format!("{project}/collections")).await;
    assert_eq!(listed.is(200).json()["items"].as_array().unwrap().len(), 1);

    let said = desk.done(&["push", "Wells", "Readings", "bad.csv", "--set-aside"]);
    let start = "Version 2 of Readings: 1 row added, 3 in all, 2 columns. 1 row did not fit and was set aside; \
                 which and why: ";
    let report = said.strip_prefix(start).unwrap_or_else(|| panic!("{said}"));
    let report = report.trim_end().strip_prefix(&desk.url).unwrap();
    assert!(person.get(report).await.is(200).text().contains("many"));

    desk.write("more.csv", "id,n\n2,21\n4,40\n");
    let upsert = ["push", "Wells", "Readings", "more.csv", "--mode", "upsert"];
    assert_eq!(desk.run(&upsert).code, Some(2), "the key is missing");
    let said = desk.done(&[&upsert[..], &["--key", "id"]].concat());
    assert_eq!(
        said,
        "Version 3 of Readings: 1 row added, 1 replaced, 4 in all, 2 columns.\n"
    );
    desk.write("none.csv", "id,n\n5,-\n");
    desk.done(&["push", "Wells", "Readings", "none.csv", "--missing", "-,?"]);
    desk.done(&[
        "pull",
        "Wells",
        "Readings",
        "all.csv",
        "--filter",
        "n is null",
    ]);
    assert_eq!(desk.read("all.csv"), "id,n\r\n5,\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_token_may_not_is_refused_in_a_sentence() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (owner, _) = admin.person(server, "owns", "user").await;
    let (viewer, viewer_id) = admin.person(server, "views", "user").await;
    let project = owner.project("Orchard").await;
    let (path, _) = owner.collection(&project, "Apples", "a\n1\n").await;
    let member = format!("{project}/members/users/{viewer_id}");
    let url = format!("http://{}", server.address);
    let push = |desk: &Desk, project: &str| {
        desk.write("t.csv", "a\n2\n");
        desk.refused(&["push", project, "Apples", "t.csv"])
    };

    let hidden = push(&Desk::of(&viewer, server), id_of(&project));
    assert!(
        hidden.contains("is not there, or not shown to this token"),
        "{hidden}"
    );
    let hidden = push(&Desk::of(&viewer, server), "Orchard");
    assert!(
        hidden.contains("no project \"Orchard\" that this token sees"),
        "{hidden}"
    );
    owner
        .put(&member, &json!({ "role": "viewer" }))
        .await
        .is(200);
    let denied = push(&Desk::of(&viewer, server), "Orchard");
    assert!(
        denied.contains("It needs the role editor in this project."),
        "{denied}"
    );
    let (reads, _) = personal_tokens::program(&owner, "read", None).await;
    let desk = Desk::of(&reads, server);
    let denied = push(&desk, "Orchard");
    assert!(
        denied.contains("This token's scope does not allow it."),
        "{denied}"
    );
    desk.done(&["pull", "Orchard", "Apples", "apples.csv"]);
    let unknown = push(&Desk::new(url.clone(), "dpt_planted"), "Orchard");
    assert!(
        unknown.contains("DEPICTIO_TOKEN is not accepted"),
        "{unknown}"
    );
    assert_eq!(owner.get(&path).await.is(200).json()["version"], 1);

    let desk = Desk::of(&owner, server);
    let near = push(&desk, "Orchad");
    assert!(near.contains("did you mean Orchard?"), "{near}");
    let twins = [owner.project("Twin").await, owner.project("Twin").await];
    let both = push(&desk, "Twin");
    for twin in &twins {
        assert!(both.contains(id_of(twin)), "{both}");
    }
    let other = format!("col_{}", "0".repeat(32));
    let absent = desk.refused(&["push", "Orchard", &other, "t.csv"]);
    assert!(
        absent.contains("is not in the project \"Orchard\""),
        "{absent}"
    );

    // A token that is long-lived lies in a file.
    desk.write("token", &format!("{}\n", desk.token));
    let token = desk.dir.path().join("token");
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    let pull = ["pull", "Orchard", "Apples", "apples.csv"];
    let mut by_file = desk.command(&pull);
    by_file
        .env_remove("DEPICTIO_TOKEN")
        .env("DEPICTIO_TOKEN_FILE", &token)
        .env("DEPICTIO_URL", format!("{url}/api/v1"));
    assert_eq!(desk.end(&mut by_file).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_on_this_side_is_said_before_anything_is_sent() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, _) = admin.person(server, "careful", "user").await;
    let project = person.project("Garden").await;
    let (path, _) = person.collection(&project, "Herbs", "a\n1\n").await;
    let desk = Desk::of(&person, server);
    let pull = ["pull", "Garden", "Herbs", "herbs.csv"];
    let without = |name: &str| {
        let mut command = desk.command(&pull);
        command.env_remove(name);
        desk.refused_by(&mut command)
    };
    assert!(without("DEPICTIO_URL").contains("DEPICTIO_URL is not set"));
    let token = without("DEPICTIO_TOKEN");
    assert!(
        token.contains("DEPICTIO_TOKEN is not set") && token.contains("Tokens for programs"),
        "{token}"
    );

    // Whoever listens here gets to hear nothing: neither what would go to another host in the clear, nor what is for
    // this machine.
    let ear = TcpListener::bind("127.0.0.1:0").unwrap();
    ear.set_nonblocking(true).unwrap();
    let through = format!("http://{}", ear.local_addr().unwrap());
    let by_proxy = |url: &str| {
        let mut command = desk.command(&pull);
        for name in ["http_proxy", "HTTP_PROXY", "ALL_PROXY"] {
            command.env(name, &through);
        }
        command.env("DEPICTIO_URL", url);
        command
    };
    for url in ["http://lab.example:8080", "http://192.0.2.1"] {
        let words = desk.refused_by(&mut by_proxy(url));
        assert!(words.contains("use https://"), "{words}");
    }
    let ran = desk.end(&mut by_proxy(&desk.url));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let heard = ear.accept().map_err(|error| error.kind());
    assert_eq!(heard.err(), Some(ErrorKind::WouldBlock));
    for url in ["lab", "ftp://lab.example", "https://a:planted@lab.example"] {
        let mut command = desk.command(&pull);
        let words = desk.refused_by(command.env("DEPICTIO_URL", url));
        assert!(
            words.contains("DEPICTIO_URL: ") && !words.contains("planted"),
            "{words}"
        );
    }

    // A file that is there stays, and the server is not asked.
    desk.write("herbs.csv", "mine");
    let there = desk.refused(&pull);
    assert!(there.contains("herbs.csv is there already"), "{there}");
    assert_eq!(desk.read("herbs.csv"), "mine");
    desk.done(&[&pull[..], &["--force"]].concat());
    assert_eq!(desk.read("herbs.csv"), "a\r\n1\r\n");
    let exports = async || {
        // Reads are written within 50 ms.
        tokio::time::sleep(Duration::from_millis(150)).await;
        let project = id_of(&project);
        let path = format!("/api/v1/audit/events?type=data.export&project={project}&limit=200");
        let events = admin.get(&path).await.is(200).json();
        events["items"].as_array().unwrap().len()
    };
    let before = exports().await;
    assert!(before > 0);
    for (file, words) in [
        ("herbs.arrow", ".arrows"),
        ("herbs.xlsx", "--format"),
        ("-", "--format"),
        ("no/such/herbs.csv", "no/such/herbs.csv: "),
        (".", "is no plain file"),
    ] {
        let mut asked = vec!["pull", "Garden", "Herbs", file];
        if file == "." {
            asked.extend(["--format", "csv", "--force"]);
        }
        let said = desk.refused(&asked);
        assert!(said.contains(words), "{file}: {said}");
    }
    assert_eq!(exports().await, before);

    // What is too large is refused by its length alone.
    let large = std::fs::File::create(desk.dir.path().join("large.csv")).unwrap();
    large.set_len(3 << 30).unwrap();
    let words = desk.refused(&["push", "Garden", "Herbs", "large.csv"]);
    assert!(words.contains("The upload has more than"), "{words}");
    assert_eq!(person.get(&path).await.is(200).json()["version"], 1);
    assert_eq!(desk.names(), ["herbs.csv", "large.csv"]);
}

#[test]
fn over_tls_only_a_server_with_a_certificate_that_holds_gets_the_token() {
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = tls::certificate(files.path());
    let more = [
        ("DEPICTIO_TLS_CERT_PATH", certificate.to_str().unwrap()),
        ("DEPICTIO_TLS_KEY_PATH", key.to_str().unwrap()),
    ];
    let server = Server::start(false, &more);
    let post = |path: &str, headers: &str, body: &Value| {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = tls::ask(&server, &certificate, &rustls::version::TLS13, &request);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{answer}");
        serde_json::from_str::<Value>(body).unwrap()
    };
    let pair = json!({ "grant_type": "password", "email": ADMIN, "password": PASSWORD });
    let pair = post("/api/v1/auth/token", "", &pair);
    let token = pair["access_token"].as_str().unwrap();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    post("/api/v1/projects", &bearer, &json!({ "name": "Sealed" }));

    let desk = Desk::new(format!("https://{}", server.address), token);
    desk.write("t.csv", "a\r\n1\r\n");
    let push = ["push", "Sealed", "Table", "t.csv", "--create"];
    let unknown = desk.refused(&push);
    assert!(
        unknown.contains("cannot be reached") && unknown.contains("certificate"),
        "{unknown}"
    );
    let pull = ["pull", "Sealed", "Table", "back.csv"];
    for words in [&push[..], &pull] {
        let mut command = desk.command(words);
        let ran = desk.end(command.env("SSL_CERT_FILE", &certificate));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.starts_with("Version 1 of Table: "), "{}", ran.out);
    }
    assert_eq!(desk.read("back.csv"), "a\r\n1\r\n");
}
