//! Narrowing: a dashboard for fewer people than its project. It takes away and never gives: whoever
//! passes has on the dashboard the role they have in the project. It never binds owners or admins,
//! so nobody can lock a project out of its own dashboards.
//!
//! It hides the dashboard and not the data: the collections it shows stay readable to everyone who
//! may query the project.

use crate::decision::Via;
use crate::id::{GroupId, UserId};
use crate::role::ProjectRole;
use serde::{Deserialize, Serialize};

/// To whom a dashboard is narrowed, besides owners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum Narrowing {
    /// To editors.
    Editors,
    /// To these people and groups, as far as they have a role in the project. To owners alone when
    /// nobody is named.
    Named {
        /// People.
        #[serde(default)]
        users: Vec<UserId>,
        /// Groups.
        #[serde(default)]
        groups: Vec<GroupId>,
    },
}

/// A narrowing as one person meets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Narrowed {
    /// To editors.
    Editors,
    /// To those who are named.
    Named {
        /// Through what the person is; absent when they are not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Via>,
    },
}

impl Narrowing {
    /// What it is for somebody in these groups.
    #[must_use]
    pub fn met_by(&self, user: Option<&UserId>, own: &[GroupId]) -> Narrowed {
        let Self::Named { users, groups } = self else {
            return Narrowed::Editors;
        };
        if user.is_some_and(|user| users.contains(user)) {
            return Narrowed::Named {
                by: Some(Via::User),
            };
        }
        let group = groups.iter().find(|group| own.contains(group));
        Narrowed::Named {
            by: group.cloned().map(|group| Via::Group { group }),
        }
    }
}

impl Narrowed {
    /// What it is for somebody of whom nothing is known but a role.
    #[must_use]
    pub fn met_by_role(self) -> Self {
        match self {
            Self::Editors => Self::Editors,
            Self::Named { .. } => Self::Named { by: None },
        }
    }

    /// Whether somebody whose grants give this role passes.
    #[must_use]
    pub fn admits(&self, role: ProjectRole) -> bool {
        let passes = match self {
            Self::Editors => role >= ProjectRole::Editor,
            Self::Named { by } => by.is_some(),
        };
        passes || role == ProjectRole::Owner
    }
}
