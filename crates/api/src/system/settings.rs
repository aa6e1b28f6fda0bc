//! Settings of the installation, for admins.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::{JsonBody, present};
use crate::http::problem::Problem;
use access::{Detail, SettingsPatch, Target, TargetKind};
use axum::Json;
use axum::extract::State;
use domain::action::{ManageSettings, ReadSettings};
use domain::entity::Settings;
use domain::limits::ProjectLimits;
use domain::{Registration, RoomLimits, Sharing};
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
    /// What every project may hold, where that is less than the configuration allows; null when nowhere.
    project_limits: Option<RoomLimits>,
    /// What the configuration allows every project to hold.
    project_limits_configured: ProjectLimitsBody,
}

/// What a project may hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectLimitsBody {
    /// Bytes of all versions of all tables, as they lie in the store.
    project_bytes_max: u64,
    /// Rows of the latest versions of all tables together, when rows are added.
    project_rows_max: u64,
    /// Tables.
    project_collections_max: u64,
}

impl From<ProjectLimits> for ProjectLimitsBody {
    fn from(limits: ProjectLimits) -> Self {
        Self {
            project_bytes_max: limits.project_bytes_max,
            project_rows_max: limits.project_rows_max,
            project_collections_max: limits.project_collections_max,
        }
    }
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
    /// What every project may hold, in place of all that was set; null for what the configuration allows. None may be
    /// above that.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<RoomLimits>)]
    project_limits: Option<Option<RoomLimits>>,
}

async fn body(app: &App, settings: &Settings) -> Result<Json<SettingsBody>, Problem> {
    Ok(Json(SettingsBody {
        public_projects: settings.public_projects,
        registration: app.identity().registration().await?,
        sharing: settings.sharing,
        project_limits: Some(settings.project_limits).filter(|own| !own.is_empty()),
        project_limits_configured: (*app.collections().configured()).into(),
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
    let project_limits = patch.project_limits.map(Option::unwrap_or_default);
    if let Some(own) = &project_limits {
        let flaws = own.flaws(app.collections().configured());
        if !flaws.is_empty() {
            return Err(Problem::flawed("/project_limits", flaws));
        }
    }
    let patch = SettingsPatch {
        public_projects: patch.public_projects,
        registration: patch.registration,
        sharing: patch.sharing,
        project_limits,
    };
    let target = Target::new(TargetKind::Settings, &"settings");
    let settings = permit
        .act(Some(target), Detail::None, move |act| async move {
            act.change_settings(patch).await
        })
        .await?;
    body(&app, &settings).await
}
