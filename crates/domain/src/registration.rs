//! What an installation leaves to whom: making accounts, and sharing projects.

use serde::{Deserialize, Serialize};

/// How the installation comes by new accounts: `DEPICTIO_REGISTRATION`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Admins make them.
    Closed,
    /// Whoever has an invitation makes their own.
    Invite,
    /// Everybody makes their own.
    Open,
}

impl Registration {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Closed, Self::Invite, Self::Open];

    /// Its name in the configuration and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Invite => "invite",
            Self::Open => "open",
        }
    }
}

/// Who gives roles in projects, to people, groups and programs.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// The owners of a project.
    #[default]
    Owners,
    /// Admins of the system alone.
    Admins,
}

impl Sharing {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owners => "owners",
            Self::Admins => "admins",
        }
    }
}
