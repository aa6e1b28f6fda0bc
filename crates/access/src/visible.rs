//! What a list takes: the caller's principals as index keys, so that one decision serves the whole list.

use crate::error::AccessError;
use crate::permit::Permit;
use domain::action::ListProjects;
use domain::decision::effective_role;
use domain::entity::{Collection, Dashboard, Principal, Project, Settings};
use domain::id::{GroupId, ProjectId};
use domain::key::Key;
use domain::{ProjectRole, SystemRole};
use store::{Cursor, Order, PRIMARY, Page};

/// Whose things a list shows.
pub struct Visible {
    permit: Permit<ListProjects>,
    groups: Vec<GroupId>,
    public: bool,
}

impl Visible {
    /// Reads the caller's groups and whether public projects are on.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of(permit: Permit<ListProjects>) -> Result<Self, AccessError> {
        let shared = &permit.inner.shared;
        let groups = match permit.user() {
            Some(user) => shared.groups_of(user).await?,
            None => Vec::new(),
        };
        let key = Key::new().text("settings");
        let public = shared
            .documents
            .get::<Settings>(&key)
            .await?
            .is_some_and(|settings| settings.value.public_projects);
        Ok(Self {
            permit,
            groups,
            public,
        })
    }

    /// The projects the caller may see, oldest first.
    ///
    /// # Errors
    /// When the cursor is not one, or the store fails.
    pub async fn projects(
        &self,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<Project>, AccessError> {
        let documents = &self.permit.inner.shared.documents;
        if let Some(only) = self.only() {
            let found = documents.get::<Project>(&Key::new().id(only)).await?;
            let found = found.filter(|project| self.role_in(&project.value).is_some());
            return Ok(Page {
                items: found.into_iter().collect(),
                next: None,
            });
        }
        if self.permit.inner.caller.system == Some(SystemRole::Admin)
            || self.permit.inner.caller.maintains()
        {
            return Ok(documents
                .list(PRIMARY, &Key::new(), Order::Ascending, after, limit)
                .await?);
        }
        let people = self.permit.user().cloned().map(Principal::User);
        let groups = self.groups.iter().cloned().map(Principal::Group);
        let anyone = self.public.then_some(Principal::Anyone);
        let prefixes: Vec<Key> = people
            .into_iter()
            .chain(groups)
            .chain(anyone)
            .map(|p| p.key())
            .collect();
        Ok(documents
            .list_any("principal", &prefixes, Order::Ascending, after, limit)
            .await?)
    }

    /// The caller's role in a project of the list.
    #[must_use]
    pub fn role_in(&self, project: &Project) -> Option<ProjectRole> {
        let user = self.permit.user();
        let grants = crate::guard::grants_for(project, user, &self.groups, self.public);
        let subject = self.permit.inner.caller.subject(Some(&project.id), grants);
        effective_role(&subject).map(|(role, _)| role)
    }

    /// The one project that the caller's token is for.
    fn only(&self) -> Option<&ProjectId> {
        let ceiling = self.permit.inner.caller.ceiling.as_ref()?;
        ceiling.project.as_ref()
    }

    /// How many collections and dashboards a project of the list has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn counts(&self, project: &Project) -> Result<(u64, u64), AccessError> {
        let documents = &self.permit.inner.shared.documents;
        let prefix = Key::new().id(&project.id);
        Ok((
            documents.count::<Collection>(PRIMARY, &prefix).await?,
            documents.count::<Dashboard>(PRIMARY, &prefix).await?,
        ))
    }

    /// Whether the caller sees everything as an admin.
    #[must_use]
    pub fn via_admin(&self) -> bool {
        self.permit.inner.caller.system == Some(SystemRole::Admin)
    }
}
