//! The permission matrix: for each action, who may. The only place that compares roles.

use crate::action::ActionName;
use crate::role::{ProjectRole, SystemRole};

/// Who may do an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Whoever has at least this role in the project.
    Role(ProjectRole),
    /// Admins of the system, and who maintains the group in question.
    Maintainer,
    /// Admins of the system.
    Admin,
    /// Admins and standard users, not system viewers.
    Standard,
    /// Everyone who is signed in.
    SignedIn,
}

/// Whether a project role is enough for an action on a project.
#[must_use]
pub fn role_allows(role: ProjectRole, action: ActionName) -> bool {
    match action.rule() {
        Rule::Role(least) => role >= least,
        Rule::Maintainer | Rule::Admin | Rule::Standard | Rule::SignedIn => false,
    }
}

/// Whether maintaining a group is enough for an action on it. A system viewer changes nothing.
#[must_use]
pub fn maintainer_allows(role: SystemRole, action: ActionName) -> bool {
    action.rule() == Rule::Maintainer && !(role == SystemRole::Viewer && action.is_change())
}

/// Whether a system role is enough for an action on the system or on one's own account.
#[must_use]
pub fn system_allows(role: SystemRole, action: ActionName) -> bool {
    match (action.rule(), role) {
        (Rule::SignedIn, _) | (Rule::Standard, SystemRole::User) => true,
        (Rule::Maintainer | Rule::Admin | Rule::Standard, SystemRole::Admin) => true,
        (Rule::Role(_), _) | (Rule::Maintainer | Rule::Admin | Rule::Standard, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{EDGES, ScopeKind};

    /// The table of the security page (S8), written out again by hand.
    #[test]
    fn the_table_of_the_security_page_is_in_force() {
        use ActionName as A;
        use ProjectRole::{Editor, Owner, Viewer};
        let page = [
            (A::ViewDashboard, [true, true, true]),
            (A::CreateDashboard, [true, true, false]),
            (A::EditDashboard, [true, true, false]),
            (A::DeleteDashboard, [true, false, false]),
            (A::ManageProject, [true, false, false]),
            (A::ManageMembers, [true, false, false]),
        ];
        for (action, expected) in page {
            let actual = [Owner, Editor, Viewer].map(|role| role_allows(role, action));
            assert_eq!(actual, expected, "{}", action.as_str());
        }
    }

    #[test]
    fn a_stronger_role_may_all_that_a_weaker_one_may() {
        for action in ActionName::ALL {
            for pair in ProjectRole::ALL.windows(2) {
                assert!(
                    !role_allows(pair[0], *action) || role_allows(pair[1], *action),
                    "{}",
                    action.as_str()
                );
            }
        }
    }

    #[test]
    fn every_edge_leads_to_an_action_that_the_same_people_may_do() {
        for (strong, weak) in EDGES {
            assert_eq!(strong.scope(), weak.scope());
            for role in ProjectRole::ALL {
                assert!(!role_allows(role, *strong) || role_allows(role, *weak));
            }
            for role in [SystemRole::Admin, SystemRole::User, SystemRole::Viewer] {
                assert!(!system_allows(role, *strong) || system_allows(role, *weak));
            }
        }
    }

    #[test]
    fn project_actions_are_decided_by_roles_and_others_are_not() {
        for action in ActionName::ALL {
            let by_role = matches!(action.rule(), Rule::Role(_));
            assert_eq!(
                by_role,
                action.scope() == ScopeKind::Project,
                "{}",
                action.as_str()
            );
        }
    }
}
