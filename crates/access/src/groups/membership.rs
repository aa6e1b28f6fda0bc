//! Who is in a group. The permit says which group: it was made for that one.

use super::{GroupError, change, ended, known};
use crate::act::Act;
use audit::{Detail, Target, TargetKind};
use domain::action::ManageMembership;
use domain::entity::Group;
use domain::id::UserId;

/// Whether somebody joins or leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// Becomes a member.
    Joins,
    /// Is a member no more.
    Leaves,
}

impl Act<ManageMembership> {
    /// Lets somebody join or leave the permit's group. Doing what is already so changes nothing and is
    /// no error.
    ///
    /// # Errors
    /// When the person or the group is gone.
    pub async fn set_membership(
        &self,
        user: &UserId,
        membership: Membership,
    ) -> Result<Group, GroupError> {
        let id = self.permit().group_id()?.clone();
        let joined = membership == Membership::Joins;
        if joined {
            known(self, user).await?;
        }
        let group = change(self, &id, |group| {
            group.members.retain(|member| member != user);
            if joined {
                group.members.push(user.clone());
            }
        })
        .await?;
        ended(self, user.clone());
        let detail = Detail::Membership {
            user: user.clone(),
            joined,
        };
        self.describe(Some(Target::new(TargetKind::Group, &id)), detail);
        Ok(group)
    }
}
