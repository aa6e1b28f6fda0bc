//! Invitations: made, listed and withdrawn by admins.

use super::{LinkError, MadeLink};
use crate::documents::{Link, Purpose};
use crate::email;
use crate::error::Unavailable;
use crate::identity::Identity;
use access::{Act, Permit};
use audit::{Detail, Target, TargetKind};
use chrono::Duration;
use domain::action::{Invite, ListUsers};
use domain::entity::Settings;
use domain::id::{LinkId, UserId};
use domain::key::Key;
use domain::{Registration, SystemRole, Timestamp};
use store::{Cursor, Order, Span};

/// What an invitation is made from.
pub struct NewInvitation {
    /// The address it is for; `None` for whoever has the link.
    pub email: Option<String>,
    /// The role of the account that comes of it.
    pub role: SystemRole,
}

/// An invitation that waits, without what opens it.
#[derive(Debug, Clone, PartialEq)]
pub struct InvitationView {
    /// The id.
    pub id: LinkId,
    /// The address it is for, when it is for one.
    pub email: Option<String>,
    /// The role of the account that comes of it.
    pub role: SystemRole,
    /// Who invites.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Those that end after a moment: at the moment itself a link is good for nothing any more.
fn waiting_after(now: Timestamp) -> Span {
    let of = |time| Key::new().text("invitation").time(time);
    Span::between(
        &of(now + Duration::microseconds(1)),
        &of(Timestamp::MAX_UTC),
    )
}

impl Identity {
    /// Makes an invitation.
    ///
    /// # Errors
    /// [`LinkError::Closed`] when the installation takes no invitations.
    pub async fn invite(
        &self,
        act: &Act<Invite>,
        new: NewInvitation,
    ) -> Result<MadeLink, LinkError> {
        self.takes_accounts(true).await?;
        let email = new.email.as_deref().map(email::normalise).transpose()?;
        let max = self.0.limits.invitations_max;
        let unexpired = waiting_after(self.now());
        let open = self.0.documents.count::<Link>("purpose", unexpired).await?;
        if open >= max {
            return Err(LinkError::TooMany { max });
        }
        let purpose = Purpose::Invitation {
            email: email.clone(),
            role: new.role,
        };
        let hours = self.0.limits.invitation_life_hours;
        let made_by = (act.permit().user().cloned(), act.event());
        let made = self.make_link(purpose, email, hours, made_by).await?;
        let target = Target::new(TargetKind::Invitation, &made.id);
        act.describe(Some(target), Detail::Invitation { role: new.role });
        Ok(made)
    }

    /// A page of the invitations that wait, the one that ends first first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn invitations(
        &self,
        _permit: &Permit<ListUsers>,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<(Vec<InvitationView>, Option<Cursor>), Unavailable> {
        let unexpired = waiting_after(self.now());
        let documents = &self.0.documents;
        let page = documents
            .list::<Link>("purpose", unexpired, Order::Ascending, after, limit)
            .await?;
        let views = page.items.into_iter().filter_map(|link| {
            let Purpose::Invitation { email, role } = link.value.purpose else {
                return None;
            };
            Some(InvitationView {
                id: link.value.id,
                email,
                role,
                created_by: link.value.created_by,
                created_at: link.value.created_at,
                expires_at: link.value.expires_at,
            })
        });
        Ok((views.collect(), page.next))
    }

    /// Withdraws an invitation.
    ///
    /// # Errors
    /// [`LinkError::NoSuchInvitation`].
    pub async fn withdraw_invitation(
        &self,
        act: &Act<Invite>,
        id: &LinkId,
    ) -> Result<(), LinkError> {
        let key = Key::new().id(id);
        let link = self.get::<Link>(&key).await?;
        let link = link.filter(|l| matches!(l.value.purpose, Purpose::Invitation { .. }));
        let link = link.ok_or(LinkError::NoSuchInvitation)?;
        let used = |_| LinkError::NoSuchInvitation;
        self.use_up(&link).await.map_err(used)?;
        act.describe(Some(Target::new(TargetKind::Invitation, id)), Detail::None);
        Ok(())
    }

    /// Who may make an account: what an admin has set, else what the configuration says.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn registration(&self) -> Result<Registration, Unavailable> {
        let settings = self.get::<Settings>(&Settings::place()).await?;
        let set = settings.and_then(|settings| settings.value.registration);
        Ok(set.unwrap_or(self.0.registration))
    }

    /// Whether the installation takes a new account, with an invitation or without.
    pub(crate) async fn takes_accounts(&self, invited: bool) -> Result<(), LinkError> {
        match (self.registration().await?, invited) {
            (Registration::Open, _) | (Registration::Invite, true) => Ok(()),
            (Registration::Invite, false) => Err(LinkError::InvitationNeeded),
            (Registration::Closed, _) => Err(LinkError::Closed),
        }
    }
}
