//! What identity keeps besides the accounts themselves.

use crate::password::PasswordHash;
use domain::document::{Document, Index};
pub(crate) use domain::entity::Admins;
use domain::id::{EventId, LinkId, SessionId, TokenId, UserId};
use domain::key::Key;
use domain::{Ceiling, SystemRole, Timestamp};
use serde::{Deserialize, Serialize};

/// What proves a person. Apart from the account, so that no list of people holds a hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Credentials {
    pub(crate) user: UserId,
    pub(crate) password: PasswordHash,
    /// Grows when all sessions must end: with each new password and when the account is disabled.
    /// A session lives only under the epoch it was opened in, so that one write ends them all,
    /// those that are being opened at the same moment included.
    pub(crate) epoch: u64,
    pub(crate) changed_by: EventId,
}

impl Document for Credentials {
    const KIND: &'static str = "credentials";
    const SCHEMA: u32 = 1;
    const INDEXES: &'static [Index] = &[];

    fn key(&self) -> Key {
        Key::new().id(&self.user)
    }

    fn index_keys(&self) -> Vec<(&'static str, Key)> {
        Vec::new()
    }
}

/// Why a session ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    /// Its owner signed out.
    Logout,
    /// Its owner ended it from another one.
    Closed,
    /// A spent refresh token was shown again: somebody else has one.
    Reuse,
    /// The password changed, or the account was disabled.
    Epoch,
    /// Its owner opened more than are allowed.
    Crowded,
}

/// One sign-in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) epoch: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Timestamp,
    /// Nothing moves this end.
    pub(crate) expires_at: Timestamp,
    pub(crate) user_agent: Option<String>,
    pub(crate) address: Option<std::net::IpAddr>,
    pub(crate) ended: Option<Ending>,
    pub(crate) changed_by: EventId,
}

impl Session {
    pub(crate) fn place(id: &SessionId) -> Key {
        Key::new().id(id)
    }
}

impl Document for Session {
    const KIND: &'static str = "session";
    const SCHEMA: u32 = 1;
    const INDEXES: &'static [Index] = &[Index::ordered("user"), Index::ordered("expires")];

    fn key(&self) -> Key {
        Self::place(&self.id)
    }

    fn index_keys(&self) -> Vec<(&'static str, Key)> {
        let mut keys = vec![("expires", Key::new().time(self.expires_at))];
        if self.ended.is_none() {
            // All sessions last equally long, so this is also the order they were opened in.
            keys.push(("user", Key::new().id(&self.user).time(self.expires_at)));
        }
        keys
    }
}

/// One refresh token, known by its digest. It is fresh until it is exchanged, then spent for ever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(crate) session: SessionId,
    pub(crate) sha256: [u8; 32],
    pub(crate) spent_at: Option<Timestamp>,
    /// The token it was given for; none for the first of a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<[u8; 32]>,
}

impl RefreshToken {
    pub(crate) fn at(sha256: &[u8; 32]) -> Key {
        Key::new().bytes(sha256)
    }
}

impl Document for RefreshToken {
    const KIND: &'static str = "refresh_token";
    const SCHEMA: u32 = 1;
    const INDEXES: &'static [Index] = &[Index::unique("sha256"), Index::ordered("parent")];

    // The session leads, so that all tokens of a session fall with it.
    fn key(&self) -> Key {
        Session::place(&self.session).bytes(&self.sha256)
    }

    fn index_keys(&self) -> Vec<(&'static str, Key)> {
        let mut keys = vec![("sha256", Self::at(&self.sha256))];
        if let Some(parent) = &self.parent {
            // What is spent comes last, so that one look tells whether any is.
            keys.push(("parent", Self::at(parent).flag(self.spent_at.is_some())));
        }
        keys
    }
}

/// A token that a person made for a program, known by its digest. It lives under the epoch it was
/// made in, as a session does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PersonalToken {
    pub(crate) id: TokenId,
    pub(crate) user: UserId,
    pub(crate) name: String,
    pub(crate) ceiling: Ceiling,
    pub(crate) sha256: [u8; 32],
    pub(crate) epoch: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) last_used_from: Option<std::net::IpAddr>,
    pub(crate) changed_by: EventId,
}

impl PersonalToken {
    pub(crate) fn place(user: &UserId, id: &TokenId) -> Key {
        Key::new().id(user).id(id)
    }

    pub(crate) fn at(sha256: &[u8; 32]) -> Key {
        Key::new().bytes(sha256)
    }
}

impl Document for PersonalToken {
    const KIND: &'static str = "personal_token";
    const SCHEMA: u32 = 1;
    const INDEXES: &'static [Index] = &[Index::unique("sha256")];

    // The person leads, so that all their tokens fall with them.
    fn key(&self) -> Key {
        Self::place(&self.user, &self.id)
    }

    fn index_keys(&self) -> Vec<(&'static str, Key)> {
        vec![("sha256", Self::at(&self.sha256))]
    }
}

/// What a link is good for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// A new password for an account, while its password is still that of the link's making.
    Reset { user: UserId, epoch: u64 },
    /// A new account.
    Invitation {
        email: Option<String>,
        role: SystemRole,
    },
}

/// A link that is good once, known by its digest. It is deleted when it is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) id: LinkId,
    pub(crate) purpose: Purpose,
    pub(crate) sha256: [u8; 32],
    pub(crate) created_by: Option<UserId>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) changed_by: EventId,
}

impl Document for Link {
    const KIND: &'static str = "link";
    const SCHEMA: u32 = 1;
    const INDEXES: &'static [Index] = &[
        Index::unique("sha256"),
        Index::ordered("expires"),
        Index::ordered("purpose"),
        Index::ordered("user"),
    ];

    fn key(&self) -> Key {
        Key::new().id(&self.id)
    }

    fn index_keys(&self) -> Vec<(&'static str, Key)> {
        let purpose = match &self.purpose {
            Purpose::Reset { user, .. } => ("user", Key::new().id(user)),
            Purpose::Invitation { .. } => {
                let invitation = Key::new().text("invitation");
                ("purpose", invitation.time(self.expires_at))
            }
        };
        vec![
            ("sha256", Key::new().bytes(&self.sha256)),
            ("expires", Key::new().time(self.expires_at)),
            purpose,
        ]
    }
}
