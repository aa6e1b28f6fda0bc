//! Permits that are still in use, so that a change of what they rest on ends them at once.

use domain::id::{ProjectId, ServiceId, SessionId, TokenId, UserId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// What changed, and so ends the permits that rest on it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Changed {
    /// A session ended.
    Session(SessionId),
    /// A token was revoked.
    Token(TokenId),
    /// A program's account was ended, or its token replaced.
    Service(ServiceId),
    /// A person's role, groups or account changed.
    User(UserId),
    /// A project's grants were narrowed, or it was deleted.
    Project(ProjectId),
}

/// One token for each thing that living permits rest on.
#[derive(Debug, Default)]
pub(crate) struct Living(Mutex<HashMap<Changed, CancellationToken>>);

impl Living {
    /// The token that ends when this changes.
    pub(crate) fn token(&self, on: Changed) -> CancellationToken {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Tokens nobody waits on would pile up with each session: drop them now and then.
        if tokens.len() > 10_000 {
            tokens.clear();
        }
        tokens.entry(on).or_default().clone()
    }

    /// Ends what rests on it.
    pub(crate) fn signal(&self, changed: &Changed) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = tokens.remove(changed) {
            token.cancel();
        }
    }
}
