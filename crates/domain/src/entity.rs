//! The things people make, as they are kept: each is one document, the unit of atomic change.

use crate::code_limits::ProjectCodeLimits;
use crate::dashboard::Tab;
use crate::document::{Document, Index};
use crate::id::{CollectionId, DashboardId, EventId, GroupId, ProjectId, ServiceId, UserId};
use crate::key::Key;
use crate::narrowing::Narrowing;
use crate::registration::{Registration, Sharing};
use crate::retention::Retention;
use crate::role::{ProjectRole, SystemRole};
use crate::room_limits::RoomLimits;
use crate::table::Column;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The address they sign in with, in lower case.
    pub email: String,
    /// What others see.
    pub display_name: String,
    /// Role in the system.
    pub role: SystemRole,
    /// May not sign in, and no session of theirs is valid.
    pub disabled: bool,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// The admins who can sign in: one document, so that it can be kept from becoming empty, and the
/// truth of who is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admins {
    /// Who.
    pub members: BTreeSet<UserId>,
    /// The event of the last change.
    pub changed_by: EventId,
}

impl Admins {
    /// The key of the only one there is.
    #[must_use]
    pub fn place() -> Key {
        Key::new().text("admins")
    }
}

/// A group of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The id.
    pub id: GroupId,
    /// What it is called.
    pub name: String,
    /// Who is in it.
    pub members: Vec<UserId>,
    /// Who, besides admins, may add people and take them out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<UserId>,
    /// The event of the last change.
    pub changed_by: EventId,
}

/// Whom a grant reaches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Principal {
    /// A person.
    User(UserId),
    /// Everyone in a group.
    Group(GroupId),
    /// Everyone, signed in or not, while public projects are switched on.
    Anyone,
}

/// A role given to someone in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Who has it.
    pub to: Principal,
    /// The role.
    pub role: ProjectRole,
}

/// A project and, in the same document, who may do what in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// The id.
    pub id: ProjectId,
    /// What it is called.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Made by the demo, from numbers that nobody measured.
    pub synthetic: bool,
    /// Who may do what. Always holds an owner grant to a person.
    pub grants: Vec<Grant>,
    /// The project's data key, wrapped under the master key. It goes with the project.
    pub data_key: String,
    /// What its owner allows code, where that is less than the installation does.
    #[serde(default, skip_serializing_if = "ProjectCodeLimits::is_empty")]
    pub code_limits: ProjectCodeLimits,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or its grants last changed.
    pub updated_at: Timestamp,
    /// The event of the last change.
    pub changed_by: EventId,
}

impl Project {
    /// The people who hold an owner grant themselves; groups do not count.
    pub fn direct_owners(&self) -> impl Iterator<Item = &UserId> {
        self.grants
            .iter()
            .filter_map(|grant| match (&grant.to, grant.role) {
                (Principal::User(user), ProjectRole::Owner) => Some(user),
                _ => None,
            })
    }
}

/// A program's account in a project. It has a token and no password, belongs to the project and not
/// to a person, and goes with the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// The id.
    pub id: ServiceId,
    /// The project it belongs to, and the only one it sees.
    pub project: ProjectId,
    /// What it is called.
    pub name: String,
    /// Its role in the project.
    pub role: ProjectRole,
    /// The digest of its token.
    pub sha256: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Option<UserId>,
    /// When its token ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// From which address.
    pub last_used_from: Option<std::net::IpAddr>,
    /// The event of the last change.
    pub changed_by: EventId,
}

impl ServiceAccount {
    /// Where one lies.
    #[must_use]
    pub fn place(project: &ProjectId, id: &ServiceId) -> Key {
        Key::new().id(project).id(id)
    }

    /// Where one is found by the digest of its token.
    #[must_use]
    pub fn at(sha256: &[u8; 32]) -> Key {
        Key::new().bytes(sha256)
    }
}

/// A table. The Delta log is the truth for version, rows and columns; these fields are its hint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// The id.
    pub id: CollectionId,
    /// The project it lies in.
    pub project: ProjectId,
    /// What it is called.
    pub name: String,
    /// What it holds.
    pub description: String,
    /// The columns of the latest version.
    pub columns: Vec<Column>,
    /// The latest version, when there is one.
    pub version: Option<u64>,
    /// Rows of the latest version.
    pub rows: u64,
    /// Bytes of the latest version's files.
    pub bytes: u64,
    /// Which versions are kept.
    #[serde(default, skip_serializing_if = "Retention::is_empty")]
    pub retention: Retention,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The event of the last change.
    pub changed_by: EventId,
}

/// The head of a dashboard: what lists show, and which revision is the latest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dashboard {
    /// The id.
    pub id: DashboardId,
    /// The project it lies in.
    pub project: ProjectId,
    /// What it is called.
    pub title: String,
    /// The latest revision, counted from 1.
    pub revision: u64,
    /// What it shows, as of that revision.
    pub tabs: Vec<Tab>,
    /// For whom it is, when not for the whole project. It holds for all revisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowing: Option<Narrowing>,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Option<UserId>,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: Option<UserId>,
    /// The event of the last change.
    pub changed_by: EventId,
}

impl Dashboard {
    /// The index of those that are narrowed: few of many, so that what is hidden is found without
    /// reading what is not.
    pub const NARROWED: &'static str = "narrowed";
}

/// One revision of a dashboard, which never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DashboardRevision {
    /// The dashboard.
    pub dashboard: DashboardId,
    /// The project it lies in.
    pub project: ProjectId,
    /// Its number, counted from 1.
    pub revision: u64,
    /// What it was called.
    pub title: String,
    /// What it showed.
    pub tabs: Vec<Tab>,
    /// When it was saved.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Option<UserId>,
    /// The event that made it.
    pub changed_by: EventId,
}

/// Settings of the installation, in force at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Whether grants to everyone are in force.
    pub public_projects: bool,
    /// Who may make an account; as the configuration says until an admin says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// Who gives roles in projects.
    #[serde(default)]
    pub sharing: Sharing,
    /// What every project may hold, where that is less than the configuration allows.
    #[serde(default, skip_serializing_if = "RoomLimits::is_empty")]
    pub project_limits: RoomLimits,
    /// The event of the last change.
    pub changed_by: Option<EventId>,
}

impl Settings {
    /// What is in force until an admin changes something.
    pub const START: Self = Self {
        public_projects: false,
        registration: None,
        sharing: Sharing::Owners,
        project_limits: RoomLimits::AS_CONFIGURED,
        changed_by: None,
    };

    /// The key of the only one there is.
    #[must_use]
    pub fn place() -> Key {
        Key::new().text("settings")
    }
}

/// The schema number and indexes of each kind, in one place so that they can be compared.
macro_rules! documents {
    ($($type:ident = $kind:literal, [$($index:expr),*], |$this:ident| $key:expr, $keys:expr;)+) => {$(
        impl Document for $type {
            const KIND: &'static str = $kind;
            const SCHEMA: u32 = 1;
            const INDEXES: &'static [Index] = &[$($index),*];

            fn key(&self) -> Key {
                let $this = self;
                let _ = $this;
                $key
            }

            fn index_keys(&self) -> Vec<(&'static str, Key)> {
                let $this = self;
                let _ = $this;
                $keys
            }
        }
    )+};
}

documents! {
    User = "user", [Index::unique("email"), Index::ordered("name")],
        |this| Key::new().id(&this.id),
        vec![("email", Key::new().text(&this.email)), ("name", Key::new().text(&this.display_name.to_lowercase()))];
    Admins = "admins", [],
        |_this| Admins::place(),
        Vec::new();
    Group = "group", [Index::unique("name"), Index::ordered("member"), Index::ordered("maintainer")],
        |this| Key::new().id(&this.id),
        std::iter::once(("name", Key::new().text(&this.name.to_lowercase())))
            .chain(this.members.iter().map(|member| ("member", Key::new().id(member))))
            .chain(this.maintainers.iter().map(|one| ("maintainer", Key::new().id(one))))
            .collect();
    Project = "project", [Index::ordered("principal")],
        |this| Key::new().id(&this.id),
        this.grants.iter().map(|grant| ("principal", grant.to.key().id(&this.id))).collect();
    ServiceAccount = "service_account", [Index::unique("name"), Index::unique("sha256")],
        |this| Self::place(&this.project, &this.id),
        vec![
            ("name", Key::new().id(&this.project).text(&this.name.to_lowercase())),
            ("sha256", Self::at(&this.sha256)),
        ];
    Collection = "collection", [Index::unique("name")],
        |this| Key::new().id(&this.project).id(&this.id),
        vec![("name", Key::new().id(&this.project).text(&this.name.to_lowercase()))];
    Dashboard = "dashboard", [Index::ordered(Dashboard::NARROWED)],
        |this| Key::new().id(&this.project).id(&this.id),
        this.narrowing.iter().map(|_| (Dashboard::NARROWED, Key::new().id(&this.project))).collect();
    DashboardRevision = "dashboard_revision", [],
        |this| Key::new().id(&this.project).id(&this.dashboard).number(this.revision),
        Vec::new();
    Settings = "settings", [],
        |_this| Self::place(),
        Vec::new();
}

impl Principal {
    /// The principal as the first component of an index key.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::User(user) => Key::new().id(user),
            Self::Group(group) => Key::new().id(group),
            Self::Anyone => Key::new().text("anyone"),
        }
    }
}
