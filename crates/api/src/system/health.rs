//! Health, readiness, keys and measurements, at the root.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::problem::Problem;
use access::Detail;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::action::ReadMetrics;
use serde_json::{Value, json};

pub(super) async fn live() -> &'static str {
    "alive\n"
}

pub(super) async fn ready(State(app): State<App>) -> Response {
    if app.is_ready() {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting\n").into_response()
    }
}

pub(super) async fn jwks(State(app): State<App>) -> Json<Value> {
    Json(json!({ "keys": app.identity().public_keys() }))
}

pub(super) async fn metrics(
    Allowed(permit): Allowed<ReadMetrics>,
    State(app): State<App>,
) -> Result<Response, Problem> {
    permit.note(None, Detail::None)?;
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    Ok((kind, app.render_metrics()).into_response())
}
