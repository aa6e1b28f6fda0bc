//! Routes of the installation: audit, settings, status, health, keys, and the document of all routes.

mod audit;
mod health;
mod reporting;
mod settings;
mod status;

use crate::App;
use crate::http::routes::{Doc, Routes};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

pub(crate) fn routes() -> Routes {
    Routes::under("/api/v1")
        .add(
            Doc::get("/audit/events", "Events of the audit log, newest first")
                .query("type", "the name of an event")
                .query("actor", "the id of a user")
                .query("project", "the id of a project")
                .query("from", "at or after this time (RFC 3339)")
                .query("to", "before this time (RFC 3339)")
                .paged::<audit::EventBody>(),
            audit::events,
        )
        .add(
            Doc::get("/audit/checkpoint", "Number and hash of the last event")
                .answer::<audit::CheckpointBody>(200),
            audit::checkpoint,
        )
        .add(
            Doc::get("/settings", "Settings of the installation")
                .answer::<settings::SettingsBody>(200),
            settings::show,
        )
        .add(
            Doc::patch("/settings", "Change settings of the installation")
                .body::<settings::SettingsPatchBody>()
                .answer::<settings::SettingsBody>(200),
            settings::change,
        )
        .add(
            Doc::get("/status", "Version, Code Mode and the demo's progress")
                .answer::<status::StatusBody>(200),
            status::status,
        )
        .public(
            Doc::get("/openapi.json", "This document").media(200, "application/json"),
            openapi,
        )
}

/// Routes at the root.
pub(crate) fn root_routes() -> Routes {
    Routes::under("")
        .public(
            Doc::get("/healthz", "The process is alive").media(200, "text/plain"),
            health::live,
        )
        .public(
            Doc::get(
                "/readyz",
                "Migrations are done and Code Mode's self-test has ended",
            )
            .media(200, "text/plain"),
            health::ready,
        )
        .public(
            Doc::get(
                "/.well-known/jwks.json",
                "Public keys of access tokens (RFC 7517)",
            )
            .media(200, "application/json"),
            health::jwks,
        )
        .public(
            Doc::get(
                "/.well-known/security.txt",
                "Whom to tell of a hole (RFC 9116), where a contact is configured",
            )
            .media(200, "text/plain"),
            reporting::security_txt,
        )
        .add(
            Doc::get("/metrics", "Measurements in Prometheus' text format")
                .media(200, "text/plain"),
            health::metrics,
        )
}

async fn openapi(State(app): State<App>) -> Response {
    Json(app.openapi()).into_response()
}
