//! Accounts, as admins manage them.

mod admins;
mod change;
mod create;
mod delete;
mod first_admin;
mod list;
mod reset;

pub use change::UserPatch;
pub use create::NewUser;
pub(crate) use create::checked_name;
pub use first_admin::FirstAdmin;

use crate::email::EmailError;
use crate::error::Unavailable;
use crate::password::PasswordError;
use access::FailureCode;
use domain::id::ProjectId;
use domain::name::NameError;
use store::StoreError;

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// No address.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// A name that cannot be kept.
    #[error("{0}")]
    Name(#[from] NameError),
    /// A password that is not accepted.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Another account has this address.
    #[error("another account has this e-mail address")]
    EmailTaken,
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchUser,
    /// It is the last admin who can sign in.
    #[error("the last admin cannot be removed, demoted or disabled")]
    LastAdmin,
    /// Projects would be left without an owner. What becomes of them is asked, not guessed.
    #[error("{} projects have no other owner: give each another one, or delete it", .0.len())]
    OwnsProjects(Vec<ProjectId>),
    /// Others change it right now, or too many passwords are being hashed.
    #[error("the account is being changed right now; nothing was changed")]
    Busy,
    /// What stands below failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StoreError> for UserError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { index: "email" } => Self::EmailTaken,
            other => Self::Unavailable(other.into()),
        }
    }
}

impl FailureCode for UserError {
    fn code(&self) -> &'static str {
        match self {
            Self::Email(_) | Self::Name(_) | Self::Password(_) => "invalid",
            Self::EmailTaken => "email_taken",
            Self::NoSuchUser => "not_found",
            Self::LastAdmin => "last_admin",
            Self::OwnsProjects(_) => "owns_projects",
            Self::Busy => "busy",
            Self::Unavailable(below) => below.code(),
        }
    }
}
