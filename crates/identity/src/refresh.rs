//! A refresh token exchanged for a new pair.
//!
//! Each token is good once. Shown again within the grace, and before what it brought was used
//! itself, it brings another pair of the same session: two tabs raced, or an answer was lost. Shown
//! again later, somebody else has it, and which of the two is the thief cannot be known: the session
//! ends.
//!
//! The new token is stored before the old one is marked spent, so that a crash between leaves the
//! client with a token that works. Neither step touches what makes a session live, so no order of
//! refreshing and ending brings a session back.

use crate::documents::{Ending, RefreshToken, Session};
use crate::error::{RefreshError, Unavailable};
use crate::identity::{Identity, Live};
use crate::login::{Device, SignedIn, described};
use crate::record::Announcement;
use audit::{Detail, Kind, Target, TargetKind};
use domain::Actor;
use domain::document::Document;
use domain::id::{EventId, SessionId};
use keys::Secret;
use store::{StoreError, Stored};

impl Identity {
    /// Exchanges a refresh token.
    ///
    /// # Errors
    /// [`RefreshError::InvalidGrant`] when it is unknown or spent or its session has ended.
    pub async fn refresh(
        &self,
        refresh_token: Secret<String>,
        device: Device,
    ) -> Result<SignedIn, RefreshError> {
        let mut attempt = Announcement {
            kind: Kind::Refresh,
            actor: Actor::Anyone,
            origin: device.origin.clone(),
            target: None,
            detail: Detail::None,
        };
        let sha256 = keys::sha256(refresh_token.expose().as_bytes());
        let token = self.refresh_token(&sha256).await?;
        if let Some(token) = &token
            && self.is_reuse(&token.value).await?
        {
            return self.end_reused(&token.value.session, attempt).await;
        }
        let live = match &token {
            Some(token) => self.live(&token.value.session, None).await?,
            None => None,
        };
        let (Some(token), Some(live)) = (token, live) else {
            return self.not_granted(attempt);
        };
        attempt.actor = Actor::User {
            id: live.user.id.clone(),
            session: live.session.id.clone(),
        };
        attempt.target = Some(Target::new(TargetKind::Session, &live.session.id));
        self.announced(attempt, move |identity, event| async move {
            identity.exchange(token, live, device, event).await
        })
        .await
    }

    fn not_granted(&self, mut attempt: Announcement) -> Result<SignedIn, RefreshError> {
        let code = "invalid_grant".to_owned();
        attempt.detail = Detail::Failure { code };
        self.refused(&attempt)?;
        Err(RefreshError::InvalidGrant)
    }

    /// Ends the session of a token that somebody should not have any more. Also one that does not
    /// live at this moment: a change of the password takes it from one epoch to the next in two
    /// steps, and a thief between them is one all the same.
    async fn end_reused(
        &self,
        id: &SessionId,
        mut attempt: Announcement,
    ) -> Result<SignedIn, RefreshError> {
        let found = self.get::<Session>(&Session::place(id)).await?;
        let open = found.filter(|session| {
            session.value.ended.is_none() && session.value.expires_at > self.now()
        });
        let Some(session) = open else {
            return self.not_granted(attempt);
        };
        attempt.kind = Kind::Reuse;
        attempt.actor = Actor::User {
            id: session.value.user,
            session: id.clone(),
        };
        attempt.target = Some(Target::new(TargetKind::Session, id));
        let id = id.clone();
        let ended = self.announced(attempt, move |identity, event| async move {
            let ended = identity.end(&id, Ending::Reuse, &event).await;
            ended.map_err(RefreshError::Unavailable)
        });
        ended.await.and(Err(RefreshError::InvalidGrant))
    }

    pub(crate) async fn refresh_token(
        &self,
        sha256: &[u8; 32],
    ) -> Result<Option<Stored<RefreshToken>>, StoreError> {
        let at = RefreshToken::at(sha256);
        self.0.documents.find("sha256", &at).await
    }

    /// Whether a token is shown again by somebody who should have a later one by now. The grace is
    /// for the token just replaced alone: once one that came of it is spent, the client has it.
    async fn is_reuse(&self, token: &RefreshToken) -> Result<bool, StoreError> {
        let Some(spent_at) = token.spent_at else {
            return Ok(false);
        };
        let grace_ms = i64::try_from(self.0.limits.refresh_grace_ms).unwrap_or(i64::MAX);
        if (self.now() - spent_at).num_milliseconds() > grace_ms {
            return Ok(true);
        }
        let spent_child = RefreshToken::at(&token.sha256).flag(true);
        let documents = &self.0.documents;
        let children = documents.count::<RefreshToken>("parent", &spent_child);
        Ok(children.await? > 0)
    }

    async fn exchange(
        &self,
        token: Stored<RefreshToken>,
        live: Live,
        device: Device,
        event: EventId,
    ) -> Result<SignedIn, RefreshError> {
        let documents = &self.0.documents;
        let next = keys::token(self.0.rng.as_ref());
        let fresh = RefreshToken {
            parent: Some(token.value.sha256),
            ..RefreshToken::fresh(&live.session.id, &next)
        };
        documents.insert(&fresh).await?;
        if token.value.spent_at.is_none() {
            let spent = RefreshToken {
                spent_at: Some(self.now()),
                ..token.value
            };
            match documents.replace(&spent, token.revision).await {
                // Stale: another tab was faster, a moment ago. Both get their pair.
                Ok(_) | Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if !self
            .touch(live.session.clone(), live.session_revision, &device, event)
            .await?
        {
            documents
                .delete_prefix::<RefreshToken>(&fresh.key())
                .await?;
            return Err(RefreshError::InvalidGrant);
        }
        Ok(self.pair(live.user, &live.session, next).await?)
    }

    /// Notes when and from where a session was last used. Answers whether it still lives.
    async fn touch(
        &self,
        mut session: Session,
        revision: u64,
        device: &Device,
        event: EventId,
    ) -> Result<bool, Unavailable> {
        session.last_used_at = self.now();
        session.address = device.origin.address;
        session.user_agent = device.user_agent.as_deref().map(described);
        session.changed_by = event;
        match self.0.documents.replace(&session, revision).await {
            Ok(_) => Ok(true),
            // Somebody changed it meanwhile: noted its use as well, or ended it.
            Err(StoreError::Stale) => {
                Ok(self.live(&session.id, Some(&session.user)).await?.is_some())
            }
            Err(error) => Err(error.into()),
        }
    }
}
