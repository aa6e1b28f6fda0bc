//! What people are called, for things that name who made them.

use crate::error::AccessError;
use crate::permit::Permit;
use domain::action::{self, Action};
use domain::entity::{Group, ServiceAccount, User};
use domain::id::{GroupId, ServiceId, UserId};
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

    /// The names of these people; who is gone is left out. Whoever has not signed in is told none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn names(
        &self,
        users: impl IntoIterator<Item = UserId>,
    ) -> Result<HashMap<UserId, String>, AccessError> {
        let users: BTreeSet<UserId> = users.into_iter().collect();
        if users.is_empty() || self.inner.caller.is_visitor() {
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

impl<A: Action<On = action::Project>> Permit<A> {
    /// The names of these accounts of programs in the permit's project; what is gone is left out.
    /// Whoever has not signed in is told none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn service_names(
        &self,
        services: impl IntoIterator<Item = ServiceId>,
    ) -> Result<HashMap<ServiceId, String>, AccessError> {
        let services: BTreeSet<ServiceId> = services.into_iter().collect();
        if services.is_empty() || self.inner.caller.is_visitor() {
            return Ok(HashMap::new());
        }
        let project = self.project_id()?;
        let keys: Vec<Key> = services
            .iter()
            .map(|id| ServiceAccount::place(project, id))
            .collect();
        let documents = &self.inner.shared.documents;
        let found = documents.get_many::<ServiceAccount>(&keys).await?;
        Ok(found
            .into_iter()
            .flatten()
            .map(|account| (account.value.id, account.value.name))
            .collect())
    }
}
