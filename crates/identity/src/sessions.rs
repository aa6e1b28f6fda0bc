//! One's own sessions: to see where one is signed in, and to end what one does not know.

use crate::documents::{Credentials, Ending, Session};
use crate::error::{Unavailable, from_below};
use crate::identity::Identity;
use access::{Act, FailureCode, Permit};
use audit::{AuditError, Detail, Target, TargetKind};
use domain::action::{ManageAccount, ReadAccount};
use domain::id::SessionId;
use domain::key::Key;
use domain::{Actor, Timestamp};
use store::{Cursor, Order, Span, StoreError};

/// Why a session did not end.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The caller has no such session.
    #[error("you have no such session")]
    NoSuchSession,
    /// What stands below failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
from_below!(SessionError);

impl FailureCode for SessionError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchSession => "not_found",
            Self::Unavailable(below) => below.code(),
        }
    }
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionView {
    /// The id.
    pub id: SessionId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// What the client called itself at last.
    pub user_agent: Option<String>,
    /// The address it was last refreshed from.
    pub address: Option<std::net::IpAddr>,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Identity {
    /// A page of the caller's live sessions, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sessions(
        &self,
        permit: &Permit<ReadAccount>,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<(Vec<SessionView>, Option<Cursor>), Unavailable> {
        let Some(id) = permit.user() else {
            return Ok((Vec::new(), None));
        };
        let current = match permit.actor() {
            Actor::User { session, .. } => Some(session),
            _ => None,
        };
        let own = Key::new().id(id);
        let Some(credentials) = self.get::<Credentials>(&own).await? else {
            return Ok((Vec::new(), None));
        };
        let latest = Timestamp::MAX_UTC;
        let unexpired = Span::between(&own.clone().time(self.now()), &own.time(latest));
        let page = self
            .0
            .documents
            .list::<Session>("user", unexpired, Order::Descending, after, limit)
            .await?;
        let live = page.items.into_iter().map(|stored| stored.value);
        let views = live
            .filter(|session| session.epoch == credentials.value.epoch && !self.is_idle(session))
            .map(|session| SessionView {
                current: Some(&session.id) == current,
                id: session.id,
                created_at: session.created_at,
                last_used_at: session.last_used_at,
                expires_at: session.expires_at,
                user_agent: session.user_agent,
                address: session.address,
            });
        Ok((views.collect(), page.next))
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// [`SessionError::NoSuchSession`] also when it is somebody else's.
    pub async fn end_session(
        &self,
        act: &Act<ManageAccount>,
        id: &SessionId,
    ) -> Result<(), SessionError> {
        let session = self.get::<Session>(&Session::place(id)).await?;
        let own = session.filter(|session| {
            Some(&session.value.user) == act.permit().user() && session.value.ended.is_none()
        });
        if own.is_none() {
            return Err(SessionError::NoSuchSession);
        }
        self.end(id, Ending::Closed, act.event()).await?;
        act.describe(Some(Target::new(TargetKind::Session, id)), Detail::None);
        Ok(())
    }
}
