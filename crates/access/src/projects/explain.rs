//! Why somebody has the role they have, and what they lack for what they may not.

use super::audience::{all_grants, in_force};
use crate::error::AccessError;
use crate::guard::grants_for;
use crate::permit::Permit;
use domain::action::ViewProject;
use domain::decision::{GrantUsed, Subject, decide, effective_role};
use domain::entity::{Admins, Group, Settings, User};
use domain::id::UserId;
use domain::key::Key;
use domain::narrowing::Narrowing;
use domain::{ActionName, Decision, ProjectRole};

/// A role with all the grants that reach a person, strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The role in force; `None` when nothing reaches them.
    pub role: Option<ProjectRole>,
    /// A system viewer, who is capped at viewing.
    pub capped: bool,
    /// The grants.
    pub grants: Vec<GrantUsed>,
    /// Names of the groups among them, by id.
    pub groups: Vec<(String, String)>,
    /// How the action that was asked about would be decided.
    pub decision: Option<Decision>,
}

/// Explains a person's role in the permit's project, or with `narrowing` on a dashboard of it, and
/// how an action would be decided; `None` when there is no such person.
///
/// # Errors
/// When the store fails.
pub async fn explain(
    permit: &Permit<ViewProject>,
    user: &UserId,
    narrowing: Option<&Narrowing>,
    action: Option<ActionName>,
) -> Result<Option<Explained>, AccessError> {
    let shared = &permit.inner.shared;
    let mut batch = shared.documents.batch();
    let person = batch.add::<User>(&Key::new().id(user));
    let admins = batch.add::<Admins>(&Admins::place());
    let settings = batch.add::<Settings>(&Settings::place());
    let mut read = batch.read().await?;
    let Some(person) = read.take(person)? else {
        return Ok(None);
    };
    let admins = read.take(admins)?.map(|it| it.value.members);
    let settings = read.take(settings)?;
    let settings = settings.map_or(Settings::START, |settings| settings.value);
    let ids = shared.groups_of(user).await?;
    let system = in_force(&person.value, &admins.unwrap_or_default());
    let grants = grants_for(
        &permit.project()?.value,
        Some(user),
        &ids,
        settings.public_projects,
    );
    let mut subject = Subject::of_person(system, grants);
    subject.sharing = settings.sharing;
    subject.narrowed = narrowing.map(|it| it.met_by(Some(user), &ids));
    // Whoever looks as a role is answered as that role.
    let subject = match permit.inner.caller.view_as {
        Some(role) if permit.user() == Some(user) => subject.viewing_as(role),
        _ => subject,
    };
    let keys: Vec<Key> = ids.iter().map(|id| Key::new().id(id)).collect();
    let groups = shared.documents.get_many::<Group>(&keys).await?;
    let groups = groups.into_iter().flatten().map(|group| group.value);
    // Who cannot sign in has no role, whatever was granted.
    let role = system.and_then(|_| effective_role(&subject));
    Ok(Some(Explained {
        groups: groups.map(|it| (it.id.to_string(), it.name)).collect(),
        ..explained(&subject, role, action)
    }))
}

/// The same for a caller who is no person: a program's account, and whoever has not signed in.
#[must_use]
pub fn explain_caller(
    permit: &Permit<ViewProject>,
    narrowing: Option<&Narrowing>,
    action: Option<ActionName>,
) -> Explained {
    let mut subject = permit.inner.subject.clone();
    subject.narrowed = narrowing.map(|it| it.met_by(None, &[]));
    explained(&subject, effective_role(&subject), action)
}

fn explained(
    subject: &Subject,
    role: Option<(ProjectRole, bool)>,
    action: Option<ActionName>,
) -> Explained {
    Explained {
        role: role.map(|(role, _)| role),
        capped: role.is_some_and(|(_, capped)| capped),
        grants: all_grants(subject),
        groups: Vec::new(),
        decision: action.map(|action| decide(action, subject)),
    }
}
