//! `depictio audit ...`.

use crate::house::Office;
use audit::{EventOutcome, EventQuery, Kind};
use domain::Actor;
use serde_json::{Value, json};

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

pub(super) async fn list(
    office: &Office,
    kind: Option<&str>,
    limit: u32,
    before: Option<u64>,
) -> Result<Value, String> {
    let kind = kind
        .map(|name| Kind::parse(name).ok_or_else(|| format!("no event has the name {name}")))
        .transpose()?;
    let query = EventQuery {
        kind,
        limit,
        before,
        ..EventQuery::default()
    };
    let found = office.guard.audit().read(query).await.map_err(words)?;
    found
        .into_iter()
        .map(|recorded| {
            let mut event = serde_json::to_value(&recorded.event).map_err(words)?;
            if let Some(event) = event.as_object_mut() {
                event.insert("seq".to_owned(), json!(recorded.seq));
            }
            Ok(event)
        })
        .collect::<Result<Vec<_>, String>>()
        .map(Value::Array)
}

pub(super) async fn verify(office: &Office) -> Result<Value, String> {
    let verified = office
        .guard
        .audit()
        .verify()
        .await
        .map_err(words)?
        .map_err(words)?;
    let head: String = verified
        .head
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(json!({ "events": verified.events, "head": head }))
}

pub(super) async fn keys_rotated(office: &Office) -> Result<Value, String> {
    let audit = office.guard.audit();
    let event = audit.event(Kind::KeysRotate, EventOutcome::Done, Actor::Operator);
    audit.record(event).await.map_err(words)?;
    Ok(Value::Null)
}
