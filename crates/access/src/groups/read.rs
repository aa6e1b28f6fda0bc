//! Looking at groups, at one's own, and finding people and groups by name.

use crate::error::AccessError;
use crate::permit::Permit;
use domain::action::{ListGroups, ReadAccount, SearchDirectory, ViewGroup};
use domain::entity::{Group, Principal, User};
use domain::id::UserId;
use domain::key::Key;
use std::collections::HashMap;
use store::{Cursor, Order, Page};

/// Most groups of one person that are shown.
const OWN_MAX: u32 = 500;

/// A group with the names of its people; who is gone is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peopled {
    /// The group.
    pub group: Group,
    /// Who is in it.
    pub members: Vec<(UserId, String)>,
    /// Who maintains it besides admins.
    pub maintainers: Vec<(UserId, String)>,
}

/// A group that somebody is in or maintains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnGroup {
    /// The group.
    pub group: Group,
    /// They are in it.
    pub member: bool,
    /// They maintain it.
    pub maintainer: bool,
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
}

impl Permit<ViewGroup> {
    /// The permit's group with the names of its people; `None` when it is gone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn group(&self) -> Result<Option<Peopled>, AccessError> {
        let documents = &self.inner.shared.documents;
        let key = Key::new().id(self.group_id()?);
        let Some(group) = documents.get::<Group>(&key).await? else {
            return Ok(None);
        };
        let group = group.value;
        let everyone = group.members.iter().chain(&group.maintainers).cloned();
        let names = self.names(everyone).await?;
        Ok(Some(Peopled {
            members: named(&group.members, &names),
            maintainers: named(&group.maintainers, &names),
            group,
        }))
    }
}

fn named(users: &[UserId], names: &HashMap<UserId, String>) -> Vec<(UserId, String)> {
    let name = |id: &UserId| Some((id.clone(), names.get(id)?.clone()));
    users.iter().filter_map(name).collect()
}

impl Permit<ReadAccount> {
    /// The groups the caller is in or maintains, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn own_groups(&self) -> Result<Vec<OwnGroup>, AccessError> {
        let Some(user) = self.user() else {
            return Ok(Vec::new());
        };
        let documents = &self.inner.shared.documents;
        let prefix = Key::new().id(user);
        let mut found: HashMap<_, Group> = HashMap::new();
        for index in ["member", "maintainer"] {
            let page = documents
                .list::<Group>(index, &prefix, Order::Ascending, None, OWN_MAX)
                .await?;
            let groups = page.items.into_iter().map(|group| group.value);
            found.extend(groups.map(|group| (group.id.clone(), group)));
        }
        let mut own: Vec<OwnGroup> = found
            .into_values()
            .map(|group| OwnGroup {
                member: group.members.contains(user),
                maintainer: group.maintainers.contains(user),
                group,
            })
            .collect();
        own.sort_by_cached_key(|own| (own.group.name.to_lowercase(), own.group.id.to_string()));
        Ok(own)
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
