//! A decision and its reason, as one pure function of who asks, what for, and what they were granted.

use crate::action::{ActionName, ScopeKind};
use crate::ceiling::{Ceiling, TokenScope};
use crate::id::{GroupId, ProjectId};
use crate::matrix::{maintainer_allows, role_allows, system_allows};
use crate::role::{ProjectRole, SystemRole};
use serde::{Deserialize, Serialize};

/// Through what a grant reached a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "via", rename_all = "snake_case")]
pub enum Via {
    /// Granted to the person.
    User,
    /// Granted to a group the person is in.
    Group {
        /// The group.
        group: GroupId,
    },
    /// Granted to everyone, while public projects are switched on.
    Anyone,
    /// An admin of the system acts as owner everywhere.
    System,
}

/// One grant that counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantUsed {
    /// The role it gives.
    pub role: ProjectRole,
    /// Through what it reached the person.
    #[serde(flatten)]
    pub via: Via,
}

/// Everything a decision depends on besides the action.
///
/// It has no default on purpose: whoever makes one says what the ceiling is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The person's role in the system; `None` when nobody has signed in.
    pub system: Option<SystemRole>,
    /// The grants that reach the person in the project asked about.
    pub grants: Vec<GrantUsed>,
    /// Whether the person maintains the group asked about.
    pub maintainer: bool,
    /// The operator or a job of the server, which maintain.
    pub maintenance: bool,
    /// The project asked about, when it is one.
    pub asked: Option<ProjectId>,
    /// What the token that came with the request may at most; `None` for a person who has signed in.
    pub ceiling: Option<Ceiling>,
}

impl Subject {
    /// A person with these grants, asked about in general: no request of theirs, so no ceiling.
    #[must_use]
    pub fn of_person(system: Option<SystemRole>, grants: Vec<GrantUsed>) -> Self {
        Self {
            system,
            grants,
            maintainer: false,
            maintenance: false,
            asked: None,
            ceiling: None,
        }
    }
}

/// Allowed, refused, or not to be known of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The action may be done.
    Allowed,
    /// It may not, and the caller may know that the thing exists.
    Denied,
    /// It may not, and the caller may not know that the thing exists.
    Hidden,
    /// It may not, because nobody has signed in.
    Unauthenticated,
}

/// Why a decision came out as it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Because {
    /// The role that these grants give is enough, or is not.
    Role {
        /// The role in force.
        role: ProjectRole,
        /// The grants that reach the person, strongest first.
        grants: Vec<GrantUsed>,
        /// Less than the grants give: a system viewer, who is capped at viewing, or a token's ceiling.
        capped: bool,
    },
    /// The role in the system decided.
    SystemRole {
        /// That role.
        role: SystemRole,
    },
    /// The person maintains the group; a system viewer is capped at viewing all the same.
    Maintainer {
        /// A system viewer, who is capped at viewing.
        capped: bool,
    },
    /// The person does not maintain the group, and is no admin.
    NotMaintainer,
    /// The token does not go as far as its person.
    TokenScope {
        /// How far it goes.
        scope: TokenScope,
        /// The one project it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<ProjectId>,
    },
    /// No grant reaches the person.
    NoGrant,
    /// Nobody has signed in.
    NotSignedIn,
    /// The operator or a job of the server maintains.
    Maintenance,
}

/// An outcome with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was asked for.
    pub action: ActionName,
    /// How it came out.
    pub outcome: Outcome,
    /// Why.
    pub because: Because,
}

/// The role in force and whether a cap lowered it: the most permissive grant wins, an admin acts as
/// owner, a system viewer is capped at viewing; then a token's ceiling, which only lowers.
#[must_use]
pub fn effective_role(subject: &Subject) -> Option<(ProjectRole, bool)> {
    let (role, capped) = role_of_person(subject)?;
    match &subject.ceiling {
        None => Some((role, capped)),
        Some(ceiling) if !ceiling.reaches(subject.asked.as_ref()) => None,
        Some(ceiling) => {
            let most = ceiling.scope.role_max();
            Some((role.min(most), capped || role > most))
        }
    }
}

fn role_of_person(subject: &Subject) -> Option<(ProjectRole, bool)> {
    let granted = subject.grants.iter().map(|grant| grant.role).max();
    match subject.system {
        Some(SystemRole::Admin) => Some((ProjectRole::Owner, false)),
        Some(SystemRole::Viewer) => {
            granted.map(|role| (ProjectRole::Viewer, role > ProjectRole::Viewer))
        }
        Some(SystemRole::User) => granted.map(|role| (role, false)),
        // Someone who has not signed in reaches only what is granted to everyone, and only to view.
        None => granted.map(|role| (ProjectRole::Viewer, role > ProjectRole::Viewer)),
    }
}

/// Decides. The one place where an action, a person and their grants meet.
#[must_use]
pub fn decide(action: ActionName, subject: &Subject) -> Decision {
    let (outcome, because) = match &subject.ceiling {
        Some(ceiling) => decide_under(ceiling, action, subject),
        None => decide_for_person(action, subject),
    };
    Decision {
        action,
        outcome,
        because,
    }
}

/// What a token may: what its person may, less what its ceiling takes away.
fn decide_under(ceiling: &Ceiling, action: ActionName, subject: &Subject) -> (Outcome, Because) {
    let scope = || Because::TokenScope {
        scope: ceiling.scope,
        project: ceiling.project.clone(),
    };
    if action.scope() == ScopeKind::Project && !ceiling.reaches(subject.asked.as_ref()) {
        return (Outcome::Hidden, scope());
    }
    let (outcome, because) = decide_for_person(action, subject);
    match outcome {
        Outcome::Allowed | Outcome::Denied if !ceiling.leaves(action) => (Outcome::Denied, scope()),
        _ => (outcome, because),
    }
}

fn decide_for_person(action: ActionName, subject: &Subject) -> (Outcome, Because) {
    if subject.maintenance {
        (Outcome::Allowed, Because::Maintenance)
    } else {
        match (action.scope(), subject.system) {
            (ScopeKind::Project, _) => decide_on_project(action, subject),
            (_, None) => (Outcome::Unauthenticated, Because::NotSignedIn),
            (_, Some(role)) if system_allows(role, action) => {
                (Outcome::Allowed, Because::SystemRole { role })
            }
            (ScopeKind::Group, Some(role)) => decide_on_group(action, role, subject.maintainer),
            (ScopeKind::System | ScopeKind::Account, Some(role)) => {
                (Outcome::Denied, Because::SystemRole { role })
            }
        }
    }
}

/// That a group exists is no secret (the directory names it), so a refusal is the same for each.
fn decide_on_group(action: ActionName, role: SystemRole, maintainer: bool) -> (Outcome, Because) {
    if !maintainer {
        return (Outcome::Denied, Because::NotMaintainer);
    }
    if maintainer_allows(role, action) {
        (Outcome::Allowed, Because::Maintainer { capped: false })
    } else {
        (Outcome::Denied, Because::Maintainer { capped: true })
    }
}

fn decide_on_project(action: ActionName, subject: &Subject) -> (Outcome, Because) {
    let Some((role, capped)) = effective_role(subject) else {
        return match subject.system {
            None => (Outcome::Unauthenticated, Because::NotSignedIn),
            Some(_) => (Outcome::Hidden, Because::NoGrant),
        };
    };
    let mut grants = subject.grants.clone();
    if subject.system == Some(SystemRole::Admin) {
        grants.push(GrantUsed {
            role: ProjectRole::Owner,
            via: Via::System,
        });
    }
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.role));
    let outcome = if role_allows(role, action) {
        Outcome::Allowed
    } else if subject.system.is_none() {
        Outcome::Unauthenticated
    } else {
        Outcome::Denied
    };
    (
        outcome,
        Because::Role {
            role,
            grants,
            capped,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn role() -> impl Strategy<Value = ProjectRole> {
        prop_oneof![
            Just(ProjectRole::Viewer),
            Just(ProjectRole::Editor),
            Just(ProjectRole::Owner)
        ]
    }

    fn subject() -> impl Strategy<Value = Subject> {
        let system = prop_oneof![
            Just(None),
            Just(Some(SystemRole::Admin)),
            Just(Some(SystemRole::User)),
            Just(Some(SystemRole::Viewer))
        ];
        (system, proptest::collection::vec(role(), 0..4)).prop_map(|(system, roles)| {
            let grant = |role| GrantUsed {
                role,
                via: Via::User,
            };
            Subject::of_person(system, roles.into_iter().map(grant).collect())
        })
    }

    fn project(number: u8) -> ProjectId {
        format!("prj_{number:032x}").parse().unwrap()
    }

    fn ceiling() -> impl Strategy<Value = Ceiling> {
        let scope = proptest::sample::select(&TokenScope::ALL[..]);
        let place = proptest::option::of((0_u8..2).prop_map(project));
        (scope, place).prop_map(|(scope, project)| Ceiling { scope, project })
    }

    fn action() -> impl Strategy<Value = ActionName> {
        proptest::sample::select(ActionName::ALL)
    }

    proptest! {
        #[test]
        fn one_more_grant_never_takes_anything_away(s in subject(), a in action(), extra in role()) {
            let before = decide(a, &s).outcome == Outcome::Allowed;
            let mut more = s;
            more.grants.push(GrantUsed { role: extra, via: Via::User });
            prop_assert!(!before || decide(a, &more).outcome == Outcome::Allowed);
        }

        #[test]
        fn the_order_of_grants_does_not_matter(s in subject(), a in action()) {
            let mut turned = s.clone();
            turned.grants.reverse();
            prop_assert_eq!(decide(a, &s).outcome, decide(a, &turned).outcome);
        }

        #[test]
        fn a_system_viewer_changes_nothing_in_a_project(mut s in subject(), a in action()) {
            s.system = Some(SystemRole::Viewer);
            if a.scope() == ScopeKind::Project && a.is_change() {
                prop_assert_ne!(decide(a, &s).outcome, Outcome::Allowed);
            }
        }

        #[test]
        fn without_a_grant_a_project_is_hidden(mut s in subject(), a in action()) {
            s.grants.clear();
            s.system = Some(SystemRole::User);
            if a.scope() == ScopeKind::Project {
                prop_assert_eq!(decide(a, &s).outcome, Outcome::Hidden);
            }
        }

        #[test]
        fn maintaining_a_group_opens_that_group_and_nothing_else(mut s in subject(), a in action()) {
            s.maintainer = false;
            let without = decide(a, &s).outcome;
            s.maintainer = true;
            let with = decide(a, &s).outcome;
            let opened = a.scope() == ScopeKind::Group
                && (s.system == Some(SystemRole::User)
                    || s.system == Some(SystemRole::Viewer) && !a.is_change());
            prop_assert_eq!(with, if opened { Outcome::Allowed } else { without });
        }

        #[test]
        fn a_ceiling_never_raises(s in subject(), a in action(), c in ceiling(), maintainer in any::<bool>()) {
            let mut bare = s;
            bare.maintainer = maintainer;
            bare.asked = (a.scope() == ScopeKind::Project).then(|| project(0));
            let mut capped = bare.clone();
            capped.ceiling = Some(c.clone());
            let (without, with) = (decide(a, &bare).outcome, decide(a, &capped).outcome);
            prop_assert!(with != Outcome::Allowed || without == Outcome::Allowed);
            // Nor does it tell of a project that its person may not know of.
            prop_assert!(without != Outcome::Hidden || with == Outcome::Hidden);
            if effective_role(&bare).is_some() {
                prop_assert!(effective_role(&capped) <= effective_role(&bare).map(|(role, _)| (role, true)));
            } else {
                prop_assert_eq!(effective_role(&capped), None);
            }
            // Where it takes nothing away, nothing is missing.
            let reaches = a.scope() != ScopeKind::Project || c.reaches(capped.asked.as_ref());
            if without == Outcome::Allowed && reaches && c.leaves(a) {
                prop_assert_eq!(with, Outcome::Allowed);
            }
        }

        #[test]
        fn a_token_for_one_project_knows_of_no_other(s in subject(), a in action(), scope in ceiling()) {
            let mut elsewhere = s;
            elsewhere.asked = Some(project(7));
            elsewhere.ceiling = Some(Ceiling { project: Some(project(0)), ..scope });
            if a.scope() == ScopeKind::Project {
                prop_assert_eq!(decide(a, &elsewhere).outcome, Outcome::Hidden);
            }
        }

        #[test]
        fn nobody_signed_in_never_learns_whether_a_project_exists(a in action()) {
            prop_assert_eq!(decide(a, &Subject::of_person(None, Vec::new())).outcome, Outcome::Unauthenticated);
        }
    }
}
