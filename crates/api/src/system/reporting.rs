//! `GET /.well-known/security.txt`: whom to tell of a hole (RFC 9116).

use crate::App;
use crate::http::problem::Problem;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{Duration, SecondsFormat};

/// For how long what it says may be relied on; RFC 9116 recommends less than a year.
const GOOD_DAYS: i64 = 180;

pub(super) async fn security_txt(State(app): State<App>) -> Result<Response, Problem> {
    let contact = app.security_contact().ok_or_else(Problem::not_found)?;
    let expires = app.clock().now() + Duration::days(GOOD_DAYS);
    let expires = expires.to_rfc3339_opts(SecondsFormat::Secs, true);
    let text = format!("Contact: {contact}\r\nExpires: {expires}\r\nPreferred-Languages: en\r\n");
    let head = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((head, text).into_response())
}
