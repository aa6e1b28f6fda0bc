//! Everyone who reaches a project or a dashboard, and through what: a decision, asked the other way
//! round. It is answered by the same function that decides, so the two cannot differ.

use crate::error::AccessError;
use crate::guard::grants_for;
use crate::permit::Permit;
use domain::action::ReadAccess;
use domain::decision::{GrantUsed, Subject, Via, effective_role};
use domain::entity::{Admins, Group, Principal, Settings, User};
use domain::id::{GroupId, UserId};
use domain::key::Key;
use domain::narrowing::Narrowing;
use domain::{ProjectRole, SystemRole};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// People read in one trip.
const CHUNK: usize = 200;

/// Somebody who reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaching {
    /// The person.
    pub user: UserId,
    /// What others see.
    pub name: String,
    /// The role in force.
    pub role: ProjectRole,
    /// A system viewer, who is capped at viewing.
    pub capped: bool,
    /// Through what, strongest first.
    pub grants: Vec<GrantUsed>,
}

/// A page of everyone who reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// People, by id.
    pub people: Vec<Reaching>,
    /// The last of them, when more come.
    pub next: Option<UserId>,
    /// What everyone has, signed in or not, when it is granted and public projects are on.
    pub everyone: Option<ProjectRole>,
    /// Names of the groups among the grants.
    pub groups: HashMap<GroupId, String>,
}

/// A page of everyone who reaches the permit's project, or with `narrowing` a dashboard of it.
///
/// # Errors
/// When the store fails.
pub async fn audience(
    permit: &Permit<ReadAccess>,
    narrowing: Option<&Narrowing>,
    after: Option<&UserId>,
    limit: u32,
) -> Result<Audience, AccessError> {
    let documents = &permit.inner.shared.documents;
    let project = &permit.project()?.value;
    let mut batch = documents.batch();
    let admins = batch.add::<Admins>(&Admins::place());
    let settings = batch.add::<Settings>(&Settings::place());
    let mut read = batch.read().await?;
    let admins = read.take(admins)?.map(|it| it.value.members);
    let admins = admins.unwrap_or_default();
    let public = read
        .take(settings)?
        .is_some_and(|settings| settings.value.public_projects);
    let groups = groups(permit, narrowing).await?;

    let direct = project.grants.iter().filter_map(|grant| match &grant.to {
        Principal::User(user) => Some(user),
        Principal::Group(_) | Principal::Anyone => None,
    });
    let members = groups.values().flat_map(|group| &group.members);
    // Who has only what everyone has is not listed, unless a narrowing names them.
    let named: &[UserId] = match narrowing {
        Some(Narrowing::Named { users, .. }) => users,
        Some(Narrowing::Editors) | None => &[],
    };
    let everyone = direct.chain(members).chain(&admins).chain(named).cloned();
    let candidates: BTreeSet<UserId> = everyone
        .filter(|user| after.is_none_or(|after| user > after))
        .collect();
    let candidates: Vec<UserId> = candidates.into_iter().collect();

    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut people: Vec<Reaching> = Vec::new();
    for chunk in candidates.chunks(CHUNK) {
        let keys: Vec<Key> = chunk.iter().map(|user| Key::new().id(user)).collect();
        let found = documents.get_many::<User>(&keys).await?;
        for user in found.into_iter().flatten().map(|user| user.value) {
            let own: Vec<GroupId> = groups
                .values()
                .filter(|group| group.members.contains(&user.id))
                .map(|group| group.id.clone())
                .collect();
            let grants = grants_for(project, Some(&user.id), &own, public);
            let mut subject = Subject::of_person(in_force(&user, &admins), grants);
            subject.narrowed = narrowing.map(|it| it.met_by(Some(&user.id), &own));
            people.extend(reaching(user, subject));
        }
        if people.len() > wanted {
            break;
        }
    }
    let more = people.len() > wanted;
    people.truncate(wanted);
    let next = people.last().filter(|_| more).map(|last| last.user.clone());
    let mut nobody = Subject::of_person(None, grants_for(project, None, &[], public));
    nobody.narrowed = narrowing.map(|it| it.met_by(None, &[]));
    Ok(Audience {
        people,
        next,
        everyone: effective_role(&nobody).map(|(role, _)| role),
        groups: groups.into_values().map(|it| (it.id, it.name)).collect(),
    })
}

/// The groups that are granted a role, and those that a narrowing names.
async fn groups(
    permit: &Permit<ReadAccess>,
    narrowing: Option<&Narrowing>,
) -> Result<BTreeMap<GroupId, Group>, AccessError> {
    let granted = permit.project()?.value.grants.iter();
    let granted = granted.filter_map(|grant| match &grant.to {
        Principal::Group(group) => Some(group),
        Principal::User(_) | Principal::Anyone => None,
    });
    let named: &[GroupId] = match narrowing {
        Some(Narrowing::Named { groups, .. }) => groups,
        Some(Narrowing::Editors) | None => &[],
    };
    let ids: BTreeSet<&GroupId> = granted.chain(named).collect();
    let keys: Vec<Key> = ids.into_iter().map(|group| Key::new().id(group)).collect();
    let documents = &permit.inner.shared.documents;
    let found = documents.get_many::<Group>(&keys).await?;
    let found = found.into_iter().flatten().map(|group| group.value);
    Ok(found.map(|group| (group.id.clone(), group)).collect())
}

/// The role in the system that counts; none when they cannot sign in.
pub(super) fn in_force(user: &User, admins: &BTreeSet<UserId>) -> Option<SystemRole> {
    match (user.disabled, user.role) {
        (true, _) => None,
        (false, _) if admins.contains(&user.id) => Some(SystemRole::Admin),
        // A crash between account and list leaves somebody with less.
        (false, SystemRole::Admin) => Some(SystemRole::User),
        (false, role) => Some(role),
    }
}

/// All grants with the one that an admin has everywhere, strongest first.
pub(super) fn all_grants(subject: &Subject) -> Vec<GrantUsed> {
    let mut grants = subject.grants.clone();
    if subject.system == Some(SystemRole::Admin) {
        grants.push(GrantUsed {
            role: ProjectRole::Owner,
            via: Via::System,
        });
    }
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.role));
    grants
}

fn reaching(user: User, subject: Subject) -> Option<Reaching> {
    subject.system?;
    let (role, capped) = effective_role(&subject)?;
    Some(Reaching {
        user: user.id,
        name: user.display_name,
        role,
        capped,
        grants: all_grants(&subject),
    })
}
