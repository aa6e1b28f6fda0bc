//! The actions: one type each, so that a permit for one cannot be used for another.
//!
//! An action's type is a name at compile time; [`ActionName`] is the same name at run time, which
//! the matrix, the audit log and the generated documents use.

use crate::matrix::Rule;
use crate::role::ProjectRole::{Editor, Owner, Viewer};
use serde::{Deserialize, Serialize};

/// What an action is on: a project, a group, the whole system, or the caller's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeKind {
    /// One project and what lies in it.
    Project,
    /// One group of people.
    Group,
    /// The installation.
    System,
    /// The caller's own account.
    Account,
}

/// A scope as a type.
pub trait Scope: Send + Sync + 'static {
    /// The scope at run time.
    const KIND: ScopeKind;
}

/// On one project and what lies in it.
#[derive(Debug)]
pub enum Project {}
/// On one group of people.
#[derive(Debug)]
pub enum Group {}
/// On the whole installation.
#[derive(Debug)]
pub enum System {}
/// On the caller's own account.
#[derive(Debug)]
pub enum Account {}

impl Scope for Project {
    const KIND: ScopeKind = ScopeKind::Project;
}
impl Scope for Group {
    const KIND: ScopeKind = ScopeKind::Group;
}
impl Scope for System {
    const KIND: ScopeKind = ScopeKind::System;
}
impl Scope for Account {
    const KIND: ScopeKind = ScopeKind::Account;
}

/// Something a caller may or may not do.
pub trait Action: Send + Sync + 'static {
    /// What it is done on.
    type On: Scope;
    /// Its name at run time.
    const NAME: ActionName;
}

/// An action that changes something. Only these can become an `Act`.
pub trait Change: Action {}

/// `A: Weakens<B>` says that whoever may do `A` may do `B` in the same place.
///
/// The edges are declared below and each is proved against the matrix by a test.
pub trait Weakens<B: Action<On = Self::On>>: Action {}

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident: $scope:ident $kind:ident = $text:literal, $rule:expr;)+) => {
        /// Every action there is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum ActionName {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $name,)+
        }

        impl ActionName {
            /// All actions, in the order they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name in the audit log and on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What the action is on.
            #[must_use]
            pub fn scope(self) -> ScopeKind {
                match self { $(Self::$name => ScopeKind::$scope,)+ }
            }

            /// Whether it changes something.
            #[must_use]
            pub fn is_change(self) -> bool {
                match self { $(Self::$name => actions!(@change $kind),)+ }
            }

            /// Who may.
            #[must_use]
            pub fn rule(self) -> Rule {
                match self { $(Self::$name => $rule,)+ }
            }

            /// What it means, in words.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+),)+ }
            }
        }

        $(
            $(#[doc = $doc])+
            #[derive(Debug)]
            pub enum $name {}
            impl Action for $name {
                type On = $scope;
                const NAME: ActionName = ActionName::$name;
            }
            actions!(@impl $kind $name);
        )+
    };
    (@change read) => { false };
    (@change change) => { true };
    (@impl read $name:ident) => {};
    (@impl change $name:ident) => { impl Change for $name {} };
}

actions! {
    /// See that a project exists, with its name and description.
    ViewProject: Project read = "project.view", Rule::Role(Viewer);
    /// View a dashboard, running what it stores.
    ViewDashboard: Project read = "dashboard.view", Rule::Role(Viewer);
    /// Create a dashboard.
    CreateDashboard: Project change = "dashboard.create", Rule::Role(Editor);
    /// Edit, revert or duplicate a dashboard.
    EditDashboard: Project change = "dashboard.edit", Rule::Role(Editor);
    /// Narrow a dashboard to fewer people, or open it to the whole project again.
    NarrowDashboard: Project change = "dashboard.narrow", Rule::Role(Owner);
    /// Delete a dashboard.
    DeleteDashboard: Project change = "dashboard.delete", Rule::Role(Owner);
    /// Change a project's name, description and settings.
    ManageProject: Project change = "project.settings", Rule::Role(Owner);
    /// Grant and withdraw roles in a project.
    ManageMembers: Project change = "project.members", Rule::Role(Owner);
    /// See who has a role in a project.
    ListMembers: Project read = "members.list", Rule::Role(Viewer);
    /// See everyone who reaches a project or a dashboard, and through what.
    ReadAccess: Project read = "access.read", Rule::Role(Owner);
    /// Query the rows of a collection, at any of its versions.
    QueryData: Project read = "data.query", Rule::Role(Viewer);
    /// Preview a figure made by a form.
    PreviewFigure: Project read = "figure.preview", Rule::Role(Viewer);
    /// Read the code of a figure.
    ReadCode: Project read = "code.read", Rule::Role(Editor);
    /// Write code and run it as a preview.
    WriteCode: Project change = "code.write", Rule::Role(Editor);
    /// Create a collection.
    CreateCollection: Project change = "collection.create", Rule::Role(Editor);
    /// Rename a collection, upload, append, overwrite, restore.
    WriteCollection: Project change = "collection.write", Rule::Role(Editor);
    /// Delete a collection.
    DeleteCollection: Project change = "collection.delete", Rule::Role(Owner);
    /// Say how many versions of a collection are kept, and remove older ones.
    RemoveVersions: Project change = "collection.retention", Rule::Role(Owner);
    /// Keep copies of a collection's files sorted by what people filter by. The server does so itself.
    SortCollection: Project change = "collection.sort", Rule::Role(Owner);
    /// Export data as files.
    ExportData: Project read = "data.export", Rule::Role(Viewer);
    /// Delete a project with all its data.
    DeleteProject: Project change = "project.delete", Rule::Role(Owner);
    /// See the accounts that programs have in a project.
    ListServices: Project read = "services.list", Rule::Role(Owner);
    /// Make and end accounts of programs in a project.
    ManageServices: Project change = "services.manage", Rule::Role(Owner);
    /// Read a project's part of the audit log.
    ReadProjectAudit: Project read = "project.audit", Rule::Role(Owner);

    /// See a group with its members.
    ViewGroup: Group read = "group.view", Rule::Maintainer;
    /// Add people to a group and take them out.
    ManageMembership: Group change = "group.members", Rule::Maintainer;

    /// List the projects one may see.
    ListProjects: System read = "projects.list", Rule::SignedIn;
    /// Create a project, and own it.
    CreateProject: System change = "project.create", Rule::Standard;
    /// Find people and groups by name, without their addresses.
    SearchDirectory: System read = "directory.search", Rule::SignedIn;
    /// See the state of the installation.
    ReadStatus: System read = "status.read", Rule::SignedIn;
    /// List the users with their addresses and roles.
    ListUsers: System read = "users.list", Rule::Admin;
    /// Create, change, disable and delete users.
    ManageUsers: System change = "users.manage", Rule::Admin;
    /// Make a link by which a person sets a new password.
    CreateResetLink: System change = "users.reset_link", Rule::Admin;
    /// Invite people to make an account, and withdraw invitations.
    Invite: System change = "users.invite", Rule::Admin;
    /// See all groups.
    ListGroups: System read = "groups.list", Rule::Admin;
    /// Create, rename and delete groups, and name their maintainers.
    ManageGroups: System change = "groups.manage", Rule::Admin;
    /// Read the settings of the installation.
    ReadSettings: System read = "settings.read", Rule::Admin;
    /// Change the settings of the installation.
    ManageSettings: System change = "settings.manage", Rule::Admin;
    /// Read the audit log.
    ReadAudit: System read = "audit.read", Rule::Admin;
    /// Read the measurements of the server.
    ReadMetrics: System read = "metrics.read", Rule::Admin;

    /// Read one's own account and sessions.
    ReadAccount: Account read = "account.read", Rule::SignedIn;
    /// Change one's own password and end one's own sessions.
    ManageAccount: Account change = "account.manage", Rule::SignedIn;
    /// Make a token for a program of one's own.
    CreateToken: Account change = "token.create", Rule::SignedIn;
    /// End a token of one's own.
    RevokeToken: Account change = "token.revoke", Rule::SignedIn;
}

impl ActionName {
    /// Whether it changes what proves somebody to be who they are. Only a person who has signed in
    /// does that, never a program with a token.
    #[must_use]
    pub fn proves_a_person(self) -> bool {
        matches!(
            self,
            Self::ManageAccount
                | Self::CreateToken
                | Self::RevokeToken
                | Self::CreateResetLink
                | Self::Invite
                | Self::ManageServices
        )
    }

    /// Whether it gives others a way into a project, which an installation may leave to its admins.
    #[must_use]
    pub fn shares(self) -> bool {
        matches!(self, Self::ManageMembers | Self::ManageServices)
    }

    /// Whether it tells who other people are. Whoever has not signed in is told nobody's name.
    #[must_use]
    pub fn names_people(self) -> bool {
        matches!(self, Self::ListMembers)
    }
}

macro_rules! weakens {
    ($($strong:ident => $weak:ident;)+) => {
        $(impl Weakens<$weak> for $strong {})+

        /// The declared edges, for the test that proves each against the matrix.
        pub const EDGES: &[(ActionName, ActionName)] =
            &[$((ActionName::$strong, ActionName::$weak),)+];
    };
}

weakens! {
    ViewDashboard => ViewProject;
    ViewDashboard => QueryData;
    PreviewFigure => QueryData;
    EditDashboard => ViewDashboard;
    NarrowDashboard => ViewDashboard;
    CreateDashboard => ViewDashboard;
    ReadAccess => ViewProject;
    WriteCode => QueryData;
    WriteCode => PreviewFigure;
    WriteCollection => QueryData;
    CreateCollection => QueryData;
    QueryData => ViewProject;
    ManageServices => ListServices;
    ReadSettings => ReadStatus;
    ManageMembership => ViewGroup;
}
