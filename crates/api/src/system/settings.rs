//! Settings of the installation, for admins.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::problem::Problem;
use access::{Detail, SettingsPatch, Target, TargetKind};
use axum::Json;
use axum::extract::State;
use domain::action::{ManageSettings, ReadSettings};
use domain::entity::Settings;
use domain::{Registration, Sharing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The settings in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsBody {
    /// Whether grants to everyone are in force.
    public_projects: bool,
    /// Who may make an account: `closed`, `invite` or `open`. What the configuration says until it is set here.
    registration: Registration,
    /// Who gives roles in projects, to people, groups and programs: `owners` or `admins`.
    sharing: Sharing,
}

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsPatchBody {
    /// Whether grants to everyone are in force.
    public_projects: Option<bool>,
    /// Who may make an account.
    registration: Option<Registration>,
    /// Who gives roles in projects.
    sharing: Option<Sharing>,
}

async fn body(app: &App, settings: &Settings) -> Result<Json<SettingsBody>, Problem> {
    Ok(Json(SettingsBody {
        public_projects: settings.public_projects,
        registration: app.identity().registration().await?,
        sharing: settings.sharing,
    }))
}

pub(super) async fn show(
    Allowed(permit): Allowed<ReadSettings>,
    State(app): State<App>,
) -> Result<Json<SettingsBody>, Problem> {
    permit.note(None, Detail::None)?;
    body(&app, &permit.settings().await?).await
}

pub(super) async fn change(
    Allowed(permit): Allowed<ManageSettings>,
    State(app): State<App>,
    JsonBody(patch): JsonBody<SettingsPatchBody>,
) -> Result<Json<SettingsBody>, Problem> {
    let patch = SettingsPatch {
        public_projects: patch.public_projects,
        registration: patch.registration,
        sharing: patch.sharing,
    };
    let target = Target::new(TargetKind::Settings, &"settings");
    let settings = permit
        .act(Some(target), Detail::None, move |act| async move {
            act.change_settings(patch).await
        })
        .await?;
    body(&app, &settings).await
}
