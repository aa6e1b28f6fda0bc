//! Access as code: groups, their people, projects and their grants in one file, compared with what is.
//!
//! Everything here is plain data and pure functions: a file and what is there make what is to be; from
//! the two come the changes, in the order in which each leaves every project with an owner, and the
//! words for a person: who gains and who loses what. `depictio apply` reads, shows and does them.

mod changes;
mod export;
mod target;
mod words;

pub use changes::{Change, changes};
pub use export::export;
pub use target::target;
pub use words::{drift, words};

use domain::entity::Principal;
use domain::id::{GroupId, ProjectId, UserId};
use domain::{ProjectRole, SystemRole};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The file. What it names is exactly as it says; what it does not name stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Blueprint {
    /// Groups, by their names.
    pub groups: Vec<GroupPart>,
    /// Projects.
    pub projects: Vec<ProjectPart>,
}

/// A group in the file. People are named by their addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupPart {
    /// What it is called. A group that is not there is made.
    pub name: String,
    /// Who is in it.
    #[serde(default)]
    pub members: Vec<String>,
    /// Who may say so besides admins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<String>,
}

/// A project in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectPart {
    /// Its id. Without one it is the only project of that name, or is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ProjectId>,
    /// What it is called.
    pub name: String,
    /// Who owns it; at least one person.
    #[serde(default, skip_serializing_if = "Holders::is_empty")]
    pub owners: Holders,
    /// Who edits it.
    #[serde(default, skip_serializing_if = "Holders::is_empty")]
    pub editors: Holders,
    /// Who looks at it.
    #[serde(default, skip_serializing_if = "Holders::is_empty")]
    pub viewers: Holders,
}

/// Who has a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holders {
    /// People, by their addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// Groups, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

impl Holders {
    fn is_empty(&self) -> bool {
        self.people.is_empty() && self.groups.is_empty()
    }
}

/// What is there, or is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Everybody with an account.
    pub people: BTreeMap<UserId, PersonSeen>,
    /// All groups.
    pub groups: BTreeMap<GroupId, GroupSeen>,
    /// All projects.
    pub projects: BTreeMap<ProjectId, ProjectSeen>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonSeen {
    /// The address.
    pub email: String,
    /// The role in the system.
    pub role: SystemRole,
    /// May not sign in.
    pub disabled: bool,
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupSeen {
    /// What it is called.
    pub name: String,
    /// Who is in it.
    pub members: BTreeSet<UserId>,
    /// Who may say so.
    pub maintainers: BTreeSet<UserId>,
}

/// A project. What is granted to everyone is no part of the file and of this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectSeen {
    /// What it is called.
    pub name: String,
    /// Who has which role.
    pub grants: BTreeMap<Principal, ProjectRole>,
}

#[cfg(test)]
mod tests;
