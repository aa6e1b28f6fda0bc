//! Whatever a stranger sends to the routes that answer everyone: a refusal that says why, never a
//! way in, and never a fault of the server.

use crate::client::{Answer, Client};
use crate::server::Server;
use hyper::Method;
use serde_json::{Value, json};

/// Requests to each route that takes a body.
const TRIES: usize = 150;

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's MMIX generator; its high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let at = self.roll(from.len());
        &from[at]
    }
}

/// Values as they stand in a body, some of them no JSON at all.
fn values() -> Vec<String> {
    let mut values: Vec<String> = [
        "null",
        "true",
        "0",
        "-1",
        "1e308",
        "1e999",
        "9007199254740993",
        "[]",
        "{}",
        "[null]",
        r#""""#,
        r#"" ""#,
        r#""\u0000""#,
        r#""\ud800""#,
        r#""\u202eadmin""#,
        r#""e\u0301""#,
        r#""admin@localhost""#,
        r#""admin@localhost\u0000@example.org""#,
        r#""password""#,
        r#""refresh_token""#,
        r#""../../etc/passwd""#,
        r#""' or 1=1 --""#,
        r#"{"$ne":null}"#,
        r#"["admin@localhost"]"#,
        "nul",
        "'x'",
        "NaN",
    ]
    .map(str::to_owned)
    .to_vec();
    values.push(json!("a".repeat(100_000)).to_string());
    values.push(json!("\u{1f980}".repeat(5_000)).to_string());
    values.push(format!("{}{}", "[".repeat(500), "]".repeat(500)));
    values.push(format!("{}1{}", "{\"a\":".repeat(500), "}".repeat(500)));
    values
}

/// A body with fields of the route's own and others, some of them twice.
fn body(dice: &mut Dice, fields: &[String], values: &[String]) -> String {
    let mut members = Vec::new();
    for _ in 0..=dice.roll(5) {
        let name = match dice.roll(6) {
            0 => "surely_unknown".to_owned(),
            1 => dice
                .pick(&["__proto__", "", "\u{202e}", "email ", "EMAIL"])
                .to_string(),
            _ if fields.is_empty() => "a".to_owned(),
            _ => dice.pick(fields).clone(),
        };
        members.push(format!("{}:{}", json!(name), dice.pick(values)));
    }
    match dice.roll(12) {
        0 => format!("[{{{}}}]", members.join(",")),
        1 => format!("{{{}", members.join(",")),
        _ => format!("{{{}}}", members.join(",")),
    }
}

/// Headers and cookies that no polite client sends.
fn dress(dice: &mut Dice, client: &mut Client) {
    let long = "x".repeat(6_000);
    let tricks: [(&'static str, &str); 12] = [
        ("authorization", "Bearer"),
        ("authorization", "Bearer  "),
        ("authorization", "Basic YWRtaW46YWRtaW4="),
        ("authorization", "Bearer eyJhbGciOiJub25lIn0.e30."),
        ("authorization", "Bearer dpt_"),
        ("authorization", "Bearer dps_x"),
        ("x-forwarded-for", "127.0.0.1, 10.0.0.1, not an address"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("depictio-view-as", "owner"),
        ("x-http-method-override", "DELETE"),
        ("x-request-id", &long),
    ];
    client.headers.clear();
    for _ in 0..dice.roll(3) {
        let (name, value) = dice.pick(&tricks);
        client.headers.push((name, (*value).to_owned()));
    }
    let cookies = [
        "depictio_access=x",
        "depictio_access=; depictio_access=y",
        "__Host-depictio_access=eyJhbGciOiJub25lIn0.e30.",
        "depictio_refresh=\"quoted; value\"",
        "=; ;;",
    ];
    client.cookies = match dice.roll(3) {
        0 => vec![(*dice.pick(&cookies)).to_owned()],
        _ => Vec::new(),
    };
}

/// What must hold of the answer to whatever was sent.
fn check(answer: &Answer, lets_in: bool, sent: &str) {
    let status = answer.status.as_u16();
    let shown: String = sent.chars().take(300).collect();
    assert!(status < 500, "{status} to {shown}: {}", answer.text());
    if answer.status.is_success() {
        assert!(lets_in, "{status} to {shown}: {}", answer.text());
        return;
    }
    let kind = answer
        .headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    assert_eq!(
        kind,
        Some("application/problem+json"),
        "{status} to {shown}"
    );
    let problem = answer.json();
    assert!(
        problem["code"].is_string() && problem["request_id"].is_string(),
        "{problem}"
    );
    // What was sent does not come back at length.
    assert!(
        answer.bytes.len() < 4_096,
        "{} bytes to {shown}",
        answer.bytes.len()
    );
    assert!(
        answer
            .set_cookies()
            .iter()
            .all(|cookie| cookie.contains("Max-Age=0")),
        "a refusal hands out a cookie: {shown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_to_a_public_route_lets_anyone_in_or_breaks_anything() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let document = admin.get("/api/v1/openapi.json").await.is(200).json();
    let mut dice = Dice(41);
    let values = values();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            if operation["security"] != json!([]) {
                continue;
            }
            let method = Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap();
            let model = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let fields: Vec<String> = model
                .as_str()
                .and_then(|name| name.rsplit('/').next())
                .and_then(|name| document["components"]["schemas"][name]["properties"].as_object())
                .map(|fields| fields.keys().cloned().collect())
                .unwrap_or_default();
            // A look at what is public, and signing out of nothing, are granted to everyone.
            let lets_in = verb == "get" || path.ends_with("/logout");
            let mut client = Client::anyone(&server);
            for _ in 0..TRIES {
                dress(&mut dice, &mut client);
                let kind = match dice.roll(8) {
                    0 => "text/plain",
                    1 => "application/json; charset=utf-16",
                    _ => "application/json",
                };
                let body = match verb.as_str() {
                    "get" => String::new(),
                    _ => body(&mut dice, &fields, &values),
                };
                let sent = format!("{verb} {path} {:?} {body}", client.headers);
                let answer = client
                    .send(method.clone(), path, Some(kind), body.into_bytes())
                    .await;
                check(&answer, lets_in, &sent);
                asked += 1;
            }
        }
    }
    assert!(asked > 1_000, "{asked} requests");
    // Who was signed in still is, and nobody else ever was.
    admin.get("/api/v1/auth/me").await.is(200);
    let logins = admin
        .get("/api/v1/audit/events?type=auth.login&limit=200")
        .await
        .is(200)
        .json();
    let logins = logins["items"].as_array().unwrap();
    let done: Vec<&Value> = logins
        .iter()
        .filter(|event| event["outcome"] == "done")
        .collect();
    assert!(done.len() <= 1, "{done:?}");
    let users = admin.get("/api/v1/users").await.is(200).json();
    assert_eq!(users["items"].as_array().unwrap().len(), 1);
}
