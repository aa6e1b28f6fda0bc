//! A small client: one person, with a bearer token, cookies, or nothing.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::client::legacy::Client as Inner;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::server::{ADMIN, PASSWORD, Server};

/// One person's way to a server.
#[derive(Clone)]
pub(crate) struct Client {
    inner: Inner<HttpConnector, Full<Bytes>>,
    address: String,
    token: Option<String>,
    /// Cookies as `name=value`, sent when there are any.
    pub(crate) cookies: Vec<String>,
    /// Headers of every request.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) bytes: Bytes,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body's lines as JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The problem's code.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Asserts the status, showing the body when it is another.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// Cookies that were set, as `name=value` with their attributes.
    pub(crate) fn set_cookies(&self) -> Vec<String> {
        let values = self.headers.get_all(SET_COOKIE).iter();
        values
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }
}

impl Client {
    /// Nobody.
    pub(crate) fn anyone(server: &Server) -> Self {
        Self {
            inner: Inner::builder(TokioExecutor::new()).build_http(),
            address: server.address.clone(),
            token: None,
            cookies: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// Somebody with a bearer token.
    pub(crate) async fn sign_in(server: &Server, email: &str, password: &str) -> Self {
        let mut client = Self::anyone(server);
        let body = json!({ "grant_type": "password", "email": email, "password": password });
        let answer = client.post("/api/v1/auth/token", &body).await.is(200);
        client.token = Some(answer.json()["access_token"].as_str().unwrap().to_owned());
        client
    }

    /// The first admin.
    pub(crate) async fn admin(server: &Server) -> Self {
        Self::sign_in(server, ADMIN, PASSWORD).await
    }

    /// Somebody new with a system role, and their id.
    pub(crate) async fn person(&self, server: &Server, name: &str, role: &str) -> (Self, String) {
        let unique = format!("{name}-{}", nanos());
        let email = format!("{unique}@example.org");
        let body =
            json!({ "email": email, "display_name": unique, "password": PASSWORD, "role": role });
        let made = self.post("/api/v1/users", &body).await.is(201);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        (Self::sign_in(server, &email, PASSWORD).await, id)
    }

    /// The same person with another token, or none.
    pub(crate) fn with_token(&self, token: Option<&str>) -> Self {
        Self {
            token: token.map(str::to_owned),
            ..self.clone()
        }
    }

    /// The bearer token.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Sends anything.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if !self.cookies.is_empty() {
            request = request.header(COOKIE, self.cookies.join("; "));
        }
        if let Some(kind) = content_type {
            request = request.header(CONTENT_TYPE, kind);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let response = self.inner.request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.send(
            method,
            path,
            Some("application/json"),
            body.to_string().into_bytes(),
        )
        .await
    }

    /// GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Vec::new()).await
    }

    /// POST with JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::POST, path, body).await
    }

    /// PUT with JSON.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::PUT, path, body).await
    }

    /// PATCH with JSON.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::PATCH, path, body).await
    }

    /// DELETE.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, Vec::new()).await
    }

    /// PUT with `If-Match`.
    pub(crate) async fn put_over(&self, path: &str, etag: &str, body: &Value) -> Answer {
        let mut client = self.clone();
        client.headers.push(("if-match", etag.to_owned()));
        client.put(path, body).await
    }

    /// Uploads files.
    pub(crate) async fn upload(&self, path: &str, files: &[(&str, &[u8])]) -> Answer {
        let (kind, body) = multipart(files, None);
        self.send(Method::POST, path, Some(&kind), body).await
    }

    /// Makes a project; its path.
    pub(crate) async fn project(&self, name: &str) -> String {
        let made = self
            .post("/api/v1/projects", &json!({ "name": name }))
            .await
            .is(201);
        format!("/api/v1/projects/{}", made.json()["id"].as_str().unwrap())
    }

    /// Makes a collection in a project, from one CSV when it is not empty; its path and id.
    pub(crate) async fn collection(
        &self,
        project: &str,
        name: &str,
        csv: &str,
    ) -> (String, String) {
        let path = format!("{project}/collections");
        let made = self.post(&path, &json!({ "name": name })).await.is(201);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let path = format!("{path}/{id}");
        if !csv.is_empty() {
            self.upload(&format!("{path}/uploads"), &[("table.csv", csv.as_bytes())])
                .await
                .is(201);
        }
        (path, id)
    }
}

/// A multipart body with its content type.
pub(crate) fn multipart(files: &[(&str, &[u8])], schema: Option<&Value>) -> (String, Vec<u8>) {
    let boundary = "a-boundary-that-is-in-no-file";
    let mut body = Vec::new();
    for (name, bytes) in files {
        body.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    if let Some(schema) = schema {
        body.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"schema\"\r\n\r\n{schema}\r\n"
            )
            .as_bytes(),
        );
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

#[expect(
    clippy::disallowed_methods,
    reason = "names of one test run must differ from another's"
)]
fn nanos() -> u128 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    since.as_nanos() * 1_000 + u128::from(COUNT.fetch_add(1, Ordering::Relaxed))
}
