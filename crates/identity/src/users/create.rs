//! Making an account. Its owner can sign in at once.

use super::UserError;
use crate::documents::Credentials;
use crate::email;
use crate::identity::Identity;
use crate::password::{PasswordHash, check_strength};
use access::Act;
use audit::{Detail, Target, TargetKind};
use domain::SystemRole;
use domain::action::ManageUsers;
use domain::entity::User;
use domain::id::{EventId, UserId};
use domain::limits::RequestLimits;
use domain::name;
use keys::Secret;

/// What an account is made from.
pub struct NewUser {
    /// The address to sign in with.
    pub email: String,
    /// What others see.
    pub display_name: String,
    /// The first password.
    pub password: Secret<String>,
    /// The role in the system.
    pub role: SystemRole,
}

impl Identity {
    /// Makes an account.
    ///
    /// # Errors
    /// When the address is none or taken, or name or password are not accepted.
    pub async fn create_user(
        &self,
        act: &Act<ManageUsers>,
        new: NewUser,
    ) -> Result<User, UserError> {
        let user = User {
            id: UserId::generate(self.0.clock.as_ref(), self.0.rng.as_ref()),
            email: email::normalise(&new.email)?,
            display_name: checked_name(&new.display_name)?,
            role: new.role,
            disabled: false,
            created_at: self.now(),
        };
        check_strength(
            &new.password,
            &[&user.email, &user.display_name],
            &self.0.limits,
        )?;
        let password = self.hash(new.password).await?;
        self.insert_account(act.event(), &user, password).await?;
        describe(act, &user);
        Ok(user)
    }

    /// Keeps a new account.
    pub(crate) async fn insert_account(
        &self,
        event: &EventId,
        user: &User,
        password: PasswordHash,
    ) -> Result<(), UserError> {
        // The account first: its address must be free. Without credentials nobody can sign in to it.
        self.0.documents.insert(user).await?;
        let credentials = Credentials {
            user: user.id.clone(),
            password,
            epoch: 1,
            changed_by: event.clone(),
        };
        self.0.documents.insert(&credentials).await?;
        if user.role == SystemRole::Admin {
            self.join_admins(&user.id, event).await?;
        }
        Ok(())
    }

    pub(crate) async fn hash(&self, password: Secret<String>) -> Result<PasswordHash, UserError> {
        let turn = self.0.hasher.turn().await.ok_or(UserError::Busy)?;
        let rng = self.0.rng.as_ref();
        Ok(self.0.hasher.hash(turn, password, rng).await?)
    }
}

pub(crate) fn checked_name(text: &str) -> Result<String, UserError> {
    Ok(name::line(text, RequestLimits::default().name_chars_max)?)
}

/// Says for the log what an account is now.
pub(super) fn describe(act: &Act<ManageUsers>, user: &User) {
    let detail = Detail::User {
        user: user.id.clone(),
        role: Some(user.role),
        disabled: Some(user.disabled),
    };
    act.describe(Some(Target::new(TargetKind::User, &user.id)), detail);
}
