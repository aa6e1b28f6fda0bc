//! A decision and its reason, as one pure function of who asks, what for, and what they were granted.

use crate::action::{ActionName, ScopeKind};
use crate::ceiling::{Ceiling, TokenScope};
use crate::id::{GroupId, ProjectId};
use crate::matrix::{Rule, maintainer_allows, role_allows, system_allows};
use crate::narrowing::Narrowed;
use crate::registration::Sharing;
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
    /// Given to a program's account when it was made.
    Service,
    /// Granted to everyone, while public projects are switched on.
    Anyone,
    /// An admin of the system acts as owner everywhere.
    System,
    /// An owner or admin looks at the project as this role.
    ViewAs,
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
    /// The narrowing of the dashboard asked about, as the person meets it.
    pub narrowed: Option<Narrowed>,
    /// Set when the person asks to look at the project as one of its roles.
    pub viewing: Option<Viewing>,
    /// Whether the person maintains the group asked about.
    pub maintainer: bool,
    /// Who gives roles in projects here.
    pub sharing: Sharing,
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
            narrowed: None,
            viewing: None,
            maintainer: false,
            sharing: Sharing::Owners,
            maintenance: false,
            asked: None,
            ceiling: None,
        }
    }
}

impl Subject {
    /// Whether only admins share here, and this is sharing and no admin.
    #[must_use]
    pub fn is_kept_from(&self, action: ActionName) -> bool {
        let by_admins = self.sharing == Sharing::Admins && self.system != Some(SystemRole::Admin);
        by_admins && action.shares()
    }
}

/// Looking at a project as one of its roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewing {
    /// As which role.
    pub role: ProjectRole,
    /// Only owners and admins may.
    pub permitted: bool,
}

impl Subject {
    /// The same person, looking at the project as one of its roles: with that role and nothing of
    /// their own, neither name nor group. Only owners and admins may; whoever else asks, is refused.
    #[must_use]
    pub fn viewing_as(self, role: ProjectRole) -> Self {
        let own = Self {
            narrowed: None,
            ..self.clone()
        };
        // What the person is, not their token: its ceiling stays in force behind the role.
        let permitted = matches!(role_of_person(&own), Some((ProjectRole::Owner, _)));
        let viewing = Some(Viewing { role, permitted });
        if !permitted {
            return Self { viewing, ..self };
        }
        Self {
            system: Some(SystemRole::User),
            grants: vec![GrantUsed {
                role,
                via: Via::ViewAs,
            }],
            narrowed: self.narrowed.map(Narrowed::met_by_role),
            viewing,
            maintainer: false,
            sharing: self.sharing,
            maintenance: false,
            asked: self.asked,
            ceiling: self.ceiling,
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
        /// The narrowing of the dashboard, which the person passes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        narrowed: Option<Narrowed>,
    },
    /// The dashboard is narrowed, and neither the role that these grants give nor a name passes.
    Narrowed {
        /// The role in the project.
        role: ProjectRole,
        /// The grants that reach the person, strongest first.
        grants: Vec<GrantUsed>,
        /// To whom the dashboard is narrowed.
        narrowed: Narrowed,
    },
    /// Only admins give roles in projects here, and the person is none.
    SharingClosed,
    /// Looking at the project as one of its roles: nothing can be changed meanwhile, and only owners
    /// and admins may.
    ViewAs {
        /// As which role.
        role: ProjectRole,
        /// It is an owner or admin who looks.
        permitted: bool,
    },
    /// There is no such thing in the project.
    Absent,
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

/// What would have to be there for a refusal to become a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "missing", rename_all = "snake_case")]
pub enum Missing {
    /// Signing in.
    SignIn,
    /// A grant of at least this role in the project.
    Role {
        /// The role.
        role: ProjectRole,
    },
    /// At least this role in the system.
    SystemRole {
        /// The role.
        role: SystemRole,
    },
    /// A name among those to whom the dashboard is narrowed, or a role that is not bound by it.
    Passage,
    /// Being a maintainer of the group.
    Maintainer,
    /// A token that goes further, or signing in oneself.
    Token,
}

impl Decision {
    /// What is missing; nothing when it is allowed, or when what was asked for is not there.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        let own = Missing::SystemRole {
            role: SystemRole::User,
        };
        let grant = match self.action.rule() {
            Rule::Role(role) => vec![Missing::Role { role }],
            _ => Vec::new(),
        };
        match (&self.because, self.outcome) {
            (_, Outcome::Allowed) | (Because::Absent | Because::Maintenance, _) => Vec::new(),
            (Because::NotSignedIn, _) => vec![Missing::SignIn],
            (Because::NoGrant, _) => grant,
            (Because::ViewAs { permitted, .. }, _) => match permitted {
                // Looking as oneself again is nothing that could be given.
                true => Vec::new(),
                false => vec![Missing::Role {
                    role: ProjectRole::Owner,
                }],
            },
            (Because::Narrowed { .. }, _) => vec![Missing::Passage],
            (Because::SharingClosed, _) => vec![Missing::SystemRole {
                role: SystemRole::Admin,
            }],
            (Because::NotMaintainer, _) => vec![Missing::Maintainer],
            (Because::TokenScope { .. }, _) => vec![Missing::Token],
            (Because::Maintainer { .. }, _) => vec![own],
            (Because::SystemRole { .. }, _) => match self.action.rule() {
                Rule::Standard => vec![own],
                _ => vec![Missing::SystemRole {
                    role: SystemRole::Admin,
                }],
            },
            (Because::Role { grants, capped, .. }, _) => {
                let enough = grants.iter().any(|it| role_allows(it.role, self.action));
                let grant = if enough { Vec::new() } else { grant };
                let system = match self.outcome {
                    Outcome::Unauthenticated => Some(Missing::SignIn),
                    // Whoever is capped is held to viewing by their role in the system.
                    _ => capped.then_some(own),
                };
                grant.into_iter().chain(system).collect()
            }
        }
    }
}

/// The role that grants give: the most permissive one wins.
fn granted_role(subject: &Subject) -> Option<ProjectRole> {
    subject.grants.iter().map(|grant| grant.role).max()
}

/// The role in force and whether a cap lowered it: the most permissive grant wins, an admin acts as
/// owner; then a dashboard's narrowing, then the cap of a system viewer, then a token's ceiling, which
/// only lower.
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
    let passes = |role: &ProjectRole| match &subject.narrowed {
        Some(narrowed) => narrowed.admits(*role),
        None => true,
    };
    let granted = granted_role(subject).filter(passes);
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
            (ScopeKind::Project, _) => decide_viewing(action, subject),
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

/// What is hidden stays hidden, whoever asks to look as whom.
fn decide_viewing(action: ActionName, subject: &Subject) -> (Outcome, Because) {
    let plain = decide_on_project(action, subject);
    match (subject.viewing, plain.0) {
        (Some(Viewing { role, permitted }), Outcome::Allowed | Outcome::Denied)
            if !permitted || action.is_change() =>
        {
            (Outcome::Denied, Because::ViewAs { role, permitted })
        }
        (_, Outcome::Allowed) if subject.is_kept_from(action) => {
            (Outcome::Denied, Because::SharingClosed)
        }
        _ => plain,
    }
}

fn decide_on_project(action: ActionName, subject: &Subject) -> (Outcome, Because) {
    let mut grants = subject.grants.clone();
    let Some((role, capped)) = effective_role(subject) else {
        return match (granted_role(subject), &subject.narrowed, subject.system) {
            (Some(role), Some(narrowed), _) => {
                grants.sort_by_key(|grant| std::cmp::Reverse(grant.role));
                let narrowed = narrowed.clone();
                let because = Because::Narrowed {
                    role,
                    grants,
                    narrowed,
                };
                (Outcome::Hidden, because)
            }
            (_, _, None) => (Outcome::Unauthenticated, Because::NotSignedIn),
            (_, _, Some(_)) => (Outcome::Hidden, Because::NoGrant),
        };
    };
    if subject.system == Some(SystemRole::Admin) {
        grants.push(GrantUsed {
            role: ProjectRole::Owner,
            via: Via::System,
        });
    }
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.role));
    let is_visitor = subject.system.is_none();
    let outcome = match role_allows(role, action) {
        true if is_visitor && action.names_people() => Outcome::Unauthenticated,
        true => Outcome::Allowed,
        false if is_visitor => Outcome::Unauthenticated,
        false => Outcome::Denied,
    };
    (
        outcome,
        Because::Role {
            role,
            grants,
            capped,
            narrowed: subject.narrowed.clone(),
        },
    )
}

#[cfg(test)]
mod tests;
