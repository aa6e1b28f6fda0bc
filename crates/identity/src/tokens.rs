//! Tokens that people make for their programs: named, with a scope and an end, shown once, kept as
//! a digest.
//!
//! A token lives under the epoch of its person's password, as sessions do: a new password, and an
//! account that is disabled, end them all with one write. Making one takes the password again, so
//! that a stolen session cannot buy itself a longer life.

mod list;
mod make;
mod revoke;
mod show;

pub use list::TokenView;
pub use make::{MadeToken, NewToken};

use crate::account::ProofError;
use crate::error::{Unavailable, from_below};
use access::FailureCode;
use audit::AuditError;
use domain::name::NameError;
use store::StoreError;

/// What every token for programs starts with, so that people and scanners of source code know one
/// when they see it.
pub(crate) const PREFIX: &str = "dpt_";

/// Why a token was not made or ended.
#[derive(Debug, thiserror::Error)]
pub enum PersonalTokenError {
    /// A name that cannot be kept.
    #[error("{0}")]
    Name(#[from] NameError),
    /// It would live too short or too long.
    #[error("a token lives 1 to {max} days")]
    Days {
        /// The longest.
        max: u64,
    },
    /// The person has as many as they may.
    #[error("you have {max} tokens, and more are not allowed: revoke one first")]
    TooMany {
        /// How many are allowed.
        max: u64,
    },
    /// The password was not proven.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The caller has no such token.
    #[error("you have no such token")]
    NoSuchToken,
    /// What stands below failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
from_below!(PersonalTokenError);

impl FailureCode for PersonalTokenError {
    fn code(&self) -> &'static str {
        match self {
            Self::Name(_) | Self::Days { .. } => "invalid",
            Self::TooMany { .. } => "too_many_tokens",
            Self::Proof(proof) => proof.code(),
            Self::NoSuchToken => "not_found",
            Self::Unavailable(below) => below.code(),
        }
    }
}
