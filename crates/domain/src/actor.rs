//! Who acts: one enum for people, the operator at the machine, and the server's own jobs.

use crate::id::{ProjectId, ServiceId, SessionId, TokenId, UserId};
use serde::{Deserialize, Serialize};

/// A job of the server itself. It may maintain, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// The first start, which makes keys and the first admin.
    FirstStart,
    /// Makes the demo projects.
    Demo,
    /// Settles intents that a crash left open.
    Recovery,
    /// Removes versions that an owner's policy does not keep.
    Retention,
    /// Keeps copies of large tables sorted by what people filter by.
    Sorting,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A person who has signed in.
    User {
        /// The person.
        id: UserId,
        /// The session the request came with.
        session: SessionId,
    },
    /// A program with a token that a person made for it.
    Token {
        /// The token.
        token: TokenId,
        /// The person whose it is.
        id: UserId,
    },
    /// A program with an account of its own in a project.
    Service {
        /// The account.
        id: ServiceId,
        /// The project it belongs to.
        project: ProjectId,
    },
    /// Nobody who has signed in.
    Anyone,
    /// Whoever has a shell on the machine and uses the command line.
    Operator,
    /// The server itself.
    Job {
        /// Which job.
        job: JobKind,
    },
}

impl Actor {
    /// The person, when it is one, or a program of theirs.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::User { id, .. } | Self::Token { id, .. } => Some(id),
            Self::Service { .. } | Self::Anyone | Self::Operator | Self::Job { .. } => None,
        }
    }

    /// The account that acts, a person's or a program's, by its id.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::User { id, .. } | Self::Token { id, .. } => Some(id.as_str()),
            Self::Service { id, .. } => Some(id.as_str()),
            Self::Anyone | Self::Operator | Self::Job { .. } => None,
        }
    }
}
