//! Projects whose last owner's account ended. A project cannot lose its last owner while it is asked
//! (see `LastOwner`), but an account can be disabled; then nobody manages the project but an admin.

use crate::error::AccessError;
use domain::entity::{Project, User};
use domain::id::{ProjectId, UserId};
use domain::key::Key;
use std::collections::{BTreeSet, HashSet};
use store::Documents;

/// Which of these projects have no owner who can sign in. A group that owns does not count: it may be
/// empty.
pub(crate) async fn orphans(
    documents: &Documents,
    projects: &[&Project],
) -> Result<HashSet<ProjectId>, AccessError> {
    let owners = projects.iter().flat_map(|project| project.direct_owners());
    let owners: BTreeSet<&UserId> = owners.collect();
    let keys: Vec<Key> = owners.iter().map(|owner| Key::new().id(owner)).collect();
    let found = documents.get_many::<User>(&keys).await?;
    let awake = found.into_iter().flatten().map(|user| user.value);
    let awake: HashSet<UserId> = awake
        .filter(|user| !user.disabled)
        .map(|user| user.id)
        .collect();
    let orphan = |project: &&&Project| !project.direct_owners().any(|it| awake.contains(it));
    let orphans = projects.iter().filter(orphan);
    Ok(orphans.map(|project| project.id.clone()).collect())
}
