//! Who calls, as identity found out. It permits nothing by itself.

use audit::Origin;
use domain::action::{Action, System};
use domain::actor::JobKind;
use domain::decision::{self, Outcome};
use domain::entity::{ServiceAccount, User};
use domain::id::{ProjectId, SessionId, TokenId, UserId};
use domain::{Actor, Ceiling, GrantUsed, ProjectRole, Sharing, Subject, SystemRole, TokenScope};

/// Who calls and from where.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(crate) actor: Actor,
    pub(crate) system: Option<SystemRole>,
    pub(crate) origin: Origin,
    pub(crate) ceiling: Option<Ceiling>,
    pub(crate) view_as: Option<ProjectRole>,
}

impl Caller {
    /// A person whose session and account were just read and are both good.
    #[must_use]
    pub fn signed_in(user: &User, session: SessionId, origin: Origin) -> Self {
        let actor = Actor::User {
            id: user.id.clone(),
            session,
        };
        Self {
            actor,
            system: Some(user.role),
            origin,
            ceiling: None,
            view_as: None,
        }
    }

    /// A program with a token whose account was just read and is good. It may what the person may,
    /// under the token's ceiling.
    #[must_use]
    pub fn with_token(user: &User, token: TokenId, ceiling: Ceiling, origin: Origin) -> Self {
        let actor = Actor::Token {
            token,
            id: user.id.clone(),
        };
        Self {
            actor,
            system: Some(user.role),
            origin,
            ceiling: Some(ceiling),
            view_as: None,
        }
    }

    /// A program whose account in a project was just read and is good. Of its project it may what its
    /// role allows, and beyond it nothing.
    #[must_use]
    pub fn service(account: &ServiceAccount, origin: Origin) -> Self {
        let scope = match account.role {
            ProjectRole::Viewer => TokenScope::Read,
            ProjectRole::Editor | ProjectRole::Owner => TokenScope::Edit,
        };
        Self {
            actor: Actor::Service {
                id: account.id.clone(),
                project: account.project.clone(),
            },
            system: Some(SystemRole::User),
            origin,
            ceiling: Some(Ceiling {
                scope,
                project: Some(account.project.clone()),
            }),
            view_as: None,
        }
    }

    /// Nobody who has signed in.
    #[must_use]
    pub fn anyone(origin: Origin) -> Self {
        Self {
            actor: Actor::Anyone,
            system: None,
            origin,
            ceiling: None,
            view_as: None,
        }
    }

    /// The person at the command line of the machine.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            actor: Actor::Operator,
            system: None,
            origin: Origin::default(),
            ceiling: None,
            view_as: None,
        }
    }

    /// A job of the server.
    #[must_use]
    pub fn job(job: JobKind) -> Self {
        Self {
            actor: Actor::Job { job },
            system: None,
            origin: Origin::default(),
            ceiling: None,
            view_as: None,
        }
    }

    /// The same caller, looking at projects as one of their roles: only where they own it or are
    /// admins, and changing nothing.
    #[must_use]
    pub fn viewing_as(self, role: ProjectRole) -> Self {
        Self {
            view_as: Some(role),
            ..self
        }
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The person, when one has signed in or made the token.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        self.actor.user()
    }

    /// From where.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The role in the system, when someone has signed in.
    #[must_use]
    pub fn system_role(&self) -> Option<SystemRole> {
        self.system
    }

    /// Whether the caller may do something on the installation. For what a page shows as enabled; it
    /// permits nothing and is not recorded.
    #[must_use]
    pub fn would_allow<A: Action<On = System>>(&self) -> bool {
        let decided = decision::decide(A::NAME, &self.subject(None, Vec::new()));
        decided.outcome == Outcome::Allowed
    }

    /// All of the caller that a decision depends on. The only way to a subject, so that no decision
    /// is made without the ceiling.
    pub(crate) fn subject(&self, asked: Option<&ProjectId>, grants: Vec<GrantUsed>) -> Subject {
        Subject {
            system: self.system,
            grants,
            narrowed: None,
            viewing: None,
            maintainer: false,
            sharing: Sharing::Owners,
            maintenance: self.maintains(),
            asked: asked.cloned(),
            ceiling: self.ceiling.clone(),
        }
    }

    /// Nobody who has signed in, nor anything of ours.
    #[must_use]
    pub fn is_visitor(&self) -> bool {
        self.actor == Actor::Anyone
    }

    pub(crate) fn maintains(&self) -> bool {
        matches!(self.actor, Actor::Operator | Actor::Job { .. })
    }
}
