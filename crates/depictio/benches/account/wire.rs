//! The least an HTTP/1.1 client can be, so that it takes little of the processors that the servers are measured on.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Fallible;

/// A kept-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    held: Vec<u8>,
}

/// The bytes of a request for a page.
pub(crate) fn get(path: &str, token: Option<&str>) -> Vec<u8> {
    let authorization = token
        .map(|token| format!("authorization: Bearer {token}\r\n"))
        .unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{authorization}\r\n").into_bytes()
}

/// The bytes of a request with JSON.
pub(crate) fn post(path: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Fallible<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            held: Vec::with_capacity(16 << 10),
        })
    }

    /// Sends one request and reads its whole answer: status and body. Only answers that say their length.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Fallible<(u16, Vec<u8>)> {
        self.stream.write_all(request).await?;
        self.held.clear();
        let (head, length) = loop {
            if self.stream.read_buf(&mut self.held).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(end) = self.held.windows(4).position(|part| part == b"\r\n\r\n") {
                break (end + 4, length(self.held.get(..end).unwrap_or_default())?);
            }
        };
        while self.held.len() < head + length {
            if self.stream.read_buf(&mut self.held).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
        let status = std::str::from_utf8(self.held.get(9..12).unwrap_or_default())?.parse()?;
        Ok((
            status,
            self.held
                .get(head..head + length)
                .unwrap_or_default()
                .to_vec(),
        ))
    }
}

fn length(head: &[u8]) -> Fallible<usize> {
    std::str::from_utf8(head)?
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.trim().parse().map_err(Into::into))
        .unwrap_or_else(|| Err("an answer without a length".into()))
}
