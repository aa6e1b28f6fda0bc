//! Groups of people, made by admins.

use crate::act::{Act, FailureCode};
use crate::error::AccessError;
use crate::living::Changed;
use crate::permit::Permit;
use audit::{Detail, Target, TargetKind};
use domain::action::{ListGroups, ManageGroups, SearchDirectory};
use domain::entity::{Group, Principal, Project, User};
use domain::id::{GroupId, UserId};
use domain::key::Key;
use domain::limits::RequestLimits;
use domain::name::{self, NameError};
use store::{Cursor, Order, Page, StoreError, Stored};

/// Whether somebody joins or leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// Becomes a member.
    Joins,
    /// Is a member no more.
    Leaves,
}

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
            Self::Access(_) => "unavailable",
        }
    }
}

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
        self.change_group(id, |group| group.name.clone_from(&name))
            .await
    }

    /// Lets somebody join or leave. Doing what is already so changes nothing and is no error.
    ///
    /// # Errors
    /// When the person or the group is gone.
    pub async fn set_membership(
        &self,
        id: &GroupId,
        user: &UserId,
        membership: Membership,
    ) -> Result<Group, GroupError> {
        let joined = membership == Membership::Joins;
        if joined
            && self
                .documents()
                .get::<User>(&Key::new().id(user))
                .await?
                .is_none()
        {
            return Err(GroupError::NoSuchUser);
        }
        let group = self
            .change_group(id, |group| {
                group.members.retain(|member| member != user);
                if joined {
                    group.members.push(user.clone());
                }
            })
            .await?;
        self.permit()
            .inner
            .shared
            .living
            .signal(&Changed::User(user.clone()));
        let detail = Detail::Membership {
            user: user.clone(),
            joined,
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
            self.permit()
                .inner
                .shared
                .living
                .signal(&Changed::User(member));
        }
        self.describe(Some(Target::new(TargetKind::Group, id)), Detail::None);
        Ok(())
    }

    async fn change_group(
        &self,
        id: &GroupId,
        edit: impl Fn(&mut Group),
    ) -> Result<Group, GroupError> {
        for _ in 0..8 {
            let Some(stored) = self.documents().get::<Group>(&Key::new().id(id)).await? else {
                return Err(GroupError::NoSuchGroup);
            };
            let mut group = stored.value;
            edit(&mut group);
            group.changed_by = self.event().clone();
            match self.documents().replace(&group, stored.revision).await {
                Ok(_) => return Ok(group),
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(GroupError::Busy)
    }
}

impl Permit<ListGroups> {
    /// All groups, by name.
    ///
    /// # Errors
    /// When the cursor is not one, or the store fails.
    pub async fn groups(
        &self,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<Group>, AccessError> {
        let documents = &self.inner.shared.documents;
        Ok(documents
            .list("name", &Key::new(), Order::Ascending, after, limit)
            .await?)
    }

    /// One group with the names of its members.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn group(
        &self,
        id: &GroupId,
    ) -> Result<Option<(Group, Vec<(UserId, String)>)>, AccessError> {
        let documents = &self.inner.shared.documents;
        let Some(group) = documents.get::<Group>(&Key::new().id(id)).await? else {
            return Ok(None);
        };
        let keys: Vec<Key> = group
            .value
            .members
            .iter()
            .map(|id| Key::new().id(id))
            .collect();
        let people = documents.get_many::<User>(&keys).await?;
        let members = people
            .into_iter()
            .flatten()
            .map(|p| (p.value.id, p.value.display_name))
            .collect();
        Ok(Some((group.value, members)))
    }
}

impl Permit<SearchDirectory> {
    /// People and groups whose name starts with the text, ignoring case: id and name, no address.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn directory(
        &self,
        start: &str,
        limit: u32,
    ) -> Result<Vec<(Principal, String)>, AccessError> {
        let documents = &self.inner.shared.documents;
        let prefix = Key::new().text_start(&start.to_lowercase());
        let people = documents
            .list::<User>("name", &prefix, Order::Ascending, None, limit)
            .await?;
        let groups = documents
            .list::<Group>("name", &prefix, Order::Ascending, None, limit)
            .await?;
        let people = people
            .items
            .into_iter()
            .filter(|user| !user.value.disabled)
            .map(|user| (Principal::User(user.value.id), user.value.display_name));
        let groups = groups
            .items
            .into_iter()
            .map(|g| (Principal::Group(g.value.id), g.value.name));
        Ok(people.chain(groups).collect())
    }
}
