//! The ceiling of a token: what it may at most, whatever its person may.
//!
//! It is part of what a decision depends on ([`crate::Subject`]), not a check of its own, so no way
//! to a permit leads past it. It only takes away: a test proves that no ceiling allows what is
//! refused without it.

use crate::action::{ActionName, ScopeKind};
use crate::id::ProjectId;
use crate::matrix::{Rule, role_allows};
use crate::role::ProjectRole;
use serde::{Deserialize, Serialize};

/// How far a token goes. A later one may all that an earlier one may.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// What a viewer may, in the projects its person sees.
    Read,
    /// What an editor may, where its person is at least one; and new projects.
    Edit,
    /// All that its person may, but for what proves who they are.
    Admin,
}

impl TokenScope {
    /// Every scope, weakest first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Edit, Self::Admin];

    /// The scope's name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Edit => "edit",
            Self::Admin => "admin",
        }
    }

    /// The highest role it leaves in a project.
    #[must_use]
    pub fn role_max(self) -> ProjectRole {
        match self {
            Self::Read => ProjectRole::Viewer,
            Self::Edit => ProjectRole::Editor,
            Self::Admin => ProjectRole::Owner,
        }
    }
}

/// What a token may at most, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ceiling {
    /// How far it goes.
    pub scope: TokenScope,
    /// The one project it is for; `None` for all of its person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
}

impl Ceiling {
    /// Whether it leaves anything of a project.
    #[must_use]
    pub fn reaches(&self, project: Option<&ProjectId>) -> bool {
        self.project.is_none() || self.project.as_ref() == project
    }

    /// Whether it leaves an action, in a place that it reaches.
    #[must_use]
    pub fn leaves(&self, action: ActionName) -> bool {
        // A token that could make a token, or set a password, would outlive its own end.
        if action.proves_a_person() {
            return false;
        }
        let everywhere = self.project.is_none();
        match action.rule() {
            Rule::Role(_) => role_allows(self.scope.role_max(), action),
            Rule::SignedIn => {
                let is_own = action.scope() == ScopeKind::Account;
                !action.is_change() && (everywhere || is_own || action == ActionName::ListProjects)
            }
            Rule::Standard => everywhere && self.scope >= TokenScope::Edit,
            Rule::Maintainer | Rule::Admin => everywhere && self.scope >= TokenScope::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everywhere(scope: TokenScope) -> Ceiling {
        Ceiling {
            scope,
            project: None,
        }
    }

    #[test]
    fn a_higher_scope_leaves_all_that_a_lower_one_leaves() {
        for action in ActionName::ALL {
            for pair in TokenScope::ALL.windows(2) {
                assert!(
                    !everywhere(pair[0]).leaves(*action) || everywhere(pair[1]).leaves(*action),
                    "{}",
                    action.as_str()
                );
            }
        }
    }

    #[test]
    fn no_token_makes_a_token_or_sets_a_password() {
        for action in [
            ActionName::ManageAccount,
            ActionName::CreateToken,
            ActionName::RevokeToken,
            ActionName::CreateResetLink,
            ActionName::Invite,
            ActionName::ManageServices,
        ] {
            for scope in TokenScope::ALL {
                assert!(!everywhere(scope).leaves(action), "{}", action.as_str());
            }
        }
    }

    #[test]
    fn a_token_that_reads_changes_nothing() {
        for action in ActionName::ALL {
            assert!(
                !action.is_change() || !everywhere(TokenScope::Read).leaves(*action),
                "{}",
                action.as_str()
            );
        }
    }
}
