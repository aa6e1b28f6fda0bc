//! Accounts of programs: each belongs to a project and sees no other, has a role there, and signs in
//! with a token that is shown once, kept as a digest, and ends at its time.
//!
//! Who makes one is the project's to remember, not the account's to depend on: it goes on when that
//! person leaves. Making one, or giving it a new token, takes the owner's password again.

mod end;
mod make;
mod show;

pub use make::{MadeService, NewService, ServiceLife};

use crate::account::ProofError;
use crate::error::{Unavailable, from_below};
use access::{AccessError, FailureCode};
use audit::AuditError;
use domain::name::NameError;
use store::StoreError;

/// What the token of every account of a program starts with.
const PREFIX: &str = "dps_";

/// Whether a bearer token is one of an account of a program, by its looks.
#[must_use]
pub fn is_service_token(bearer: &str) -> bool {
    bearer.starts_with(PREFIX)
}

/// Why an account of a program was not made, changed or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A name that cannot be kept.
    #[error("{0}")]
    Name(#[from] NameError),
    /// Another one of the project has the name.
    #[error("another service account of this project has this name")]
    NameTaken,
    /// Programs look or edit; they do not own.
    #[error("a service account is a viewer or an editor")]
    Role,
    /// Its token would live too short or too long.
    #[error("its token lives 1 to {max} days")]
    Days {
        /// The longest.
        max: u64,
    },
    /// The project has as many as it may.
    #[error("this project has {max} service accounts, and more are not allowed: delete one first")]
    TooMany {
        /// How many are allowed.
        max: u64,
    },
    /// The project has no such account.
    #[error("this project has no such service account")]
    NoSuchService,
    /// It was changed again and again in between.
    #[error("it is being changed right now; nothing was changed")]
    Busy,
    /// The password was not proven.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// What stands below failed.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// What stands below failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
from_below!(ServiceError);

impl FailureCode for ServiceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Name(_) | Self::Role | Self::Days { .. } => "invalid",
            Self::NameTaken => "name_taken",
            Self::TooMany { .. } => "too_many_service_accounts",
            Self::NoSuchService => "not_found",
            Self::Busy => "busy",
            Self::Proof(proof) => proof.code(),
            Self::Access(_) => "unavailable",
            Self::Unavailable(below) => below.code(),
        }
    }
}
