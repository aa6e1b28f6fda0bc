//! Making, renaming and deleting groups, and naming who maintains them: for admins.

use super::{GroupError, change, ended, known};
use crate::act::Act;
use audit::{Detail, Target, TargetKind};
use domain::action::ManageGroups;
use domain::entity::{Group, Principal, Project};
use domain::id::{GroupId, UserId};
use domain::key::Key;
use domain::limits::RequestLimits;
use domain::name;
use store::{Order, StoreError, Stored};

fn checked(text: &str) -> Result<String, GroupError> {
    Ok(name::line(text, RequestLimits::default().name_chars_max)?)
}

impl Act<ManageGroups> {
    /// Makes a group with nobody in it.
    ///
    /// # Errors
    /// When the name cannot be kept or is taken.
    pub async fn create_group(&self, name: &str) -> Result<Group, GroupError> {
        let group = Group {
            id: GroupId::generate(self.clock(), self.rng()),
            name: checked(name)?,
            members: Vec::new(),
            maintainers: Vec::new(),
            changed_by: self.event().clone(),
        };
        self.documents().insert(&group).await?;
        self.describe(
            Some(Target::new(TargetKind::Group, &group.id)),
            Detail::None,
        );
        Ok(group)
    }

    /// Renames a group.
    ///
    /// # Errors
    /// When the name cannot be kept or is taken, or the group is gone.
    pub async fn rename_group(&self, id: &GroupId, name: &str) -> Result<Group, GroupError> {
        let name = checked(name)?;
        change(self, id, |group| group.name.clone_from(&name)).await
    }

    /// Names a maintainer, or takes the task away (`named` false). Doing what is already so changes
    /// nothing and is no error.
    ///
    /// # Errors
    /// When the person or the group is gone.
    pub async fn set_maintainer(
        &self,
        id: &GroupId,
        user: &UserId,
        named: bool,
    ) -> Result<Group, GroupError> {
        if named {
            known(self, user).await?;
        }
        let group = change(self, id, |group| {
            group.maintainers.retain(|one| one != user);
            if named {
                group.maintainers.push(user.clone());
            }
        })
        .await?;
        ended(self, user.clone());
        let detail = Detail::Maintainer {
            user: user.clone(),
            named,
        };
        self.describe(Some(Target::new(TargetKind::Group, id)), detail);
        Ok(group)
    }

    /// Deletes a group. Its grants in projects go first, so that none is left pointing nowhere.
    ///
    /// # Errors
    /// When the group is gone or the store fails.
    pub async fn delete_group(&self, id: &GroupId) -> Result<(), GroupError> {
        let key = Key::new().id(id);
        let Some(group) = self.documents().get::<Group>(&key).await? else {
            return Err(GroupError::NoSuchGroup);
        };
        let principal = Principal::Group(id.clone());
        loop {
            let prefix = principal.key();
            let page = self
                .documents()
                .list::<Project>("principal", &prefix, Order::Ascending, None, 100)
                .await?;
            if page.items.is_empty() {
                break;
            }
            for Stored {
                value: mut project,
                revision,
            } in page.items
            {
                project.grants.retain(|grant| grant.to != principal);
                match self.documents().replace(&project, revision).await {
                    Ok(_) | Err(StoreError::Stale) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        self.documents()
            .delete::<Group>(&key, group.revision)
            .await?;
        for member in group.value.members {
            ended(self, member);
        }
        self.describe(Some(Target::new(TargetKind::Group, id)), Detail::None);
        Ok(())
    }
}
