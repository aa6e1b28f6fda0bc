//! Settings of the installation, which admins change while it runs.

use crate::act::{Act, FailureCode};
use crate::error::AccessError;
use crate::permit::Permit;
use audit::{Detail, Target, TargetKind};
use domain::action::{ManageSettings, ReadSettings};
use domain::entity::Settings;
use domain::key::Key;
use std::collections::BTreeMap;
use store::StoreError;

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct SettingsPatch {
    /// Whether grants to everyone are in force.
    pub public_projects: Option<bool>,
}

const DEFAULT: Settings = Settings {
    public_projects: false,
    changed_by: None,
};

fn key() -> Key {
    Key::new().text("settings")
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
        let stored = self.inner.shared.documents.get::<Settings>(&key()).await?;
        Ok(stored.map_or(DEFAULT, |stored| stored.value))
    }
}

impl Act<ManageSettings> {
    /// Changes settings; what they were and are now goes into the log by name.
    ///
    /// # Errors
    /// When the store fails, or somebody changed them at the same moment.
    pub async fn change_settings(&self, patch: SettingsPatch) -> Result<Settings, AccessError> {
        let stored = self.documents().get::<Settings>(&key()).await?;
        let revision = stored.as_ref().map(|stored| stored.revision);
        let mut settings = stored.map_or(DEFAULT, |stored| stored.value);
        let mut changed = BTreeMap::new();
        if let Some(public) = patch.public_projects {
            settings.public_projects = public;
            changed.insert("public_projects".to_owned(), public.to_string());
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
