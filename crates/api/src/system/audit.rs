//! The audit log, for admins.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::list::{ListOf, limit};
use crate::http::problem::Problem;
use access::Detail;
use audit::{EventOutcome, EventQuery, Kind, Recorded};
use axum::Json;
use axum::extract::State;
use domain::action::ReadAudit;
use domain::id::{ProjectId, ServiceId, TokenId, UserId};
use domain::{Actor, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Which events.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    #[serde(rename = "type")]
    kind: Option<String>,
    actor: Option<UserId>,
    project: Option<ProjectId>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    limit: Option<u64>,
    cursor: Option<u64>,
}

/// Who acted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActorBody {
    /// `user`, `token`, `service`, `anyone`, `operator` or `job`.
    kind: &'static str,
    /// The id, when it is a person or a program of theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<UserId>,
    /// The token of the program, when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<TokenId>,
    /// The account of a program, when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<ServiceId>,
    /// What others see, when it is a person who still has an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// One event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventBody {
    /// The id.
    id: String,
    /// Its number in the log.
    seq: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What it is about, such as `auth.login`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// `allowed`, `denied`, `failed` or `done`.
    #[schema(value_type = String)]
    outcome: EventOutcome,
    /// Who acted.
    actor: ActorBody,
    /// In which project.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectId>,
    /// On what: `{kind, id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    target: Option<audit::Target>,
    /// From which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// In which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// Why it was decided so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    because: Option<domain::Because>,
    /// The event whose outcome this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<String>,
    /// What else is known, by the kind of event.
    #[schema(value_type = Object)]
    details: Value,
}

impl EventBody {
    fn of(recorded: Recorded, names: &HashMap<UserId, String>) -> Self {
        let Recorded { seq, event, .. } = recorded;
        let user = event.actor.user().cloned();
        let kind = match &event.actor {
            Actor::User { .. } => "user",
            Actor::Token { .. } => "token",
            Actor::Service { .. } => "service",
            Actor::Anyone => "anyone",
            Actor::Operator => "operator",
            Actor::Job { .. } => "job",
        };
        let token = match &event.actor {
            Actor::Token { token, .. } => Some(token.clone()),
            _ => None,
        };
        let service = match &event.actor {
            Actor::Service { id, .. } => Some(id.clone()),
            _ => None,
        };
        let name = user.as_ref().and_then(|user| names.get(user).cloned());
        Self {
            id: event.id.to_string(),
            seq,
            at: event.at,
            kind: event.kind.as_str(),
            outcome: event.outcome,
            actor: ActorBody {
                kind,
                id: user,
                token,
                service,
                name,
            },
            project: event.project,
            target: event.target,
            address: event.origin.address.map(|address| address.to_string()),
            request_id: event.origin.request_id.map(|id| id.to_string()),
            because: event.because,
            intent: event.intent.map(|id| id.to_string()),
            details: serde_json::to_value(&event.detail).unwrap_or(Value::Null),
        }
    }
}

/// Number and hash of the last event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckpointBody {
    /// The number; 0 when there is none.
    seq: u64,
    /// SHA-256 over all events so far, hexadecimal.
    hash: String,
    /// When this was asked.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

pub(super) async fn events(
    Allowed(permit): Allowed<ReadAudit>,
    State(app): State<App>,
    Params(which): Params<Which>,
) -> Result<Json<ListOf<EventBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let kind = match &which.kind {
        Some(name) => Some(
            Kind::parse(name).ok_or_else(|| Problem::invalid("/type", "no event has this name"))?,
        ),
        None => None,
    };
    let most = limit(which.limit)?;
    let query = EventQuery {
        kind,
        actor: which.actor,
        project: which.project,
        from: which.from,
        to: which.to,
        before: which.cursor,
        limit: most,
    };
    let found = app
        .guard()
        .audit()
        .read(query)
        .await
        .map_err(|e| Problem::unavailable(&e))?;
    let people = found
        .iter()
        .filter_map(|recorded| recorded.event.actor.user().cloned());
    let names = permit.names(people).await?;
    let full = found.len() == usize::try_from(most).unwrap_or(usize::MAX);
    let next = found
        .last()
        .filter(|_| full)
        .map(|recorded| recorded.seq.to_string());
    let items = found
        .into_iter()
        .map(|recorded| EventBody::of(recorded, &names))
        .collect();
    Ok(Json(ListOf {
        items,
        next_cursor: next,
    }))
}

pub(super) async fn checkpoint(
    Allowed(permit): Allowed<ReadAudit>,
    State(app): State<App>,
) -> Result<Json<CheckpointBody>, Problem> {
    permit.note(None, Detail::None)?;
    let head = app
        .guard()
        .audit()
        .checkpoint()
        .await
        .map_err(|e| Problem::unavailable(&e))?;
    let (seq, hash) = head.unwrap_or_default();
    let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Json(CheckpointBody {
        seq,
        hash,
        at: app.clock().now(),
    }))
}
