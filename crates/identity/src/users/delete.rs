//! Deleting an account: it is disabled first, so that nothing new comes of it; then its grants and
//! memberships go; then the account itself.

use super::{UserError, UserPatch};
use crate::documents::{Credentials, RefreshToken, Session};
use crate::identity::Identity;
use access::{Act, Changed};
use audit::{Detail, Target, TargetKind};
use domain::action::ManageUsers;
use domain::document::Document;
use domain::entity::{Group, Principal, Project, User};
use domain::id::{ProjectId, UserId};
use domain::key::Key;
use store::{Cursor, Order, StoreError};

const PAGE: u32 = 100;

impl Identity {
    /// Deletes an account.
    ///
    /// # Errors
    /// [`UserError::OwnsProjects`] when projects have no other owner, [`UserError::LastAdmin`].
    pub async fn delete_user(&self, act: &Act<ManageUsers>, id: &UserId) -> Result<(), UserError> {
        let orphans = self.orphans(id).await?;
        if !orphans.is_empty() {
            return Err(UserError::OwnsProjects(orphans));
        }
        let disabled = UserPatch {
            disabled: Some(true),
            ..UserPatch::default()
        };
        self.change_user(act, id, disabled).await?;
        self.withdraw_grants(act, id).await?;
        self.leave_groups(act, id).await?;

        let person = Key::new().id(id);
        let documents = &self.0.documents;
        documents.delete_prefix::<User>(&person).await?;
        documents.delete_prefix::<Credentials>(&person).await?;
        self.end_tokens(id).await?;
        self.withdraw_reset_links(id).await?;
        loop {
            let page = documents.list::<Session>("user", &person, Order::Ascending, None, PAGE);
            let sessions = page.await?.items;
            if sessions.is_empty() {
                break;
            }
            for session in sessions {
                let key = session.value.key();
                documents.delete_prefix::<RefreshToken>(&key).await?;
                documents.delete_prefix::<Session>(&key).await?;
            }
        }
        self.0.guard.signal(&Changed::User(id.clone()));
        act.describe(Some(Target::new(TargetKind::User, id)), Detail::None);
        Ok(())
    }

    /// Projects that have no other direct owner.
    async fn orphans(&self, id: &UserId) -> Result<Vec<ProjectId>, UserError> {
        let (mut orphans, mut after) = (Vec::new(), None::<Cursor>);
        loop {
            let prefix = Principal::User(id.clone()).key();
            let documents = &self.0.documents;
            let page = documents
                .list::<Project>("principal", &prefix, Order::Ascending, after.as_ref(), PAGE)
                .await?;
            let owned = page
                .items
                .iter()
                .filter(|project| is_orphan(&project.value, id));
            orphans.extend(owned.map(|project| project.value.id.clone()));
            after = page.next;
            if after.is_none() {
                return Ok(orphans);
            }
        }
    }

    async fn withdraw_grants(&self, act: &Act<ManageUsers>, id: &UserId) -> Result<(), UserError> {
        let principal = Principal::User(id.clone());
        loop {
            let documents = &self.0.documents;
            let page = documents
                .list::<Project>("principal", &principal.key(), Order::Ascending, None, PAGE)
                .await?;
            if page.items.is_empty() {
                return Ok(());
            }
            for stored in page.items {
                let mut project = stored.value;
                // Since the first look the other owner may have gone.
                if is_orphan(&project, id) {
                    return Err(UserError::OwnsProjects(vec![project.id]));
                }
                project.grants.retain(|grant| grant.to != principal);
                project.changed_by = act.event().clone();
                project.updated_at = act.now();
                match documents.replace(&project, stored.revision).await {
                    Ok(_) => self.0.guard.signal(&Changed::Project(project.id)),
                    // Changed or deleted meanwhile: the next round sees what is left.
                    Err(StoreError::Stale) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }

    async fn leave_groups(&self, act: &Act<ManageUsers>, id: &UserId) -> Result<(), UserError> {
        for index in ["member", "maintainer"] {
            self.leave_groups_by(act, id, index).await?;
        }
        Ok(())
    }

    async fn leave_groups_by(
        &self,
        act: &Act<ManageUsers>,
        id: &UserId,
        index: &'static str,
    ) -> Result<(), UserError> {
        loop {
            let documents = &self.0.documents;
            let prefix = Key::new().id(id);
            let page = documents
                .list::<Group>(index, &prefix, Order::Ascending, None, PAGE)
                .await?;
            if page.items.is_empty() {
                return Ok(());
            }
            for stored in page.items {
                let mut group = stored.value;
                group.members.retain(|member| member != id);
                group.maintainers.retain(|one| one != id);
                group.changed_by = act.event().clone();
                match documents.replace(&group, stored.revision).await {
                    Ok(_) | Err(StoreError::Stale) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}

fn is_orphan(project: &Project, without: &UserId) -> bool {
    let mut owners = project.direct_owners().peekable();
    owners.peek().is_some() && owners.all(|owner| owner == without)
}
