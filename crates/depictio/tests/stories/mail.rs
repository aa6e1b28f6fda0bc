//! Links that go out by mail: to the person they are for, by the operator's server, and never in
//! the clear unless the operator says so.

use crate::client::Client;
use crate::server::Server;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A server for mail (RFC 5321) without TLS, which keeps all that it is told.
struct Post {
    address: String,
    told: Arc<Mutex<Vec<String>>>,
}

impl Post {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let told = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&told);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up in the middle is none of this server's trouble.
                let _ = Self::listen(stream, &kept);
            }
        });
        Self { address, told }
    }

    fn listen(mut stream: TcpStream, told: &Mutex<Vec<String>>) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        write!(stream, "220 post.example\r\n")?;
        let mut is_message = false;
        while let Some(line) = lines.next().transpose()? {
            told.lock().unwrap().push(line.clone());
            let word = line
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase();
            let answer = match (is_message, word.as_str()) {
                (true, ".") => "250 taken",
                (true, _) => continue,
                (false, "EHLO") => "250-post.example\r\n250 8BITMIME",
                (false, "DATA") => "354 go on",
                (false, "QUIT") => "221 bye",
                (false, _) => "250 fine",
            };
            is_message = word == "DATA" && !is_message;
            write!(stream, "{answer}\r\n")?;
        }
        Ok(())
    }

    fn told(&self) -> String {
        self.told.lock().unwrap().join("\n")
    }
}

fn with_mail(server: &str, plaintext: &str) -> Server {
    let url = format!("smtp://{server}?from=depictio@lab.example");
    // A port that is free now, so that the address can be told before the start.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let page = format!("http://{address}");
    let more = [
        ("DEPICTIO_SMTP_URL", url.as_str()),
        ("DEPICTIO_BIND", address.as_str()),
        ("DEPICTIO_PUBLIC_URL", page.as_str()),
        ("DEPICTIO_ALLOW_PLAINTEXT_BACKENDS", plaintext),
        ("DEPICTIO_REGISTRATION", "invite"),
    ];
    Server::start(false, &more)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_sent_to_whom_it_is_for_and_works() {
    let post = Post::open();
    let server = with_mail(&post.address, "true");
    let admin = Client::admin(&server).await;
    let (_, id) = admin.person(&server, "forgetful", "user").await;
    let made = admin
        .post(&format!("/api/v1/users/{id}/reset-link"), &json!({}))
        .await
        .is(201)
        .json();
    assert_eq!(made["mailed"], "sent");
    let path = made["path"].as_str().unwrap();
    let told = post.told();
    assert!(told.contains("MAIL FROM:<depictio@lab.example>"), "{told}");
    assert!(
        told.contains("RCPT TO:<forgetful-") && told.contains(path),
        "{told}"
    );
    // What came by mail opens the account.
    let (_, token) = path.split_once('#').unwrap();
    let body = json!({ "token": token, "new_password": "a-new-password-of-mine-7" });
    Client::anyone(&server)
        .post("/api/v1/auth/reset", &body)
        .await
        .is(204);

    let invite = async |email: Option<&str>| {
        let body = json!({ "role": "user", "email": email });
        admin
            .post("/api/v1/invitations", &body)
            .await
            .is(201)
            .json()
    };
    assert_eq!(invite(Some("guest@lab.example")).await["mailed"], "sent");
    assert!(post.told().contains("RCPT TO:<guest@lab.example>"));
    assert_eq!(invite(None).await["mailed"], "off");
    // Nothing of it stands in the log.
    let path = "/api/v1/audit/events?limit=200";
    assert!(!admin.get(path).await.is(200).text().contains(token));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tls_nothing_is_sent_and_the_link_is_shown_all_the_same() {
    let post = Post::open();
    for (server, heard) in [
        // It offers no TLS: not a word about whom or what.
        (with_mail(&post.address, "false"), true),
        // Nobody answers there.
        (with_mail("127.0.0.1:1", "true"), false),
    ] {
        let admin = Client::admin(&server).await;
        let body = json!({ "role": "user", "email": "guest@lab.example" });
        let made = admin
            .post("/api/v1/invitations", &body)
            .await
            .is(201)
            .json();
        assert_eq!(made["mailed"], "failed");
        assert!(made["path"].as_str().unwrap().starts_with("/invitation#"));
        if heard {
            let told = post.told();
            assert!(
                told.contains("EHLO") && !told.contains("MAIL FROM"),
                "{told}"
            );
        }
    }
}
