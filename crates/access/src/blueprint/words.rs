//! The plan for a person: who gains and who loses what, decided by the function that decides.

use super::{Blueprint, Snapshot};
use domain::decision::{GrantUsed, Subject, Via, effective_role};
use domain::entity::Principal;
use domain::id::{ProjectId, UserId};
use domain::{ProjectRole, SystemRole};
use std::collections::BTreeSet;

/// Sentences, first what is made, then who gains and who loses what. None when nothing changes.
#[must_use]
pub fn words(now: &Snapshot, then: &Snapshot) -> Vec<String> {
    let mut said = Vec::new();
    for (id, group) in &then.groups {
        if !now.groups.contains_key(id) {
            said.push(format!("The group {} is made.", group.name));
        }
    }
    for (id, project) in &then.projects {
        match now.projects.get(id) {
            None => said.push(format!("The project {} is made.", project.name)),
            Some(old) if old.name != project.name => {
                said.push(format!(
                    "The project {} is called {}.",
                    old.name, project.name
                ));
            }
            Some(_) => {}
        }
    }
    for (id, group) in &then.groups {
        let (old, new) = (now.groups.get(id), &group.maintainers);
        let none = BTreeSet::new();
        let old = old.map_or(&none, |group| &group.maintainers);
        let name = &group.name;
        let email = |user: &UserId| then.email(user).unwrap_or_default();
        let gained = new.difference(old);
        said.extend(gained.map(|it| format!("{} may say who is in {name}.", email(it))));
        let lost = old.difference(new);
        said.extend(lost.map(|it| format!("{} may say who is in {name} no more.", email(it))));
        let old = now.groups.get(id).map_or(&none, |group| &group.members);
        let joins = group.members.difference(old);
        said.extend(joins.map(|it| format!("{} joins {name}.", email(it))));
        let leaves = old.difference(&group.members);
        said.extend(leaves.map(|it| format!("{} leaves {name}.", email(it))));
    }
    for (id, project) in &then.projects {
        for user in reached(now, id).union(&reached(then, id)) {
            let (before, after) = (role(now, id, user), role(then, id, user));
            let (who, place) = (then.email(user).unwrap_or_default(), &project.name);
            let through = || through(then, id, user);
            said.extend(match (before, after) {
                (None, None) => None,
                (None, Some(role)) => Some(format!(
                    "{who} gains {} in {place}, {}.",
                    role.as_str(),
                    through()
                )),
                (Some(role), None) => Some(format!(
                    "{who} loses {} in {place} and has nothing there.",
                    role.as_str()
                )),
                (Some(old), Some(new)) if old == new => None,
                (Some(old), Some(new)) => Some(format!(
                    "{who} becomes {} instead of {} in {place}, {}.",
                    new.as_str(),
                    old.as_str(),
                    through()
                )),
            });
        }
    }
    said
}

/// What is there and not in the file: it stays as it is, and nobody who reads the file knows of it.
#[must_use]
pub fn drift(now: &Snapshot, then: &Snapshot, file: &Blueprint) -> Vec<String> {
    let named: BTreeSet<String> = file
        .groups
        .iter()
        .map(|it| it.name.trim().to_lowercase())
        .collect();
    let groups = now.groups.values();
    let groups = groups.filter(|group| !named.contains(&group.name.to_lowercase()));
    let groups = groups.map(|it| {
        format!(
            "The group {} is not in the file and stays as it is.",
            it.name
        )
    });
    let ids: BTreeSet<&ProjectId> = file
        .projects
        .iter()
        .filter_map(|it| it.id.as_ref())
        .collect();
    let names: BTreeSet<&str> = file
        .projects
        .iter()
        .filter(|it| it.id.is_none())
        .map(|it| it.name.trim())
        .collect();
    let projects = now.projects.iter().filter(|(id, project)| {
        let named = ids.contains(id) || names.contains(project.name.as_str());
        !named && then.projects.get(*id) == Some(*project)
    });
    let projects = projects.map(|(id, it)| {
        format!(
            "The project {} ({id}) is not in the file and stays as it is.",
            it.name
        )
    });
    groups.chain(projects).collect()
}

/// Everyone whom a grant of the project reaches.
fn reached(world: &Snapshot, project: &ProjectId) -> BTreeSet<UserId> {
    let grants = world.projects.get(project).into_iter();
    let grants = grants.flat_map(|project| project.grants.keys());
    let mut found = BTreeSet::new();
    for to in grants {
        match to {
            Principal::User(user) => {
                found.insert(user.clone());
            }
            Principal::Group(group) => {
                let group = world.groups.get(group).into_iter();
                found.extend(group.flat_map(|group| group.members.iter().cloned()));
            }
            Principal::Anyone => {}
        }
    }
    found
}

fn subject(world: &Snapshot, project: &ProjectId, user: &UserId) -> Subject {
    let person = world.people.get(user).filter(|person| !person.disabled);
    let grants = world.projects.get(project).into_iter();
    let grants = grants.flat_map(|project| &project.grants);
    let reaching = grants.filter_map(|(to, role)| {
        let via = match to {
            Principal::User(id) if id == user => Via::User,
            Principal::Group(id) if world.groups.get(id)?.members.contains(user) => {
                Via::Group { group: id.clone() }
            }
            _ => return None,
        };
        Some(GrantUsed { role: *role, via })
    });
    Subject::of_person(person.map(|person| person.role), reaching.collect())
}

/// The role in force. An admin's is everywhere the same, so it is not gained or lost here.
fn role(world: &Snapshot, project: &ProjectId, user: &UserId) -> Option<ProjectRole> {
    let subject = subject(world, project, user);
    match subject.system {
        None | Some(SystemRole::Admin) => None,
        Some(_) => effective_role(&subject).map(|(role, _)| role),
    }
}

fn through(world: &Snapshot, project: &ProjectId, user: &UserId) -> String {
    let mut grants = subject(world, project, user).grants;
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.role));
    match grants.into_iter().next().map(|grant| grant.via) {
        Some(Via::Group { group }) => {
            let name = world.groups.get(&group).map(|group| group.name.as_str());
            format!("through the group {}", name.unwrap_or_default())
        }
        _ => "by a grant of their own".to_owned(),
    }
}
