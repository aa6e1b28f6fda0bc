//! Looking at dashboards and their history.

use super::{DashboardError, Document, Person, at_revision, document, hide_code, person};
use access::{AccessError, Cursor, Located, Order, PRIMARY, Permit};
use domain::Timestamp;
use domain::action::{ReadCode, ViewDashboard};
use domain::entity::{Dashboard, DashboardRevision};
use domain::id::DashboardId;
use serde::Serialize;

/// A dashboard in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Summary {
    /// The id.
    pub id: DashboardId,
    /// What it is called.
    pub title: String,
    /// The latest revision.
    pub revision: u64,
    /// When it was saved.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: Option<Person>,
    /// It is for fewer people than the project.
    pub narrowed: bool,
    /// How many components all tabs have together.
    pub components: u64,
}

/// A revision in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Revision {
    /// Its number, counted from 1.
    pub revision: u64,
    /// What the dashboard was called.
    pub title: String,
    /// When it was saved.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Option<Person>,
}

/// The dashboards of the permit's project that the caller may know of, oldest first, and where to go on.
///
/// # Errors
/// When the cursor is not one, or the store fails.
pub async fn list(
    permit: &Permit<ViewDashboard>,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<(Vec<Summary>, Option<Cursor>), AccessError> {
    let page = permit
        .list::<Dashboard>(PRIMARY, &[], Order::Ascending, after, limit)
        .await?;
    let people = page
        .items
        .iter()
        .filter_map(|head| head.value.updated_by.clone());
    let names = permit.names(people).await?;
    let summaries = page
        .items
        .into_iter()
        .map(|head| head.value)
        .map(|head| Summary {
            narrowed: head.narrowing.is_some(),
            components: head
                .tabs
                .iter()
                .map(|tab| tab.components.len() as u64)
                .sum(),
            id: head.id,
            title: head.title,
            revision: head.revision,
            updated_at: head.updated_at,
            updated_by: person(head.updated_by, &names),
        })
        .collect();
    Ok((summaries, page.next))
}

/// Finds a dashboard, for [`get`] and for rendering.
///
/// # Errors
/// [`DashboardError::NotFound`], or when the store fails.
pub(crate) async fn locate(
    permit: &Permit<ViewDashboard>,
    id: &DashboardId,
) -> Result<Located<Dashboard, ViewDashboard>, DashboardError> {
    let found = permit.locate::<Dashboard>(id).await?;
    found.ok_or(DashboardError::NotFound)
}

/// A dashboard as it is now. Code is shown only to who brings the permit to read it.
///
/// # Errors
/// [`DashboardError::NotFound`], or when the store fails.
pub async fn get(
    permit: &Permit<ViewDashboard>,
    id: &DashboardId,
    code: Option<&Permit<ReadCode>>,
) -> Result<Document, DashboardError> {
    let head = locate(permit, id).await?;
    shown(permit, &head, code).await
}

/// A dashboard as it was at a revision.
///
/// # Errors
/// [`DashboardError::NotFound`], or when the store fails.
pub async fn revision(
    permit: &Permit<ViewDashboard>,
    id: &DashboardId,
    number: u64,
    code: Option<&Permit<ReadCode>>,
) -> Result<Document, DashboardError> {
    let head = at_number(permit, id, number).await?;
    shown(permit, &head, code).await
}

/// The head of a dashboard as it was at a revision.
pub(crate) async fn at_number(
    permit: &Permit<ViewDashboard>,
    id: &DashboardId,
    number: u64,
) -> Result<Dashboard, DashboardError> {
    let head = locate(permit, id).await?;
    let found = permit
        .locate_numbered::<DashboardRevision>(id, number)
        .await?
        .ok_or(DashboardError::NotFound)?;
    Ok(at_revision(&head, &found))
}

/// The revisions of a dashboard, newest first, and where to go on.
///
/// # Errors
/// [`DashboardError::NotFound`], a cursor that is not one, or when the store fails.
pub async fn revisions(
    permit: &Permit<ViewDashboard>,
    id: &DashboardId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<(Vec<Revision>, Option<Cursor>), DashboardError> {
    locate(permit, id).await?;
    let page = permit
        .list::<DashboardRevision>(PRIMARY, &[id.as_str()], Order::Descending, after, limit)
        .await?;
    let people = page
        .items
        .iter()
        .filter_map(|item| item.value.created_by.clone());
    let names = permit.names(people).await?;
    let revisions = page
        .items
        .into_iter()
        .map(|item| item.value)
        .map(|item| Revision {
            revision: item.revision,
            title: item.title,
            created_at: item.created_at,
            created_by: person(item.created_by, &names),
        })
        .collect();
    Ok((revisions, page.next))
}

async fn shown(
    permit: &Permit<ViewDashboard>,
    head: &Dashboard,
    code: Option<&Permit<ReadCode>>,
) -> Result<Document, DashboardError> {
    let mut document = document(permit, head).await?;
    // A permit for another project reads nothing here.
    let readable = match code {
        Some(code) => code.project_id()? == &head.project,
        None => false,
    };
    if !readable {
        hide_code(&mut document.tabs);
    }
    Ok(document)
}
