//! Who has a role in a project.

use super::{ProjectError, change};
use crate::act::Act;
use crate::error::AccessError;
use crate::guard::grants_for;
use crate::living::Changed;
use crate::permit::Permit;
use audit::Detail;
use domain::ProjectRole;
use domain::action::{Action, ListMembers, ManageMembers, Project as OnProject};
use domain::entity::{Grant, Group, Principal, User};
use domain::key::Key;

/// What stands for whoever looks, signed in or not.
const EVERYONE: &str = "Everyone";

/// Somebody with a role in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person or group.
    pub principal: Principal,
    /// What others see; empty when the account is gone.
    pub name: String,
    /// The role granted.
    pub role: ProjectRole,
}

/// The members of a project, in the order they were granted.
///
/// # Errors
/// When the store fails.
pub async fn members(permit: &Permit<ListMembers>) -> Result<Vec<Member>, AccessError> {
    let grants = &permit.project()?.value.grants;
    let (mut users, mut groups) = (Vec::new(), Vec::new());
    for grant in grants {
        match &grant.to {
            Principal::User(user) => users.push(user.clone()),
            Principal::Group(group) => groups.push(group.clone()),
            Principal::Anyone => {}
        }
    }
    let users = permit.names(users).await?;
    let groups = permit.group_names(&groups).await?;
    let name = |to: &Principal| match to {
        Principal::User(user) => users.get(user).cloned(),
        Principal::Group(group) => groups.get(group).cloned(),
        Principal::Anyone => Some(EVERYONE.to_owned()),
    };
    Ok(grants
        .iter()
        .map(|grant| Member {
            principal: grant.to.clone(),
            name: name(&grant.to).unwrap_or_default(),
            role: grant.role,
        })
        .collect())
}

/// Whether a person or group has a role in the permit's project by themselves or by a group. What is
/// granted to everyone makes nobody a member.
///
/// # Errors
/// When the store fails.
pub async fn is_member<A: Action<On = OnProject>>(
    permit: &Permit<A>,
    principal: &Principal,
) -> Result<bool, AccessError> {
    let project = &permit.project()?.value;
    if project.grants.iter().any(|grant| grant.to == *principal) {
        return Ok(true);
    }
    let Principal::User(user) = principal else {
        return Ok(false);
    };
    let groups = permit.inner.shared.groups_of(user).await?;
    Ok(!grants_for(project, Some(user), &groups, false).is_empty())
}

async fn name_of<A: domain::Action>(
    permit: &Permit<A>,
    principal: &Principal,
) -> Result<Option<String>, AccessError> {
    let documents = &permit.inner.shared.documents;
    Ok(match principal {
        Principal::User(id) => documents
            .get::<User>(&Key::new().id(id))
            .await?
            .map(|user| user.value.display_name),
        Principal::Group(id) => documents
            .get::<Group>(&Key::new().id(id))
            .await?
            .map(|group| group.value.name),
        Principal::Anyone => Some(EVERYONE.to_owned()),
    })
}

/// Gives a person or group a role, instead of the one they had; or everyone the role of a viewer.
///
/// # Errors
/// When there is no such person or group, no owner would remain, or everyone is given more than a
/// look or anything at all while public projects are off.
pub async fn set_member(
    act: &Act<ManageMembers>,
    principal: Principal,
    role: ProjectRole,
) -> Result<Member, ProjectError> {
    if principal == Principal::Anyone {
        if role != ProjectRole::Viewer {
            return Err(ProjectError::EveryoneViews);
        }
        if !crate::settings::public_projects(act.documents()).await? {
            return Err(ProjectError::PublicOff);
        }
    }
    let Some(name) = name_of(act.permit(), &principal).await? else {
        return Err(ProjectError::NoSuchPrincipal);
    };
    change(act, |project| {
        match project
            .grants
            .iter_mut()
            .find(|grant| grant.to == principal)
        {
            Some(grant) => grant.role = role,
            None => project.grants.push(Grant {
                to: principal.clone(),
                role,
            }),
        }
        owner_remains(project)
    })
    .await?;
    changed(act, &principal, Some(role))?;
    Ok(Member {
        principal,
        name,
        role,
    })
}

/// Withdraws the role of a person or group.
///
/// # Errors
/// When they have none, or no owner would remain.
pub async fn remove_member(
    act: &Act<ManageMembers>,
    principal: &Principal,
) -> Result<(), ProjectError> {
    change(act, |project| {
        let before = project.grants.len();
        project.grants.retain(|grant| grant.to != *principal);
        if project.grants.len() == before {
            return Err(ProjectError::NoSuchMember);
        }
        owner_remains(project)
    })
    .await?;
    changed(act, principal, None)
}

fn owner_remains(project: &domain::entity::Project) -> Result<(), ProjectError> {
    match project.direct_owners().next() {
        Some(_) => Ok(()),
        None => Err(ProjectError::LastOwner),
    }
}

/// Ends permits that may rest on the old grant, and says in the log what was granted.
fn changed(
    act: &Act<ManageMembers>,
    principal: &Principal,
    role: Option<ProjectRole>,
) -> Result<(), ProjectError> {
    let project = act.permit().project_id()?.clone();
    act.permit()
        .inner
        .shared
        .living
        .signal(&Changed::Project(project));
    let to = match principal {
        Principal::User(id) => id.to_string(),
        Principal::Group(id) => id.to_string(),
        Principal::Anyone => "anyone".to_owned(),
    };
    act.describe(None, Detail::Grant { to, role });
    Ok(())
}
