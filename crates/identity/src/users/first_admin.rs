//! The first admin, made once at the first start. There is no default password.

use super::{NewUser, UserError};
use crate::documents::Admins;
use crate::email;
use crate::identity::Identity;
use access::Act;
use domain::SystemRole;
use domain::action::ManageUsers;
use domain::entity::User;
use domain::key::Key;
use keys::Secret;

/// The first admin.
pub struct FirstAdmin {
    /// The account.
    pub user: User,
    /// The random password, when none was given. It is nowhere else and must be shown once.
    pub password: Option<Secret<String>>,
}

impl Identity {
    /// Makes the first admin; `None` when there has been one, and then for ever.
    ///
    /// # Errors
    /// When the address is none, or the password given is not accepted.
    pub async fn first_admin(
        &self,
        act: &Act<ManageUsers>,
        email: &str,
        password: Option<Secret<String>>,
    ) -> Result<Option<FirstAdmin>, UserError> {
        if self.get::<Admins>(&Admins::place()).await?.is_some() {
            return Ok(None);
        }
        // The system's generator and no other: this password opens everything.
        let random = || Secret::new(keys::password(&keys::SystemRng));
        let (password, shown) = match password {
            Some(given) => (given, None),
            None => {
                let made = random();
                (made.clone(), Some(made))
            }
        };
        let email = email::normalise(email)?;
        let at = Key::new().text(&email);
        let user = match self.0.documents.find::<User>("email", &at).await? {
            // An earlier first start got this far and was cut off: its password was never shown.
            Some(found) => {
                self.set_password(act, &found.value, password).await?;
                self.join_admins(&found.value.id, act.event()).await?;
                found.value
            }
            None => {
                let new = NewUser {
                    email,
                    display_name: "Administrator".to_owned(),
                    password,
                    role: SystemRole::Admin,
                };
                self.create_user(act, new).await?
            }
        };
        Ok(Some(FirstAdmin {
            user,
            password: shown,
        }))
    }
}
