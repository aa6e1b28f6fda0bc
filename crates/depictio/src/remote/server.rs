//! The server that `DEPICTIO_URL` names, spoken to with the token in `DEPICTIO_TOKEN`.

use super::answer::{self, Failure};
use crate::config::Config;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, Method, Request, Response};
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::{Host, Url};

/// How long a connection may take to come about. What is said on it has no such bound: a large table is read for
/// minutes before it is answered, and the kernel notices a peer that is gone.
const CONNECT: Duration = Duration::from_secs(20);

const NO_URL: &str = "DEPICTIO_URL is not set: it is the address of the server, such as \
                      https://depictio.lab.example";

const NO_TOKEN: &str = "DEPICTIO_TOKEN is not set (nor DEPICTIO_TOKEN_FILE): make a token on the page Account, under \
                        Tokens for programs, or take that of a service account of the project";

/// A server, and the right to speak to it.
pub(super) struct Server {
    root: Url,
    bearer: HeaderValue,
    client: Client,
}

impl Server {
    /// The server of the configuration. Nothing is sent yet.
    ///
    /// # Errors
    /// When the address or the token is missing, or the token would cross a network in the clear.
    pub(super) fn of(config: &Config) -> Result<Self, String> {
        let root = root(config.remote_url.as_ref().ok_or(NO_URL)?);
        let token = config.remote_token.as_ref().ok_or(NO_TOKEN)?;
        let is_plain = root.scheme() == "http";
        if is_plain && !is_this_machine(&root) {
            return Err(format!(
                "DEPICTIO_URL is {root}: the token would cross the network readable by all; use https://"
            ));
        }
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_| "DEPICTIO_TOKEN has characters in it that no token has")?;
        bearer.set_sensitive(true);
        // One connection of HTTP/1.1: the windows of HTTP/2 slow a large file down, and several streams are not needed.
        let mut client = Client::builder()
            .user_agent(concat!("depictio/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .http1_only()
            .connect_timeout(CONNECT);
        if is_plain {
            // What a proxy is given to hand on in the clear, it reads.
            client = client.no_proxy();
        }
        let client = client
            .build()
            .map_err(|error| format!("no client: {}", answer::last_cause(&error)))?;
        Ok(Self {
            root,
            bearer,
            client,
        })
    }

    /// The address of something under `/api/v1`.
    pub(super) fn address(&self, segments: &[&str]) -> Url {
        let mut url = self.root.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1"]).extend(segments);
        }
        url
    }

    /// A request with the token.
    pub(super) fn request(&self, method: Method, url: Url) -> Request {
        let mut request = Request::new(method, url);
        request
            .headers_mut()
            .insert(AUTHORIZATION, self.bearer.clone());
        request
    }

    /// Sends a request; whatever the server says is an answer.
    ///
    /// # Errors
    /// When there is no answer.
    pub(super) async fn send(&self, request: Request) -> Result<Response, Failure> {
        let sent = self.client.execute(request).await;
        sent.map_err(|error| answer::none(&self.root, &error))
    }

    /// Sends a request and reads what is answered.
    ///
    /// # Errors
    /// When it is refused, or there is no answer.
    pub(super) async fn ask<T: DeserializeOwned>(&self, request: Request) -> Result<T, Failure> {
        answer::read(self.send(request).await?).await
    }

    /// Reads what is there.
    ///
    /// # Errors
    /// When it is refused, or there is no answer.
    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, Failure> {
        self.ask(self.request(Method::GET, url)).await
    }
}

/// Where the server's paths begin, also when somebody gives the address of the API as the documentation has it.
fn root(url: &Url) -> Url {
    let path = url.path().trim_end_matches('/');
    let mut root = url.clone();
    root.set_path(path.strip_suffix("/api/v1").unwrap_or(path));
    root
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_found_in_what_people_write() {
        for (written, expected) in [
            ("https://lab.example", "https://lab.example/"),
            ("https://lab.example/", "https://lab.example/"),
            ("https://lab.example/api/v1/", "https://lab.example/"),
            ("https://lab.example/tables/", "https://lab.example/tables"),
        ] {
            assert_eq!(root(&written.parse().unwrap()).as_str(), expected);
        }
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for (url, expected) in [
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://localhost:8080", true),
            ("http://192.168.1.7", false),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
            ("http://0.0.0.0:8080", false),
        ] {
            assert_eq!(is_this_machine(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
