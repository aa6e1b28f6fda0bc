//! From a file and what is there to what is to be, or to everything that is wrong with the file.

use super::{Blueprint, GroupSeen, Holders, ProjectPart, ProjectSeen, Snapshot};
use domain::ProjectRole;
use domain::dashboard::Flaw;
use domain::entity::Principal;
use domain::id::{GroupId, ProjectId, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Ids of what does not exist yet: none that was ever given, since those carry the time.
fn unborn<T: std::str::FromStr>(prefix: &str, number: usize) -> Option<T> {
    format!("{prefix}{number:032x}").parse().ok()
}

struct Reading<'a> {
    people: HashMap<String, &'a UserId>,
    groups: HashMap<String, GroupId>,
    flaws: Vec<Flaw>,
}

impl Reading<'_> {
    fn flaw(&mut self, pointer: String, message: impl Into<String>) {
        let message = message.into();
        self.flaws.push(Flaw { pointer, message });
    }

    fn people(&mut self, place: &str, emails: &[String]) -> BTreeSet<UserId> {
        let mut found = BTreeSet::new();
        for (at, email) in emails.iter().enumerate() {
            match self.people.get(&email.trim().to_lowercase()) {
                Some(id) => {
                    found.insert((*id).clone());
                }
                None => self.flaw(
                    format!("{place}/{at}"),
                    format!("nobody has the address {email}"),
                ),
            }
        }
        found
    }

    fn holders(
        &mut self,
        place: &str,
        holders: &Holders,
        role: ProjectRole,
        grants: &mut BTreeMap<Principal, ProjectRole>,
    ) {
        let people = self.people(&format!("{place}/people"), &holders.people);
        let mut found: Vec<Principal> = people.into_iter().map(Principal::User).collect();
        for (at, name) in holders.groups.iter().enumerate() {
            match self.groups.get(&name.trim().to_lowercase()) {
                Some(id) => found.push(Principal::Group(id.clone())),
                None => self.flaw(
                    format!("{place}/groups/{at}"),
                    format!("there is no group {name}, and the file makes none"),
                ),
            }
        }
        for principal in found {
            if grants
                .insert(principal, role)
                .is_some_and(|other| other != role)
            {
                self.flaw(
                    place.to_owned(),
                    "somebody is named here who has another role in this project already",
                );
            }
        }
    }
}

/// What is to be.
///
/// # Errors
/// Everything in the file that cannot be, each by its place.
pub fn target(now: &Snapshot, file: &Blueprint) -> Result<Snapshot, Vec<Flaw>> {
    let people = now.people.iter();
    let groups = now.groups.iter();
    let mut reading = Reading {
        people: people
            .map(|(id, one)| (one.email.to_lowercase(), id))
            .collect(),
        groups: groups
            .map(|(id, one)| (one.name.to_lowercase(), id.clone()))
            .collect(),
        flaws: Vec::new(),
    };
    let mut then = now.clone();
    let mut named = BTreeSet::new();
    for (at, part) in file.groups.iter().enumerate() {
        let (place, name) = (format!("/groups/{at}"), part.name.trim().to_owned());
        if name.is_empty() || !named.insert(name.to_lowercase()) {
            reading.flaw(
                format!("{place}/name"),
                "each group is named once, by a name",
            );
            continue;
        }
        let known = reading.groups.get(&name.to_lowercase()).cloned();
        let Some(id) = known.or_else(|| unborn(GroupId::PREFIX, at)) else {
            continue;
        };
        reading.groups.insert(name.to_lowercase(), id.clone());
        let members = reading.people(&format!("{place}/members"), &part.members);
        let maintainers = reading.people(&format!("{place}/maintainers"), &part.maintainers);
        let kept = then.groups.get(&id).map(|group| group.name.clone());
        let seen = GroupSeen {
            name: kept.unwrap_or(name),
            members,
            maintainers,
        };
        then.groups.insert(id, seen);
    }
    let mut taken = BTreeSet::new();
    for (at, part) in file.projects.iter().enumerate() {
        let place = format!("/projects/{at}");
        let Some(id) = project(now, part, at, &place, &mut reading) else {
            continue;
        };
        if !taken.insert(id.clone()) {
            reading.flaw(place, "this project is named twice");
            continue;
        }
        let mut seen = ProjectSeen {
            name: part.name.trim().to_owned(),
            grants: BTreeMap::new(),
        };
        for (name, role, holders) in [
            ("owners", ProjectRole::Owner, &part.owners),
            ("editors", ProjectRole::Editor, &part.editors),
            ("viewers", ProjectRole::Viewer, &part.viewers),
        ] {
            reading.holders(&format!("{place}/{name}"), holders, role, &mut seen.grants);
        }
        let owned = |(to, role): (&Principal, &ProjectRole)| {
            matches!((to, role), (Principal::User(_), ProjectRole::Owner))
        };
        if !seen.grants.iter().any(owned) {
            let words = "a project keeps at least one person as owner; groups do not count";
            reading.flaw(format!("{place}/owners"), words);
        }
        then.projects.insert(id, seen);
    }
    match reading.flaws.is_empty() {
        true => Ok(then),
        false => Err(reading.flaws),
    }
}

/// Which project is meant.
fn project(
    now: &Snapshot,
    part: &ProjectPart,
    at: usize,
    place: &str,
    reading: &mut Reading<'_>,
) -> Option<ProjectId> {
    let name = part.name.trim();
    if name.is_empty() {
        reading.flaw(format!("{place}/name"), "a project has a name");
        return None;
    }
    if let Some(id) = &part.id {
        if !now.projects.contains_key(id) {
            reading.flaw(format!("{place}/id"), "there is no project with this id");
            return None;
        }
        return Some(id.clone());
    }
    let mut called = now
        .projects
        .iter()
        .filter(|(_, project)| project.name == name);
    match (called.next(), called.next()) {
        (None, _) => unborn(ProjectId::PREFIX, at),
        (Some((id, _)), None) => Some(id.clone()),
        (Some(_), Some(_)) => {
            let words = "several projects have this name: say which by its id";
            reading.flaw(format!("{place}/name"), words);
            None
        }
    }
}
