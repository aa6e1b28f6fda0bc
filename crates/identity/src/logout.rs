//! Signing out: the session ends on the server, for good.

use crate::authenticate::Authenticated;
use crate::documents::{Ending, RefreshToken, Session};
use crate::error::Unavailable;
use crate::identity::Identity;
use crate::record::Announcement;
use access::Changed;
use audit::{Detail, Kind, Origin, Target, TargetKind};
use domain::Actor;
use domain::id::{EventId, SessionId, UserId};
use keys::Secret;
use store::StoreError;

impl Identity {
    /// Ends the session of a caller. A program with a token of its own has none.
    ///
    /// # Errors
    /// When it cannot be recorded or written.
    pub async fn logout(&self, who: &Authenticated) -> Result<(), Unavailable> {
        let Some(session) = who.session.clone() else {
            return Ok(());
        };
        let user = who.user.id.clone();
        let origin = who.caller.origin().clone();
        self.sign_out(user, session, origin).await
    }

    /// Ends the session of a refresh token, fresh or spent. For an unknown one there is nothing to
    /// end, and that is no error.
    ///
    /// # Errors
    /// When it cannot be recorded or written.
    pub async fn logout_by_token(
        &self,
        refresh_token: &Secret<String>,
        origin: Origin,
    ) -> Result<(), Unavailable> {
        let sha256 = keys::sha256(refresh_token.expose().as_bytes());
        let Some(token) = self.refresh_token(&sha256).await? else {
            return Ok(());
        };
        let id = token.value.session;
        let Some(session) = self.get::<Session>(&Session::place(&id)).await? else {
            return Ok(());
        };
        self.sign_out(session.value.user, id, origin).await
    }

    async fn sign_out(
        &self,
        user: UserId,
        session: SessionId,
        origin: Origin,
    ) -> Result<(), Unavailable> {
        let announcement = Announcement {
            kind: Kind::Logout,
            target: Some(Target::new(TargetKind::Session, &session)),
            actor: Actor::User {
                id: user,
                session: session.clone(),
            },
            origin,
            detail: Detail::None,
        };
        self.announced(announcement, move |identity, event| async move {
            identity.end(&session, Ending::Logout, &event).await
        })
        .await
    }

    /// Ends a session. One that has ended already keeps its first reason.
    pub(crate) async fn end(
        &self,
        id: &SessionId,
        ending: Ending,
        event: &EventId,
    ) -> Result<(), Unavailable> {
        let documents = &self.0.documents;
        let key = Session::place(id);
        while let Some(stored) = self.get::<Session>(&key).await? {
            let mut session = stored.value;
            if session.ended.is_some() {
                break;
            }
            session.ended = Some(ending);
            session.changed_by = event.clone();
            match documents.replace(&session, stored.revision).await {
                Ok(_) => break,
                // A refresh noted its use in between.
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.0.guard.signal(&Changed::Session(id.clone()));
        documents.delete_prefix::<RefreshToken>(&key).await?;
        Ok(())
    }
}
