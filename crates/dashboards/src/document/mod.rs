//! Dashboards as documents: a head that lists show, and revisions that never change.
//!
//! Saving inserts revision n+1 under a unique key; whoever is second finds it taken. The head
//! follows. When a crash leaves it behind, the next save brings it up to date and is told that it
//! is stale, so nothing that was ever saved is lost.

mod create;
mod delete;
mod narrow;
mod pinned;
mod read;
mod save;

pub use create::create;
pub use delete::delete;
pub use narrow::narrow;
pub use pinned::pinned;
pub use read::{Revision, Summary, get, list, revision, revisions};
pub(crate) use read::{at_number, locate};
pub use save::{revert, save};

use access::{AccessError, FailureCode, Permit, StoreError};
use domain::action::{Action, Project as OnProject};
use domain::dashboard::{Content, Flaw, Tab, flaws};
use domain::entity::{Dashboard, DashboardRevision};
use domain::id::{DashboardId, GroupId, ProjectId, UserId};
use domain::limits::{CodeLimits, RequestLimits};
use domain::narrowing::Narrowing;
use domain::{Timestamp, name};
use serde::Serialize;
use std::collections::HashMap;

/// What a client says of a dashboard.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it is called.
    pub title: String,
    /// What is on it; one empty tab when not given.
    pub tabs: Option<Vec<Tab>>,
}

/// A person who made or changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Person {
    /// The id.
    pub id: UserId,
    /// What others see; empty when the account is gone.
    pub name: String,
}

/// A group that is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NamedGroup {
    /// The id.
    pub id: GroupId,
    /// What it is called; empty when it is gone.
    pub name: String,
}

/// For whom a dashboard is, besides owners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NarrowedTo {
    /// `editors` or `named`.
    pub to: &'static str,
    /// The people named.
    pub users: Vec<Person>,
    /// The groups named.
    pub groups: Vec<NamedGroup>,
}

/// A dashboard as clients see it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Document {
    /// The id.
    pub id: DashboardId,
    /// The project it lies in.
    pub project: ProjectId,
    /// What it is called.
    pub title: String,
    /// Which revision this is, counted from 1. Its number is the ETag.
    pub revision: u64,
    /// When the dashboard was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Option<Person>,
    /// When this revision was saved.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: Option<Person>,
    /// For whom it is; null when for the whole project.
    pub narrowing: Option<NarrowedTo>,
    /// What is on it. `code` is empty for those who may not read code.
    pub tabs: Vec<Tab>,
}

/// Why a dashboard was not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum DashboardError {
    /// There is no such dashboard or revision in the project.
    #[error("there is no such dashboard or revision")]
    NotFound,
    /// The document cannot be kept as it is.
    #[error("the dashboard has errors")]
    Invalid(Vec<Flaw>),
    /// Somebody saved in between. Carries what is there now.
    #[error("somebody else saved this dashboard in the meantime; nothing was changed")]
    Stale(Box<Document>),
    /// What stands below failed.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl FailureCode for DashboardError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Invalid(_) => "invalid",
            Self::Stale(_) => "stale",
            Self::Access(_) => "unavailable",
        }
    }
}

/// A draft that can be kept.
#[derive(Debug, Clone)]
struct Checked {
    title: String,
    tabs: Vec<Tab>,
}

fn check(draft: Draft, code: &CodeLimits) -> Result<Checked, DashboardError> {
    let limits = RequestLimits::default();
    let tabs = draft.tabs.unwrap_or_else(|| {
        vec![Tab {
            id: "main".to_owned(),
            title: "Overview".to_owned(),
            filters: Vec::new(),
            components: Vec::new(),
        }]
    });
    let mut found = flaws(&tabs, &limits, code.code_source_bytes_max);
    match name::line(&draft.title, limits.name_chars_max) {
        Ok(title) if found.is_empty() => Ok(Checked { title, tabs }),
        Ok(_) => Err(DashboardError::Invalid(found)),
        Err(error) => {
            found.insert(
                0,
                Flaw {
                    pointer: "/title".to_owned(),
                    message: error.to_string(),
                },
            );
            Err(DashboardError::Invalid(found))
        }
    }
}

/// Whether a failure means that somebody else was faster.
fn is_race(error: &AccessError) -> bool {
    matches!(
        error,
        AccessError::Store(StoreError::Exists { .. } | StoreError::Stale)
    )
}

fn person(id: Option<UserId>, names: &HashMap<UserId, String>) -> Option<Person> {
    id.map(|id| Person {
        name: names.get(&id).cloned().unwrap_or_default(),
        id,
    })
}

/// The document as clients see it, code and all.
async fn document<A: Action<On = OnProject>>(
    permit: &Permit<A>,
    head: &Dashboard,
) -> Result<Document, AccessError> {
    let people = head.created_by.iter().chain(&head.updated_by).cloned();
    let names = permit.names(people).await?;
    Ok(Document {
        id: head.id.clone(),
        project: head.project.clone(),
        title: head.title.clone(),
        revision: head.revision,
        created_at: head.created_at,
        created_by: person(head.created_by.clone(), &names),
        updated_at: head.updated_at,
        updated_by: person(head.updated_by.clone(), &names),
        narrowing: narrowed_to(permit, head.narrowing.as_ref()).await?,
        tabs: head.tabs.clone(),
    })
}

async fn narrowed_to<A: Action<On = OnProject>>(
    permit: &Permit<A>,
    narrowing: Option<&Narrowing>,
) -> Result<Option<NarrowedTo>, AccessError> {
    let (users, groups) = match narrowing {
        None => return Ok(None),
        Some(Narrowing::Editors) => {
            return Ok(Some(NarrowedTo {
                to: "editors",
                users: Vec::new(),
                groups: Vec::new(),
            }));
        }
        Some(Narrowing::Named { users, groups }) => (users, groups),
    };
    let people = permit.names(users.iter().cloned()).await?;
    let teams = permit.group_names(groups).await?;
    Ok(Some(NarrowedTo {
        to: "named",
        users: users
            .iter()
            .filter_map(|id| person(Some(id.clone()), &people))
            .collect(),
        groups: groups
            .iter()
            .map(|id| NamedGroup {
                name: teams.get(id).cloned().unwrap_or_default(),
                id: id.clone(),
            })
            .collect(),
    }))
}

/// The head as it was at a revision.
fn at_revision(head: &Dashboard, revision: &DashboardRevision) -> Dashboard {
    Dashboard {
        title: revision.title.clone(),
        revision: revision.revision,
        tabs: revision.tabs.clone(),
        updated_at: revision.created_at,
        updated_by: revision.created_by.clone(),
        changed_by: revision.changed_by.clone(),
        ..head.clone()
    }
}

/// Takes the code out of all components.
fn hide_code(tabs: &mut [Tab]) {
    for component in tabs.iter_mut().flat_map(|tab| &mut tab.components) {
        if let Content::Code { code, .. } = &mut component.content {
            code.clear();
        }
    }
}
