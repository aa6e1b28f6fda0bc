//! The catalogue: what can be said about an act, and nothing else.

use domain::Narrowing;
use domain::action::ActionName;
use domain::decision::Because;
use domain::id::{EventId, ProjectId, RequestId, UserId};
use domain::limits::CodeLimits;
use domain::role::{ProjectRole, SystemRole};
use domain::{Actor, Ceiling, Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A decision on an action, and what came of it.
    Action(ActionName),
    /// An attempt to sign in.
    Login,
    /// A refresh token exchanged for a new pair.
    Refresh,
    /// A spent refresh token shown again: the session ended.
    Reuse,
    /// A session ended by its owner.
    Logout,
    /// A password changed by its owner.
    PasswordChange,
    /// A password set by a link that an admin made.
    PasswordReset,
    /// An account made by its owner, with an invitation or where everybody may.
    Register,
    /// User code ran.
    CodeRun,
    /// The server started, with the configuration in force.
    ServerStart,
    /// The server stopped in order.
    ServerStop,
    /// The log was switched off by the configuration; nothing else is recorded until the next start.
    AuditOff,
    /// The keys that sign tokens were rotated.
    KeysRotate,
}

impl Kind {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Action(action) => action.as_str(),
            Self::Login => "auth.login",
            Self::Refresh => "auth.refresh",
            Self::Reuse => "auth.reuse",
            Self::Logout => "auth.logout",
            Self::PasswordChange => "auth.password",
            Self::PasswordReset => "auth.reset",
            Self::Register => "auth.register",
            Self::CodeRun => "code.run",
            Self::ServerStart => "server.start",
            Self::ServerStop => "server.stop",
            Self::AuditOff => "audit.off",
            Self::KeysRotate => "keys.rotate",
        }
    }

    /// What it is about, in words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Action(action) => action.meaning().trim(),
            Self::Login => "An attempt to sign in.",
            Self::Refresh => "A refresh token exchanged for a new pair.",
            Self::Reuse => "A spent refresh token shown again: the session ended.",
            Self::Logout => "A session ended by its owner.",
            Self::PasswordChange => "A password changed by its owner.",
            Self::PasswordReset => "A password set by a link that an admin made.",
            Self::Register => {
                "An account made by its owner, with an invitation or where everybody may."
            }
            Self::CodeRun => "User code ran.",
            Self::ServerStart => "The server started, with the configuration in force.",
            Self::ServerStop => "The server stopped in order.",
            Self::AuditOff => {
                "The log was switched off by the configuration; nothing else is recorded until the next start."
            }
            Self::KeysRotate => "The keys that sign tokens were rotated.",
        }
    }

    const OTHERS: [Self; 12] = [
        Self::Login,
        Self::Refresh,
        Self::Reuse,
        Self::Logout,
        Self::PasswordChange,
        Self::PasswordReset,
        Self::Register,
        Self::CodeRun,
        Self::ServerStart,
        Self::ServerStop,
        Self::AuditOff,
        Self::KeysRotate,
    ];

    /// Every kind there is.
    pub fn all() -> impl Iterator<Item = Self> {
        ActionName::ALL
            .iter()
            .map(|action| Self::Action(*action))
            .chain(Self::OTHERS)
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.as_str() == name)
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| serde::de::Error::custom("an event of an unknown kind"))
    }
}

/// How it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventOutcome {
    /// It may be done. For a change this is the intent, durable before the act.
    Allowed,
    /// It may not.
    Denied,
    /// It was tried and did not happen.
    Failed,
    /// It happened.
    Done,
}

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// The client's address, as far as trusted proxies tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
}

/// What kind of thing an act was on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the thing it names")]
pub enum TargetKind {
    Project,
    Collection,
    Dashboard,
    User,
    Group,
    Invitation,
    Session,
    Service,
    Settings,
    Token,
}

/// What an act was on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The kind of thing.
    pub kind: TargetKind,
    /// Its id.
    pub id: String,
}

impl Target {
    /// A thing by its kind and id.
    pub fn new(kind: TargetKind, id: &impl ToString) -> Self {
        Self {
            kind,
            id: id.to_string(),
        }
    }
}

/// What else is known of an act, in fields of fixed meaning.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields carry the names of what they hold")]
pub enum Detail {
    #[default]
    None,
    /// A query of rows.
    Query {
        version: Option<u64>,
        rows: u64,
        filters: u64,
    },
    /// Rows taken as a file.
    Export {
        version: u64,
        format: String,
        filters: u64,
    },
    /// A dashboard rendered.
    Render {
        revision: u64,
        components: u64,
        filters: u64,
    },
    /// A table changed.
    Upload {
        version: u64,
        rows: u64,
        bytes: u64,
        mode: String,
        /// Rows that did not fit and were set aside; absent when there were none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        set_aside: Option<u64>,
    },
    /// A table restored to an older version.
    Restore { from: u64, version: u64 },
    /// How many versions of a table are kept (all when absent), and which are offered no longer.
    Retention {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<u64>,
        versions: Vec<Span>,
    },
    /// Versions removed with what only they had: files and their bytes.
    VersionsRemoved {
        versions: Vec<Span>,
        files: u64,
        bytes: u64,
    },
    /// Copies of a table's files made, sorted by these columns.
    Sorted {
        columns: Vec<String>,
        files: u64,
        bytes: u64,
    },
    /// A dashboard saved.
    Revision { revision: u64 },
    /// A dashboard narrowed, or opened to its project again (absent).
    Narrowing {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        narrowing: Option<Narrowing>,
    },
    /// A role granted, changed or withdrawn (`role` absent).
    Grant {
        to: String,
        role: Option<ProjectRole>,
    },
    /// An account made or changed.
    User {
        user: UserId,
        role: Option<SystemRole>,
        disabled: Option<bool>,
    },
    /// A person joined or left a group.
    Membership { user: UserId, joined: bool },
    /// A person was made a maintainer of a group, or is one no more.
    Maintainer { user: UserId, named: bool },
    /// User code ran: the digests of its source and of the guard, wall and libraries that ran it; the data it had,
    /// the limits it was held to, and how it ended. What came later is absent from older entries.
    Code {
        sha256: String,
        ended: String,
        duration_ms: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guard: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limits: Option<CodeLimits>,
    },
    /// Why a sign-in did not succeed.
    Login {
        method: String,
        refused: Option<String>,
    },
    /// A token for a program: how far it goes, and until when.
    Token {
        #[serde(flatten)]
        ceiling: Ceiling,
        expires_at: Timestamp,
    },
    /// A program's account: its role in the project, and until when its token is good.
    Service {
        role: ProjectRole,
        expires_at: Timestamp,
    },
    /// An invitation: the role of the account that comes of it.
    Invitation { role: SystemRole },
    /// The configuration in force, secrets redacted.
    Configuration { values: BTreeMap<String, String> },
    /// Settings changed, by name.
    Settings { changed: BTreeMap<String, String> },
    /// Why an act failed, as a problem's code.
    Failure { code: String },
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The id, which a change stores in what it changes.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// How it came out.
    pub outcome: EventOutcome,
    /// Who acted.
    pub actor: Actor,
    /// In which project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// On what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// From where.
    #[serde(flatten)]
    pub origin: Origin,
    /// The reason of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
    /// The event of the intent whose outcome this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<EventId>,
    /// What else is known.
    #[serde(default)]
    pub detail: Detail,
}

impl Event {
    /// An event with nothing but who, what and how it came out.
    #[must_use]
    pub fn new(
        id: EventId,
        at: Timestamp,
        kind: Kind,
        outcome: EventOutcome,
        actor: Actor,
    ) -> Self {
        Self {
            id,
            at,
            kind,
            outcome,
            actor,
            project: None,
            target: None,
            origin: Origin::default(),
            because: None,
            intent: None,
            detail: Detail::None,
        }
    }
}

#[cfg(test)]
mod tests;
