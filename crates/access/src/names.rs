//! What people are called, for things that name who made them.

use crate::error::AccessError;
use crate::permit::Permit;
use domain::action::Action;
use domain::entity::{Group, User};
use domain::id::{GroupId, UserId};
use domain::key::Key;
use std::collections::{BTreeSet, HashMap};

impl<A: Action> Permit<A> {
    /// The names of these groups; what is gone is left out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn group_names(
        &self,
        groups: &[GroupId],
    ) -> Result<HashMap<GroupId, String>, AccessError> {
        if groups.is_empty() {
            return Ok(HashMap::new());
        }
        let keys: Vec<Key> = groups.iter().map(|group| Key::new().id(group)).collect();
        let found = self.inner.shared.documents.get_many::<Group>(&keys).await?;
        Ok(found
            .into_iter()
            .flatten()
            .map(|group| (group.value.id, group.value.name))
            .collect())
    }

    /// The names of these people; who is gone is left out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn names(
        &self,
        users: impl IntoIterator<Item = UserId>,
    ) -> Result<HashMap<UserId, String>, AccessError> {
        let users: BTreeSet<UserId> = users.into_iter().collect();
        if users.is_empty() {
            return Ok(HashMap::new());
        }
        let keys: Vec<Key> = users.iter().map(|user| Key::new().id(user)).collect();
        let found = self.inner.shared.documents.get_many::<User>(&keys).await?;
        Ok(found
            .into_iter()
            .flatten()
            .map(|user| (user.value.id, user.value.display_name))
            .collect())
    }
}
