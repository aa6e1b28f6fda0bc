//! From an access token to a caller: who it is, read from the store at each request.

use crate::error::{Unavailable, from_below};
use crate::identity::{AUDIENCE, Identity};
use crate::jwt::TokenError;
use access::Caller;
use audit::{AuditError, Origin};
use domain::entity::User;
use domain::id::SessionId;
use store::StoreError;

/// Why a token does not say who somebody is. Clients see one and the same answer.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// It is no access token of ours.
    #[error("the access token is {0}")]
    Token(#[from] TokenError),
    /// Its session has ended, or its account is disabled or gone.
    #[error("the session has ended")]
    SessionEnded,
    /// It is a token for programs that does not exist, has expired or was revoked, or whose account
    /// is disabled or gone.
    #[error("the token has ended")]
    TokenEnded,
    /// What stands below failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
from_below!(AuthError);

/// Somebody who has shown a good token of a live session, or a token for programs.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// What the guard takes.
    pub caller: Caller,
    /// The account, with the role in force now.
    pub user: User,
    /// The session; none for a program with a token of its own.
    pub session: Option<SessionId>,
    /// Whole seconds the token lives on.
    pub expires_in_s: u64,
}

impl Identity {
    /// Finds out who calls.
    ///
    /// # Errors
    /// When the token is not ours or no longer good, when its session does not live, or when the
    /// store cannot be read.
    pub async fn authenticate(
        &self,
        access_token: &str,
        origin: Origin,
    ) -> Result<Authenticated, AuthError> {
        let now = self.now();
        let claims = self
            .keys()
            .verify(access_token, &self.0.issuer, AUDIENCE, now)?;
        let live = self.live(&claims.sid, Some(&claims.sub)).await?;
        let live = live.ok_or(AuthError::SessionEnded)?;
        Ok(Authenticated {
            caller: Caller::signed_in(&live.user, claims.sid.clone(), origin),
            user: live.user,
            session: Some(claims.sid),
            expires_in_s: u64::try_from(claims.exp - now.timestamp()).unwrap_or(0),
        })
    }
}
