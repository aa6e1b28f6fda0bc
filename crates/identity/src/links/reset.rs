//! A new password by a link that an admin made.

use super::{LinkError, MadeLink};
use crate::documents::{Credentials, Link, Purpose};
use crate::error::Unavailable;
use crate::identity::Identity;
use crate::password::check_strength;
use crate::record::Announcement;
use access::Act;
use audit::{Detail, Kind, Origin, Target, TargetKind};
use domain::Actor;
use domain::action::CreateResetLink;
use domain::entity::User;
use domain::id::UserId;
use domain::key::Key;
use keys::Secret;
use store::Order;

/// Most links of one person that a new one replaces; there is one.
const OLDER_MAX: u32 = 50;

impl Identity {
    /// Makes the link by which a person sets a new password. An earlier one of theirs ends.
    ///
    /// # Errors
    /// [`LinkError::NoSuchUser`] also for an account that is disabled.
    pub async fn make_reset_link(
        &self,
        act: &Act<CreateResetLink>,
        id: &UserId,
    ) -> Result<MadeLink, LinkError> {
        let key = Key::new().id(id);
        let user = self.get::<User>(&key).await?;
        let credentials = self.get::<Credentials>(&key).await?;
        let user = user.filter(|user| !user.value.disabled);
        let (Some(user), Some(credentials)) = (user, credentials) else {
            return Err(LinkError::NoSuchUser);
        };
        self.withdraw_reset_links(id).await?;
        let purpose = Purpose::Reset {
            user: id.clone(),
            epoch: credentials.value.epoch,
        };
        let hours = self.0.limits.reset_link_life_hours;
        let made_by = (act.permit().user().cloned(), act.event());
        let email = Some(user.value.email);
        let made = self.make_link(purpose, email, hours, made_by).await?;
        act.describe(Some(Target::new(TargetKind::User, id)), Detail::None);
        Ok(made)
    }

    /// Sets a new password by a link. All sessions and tokens of the account end.
    ///
    /// # Errors
    /// [`LinkError::NotValid`], or when the password is not accepted; then the link stays good.
    pub async fn reset_by_link(
        &self,
        token: &Secret<String>,
        password: Secret<String>,
        origin: Origin,
    ) -> Result<(), LinkError> {
        let mut attempt = Announcement {
            kind: Kind::PasswordReset,
            actor: Actor::Anyone,
            origin,
            target: None,
            detail: Detail::None,
        };
        let found = match self.open_link(token).await {
            Ok(link) => match link.value.purpose.clone() {
                Purpose::Reset { user, epoch } => {
                    let user = self.resettable(&user, epoch).await;
                    user.map(|user| (link, user))
                }
                Purpose::Invitation { .. } => Err(LinkError::NotValid),
            },
            Err(error) => Err(error),
        };
        let (link, user) = match found {
            Ok(found) => found,
            Err(LinkError::NotValid) => {
                let code = "link_not_valid".to_owned();
                attempt.detail = Detail::Failure { code };
                self.refused(&attempt)?;
                return Err(LinkError::NotValid);
            }
            Err(error) => return Err(error),
        };
        check_strength(
            &password,
            &[&user.email, &user.display_name],
            &self.0.limits,
        )?;
        let hash = self.hash(password).await?;
        attempt.target = Some(Target::new(TargetKind::User, &user.id));
        self.announced(attempt, move |identity, event| async move {
            identity.use_up(&link).await?;
            identity.write_password(&event, &user, hash).await?;
            Ok(())
        })
        .await
    }

    /// Ends the links of a person.
    pub(crate) async fn withdraw_reset_links(&self, user: &UserId) -> Result<(), Unavailable> {
        let (own, documents) = (Key::new().id(user), &self.0.documents);
        let links = documents.list::<Link>("user", &own, Order::Ascending, None, OLDER_MAX);
        for link in links.await?.items {
            let key = Key::new().id(&link.value.id);
            documents.delete_prefix::<Link>(&key).await?;
        }
        Ok(())
    }
}
