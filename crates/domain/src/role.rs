//! The roles on the wire: three in the system, three in a project.

use serde::{Deserialize, Serialize};

/// What a person is in the whole installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SystemRole {
    /// Full access: acts as owner in every project, and is recorded as doing so.
    Admin,
    /// Standard: creates projects and takes the role that grants give.
    User,
    /// Read-only: views what grants open, and never more than views.
    Viewer,
}

/// What a person is in one project. A later one may all that an earlier one may.
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
pub enum ProjectRole {
    /// Looks at dashboards and queries data.
    Viewer,
    /// Also uploads tables and edits dashboards and their code.
    Editor,
    /// Also manages members and settings, and deletes.
    Owner,
}

impl ProjectRole {
    /// Every role, weakest first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Owner];

    /// The role's name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }
}

impl SystemRole {
    /// The role's name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
            Self::Viewer => "viewer",
        }
    }
}
