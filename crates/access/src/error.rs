//! Refusals, and the failures of what stands below.

use audit::AuditError;
use domain::Decision;
use store::StoreError;

/// What stands below failed; nothing was decided or done.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The audit log.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A document of one project was to be written with a permit for another: a mistake in the program.
    #[error("a permit for one project was used on another")]
    ForeignProject,
    /// A permit that is for no group was used on one: a mistake in the program.
    #[error("a permit was used on a group it is not for")]
    ForeignGroup,
}

/// Why there is no permit.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nobody has signed in.
    #[error("sign in first")]
    Unauthenticated,
    /// The caller may not know whether it exists.
    #[error("it does not exist, or you may not see it")]
    Hidden,
    /// The caller may not do this.
    #[error("your role does not allow this")]
    Denied(Box<Decision>),
    /// No decision could be made or recorded.
    #[error(transparent)]
    Failed(#[from] AccessError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<AuditError> for Refusal {
    fn from(error: AuditError) -> Self {
        Self::Failed(error.into())
    }
}
