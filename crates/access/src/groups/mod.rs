//! Groups of people: made by admins, who may name maintainers; those edit who is in the group and
//! nothing else of it. A group and its people are one document, so each change is one step.

mod administration;
mod membership;
mod read;

pub use membership::Membership;
pub use read::{OwnGroup, Peopled};

use crate::act::{Act, FailureCode};
use crate::error::{AccessError, Refusal};
use crate::living::Changed;
use domain::action::Change;
use domain::entity::{Group, User};
use domain::id::{GroupId, UserId};
use domain::key::Key;
use domain::name::NameError;
use store::StoreError;

/// Why a group did not change.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// A name that cannot be kept.
    #[error("{0}")]
    Name(#[from] NameError),
    /// Another group has this name.
    #[error("another group has this name")]
    Taken,
    /// There is no such group.
    #[error("there is no such group")]
    NoSuchGroup,
    /// There is no such person.
    #[error("there is no such person")]
    NoSuchUser,
    /// Others changed it in between.
    #[error("others are changing this group right now; nothing was changed")]
    Busy,
    /// The permit's reason went away in between.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What stands below failed.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl From<StoreError> for GroupError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { .. } => Self::Taken,
            other => Self::Access(other.into()),
        }
    }
}

impl FailureCode for GroupError {
    fn code(&self) -> &'static str {
        match self {
            Self::Name(_) => "invalid",
            Self::Taken => "name_taken",
            Self::NoSuchGroup | Self::NoSuchUser => "not_found",
            Self::Busy => "busy",
            Self::Refused(_) => "refused",
            Self::Access(_) => "unavailable",
        }
    }
}

/// Reads the group, changes it and writes it back, again from the start when somebody was faster. On
/// each further round the permit is decided again, since what was faster may have ended it.
async fn change<A: Change>(
    act: &Act<A>,
    id: &GroupId,
    edit: impl Fn(&mut Group),
) -> Result<Group, GroupError> {
    let granted = &act.permit().inner;
    for round in 0..8 {
        if round > 0 {
            granted.shared.still_allows(granted).await?;
        }
        let Some(stored) = act.documents().get::<Group>(&Key::new().id(id)).await? else {
            return Err(GroupError::NoSuchGroup);
        };
        let mut group = stored.value;
        edit(&mut group);
        group.changed_by = act.event().clone();
        match act.documents().replace(&group, stored.revision).await {
            Ok(_) => return Ok(group),
            Err(StoreError::Stale) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(GroupError::Busy)
}

/// Whether there is such a person.
async fn known<A: Change>(act: &Act<A>, user: &UserId) -> Result<(), GroupError> {
    match act.documents().get::<User>(&Key::new().id(user)).await? {
        Some(_) => Ok(()),
        None => Err(GroupError::NoSuchUser),
    }
}

/// Ends the permits of a person whose groups changed.
fn ended<A: Change>(act: &Act<A>, user: UserId) {
    let living = &act.permit().inner.shared.living;
    living.signal(&Changed::User(user));
}
