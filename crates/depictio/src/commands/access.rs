//! `depictio apply`: groups, their people, projects and grants as one file. A plan first; what it says
//! is done by the same use cases, through the same guard, as when somebody clicks.

use crate::house::Office;
use access::blueprint::{
    self, Blueprint, Change, GroupSeen, PersonSeen, ProjectSeen, Snapshot, changes,
};
use access::projects::{self, NewProject, ProjectPatch};
use access::{Caller, Cursor, Detail, Membership, Visible};
use domain::action::{
    CreateProject, ListGroups, ListProjects, ListUsers, ManageGroups, ManageMembers,
    ManageMembership, ManageProject,
};
use domain::entity::Principal;
use domain::id::{GroupId, ProjectId, UserId};
use domain::limits::CodeLimits;
use serde_json::{Value, json};
use std::collections::HashMap;

const PAGE: u32 = 200;

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Everything there is, as a file.
pub(super) async fn export(office: &Office) -> Result<Value, String> {
    let now = snapshot(office).await?;
    serde_json::to_value(blueprint::export(&now)).map_err(words)
}

/// What a file would change, in words, and what it does not name.
pub(super) async fn plan(office: &Office, file: &Blueprint) -> Result<Value, String> {
    let now = snapshot(office).await?;
    let then = target(&now, file)?;
    Ok(json!({
        "plan": blueprint::words(&now, &then),
        "drift": blueprint::drift(&now, &then, file),
        "changes": changes(&now, &then).len(),
    }))
}

/// Does what a plan said. When it would say something else by now, nothing is done.
pub(super) async fn apply(
    office: &Office,
    file: &Blueprint,
    agreed: &[String],
) -> Result<Value, String> {
    let now = snapshot(office).await?;
    let then = target(&now, file)?;
    if blueprint::words(&now, &then) != agreed {
        return Err(
            "somebody changed groups or projects since the plan was made; nothing was done: look \
             at the new plan"
                .to_owned(),
        );
    }
    let mut made = Made::default();
    let changes = changes(&now, &then);
    for (done, change) in changes.iter().enumerate() {
        perform(office, &mut made, change)
            .await
            .map_err(|error| format!("{error}; {done} of {} changes were done", changes.len()))?;
    }
    Ok(json!({ "done": changes.len() }))
}

fn target(now: &Snapshot, file: &Blueprint) -> Result<Snapshot, String> {
    blueprint::target(now, file).map_err(|flaws| {
        let lines = flaws
            .iter()
            .map(|flaw| format!("{}: {}", flaw.pointer, flaw.message));
        format!(
            "the file has errors: {}",
            lines.collect::<Vec<_>>().join("; ")
        )
    })
}

async fn snapshot(office: &Office) -> Result<Snapshot, String> {
    let operator = Caller::operator();
    let mut now = Snapshot::default();
    let permit = office
        .guard
        .on_system::<ListUsers>(&operator)
        .map_err(words)?;
    permit.note(None, Detail::None).map_err(words)?;
    let mut after = None::<Cursor>;
    loop {
        let page = office.identity.users(&permit, after.as_ref(), PAGE).await;
        let (users, next) = page.map_err(words)?;
        now.people.extend(users.into_iter().map(|user| {
            let seen = PersonSeen {
                email: user.email,
                role: user.role,
                disabled: user.disabled,
            };
            (user.id, seen)
        }));
        after = next;
        if after.is_none() {
            break;
        }
    }
    let permit = office
        .guard
        .on_system::<ListGroups>(&operator)
        .map_err(words)?;
    loop {
        let page = permit.groups(after.as_ref(), PAGE).await.map_err(words)?;
        now.groups.extend(page.items.into_iter().map(|group| {
            let group = group.value;
            let seen = GroupSeen {
                name: group.name,
                members: group.members.into_iter().collect(),
                maintainers: group.maintainers.into_iter().collect(),
            };
            (group.id, seen)
        }));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let permit = office
        .guard
        .on_system::<ListProjects>(&operator)
        .map_err(words)?;
    let visible = Visible::of(permit).await.map_err(words)?;
    loop {
        let page = visible
            .projects(after.as_ref(), PAGE)
            .await
            .map_err(words)?;
        now.projects.extend(page.items.into_iter().map(|project| {
            let project = project.value;
            let grants = project.grants.into_iter();
            let seen = ProjectSeen {
                name: project.name,
                grants: grants
                    .filter(|grant| grant.to != Principal::Anyone)
                    .map(|grant| (grant.to, grant.role))
                    .collect(),
            };
            (project.id, seen)
        }));
        after = page.next;
        if after.is_none() {
            return Ok(now);
        }
    }
}

/// The ids of what was made, by their placeholders.
#[derive(Default)]
struct Made {
    groups: HashMap<GroupId, GroupId>,
    projects: HashMap<ProjectId, ProjectId>,
}

impl Made {
    fn group(&self, id: &GroupId) -> GroupId {
        self.groups.get(id).unwrap_or(id).clone()
    }

    fn project(&self, id: &ProjectId) -> ProjectId {
        self.projects.get(id).unwrap_or(id).clone()
    }

    fn principal(&self, to: &Principal) -> Principal {
        match to {
            Principal::Group(group) => Principal::Group(self.group(group)),
            other => other.clone(),
        }
    }
}

async fn perform(office: &Office, made: &mut Made, change: &Change) -> Result<(), String> {
    match change.clone() {
        Change::MakeGroup { group, name } => {
            let real = make_group(office, name).await?;
            made.groups.insert(group, real);
            Ok(())
        }
        Change::Maintainer { group, user, named } => {
            maintainer(office, made.group(&group), user, named).await
        }
        Change::Member { group, user, joins } => {
            let how = if joins {
                Membership::Joins
            } else {
                Membership::Leaves
            };
            member(office, made.group(&group), user, how).await
        }
        Change::MakeProject {
            project,
            name,
            owner,
        } => {
            let real = make_project(office, name, owner).await?;
            made.projects.insert(project, real);
            Ok(())
        }
        Change::RenameProject { project, name } => {
            rename_project(office, &made.project(&project), name).await
        }
        Change::Grant { project, to, role } => {
            let (project, to) = (made.project(&project), made.principal(&to));
            let permit = may_grant(office, &project).await?;
            let work = permit.act(None, Detail::None, move |act| async move {
                projects::set_member(&act, to, role).await
            });
            work.await.map(|_| ()).map_err(words)
        }
        Change::Withdraw { project, to } => {
            let (project, to) = (made.project(&project), made.principal(&to));
            let permit = may_grant(office, &project).await?;
            let work = permit.act(None, Detail::None, move |act| async move {
                projects::remove_member(&act, &to).await
            });
            work.await.map_err(words)
        }
    }
}

async fn may_grant(
    office: &Office,
    project: &ProjectId,
) -> Result<access::Permit<ManageMembers>, String> {
    let operator = Caller::operator();
    let permit = office.guard.on_project::<ManageMembers>(&operator, project);
    permit.await.map_err(words)
}

fn may_manage_groups(office: &Office) -> Result<access::Permit<ManageGroups>, String> {
    let permit = office.guard.on_system::<ManageGroups>(&Caller::operator());
    permit.map_err(words)
}

async fn make_group(office: &Office, name: String) -> Result<GroupId, String> {
    let permit = may_manage_groups(office)?;
    let work = permit.act(None, Detail::None, move |act| async move {
        act.create_group(&name).await
    });
    work.await.map(|group| group.id).map_err(words)
}

async fn maintainer(
    office: &Office,
    group: GroupId,
    user: UserId,
    named: bool,
) -> Result<(), String> {
    let permit = may_manage_groups(office)?;
    let work = permit.act(None, Detail::None, move |act| async move {
        act.set_maintainer(&group, &user, named).await
    });
    work.await.map(|_| ()).map_err(words)
}

async fn member(
    office: &Office,
    group: GroupId,
    user: UserId,
    how: Membership,
) -> Result<(), String> {
    let operator = Caller::operator();
    let permit = office
        .guard
        .on_group::<ManageMembership>(&operator, Some(&group))
        .await
        .map_err(words)?;
    let work = permit.act(None, Detail::None, move |act| async move {
        act.set_membership(&user, how).await
    });
    work.await.map(|_| ()).map_err(words)
}

async fn make_project(office: &Office, name: String, owner: UserId) -> Result<ProjectId, String> {
    let id = ProjectId::generate(&crate::clock::SystemClock, &keys::SystemRng);
    let key = keys::DataKey::generate(&keys::SystemRng);
    let data_key = office
        .keyring
        .root
        .wrap(&key, id.as_str(), &keys::SystemRng);
    let new = NewProject {
        id,
        name,
        description: String::new(),
        synthetic: false,
        data_key: data_key.map_err(words)?,
        owner,
    };
    let permit = office.guard.on_system::<CreateProject>(&Caller::operator());
    let permit = permit.map_err(words)?;
    let work = permit.act(None, Detail::None, move |act| async move {
        projects::create(&act, new).await
    });
    work.await.map(|project| project.id).map_err(words)
}

async fn rename_project(office: &Office, project: &ProjectId, name: String) -> Result<(), String> {
    let operator = Caller::operator();
    let permit = office.guard.on_project::<ManageProject>(&operator, project);
    let permit = permit.await.map_err(words)?;
    let patch = ProjectPatch {
        name: Some(name),
        ..ProjectPatch::default()
    };
    let work = permit.act(None, Detail::None, move |act| async move {
        projects::update(&act, patch, &CodeLimits::default()).await
    });
    work.await.map(|_| ()).map_err(words)
}
