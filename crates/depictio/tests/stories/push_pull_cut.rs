//! `depictio push` and `depictio pull` beside servers that hang up, lie, or are none of ours.

use crate::remote_desk::Desk;
use serde_json::json;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpListener;

const PROJECT: &str = "prj_00000000000000000000000000000001";
const COLLECTION: &str = "col_00000000000000000000000000000002";

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
