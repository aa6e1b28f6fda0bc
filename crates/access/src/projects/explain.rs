//! Why somebody has the role they have.

use crate::error::AccessError;
use crate::guard::grants_for;
use crate::permit::Permit;
use domain::action::ViewProject;
use domain::decision::{GrantUsed, Subject, Via, effective_role};
use domain::entity::{Group, Settings, User};
use domain::id::UserId;
use domain::key::Key;
use domain::{ProjectRole, SystemRole};

/// A role with all the grants that reach a person, strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The role in force; `None` when nothing reaches them.
    pub role: Option<ProjectRole>,
    /// The grants.
    pub grants: Vec<GrantUsed>,
    /// Names of the groups among them, by id.
    pub groups: Vec<(String, String)>,
}

/// Explains a person's role in the permit's project; `None` when there is no such person.
///
/// # Errors
/// When the store fails.
pub async fn explain(
    permit: &Permit<ViewProject>,
    user: &UserId,
) -> Result<Option<Explained>, AccessError> {
    let shared = &permit.inner.shared;
    let Some(person) = shared.documents.get::<User>(&Key::new().id(user)).await? else {
        return Ok(None);
    };
    let ids = shared.groups_of(user).await?;
    let settings = shared
        .documents
        .get::<Settings>(&Key::new().text("settings"))
        .await?;
    let public = settings.is_some_and(|settings| settings.value.public_projects);
    let mut grants = grants_for(&permit.project()?.value, Some(user), &ids, public);
    let system = (!person.value.disabled).then_some(person.value.role);
    let subject = Subject::of_person(system, grants.clone());
    let role = match system {
        Some(_) => effective_role(&subject).map(|(role, _)| role),
        None => None,
    };
    if system == Some(SystemRole::Admin) {
        grants.push(GrantUsed {
            role: ProjectRole::Owner,
            via: Via::System,
        });
    }
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.role));
    let mut groups = Vec::new();
    for id in ids {
        if let Some(group) = shared.documents.get::<Group>(&Key::new().id(&id)).await? {
            groups.push((id.to_string(), group.value.name));
        }
    }
    Ok(Some(Explained {
        role,
        grants,
        groups,
    }))
}
