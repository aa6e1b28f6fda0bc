//! Settings of the installation, which admins change while it runs.

use crate::act::{Act, FailureCode};
use crate::error::AccessError;
use crate::permit::Permit;
use audit::{Detail, Target, TargetKind};
use domain::action::{Action, ManageSettings, ReadSettings};
use domain::entity::Settings;
use domain::limits::ProjectLimits;
use domain::{Registration, RoomLimits, Sharing};
use std::collections::BTreeMap;
use store::{Documents, StoreError};

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct SettingsPatch {
    /// Whether grants to everyone are in force.
    pub public_projects: Option<bool>,
    /// Who may make an account.
    pub registration: Option<Registration>,
    /// Who gives roles in projects.
    pub sharing: Option<Sharing>,
    /// What every project may hold: in place of all that was set.
    pub project_limits: Option<RoomLimits>,
}

/// Whether what is granted to everyone is in force.
pub(crate) async fn public_projects(documents: &Documents) -> Result<bool, AccessError> {
    let stored = documents.get::<Settings>(&Settings::place()).await?;
    Ok(stored.is_some_and(|stored| stored.value.public_projects))
}

impl<A: Action> Permit<A> {
    /// What every project may hold now: the lower of what is configured and what an admin has set.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn project_limits(
        &self,
        configured: &ProjectLimits,
    ) -> Result<ProjectLimits, AccessError> {
        let documents = &self.inner.shared.documents;
        let stored = documents.get::<Settings>(&Settings::place()).await?;
        let own = stored.map_or(RoomLimits::AS_CONFIGURED, |stored| {
            stored.value.project_limits
        });
        Ok(own.in_force(configured))
    }
}

impl FailureCode for AccessError {
    fn code(&self) -> &'static str {
        "unavailable"
    }
}

impl Permit<ReadSettings> {
    /// The settings in force.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settings(&self) -> Result<Settings, AccessError> {
        let documents = &self.inner.shared.documents;
        let stored = documents.get::<Settings>(&Settings::place()).await?;
        Ok(stored.map_or(Settings::START, |stored| stored.value))
    }
}

impl Act<ManageSettings> {
    /// Changes settings; what they were and are now goes into the log by name.
    ///
    /// # Errors
    /// When the store fails, or somebody changed them at the same moment.
    pub async fn change_settings(&self, patch: SettingsPatch) -> Result<Settings, AccessError> {
        let stored = self.documents().get::<Settings>(&Settings::place()).await?;
        let revision = stored.as_ref().map(|stored| stored.revision);
        let mut settings = stored.map_or(Settings::START, |stored| stored.value);
        let mut changed = BTreeMap::new();
        let mut note = |name: &str, value: &str| changed.insert(name.to_owned(), value.to_owned());
        if let Some(public) = patch.public_projects {
            settings.public_projects = public;
            note("public_projects", &public.to_string());
        }
        if let Some(registration) = patch.registration {
            settings.registration = Some(registration);
            note("registration", registration.as_str());
        }
        if let Some(sharing) = patch.sharing {
            settings.sharing = sharing;
            note("sharing", sharing.as_str());
        }
        if let Some(limits) = patch.project_limits {
            settings.project_limits = limits;
            for (name, value) in limits.entries() {
                let value = value.map_or("as configured".to_owned(), |value| value.to_string());
                note(name, &value);
            }
        }
        settings.changed_by = Some(self.event().clone());
        match revision {
            Some(revision) => self.documents().replace(&settings, revision).await?,
            None => self
                .documents()
                .insert(&settings)
                .await
                .map_err(|error| match error {
                    StoreError::Exists { .. } => StoreError::Stale,
                    other => other,
                })?,
        };
        self.describe(
            Some(Target::new(TargetKind::Settings, &"settings")),
            Detail::Settings { changed },
        );
        Ok(settings)
    }
}
