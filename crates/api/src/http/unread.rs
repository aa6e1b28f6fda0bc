//! Bodies that an answer did not wait for.
//!
//! A request refused by its headers alone leaves its body on the connection. HTTP/1.1 then has to
//! close it, and a client that takes the connection for its next request at that moment loses that
//! request (RFC 9110, 15.5.14). So what is left is read and thrown away if it is short and comes
//! soon; otherwise the answer says that the connection ends with it.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Version, header};
use http_body_util::{BodyExt, Limited};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;

/// What is read of a body that nobody wants, in bytes.
const SHORT: usize = 4 << 20;

/// For how long it is read.
const SOON: Duration = Duration::from_secs(2);

/// A body that comes back when its reader lets go of it before its end.
struct Lent {
    body: Body,
    ended: bool,
    back: Option<oneshot::Sender<Option<Body>>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.ended |=
            matches!(polled, Poll::Ready(None | Some(Err(_)))) || self.body.is_end_stream();
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let body = std::mem::take(&mut self.body);
        if let Some(back) = self.back.take() {
            // Nobody waits for it when the request itself was given up.
            let _ = back.send((!self.ended).then_some(body));
        }
    }
}

/// What one request's answer has to settle.
pub(crate) struct Unread {
    body: oneshot::Receiver<Option<Body>>,
    /// Reading would tell such a client to send what nobody wants.
    waits_to_send: bool,
}

impl Unread {
    /// Lends out the body of a request; `None` where nothing can be left on the connection.
    pub(crate) fn of(request: &mut Request) -> Option<Self> {
        if request.version() > Version::HTTP_11 || request.body().is_end_stream() {
            return None;
        }
        let (back, body) = oneshot::channel();
        let lent = Lent {
            body: std::mem::take(request.body_mut()),
            ended: false,
            back: Some(back),
        };
        *request.body_mut() = Body::new(lent);
        let waits_to_send = request.headers().contains_key(header::EXPECT);
        Some(Self {
            body,
            waits_to_send,
        })
    }

    /// Reads what is left, or says in the answer that the connection ends.
    pub(crate) async fn settle(mut self, answer: &mut HeaderMap) {
        let is_read = match self.body.try_recv() {
            Ok(None) => true,
            Ok(Some(body)) if !self.waits_to_send => {
                let rest = Limited::new(body, SHORT);
                matches!(tokio::time::timeout(SOON, is_end(rest)).await, Ok(true))
            }
            _ => false,
        };
        if !is_read {
            answer.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

async fn is_end(mut body: Limited<Body>) -> bool {
    loop {
        match body.frame().await {
            None => return true,
            Some(Ok(_)) => {}
            Some(Err(_)) => return false,
        }
    }
}
