//! Links that are good once: to set a password that was forgotten, and to make an account.
//!
//! An admin makes one and hands it on by a way they trust. What opens it stands behind the `#` of
//! the address, which browsers send to nobody, so it is in no log of ours or of a proxy; the server
//! keeps a digest. It is used up before anything comes of it: two uses at once are one, and a crash
//! between leaves less, never more.

mod invite;
mod register;
mod reset;

pub use invite::{InvitationView, NewInvitation};
pub use register::NewAccount;

use crate::documents::{Link, Purpose};
use crate::email::EmailError;
use crate::error::{Unavailable, from_below};
use crate::identity::Identity;
use crate::password::PasswordError;
use crate::users::UserError;
use access::FailureCode;
use audit::AuditError;
use chrono::Duration;
use domain::Timestamp;
use domain::entity::User;
use domain::id::{EventId, LinkId, UserId};
use domain::key::Key;
use domain::name::NameError;
use keys::Secret;
use store::{StoreError, Stored};

/// A link that was just made.
pub struct MadeLink {
    /// Its id.
    pub id: LinkId,
    /// What opens it. It is nowhere else and must be shown once.
    pub token: Secret<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The address of the person it is for, when it is for one.
    pub email: Option<String>,
}

/// What a link is for, for whoever holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkView {
    /// A new password for this account.
    Reset {
        /// Whose.
        email: String,
    },
    /// A new account.
    Invitation {
        /// The address it is for, when it is for one.
        email: Option<String>,
    },
}

/// Why nothing came of a link, or none was made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Unknown, used, expired, withdrawn or overtaken: which one is not said.
    #[error(
        "this link is not valid any more: it is good once and for a limited time; ask for a new one"
    )]
    NotValid,
    /// The installation does not take new accounts this way.
    #[error("new accounts are made by an admin here")]
    Closed,
    /// The installation takes new accounts with an invitation only.
    #[error("a new account needs an invitation here")]
    InvitationNeeded,
    /// The invitation is for another address.
    #[error("this invitation is for another e-mail address")]
    OtherEmail,
    /// There is no such account, or it is disabled.
    #[error("there is no such account, or it is disabled")]
    NoSuchUser,
    /// There is no such invitation.
    #[error("there is no such invitation")]
    NoSuchInvitation,
    /// As many invitations wait as may.
    #[error("{max} invitations are open, and more are not allowed: withdraw one first")]
    TooMany {
        /// How many are allowed.
        max: u64,
    },
    /// Too many from one address, or too many at once.
    #[error("too many attempts; try again in {retry_after_s} s")]
    Throttled {
        /// Whole seconds to wait, at least 1.
        retry_after_s: u64,
    },
    /// The account cannot be so.
    #[error(transparent)]
    User(UserError),
    /// What stands below failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
from_below!(LinkError);

impl From<UserError> for LinkError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Unavailable(below) => Self::Unavailable(below),
            other => Self::User(other),
        }
    }
}

impl From<EmailError> for LinkError {
    fn from(error: EmailError) -> Self {
        Self::User(error.into())
    }
}

impl From<NameError> for LinkError {
    fn from(error: NameError) -> Self {
        Self::User(error.into())
    }
}

impl From<PasswordError> for LinkError {
    fn from(error: PasswordError) -> Self {
        Self::User(error.into())
    }
}

impl FailureCode for LinkError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotValid => "link_not_valid",
            Self::Closed | Self::InvitationNeeded => "registration_closed",
            Self::OtherEmail => "invalid",
            Self::NoSuchUser | Self::NoSuchInvitation => "not_found",
            Self::TooMany { .. } => "too_many_invitations",
            Self::Throttled { .. } => "throttled",
            Self::User(error) => error.code(),
            Self::Unavailable(below) => below.code(),
        }
    }
}

impl Identity {
    /// What a link is for.
    ///
    /// # Errors
    /// [`LinkError::NotValid`] for all that is not, or no more, good.
    pub async fn look_at_link(&self, token: &Secret<String>) -> Result<LinkView, LinkError> {
        let link = self.open_link(token).await?;
        match &link.value.purpose {
            Purpose::Reset { user, epoch } => {
                let user = self.resettable(user, *epoch).await?;
                Ok(LinkView::Reset { email: user.email })
            }
            Purpose::Invitation { email, .. } => {
                self.takes_accounts(true).await?;
                Ok(LinkView::Invitation {
                    email: email.clone(),
                })
            }
        }
    }

    /// Keeps a new link and answers what opens it.
    async fn make_link(
        &self,
        purpose: Purpose,
        email: Option<String>,
        hours: u64,
        made_by: (Option<UserId>, &EventId),
    ) -> Result<MadeLink, LinkError> {
        let token = keys::token(self.0.rng.as_ref());
        let now = self.now();
        let link = Link {
            id: LinkId::generate(self.0.clock.as_ref(), self.0.rng.as_ref()),
            purpose,
            sha256: keys::sha256(token.as_bytes()),
            created_by: made_by.0,
            created_at: now,
            expires_at: now + Duration::hours(i64::try_from(hours).unwrap_or(i64::MAX)),
            changed_by: made_by.1.clone(),
        };
        self.0.documents.insert(&link).await?;
        Ok(MadeLink {
            id: link.id,
            token: Secret::new(token),
            expires_at: link.expires_at,
            email,
        })
    }

    async fn open_link(&self, token: &Secret<String>) -> Result<Stored<Link>, LinkError> {
        let at = Key::new().bytes(&keys::sha256(token.expose().as_bytes()));
        let link = self.0.documents.find::<Link>("sha256", &at).await?;
        link.filter(|link| link.value.expires_at > self.now())
            .ok_or(LinkError::NotValid)
    }

    /// Uses a link up. Of several who try at once, one succeeds.
    async fn use_up(&self, link: &Stored<Link>) -> Result<(), LinkError> {
        let key = Key::new().id(&link.value.id);
        let deleted = self.0.documents.delete::<Link>(&key, link.revision).await;
        deleted.map_err(|error| match error {
            StoreError::Stale => LinkError::NotValid,
            other => other.into(),
        })
    }

    /// The account that a link may give a new password, unless it has got one since.
    async fn resettable(&self, user: &UserId, epoch: u64) -> Result<User, LinkError> {
        let key = Key::new().id(user);
        let account = self.get::<User>(&key).await?;
        let credentials = self.get::<crate::documents::Credentials>(&key).await?;
        let same = credentials.is_some_and(|credentials| credentials.value.epoch == epoch);
        account
            .map(|account| account.value)
            .filter(|account| same && !account.disabled)
            .ok_or(LinkError::NotValid)
    }
}
