//! Settings of the installation, for admins.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::problem::Problem;
use access::{Detail, SettingsPatch, Target, TargetKind};
use axum::Json;
use axum::extract::State;
use domain::Registration;
use domain::action::{ManageSettings, ReadSettings};
use domain::entity::Settings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The settings in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsBody {
    /// Whether grants to everyone are in force.
    public_projects: bool,
    /// Who may make an account: `closed`, `invite` or `open`. Set in the configuration.
    registration: Registration,
}

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsPatchBody {
    /// Whether grants to everyone are in force.
    public_projects: Option<bool>,
}

fn body(app: &App, settings: &Settings) -> Json<SettingsBody> {
    Json(SettingsBody {
        public_projects: settings.public_projects,
        registration: app.registration(),
    })
}

pub(super) async fn show(
    Allowed(permit): Allowed<ReadSettings>,
    State(app): State<App>,
) -> Result<Json<SettingsBody>, Problem> {
    permit.note(None, Detail::None)?;
    Ok(body(&app, &permit.settings().await?))
}

pub(super) async fn change(
    Allowed(permit): Allowed<ManageSettings>,
    State(app): State<App>,
    JsonBody(patch): JsonBody<SettingsPatchBody>,
) -> Result<Json<SettingsBody>, Problem> {
    let patch = SettingsPatch {
        public_projects: patch.public_projects,
    };
    let target = Target::new(TargetKind::Settings, &"settings");
    let settings = permit
        .act(Some(target), Detail::None, move |act| async move {
            act.change_settings(patch).await
        })
        .await?;
    Ok(body(&app, &settings))
}
