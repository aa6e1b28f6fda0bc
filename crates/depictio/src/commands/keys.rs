//! `depictio keys ...`: the master key, and the key of one project's data.

use crate::config::Config;
use crate::house::Office;
use crate::keyring;
use access::{Caller, Detail};
use audit::{EventOutcome, Kind};
use domain::Actor;
use domain::action::ManageProject;
use domain::id::ProjectId;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Puts a new master key in the place of the present one. Requests go on: what hangs from it in memory
/// stays the same.
///
/// # Errors
/// One sentence; the present key then stays in force.
pub(crate) async fn rotate_master(office: &Office, config: &Config) -> Result<Value, String> {
    let audit = office.guard.audit();
    let rotated = BTreeMap::from([("master_key".to_owned(), "rotated".to_owned())]);
    let event = |outcome| {
        let mut event = audit.event(Kind::KeysRotate, outcome, Actor::Operator);
        event.detail = Detail::Settings {
            changed: rotated.clone(),
        };
        event
    };
    let intent = audit.record(event(EventOutcome::Allowed)).await;
    let intent = intent.map_err(words)?;
    let config = config.clone();
    let done = tokio::task::spawn_blocking(move || keyring::rotate_master(&config)).await;
    let done = done.map_err(words)?.map_err(words);
    let mut outcome = event(match done {
        Ok(()) => EventOutcome::Done,
        Err(_) => EventOutcome::Failed,
    });
    outcome.intent = Some(intent);
    audit.record(outcome).await.map_err(words)?;
    done?;
    Ok(json!({ "rotated": "master key" }))
}

/// Puts a new key in force for the data of one project.
///
/// # Errors
/// One sentence.
pub(super) async fn rotate_data(office: &Office, project: &str) -> Result<Value, String> {
    let unknown = || format!("there is no project {project}");
    let id: ProjectId = project.parse().map_err(|_| unknown())?;
    let permit = office
        .guard
        .on_project::<ManageProject>(&Caller::operator(), &id)
        .await
        .map_err(|_| unknown())?;
    let root = office.keyring.root.clone();
    let keys = permit
        .act(None, Detail::None, move |act| async move {
            tables::rotate_data_key(&act, &root).await
        })
        .await
        .map_err(words)?;
    Ok(json!({ "project": id, "key": keys.newest, "older_keys": keys.past }))
}
