//! `depictio push` and `depictio pull`: tables go to a server and come back as they were, or not at all.

use crate::client::Client;
use crate::personal_tokens;
use crate::server::{ADMIN, PASSWORD, Server, program};
use crate::tls;
use serde_json::{Value, json};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

const PROJECT: &str = "prj_00000000000000000000000000000001";
const COLLECTION: &str = "col_00000000000000000000000000000002";

/// Where somebody works: a folder on a machine of their own, the address of a server, and a token.
struct Desk {
    dir: tempfile::TempDir,
    url: String,
    token: String,
}

/// What a command came to.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    fn new(url: String, token: &str) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            url,
            token: token.to_owned(),
        }
    }

    fn of(client: &Client, server: &Server) -> Self {
        Self::new(format!("http://{}", server.address), client.token())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(name)).unwrap()
    }

    /// What lies in the folder, sorted.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = program(self.dir.path());
        command
            .env("DEPICTIO_URL", &self.url)
            .env("DEPICTIO_TOKEN", &self.token)
            .stdin(Stdio::null())
            .args(words);
        command
    }

    /// Runs a command. Whatever comes of it, no token is shown, no terminal is steered and no data directory made.
    #[track_caller]
    fn end(&self, command: &mut Command) -> Ran {
        let done = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&done.stdout), text(&done.stderr));
        for shown in [&out, &err] {
            assert!(!shown.contains(&self.token), "{shown}");
            assert!(!shown.contains('\x1b'), "{shown:?}");
        }
        assert!(!self.dir.path().join("data").exists());
        Ran {
            code: done.status.code(),
            out,
            err,
        }
    }

    #[track_caller]
    fn run(&self, words: &[&str]) -> Ran {
        self.end(&mut self.command(words))
    }

    /// Runs a command that succeeds; the sentence it says.
    #[track_caller]
    fn done(&self, words: &[&str]) -> String {
        let ran = self.run(words);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{words:?}");
        ran.out
    }

    /// Runs a command that fails with one line; the line.
    #[track_caller]
    fn refused(&self, words: &[&str]) -> String {
        self.refused_by(&mut self.command(words))
    }

    #[track_caller]
    fn refused_by(&self, command: &mut Command) -> String {
        let ran = self.end(command);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{}", ran.err);
        assert_eq!(ran.err.trim_end().lines().count(), 1, "{}", ran.err);
        ran.err
    }
}

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

/// An answer of one connection.
fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n\r\n{body}")
}

fn told(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    let headers = format!("Content-Type: {kind}\r\nContent-Length: {length}");
    answer(status, &headers, body)
}

fn found(id: &str, name: &str) -> String {
    let body = json!({ "id": id, "name": name }).to_string();
    told("200 OK", "application/json", &body)
}

/// A server that knows one project and one collection, gives a last answer, and hangs up after each.
fn that_ends_with(last: String) -> Desk {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers = [
        found(PROJECT, "Lab"),
        found(COLLECTION, "Cells\x1b[31m"),
        last,
    ];
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut read, mut buffer) = (Vec::new(), [0; 4_096]);
            while !read.windows(4).any(|four| four == b"\r\n\r\n") {
                match stream.read(&mut buffer).unwrap() {
                    0 => break,
                    n => read.extend_from_slice(&buffer[..n]),
                }
            }
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    Desk::new(url, "dpt_planted")
}

#[test]
fn a_transfer_that_is_cut_leaves_nothing() {
    let rows = |headers: &str, body: &str| {
        let headers = format!("Content-Type: text/csv\r\nX-Version: 3\r\n{headers}");
        answer("200 OK", &headers, body)
    };
    let pull = ["pull", PROJECT, COLLECTION, "t.csv"];
    let whole = rows("Content-Length: 6", "a\r\n1\r\n");
    let desk = that_ends_with(whole);
    let said = desk.done(&pull);
    assert!(
        said.starts_with("Version 3 of Cells\u{FFFD}[31m: 6 bytes"),
        "{said}"
    );
    let cut = [
        (
            rows("Content-Length: 100", "a\r\n1\r\n"),
            "nothing was kept",
        ),
        (
            rows("Transfer-Encoding: chunked", "6\r\na\r\n1\r\n\r\n"),
            "nothing was kept",
        ),
        (
            rows("Transfer-Encoding: chunked", "64\r\na\r\n1\r\n"),
            "nothing was kept",
        ),
        // The end of the connection alone does not say that a file is whole.
        (rows("Server: old", "a\r\n1\r\n"), "HTTP/1.1"),
    ];
    for (answer, words) in cut {
        let desk = that_ends_with(answer.clone());
        let said = desk.refused(&pull);
        assert!(said.contains(words), "{said}");
        assert!(desk.names().is_empty(), "{:?}", desk.names());
        let desk = that_ends_with(answer);
        desk.write("t.csv", "mine");
        desk.refused(&[&pull[..], &["--force"]].concat());
        assert_eq!(
            (desk.names(), desk.read("t.csv")),
            (vec!["t.csv".to_owned()], "mine".to_owned())
        );
    }
}

#[test]
fn what_is_not_depictio_or_is_hostile_is_told_in_one_line() {
    let ear = TcpListener::bind("127.0.0.1:0").unwrap();
    ear.set_nonblocking(true).unwrap();
    let elsewhere = format!(
        "Location: http://{}/\r\nContent-Length: 0",
        ear.local_addr().unwrap()
    );
    let problem = json!({
        "detail": "\u{1b}]0;title\u{7}No.\nSecond line\u{202E}.",
        "errors": [{ "pointer": "/x", "message": "y\r\nz" }],
    });
    let problem = problem.to_string();
    for (last, words) in [
        (
            answer("307 Temporary Redirect", &elsewhere, ""),
            "sends on to http://",
        ),
        (
            told("200 OK", "text/html", "<p>Hello</p>"),
            "is not Depictio",
        ),
        (
            told("502 Bad Gateway", "text/html", "<p>Hello</p>"),
            "answered 502 Bad Gateway with text/html",
        ),
        (
            told(
                "422 Unprocessable Entity",
                "application/problem+json",
                &problem,
            ),
            "No. Second line\u{FFFD}. /x: y  z.",
        ),
        (String::new(), "ended before there was an answer"),
    ] {
        let desk = that_ends_with(last);
        let said = desk.refused(&["pull", PROJECT, COLLECTION, "t.csv"]);
        assert!(said.contains(words), "{said}");
        assert!(desk.names().is_empty());
    }
    let heard = ear.accept().map_err(|error| error.kind());
    assert_eq!(heard.err(), Some(ErrorKind::WouldBlock));

    // A refusal that comes while a large file waits to be sent is read to its end.
    let problem = json!({ "detail": "Too large for us." }).to_string();
    let desk = that_ends_with(told(
        "413 Payload Too Large",
        "application/problem+json",
        &problem,
    ));
    let file = std::fs::File::create(desk.dir.path().join("t.csv")).unwrap();
    file.set_len(64 << 20).unwrap();
    let said = desk.refused(&["push", PROJECT, COLLECTION, "t.csv"]);
    assert!(said.contains("Too large for us."), "{said}");
    let nobody = Desk::new("http://127.0.0.1:1".to_owned(), "dpt_planted");
    let said = nobody.refused(&["pull", PROJECT, COLLECTION, "t.csv"]);
    assert!(said.contains("cannot be reached"), "{said}");
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
