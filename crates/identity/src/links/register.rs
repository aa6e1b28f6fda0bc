//! Making an account for oneself: by an invitation, or by nothing where registration is open.

use super::LinkError;
use crate::documents::{Link, Purpose};
use crate::email;
use crate::identity::Identity;
use crate::password::check_strength;
use crate::record::Announcement;
use crate::users::{UserError, checked_name};
use audit::{Detail, Kind, Origin, Target, TargetKind};
use domain::entity::User;
use domain::id::UserId;
use domain::key::Key;
use domain::{Actor, SystemRole};
use keys::Secret;
use store::Stored;

/// What somebody makes an account from.
pub struct NewAccount {
    /// What opens the invitation, when there is one.
    pub invitation: Option<Secret<String>>,
    /// The address to sign in with; the invitation's when it is for one.
    pub email: Option<String>,
    /// What others see.
    pub display_name: String,
    /// The password.
    pub password: Secret<String>,
}

impl Identity {
    /// Makes an account. With an invitation it has the role that the admin chose, else it is a
    /// user's.
    ///
    /// # Errors
    /// When the installation or the invitation does not allow it, or the account cannot be so.
    pub async fn register(&self, new: NewAccount, origin: Origin) -> Result<User, LinkError> {
        let mut attempt = Announcement {
            kind: Kind::Register,
            actor: Actor::Anyone,
            origin,
            target: None,
            detail: Detail::None,
        };
        let ready = self.check_account(&new, &attempt.origin).await;
        let (link, user) = match ready {
            Ok(ready) => ready,
            Err(LinkError::Unavailable(error)) => return Err(error.into()),
            Err(error) => {
                let code = access::FailureCode::code(&error).to_owned();
                attempt.detail = Detail::Failure { code };
                self.refused(&attempt)?;
                return Err(error);
            }
        };
        let hash = self.hash(new.password).await?;
        attempt.target = Some(Target::new(TargetKind::User, &user.id));
        attempt.detail = Detail::User {
            user: user.id.clone(),
            role: Some(user.role),
            disabled: Some(false),
        };
        self.announced(attempt, move |identity, event| async move {
            if let Some(link) = &link {
                identity.use_up(link).await?;
            }
            identity.insert_account(&event, &user, hash).await?;
            Ok(user)
        })
        .await
    }

    async fn check_account(
        &self,
        new: &NewAccount,
        origin: &Origin,
    ) -> Result<(Option<Stored<Link>>, User), LinkError> {
        self.takes_accounts(new.invitation.is_some()).await?;
        let link = match &new.invitation {
            Some(token) => Some(self.open_link(token).await?),
            None => {
                self.count_address(origin)?;
                None
            }
        };
        let (invited, role) = match link.as_ref().map(|link| &link.value.purpose) {
            Some(Purpose::Invitation { email, role }) => (email.clone(), *role),
            Some(Purpose::Reset { .. }) => return Err(LinkError::NotValid),
            None => (None, SystemRole::User),
        };
        let given = new.email.as_deref().map(email::normalise).transpose()?;
        let email = match (invited, given) {
            (Some(invited), Some(given)) if invited != given => return Err(LinkError::OtherEmail),
            (Some(email), _) | (None, Some(email)) => email,
            (None, None) => return Err(crate::email::EmailError.into()),
        };
        let user = User {
            id: UserId::generate(self.0.clock.as_ref(), self.0.rng.as_ref()),
            email,
            display_name: checked_name(&new.display_name)?,
            role,
            disabled: false,
            created_at: self.now(),
        };
        let known = [user.email.as_str(), &user.display_name];
        check_strength(&new.password, &known, &self.0.limits)?;
        // Looked at before the link is used up, so that a slip does not cost the invitation.
        let at = Key::new().text(&user.email);
        if self.0.documents.find::<User>("email", &at).await?.is_some() {
            return Err(UserError::EmailTaken.into());
        }
        Ok((link, user))
    }

    /// Counts an account made without an invitation against its address, as a wrong password is.
    fn count_address(&self, origin: &Origin) -> Result<(), LinkError> {
        let Some(address) = origin.address else {
            return Ok(());
        };
        let now = self.now();
        if let Some(retry_after_s) = self.0.throttle.address_wait_s(address, now) {
            return Err(LinkError::Throttled { retry_after_s });
        }
        self.0.throttle.count_address(address, now);
        Ok(())
    }
}
