//! What has to be done, in an order in which every step is allowed: what is given before what is taken,
//! so that no project is without an owner in between.

use super::{GroupSeen, ProjectSeen, Snapshot};
use domain::ProjectRole;
use domain::entity::Principal;
use domain::id::{GroupId, ProjectId, UserId};
use serde::{Deserialize, Serialize};

/// One step. Ids of what is made by an earlier one are placeholders until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields carry the names of what they hold")]
pub enum Change {
    /// A group is made.
    MakeGroup { group: GroupId, name: String },
    /// Somebody becomes a maintainer, or is one no more.
    Maintainer {
        group: GroupId,
        user: UserId,
        named: bool,
    },
    /// Somebody joins a group, or leaves it.
    Member {
        group: GroupId,
        user: UserId,
        joins: bool,
    },
    /// A project is made, and owned by somebody.
    MakeProject {
        project: ProjectId,
        name: String,
        owner: UserId,
    },
    /// A project is called otherwise.
    RenameProject { project: ProjectId, name: String },
    /// A role is given, in place of the one there was.
    Grant {
        project: ProjectId,
        to: Principal,
        role: ProjectRole,
    },
    /// A role is taken away.
    Withdraw { project: ProjectId, to: Principal },
}

/// What leads from one to the other. Nothing is deleted.
#[must_use]
pub fn changes(now: &Snapshot, then: &Snapshot) -> Vec<Change> {
    let (mut give, mut take) = (Vec::new(), Vec::new());
    for (id, group) in &then.groups {
        people(id, now.groups.get(id), group, &mut give, &mut take);
    }
    for (id, project) in &then.projects {
        grants(id, now.projects.get(id), project, &mut give, &mut take);
    }
    give.append(&mut take);
    give
}

fn people(
    id: &GroupId,
    now: Option<&GroupSeen>,
    then: &GroupSeen,
    give: &mut Vec<Change>,
    take: &mut Vec<Change>,
) {
    let nothing = GroupSeen::default();
    if now.is_none() {
        give.push(Change::MakeGroup {
            group: id.clone(),
            name: then.name.clone(),
        });
    }
    let now = now.unwrap_or(&nothing);
    let maintainer = |user: &UserId, named| Change::Maintainer {
        group: id.clone(),
        user: user.clone(),
        named,
    };
    let member = |user: &UserId, joins| Change::Member {
        group: id.clone(),
        user: user.clone(),
        joins,
    };
    let (old, new) = (&now.maintainers, &then.maintainers);
    give.extend(new.difference(old).map(|user| maintainer(user, true)));
    take.extend(old.difference(new).map(|user| maintainer(user, false)));
    let (old, new) = (&now.members, &then.members);
    give.extend(new.difference(old).map(|user| member(user, true)));
    take.extend(old.difference(new).map(|user| member(user, false)));
}

fn grants(
    id: &ProjectId,
    now: Option<&ProjectSeen>,
    then: &ProjectSeen,
    give: &mut Vec<Change>,
    take: &mut Vec<Change>,
) {
    let made = ProjectSeen::default();
    let mut first = None;
    if now.is_none() {
        let owner = then.grants.iter().find_map(|(to, role)| match (to, role) {
            (Principal::User(user), ProjectRole::Owner) => Some(user),
            _ => None,
        });
        // A project without one does not come out of `target`.
        let Some(owner) = owner else { return };
        first = Some(Principal::User(owner.clone()));
        give.push(Change::MakeProject {
            project: id.clone(),
            name: then.name.clone(),
            owner: owner.clone(),
        });
    }
    let now = match now {
        Some(now) if now.name != then.name => {
            give.push(Change::RenameProject {
                project: id.clone(),
                name: then.name.clone(),
            });
            now
        }
        Some(now) => now,
        None => &made,
    };
    for (to, role) in &then.grants {
        let had = now.grants.get(to);
        if had == Some(role) || first.as_ref() == Some(to) {
            continue;
        }
        let change = Change::Grant {
            project: id.clone(),
            to: to.clone(),
            role: *role,
        };
        // A role that is lowered is taken: an owner steps down once the others are there.
        match had.is_some_and(|had| had > role) {
            true => take.push(change),
            false => give.push(change),
        }
    }
    for to in now.grants.keys() {
        if !then.grants.contains_key(to) {
            take.push(Change::Withdraw {
                project: id.clone(),
                to: to.clone(),
            });
        }
    }
}
