//! Changing an account: its name, its role, whether it may sign in.

use super::UserError;
use super::create::{checked_name, describe};
use crate::documents::{Admins, Credentials};
use crate::identity::{Identity, with_role_in_force};
use access::{Act, Changed};
use audit::{Detail, Target, TargetKind};
use domain::SystemRole;
use domain::action::ManageUsers;
use domain::entity::User;
use domain::id::{EventId, UserId};
use domain::key::Key;
use store::StoreError;

/// Tries of a change that others keep overtaking.
const TRIES: u32 = 8;

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UserPatch {
    /// What others see.
    pub display_name: Option<String>,
    /// The role in the system.
    pub role: Option<SystemRole>,
    /// Whether the account may not sign in.
    pub disabled: Option<bool>,
}

/// Whether an account belongs into the document of admins.
fn is_admin_in_force(user: &User) -> bool {
    user.role == SystemRole::Admin && !user.disabled
}

impl Identity {
    /// Changes an account. A role counts from the next request on; disabling ends all sessions.
    ///
    /// # Errors
    /// [`UserError::LastAdmin`] when nobody could manage the installation afterwards.
    pub async fn change_user(
        &self,
        act: &Act<ManageUsers>,
        id: &UserId,
        patch: UserPatch,
    ) -> Result<User, UserError> {
        let display_name = patch
            .display_name
            .as_deref()
            .map(checked_name)
            .transpose()?;
        let event = act.event();
        for _ in 0..TRIES {
            let (stored, admins) = self.with_admins(id).await?;
            let before = with_role_in_force(stored.value.clone(), admins.as_ref());
            let mut user = before.clone();
            if let Some(name) = &display_name {
                user.display_name.clone_from(name);
            }
            user.role = patch.role.unwrap_or(user.role);
            user.disabled = patch.disabled.unwrap_or(user.disabled);

            if !is_admin_in_force(&user) {
                self.leave_admins(id, event).await?;
            }
            match self.0.documents.replace(&user, stored.revision).await {
                Ok(_) => {}
                Err(StoreError::Stale) => continue,
                Err(error) => return Err(error.into()),
            }
            if is_admin_in_force(&user) {
                self.join_admins(id, event).await?;
            }
            // Somebody who changed the same account at the same moment may have come between the
            // two documents. Then the change is made again on what is there now.
            let (now, admins) = self.with_admins(id).await?;
            let listed = admins.is_some_and(|admins| admins.members.contains(id));
            if listed != is_admin_in_force(&now.value) {
                continue;
            }
            if user.disabled && !before.disabled {
                self.close_epoch(id, event).await?;
            }
            if (user.role, user.disabled) != (before.role, before.disabled) {
                self.0.guard.signal(&Changed::User(id.clone()));
            }
            describe(act, &user);
            return Ok(user);
        }
        Err(UserError::Busy)
    }

    async fn with_admins(
        &self,
        id: &UserId,
    ) -> Result<(store::Stored<User>, Option<Admins>), UserError> {
        let mut batch = self.0.documents.batch();
        let user = batch.add::<User>(&Key::new().id(id));
        let admins = batch.add::<Admins>(&Admins::place());
        let mut read = batch.read().await?;
        let user = read.take(user)?.ok_or(UserError::NoSuchUser)?;
        Ok((user, read.take(admins)?.map(|admins| admins.value)))
    }

    /// Ends all sessions and tokens of an account, which stays as it is otherwise.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn end_all(&self, act: &Act<ManageUsers>, id: &UserId) -> Result<(), UserError> {
        let user = self.get::<User>(&Key::new().id(id)).await?;
        user.ok_or(UserError::NoSuchUser)?;
        self.close_epoch(id, act.event()).await?;
        act.describe(Some(Target::new(TargetKind::User, id)), Detail::None);
        Ok(())
    }

    /// Ends all sessions of an account with one write, those being opened at this moment included.
    async fn close_epoch(&self, id: &UserId, event: &EventId) -> Result<(), UserError> {
        while let Some(stored) = self.get::<Credentials>(&Key::new().id(id)).await? {
            let mut credentials = stored.value;
            credentials.epoch += 1;
            credentials.changed_by = event.clone();
            match self
                .0
                .documents
                .replace(&credentials, stored.revision)
                .await
            {
                Ok(_) => break,
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.end_others(id, None, event).await?)
    }
}
