//! Who calls, as identity found out. It permits nothing by itself.

use audit::Origin;
use domain::actor::JobKind;
use domain::entity::User;
use domain::id::{SessionId, UserId};
use domain::{Actor, SystemRole};

/// Who calls and from where.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(crate) actor: Actor,
    pub(crate) system: Option<SystemRole>,
    pub(crate) origin: Origin,
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
        }
    }

    /// Nobody who has signed in.
    #[must_use]
    pub fn anyone(origin: Origin) -> Self {
        Self {
            actor: Actor::Anyone,
            system: None,
            origin,
        }
    }

    /// The person at the command line of the machine.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            actor: Actor::Operator,
            system: None,
            origin: Origin::default(),
        }
    }

    /// A job of the server.
    #[must_use]
    pub fn job(job: JobKind) -> Self {
        Self {
            actor: Actor::Job { job },
            system: None,
            origin: Origin::default(),
        }
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The person, when one has signed in.
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

    pub(crate) fn maintains(&self) -> bool {
        matches!(self.actor, Actor::Operator | Actor::Job { .. })
    }
}
