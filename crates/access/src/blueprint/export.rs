//! What is there, as a file.

use super::{Blueprint, GroupPart, Holders, ProjectPart, ProjectSeen, Snapshot};
use domain::ProjectRole;
use domain::entity::Principal;
use domain::id::UserId;
use std::collections::BTreeSet;

/// The whole of what is there. Applying it changes nothing.
#[must_use]
pub fn export(now: &Snapshot) -> Blueprint {
    let emails = |users: &BTreeSet<UserId>| sorted(users.iter().filter_map(|it| now.email(it)));
    let groups = now.groups.values().map(|group| GroupPart {
        name: group.name.clone(),
        members: emails(&group.members),
        maintainers: emails(&group.maintainers),
    });
    let mut groups: Vec<GroupPart> = groups.collect();
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    let projects = now.projects.iter().map(|(id, project)| ProjectPart {
        id: Some(id.clone()),
        name: project.name.clone(),
        owners: holders(now, project, ProjectRole::Owner),
        editors: holders(now, project, ProjectRole::Editor),
        viewers: holders(now, project, ProjectRole::Viewer),
    });
    Blueprint {
        groups,
        projects: projects.collect(),
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn holders(now: &Snapshot, project: &ProjectSeen, role: ProjectRole) -> Holders {
    let with = || project.grants.iter().filter(|(_, other)| **other == role);
    Holders {
        people: sorted(with().filter_map(|(to, _)| match to {
            Principal::User(user) => now.email(user),
            Principal::Group(_) | Principal::Anyone => None,
        })),
        groups: sorted(with().filter_map(|(to, _)| match to {
            Principal::Group(group) => now.groups.get(group).map(|it| it.name.clone()),
            Principal::User(_) | Principal::Anyone => None,
        })),
    }
}

impl Snapshot {
    pub(super) fn email(&self, user: &UserId) -> Option<String> {
        self.people.get(user).map(|person| person.email.clone())
    }
}
