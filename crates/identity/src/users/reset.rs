//! A new password set by an admin or by the operator at the machine.

use super::UserError;
use super::create::describe;
use crate::documents::Credentials;
use crate::identity::Identity;
use crate::password::{PasswordHash, check_strength};
use access::Act;
use domain::action::ManageUsers;
use domain::entity::User;
use domain::id::{EventId, UserId};
use domain::key::Key;
use keys::Secret;
use store::StoreError;

impl Identity {
    /// Gives an account a new random password and ends all its sessions. The password is nowhere
    /// else and must be shown once.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn reset_password(
        &self,
        act: &Act<ManageUsers>,
        id: &UserId,
    ) -> Result<Secret<String>, UserError> {
        let user = self.get::<User>(&Key::new().id(id)).await?;
        let user = user.ok_or(UserError::NoSuchUser)?.value;
        let password = Secret::new(keys::password(&keys::SystemRng));
        self.set_password(act, &user, password.clone()).await?;
        describe(act, &user);
        Ok(password)
    }

    pub(super) async fn set_password(
        &self,
        act: &Act<ManageUsers>,
        user: &User,
        password: Secret<String>,
    ) -> Result<(), UserError> {
        check_strength(
            &password,
            &[&user.email, &user.display_name],
            &self.0.limits,
        )?;
        let password = self.hash(password).await?;
        self.write_password(act.event(), user, password).await
    }

    /// Puts a new password in the place of whatever is there, and ends all that rested on it.
    pub(crate) async fn write_password(
        &self,
        event: &EventId,
        user: &User,
        password: PasswordHash,
    ) -> Result<(), UserError> {
        loop {
            let stored = self.get::<Credentials>(&Key::new().id(&user.id)).await?;
            let credentials = Credentials {
                user: user.id.clone(),
                password: password.clone(),
                epoch: stored.as_ref().map_or(1, |stored| stored.value.epoch + 1),
                changed_by: event.clone(),
            };
            let documents = &self.0.documents;
            let written = match stored {
                Some(stored) => documents.replace(&credentials, stored.revision).await,
                None => documents.insert(&credentials).await,
            };
            match written {
                Ok(_) => break,
                Err(StoreError::Stale | StoreError::Exists { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.0.throttle.succeeded(&user.email);
        Ok(self.end_others(&user.id, None, event).await?)
    }
}
