//! What a list takes: the caller's principals as index keys, so that one decision serves the whole list.

use crate::error::AccessError;
use crate::permit::Permit;
use crate::projects::orphans;
use domain::action::ListProjects;
use domain::decision::effective_role;
use domain::entity::{Collection, Dashboard, Principal, Project};
use domain::id::{GroupId, ProjectId};
use domain::key::Key;
use domain::narrowing::Narrowing;
use domain::{GrantUsed, ProjectRole, Subject, SystemRole};
use std::collections::HashSet;
use store::{Cursor, Order, PRIMARY, Page};

/// Whose things a list shows.
pub struct Visible {
    permit: Permit<ListProjects>,
    groups: Vec<GroupId>,
    /// What a program's account has in the one project that its token is for.
    service: Option<GrantUsed>,
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
        let public = crate::settings::public_projects(&shared.documents).await?;
        let caller = &permit.inner.caller;
        let service = match caller.ceiling.as_ref().and_then(|it| it.project.as_ref()) {
            Some(only) => shared.service_grant(caller, only).await?,
            None => None,
        };
        Ok(Self {
            permit,
            groups,
            service,
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
        effective_role(&self.subject(project)).map(|(role, _)| role)
    }

    fn subject(&self, project: &Project) -> Subject {
        let user = self.permit.user();
        let mut grants = crate::guard::grants_for(project, user, &self.groups, self.public);
        // The subject's ceiling leaves no other project.
        grants.extend(self.service.clone());
        self.permit.inner.caller.subject(Some(&project.id), grants)
    }

    /// The one project that the caller's token is for.
    fn only(&self) -> Option<&ProjectId> {
        let ceiling = self.permit.inner.caller.ceiling.as_ref()?;
        ceiling.project.as_ref()
    }

    /// Which projects of the list have no owner who can sign in. Shown to admins alone: they are who
    /// can give them one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn orphans(&self, projects: &[&Project]) -> Result<HashSet<ProjectId>, AccessError> {
        if !self.via_admin() {
            return Ok(HashSet::new());
        }
        orphans(&self.permit.inner.shared.documents, projects).await
    }

    /// How many collections and dashboards each project of the list has, as far as the caller may know.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn counts(&self, projects: &[&Project]) -> Result<Vec<(u64, u64)>, AccessError> {
        let documents = &self.permit.inner.shared.documents;
        let prefixes: Vec<Key> = projects.iter().map(|it| Key::new().id(&it.id)).collect();
        let collections = documents.count_each::<Collection>(PRIMARY, &prefixes);
        let collections = collections.await?;
        let dashboards = documents
            .count_each::<Dashboard>(PRIMARY, &prefixes)
            .await?;
        let narrowed = documents.count_each::<Dashboard>(Dashboard::NARROWED, &prefixes);
        let narrowed = narrowed.await?;
        let counted = collections.into_iter().zip(dashboards).zip(narrowed);
        let mut counts = Vec::with_capacity(projects.len());
        for (project, ((collections, dashboards), narrowed)) in projects.iter().zip(counted) {
            let hidden = match narrowed {
                0 => 0,
                _ => self.hidden(project).await?,
            };
            counts.push((collections, dashboards.saturating_sub(hidden)));
        }
        Ok(counts)
    }

    async fn hidden(&self, project: &Project) -> Result<u64, AccessError> {
        let subject = self.subject(project);
        let user = self.permit.user();
        let passes = |narrowing: &Narrowing| {
            crate::narrowed::passes(&subject, user, &self.groups, narrowing)
        };
        let documents = &self.permit.inner.shared.documents;
        crate::narrowed::hidden(documents, &project.id, passes).await
    }

    /// Whether the caller sees everything as an admin.
    #[must_use]
    pub fn via_admin(&self) -> bool {
        self.permit.inner.caller.system == Some(SystemRole::Admin)
    }
}
