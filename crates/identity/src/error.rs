//! What signing in and refreshing can answer.

use access::FailureCode;
use audit::AuditError;
use store::StoreError;

/// What stands below failed; nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The audit log.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Signing or hashing failed, or a task of the runtime ended early.
    #[error("signing in failed inside: {0}")]
    Inside(&'static str),
}

impl FailureCode for Unavailable {
    fn code(&self) -> &'static str {
        "unavailable"
    }
}

/// Why somebody was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Unknown address, wrong password or disabled account: which one is not said.
    #[error("the e-mail or the password is wrong")]
    BadCredentials,
    /// Too many wrong passwords, for the account or from the address, or too many at once.
    #[error("too many attempts; try again in {retry_after_s} s")]
    Throttled {
        /// Whole seconds to wait, at least 1.
        retry_after_s: u64,
    },
    /// What stands below failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a refresh token was not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Unknown, spent, or of a session that has ended: which one is not said.
    #[error("this refresh token is not valid")]
    InvalidGrant,
    /// What stands below failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

macro_rules! from_below {
    ($($error:ident)+) => {$(
        impl From<StoreError> for $error {
            fn from(error: StoreError) -> Self {
                Self::Unavailable(error.into())
            }
        }

        impl From<AuditError> for $error {
            fn from(error: AuditError) -> Self {
                Self::Unavailable(error.into())
            }
        }
    )+};
}
pub(crate) use from_below;
from_below!(LoginError RefreshError);

impl FailureCode for LoginError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadCredentials => "bad_credentials",
            Self::Throttled { .. } => "throttled",
            Self::Unavailable(below) => below.code(),
        }
    }
}

impl FailureCode for RefreshError {
    fn code(&self) -> &'static str {
        match self {
            Self::InvalidGrant => "invalid_grant",
            Self::Unavailable(below) => below.code(),
        }
    }
}
