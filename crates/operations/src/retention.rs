//! Removing versions that an owner's policy does not keep, in the background.
//!
//! After each new version of a collection with a policy the server marks what is beyond it, waits until nobody can
//! still be reading that, looks once more at what dashboards are pinned to, and removes the rest. A process that
//! ends while it waits leaves files; the next version of that collection, or the next look at its policy, takes
//! them along.

use access::{Caller, Detail, Guard, Permit, Refusal, Target, TargetKind};
use dashboards::pinned;
use domain::action::RemoveVersions;
use domain::actor::JobKind;
use domain::entity::Collection;
use domain::id::{CollectionId, ProjectId};
use domain::{Retention, Span};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tables::{CollectionError, Collections};

/// Removes versions. Cheap to clone, and all clones are one.
#[derive(Clone)]
pub struct Keeper(Arc<Inner>);

struct Inner {
    guard: Guard,
    collections: Collections,
    grace: Duration,
    /// Collections whose leaving versions are waited for.
    waiting: Mutex<HashSet<CollectionId>>,
}

/// The spans that are offered no longer.
#[must_use]
pub fn leaving(retention: &Retention) -> Vec<Span> {
    retention.leaving.iter().map(|it| it.versions).collect()
}

impl Keeper {
    /// A keeper that leaves the files of a version there for `grace_seconds`.
    #[must_use]
    pub fn new(guard: Guard, collections: Collections, grace_seconds: u64) -> Self {
        Self(Arc::new(Inner {
            guard,
            collections,
            grace: Duration::from_secs(grace_seconds),
            waiting: Mutex::default(),
        }))
    }

    /// Follows a collection's policy after a version was made or the policy was changed. Returns at once.
    pub fn follow(&self, project: &ProjectId, collection: &CollectionId) {
        let (keeper, project, id) = (self.clone(), project.clone(), collection.clone());
        tokio::spawn(async move {
            if let Err(error) = keeper.0.mark(&project, &id).await {
                tracing::warn!(%error, "versions beyond a collection's policy were not marked");
                return;
            }
            if !keeper.0.waits(&id, true) {
                return;
            }
            let done = keeper.0.remove(&project, &id).await;
            keeper.0.waits(&id, false);
            if let Err(error) = done {
                tracing::warn!(%error, "versions beyond a collection's policy were not removed");
            }
        });
    }
}

/// Why versions were not marked or removed; for the log.
type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Inner {
    /// Notes that somebody waits for a collection, or no longer. Whether that was news.
    fn waits(&self, id: &CollectionId, now: bool) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match now {
            true => waiting.insert(id.clone()),
            false => waiting.remove(id),
        }
    }

    async fn permit(&self, project: &ProjectId) -> Result<Permit<RemoveVersions>, Refusal> {
        let caller = Caller::job(JobKind::Retention);
        self.guard.on_project(&caller, project).await
    }

    /// Offers no longer what is beyond the policy.
    async fn mark(&self, project: &ProjectId, id: &CollectionId) -> Result<(), Failure> {
        let permit = self.permit(project).await?;
        let collections = self.collections.clone();
        let target = Target::new(TargetKind::Collection, id);
        let id = id.clone();
        permit
            .act(Some(target), Detail::None, move |act| async move {
                let Some(collection) = act.permit().locate::<Collection>(&id).await? else {
                    return Err(CollectionError::NoSuchCollection);
                };
                let keep = collection.retention.keep;
                let pinned = pinned(act.permit(), &id).await?;
                let marked = collections.keep(&act, &id, keep, &pinned).await?;
                let versions = leaving(&marked.retention);
                act.describe(None, Detail::Retention { keep, versions });
                Ok(())
            })
            .await?;
        Ok(())
    }

    /// Waits for all that is leaving and removes it, and what came to leave meanwhile.
    async fn remove(&self, project: &ProjectId, id: &CollectionId) -> Result<(), Failure> {
        loop {
            tokio::time::sleep(self.grace).await;
            if !self.settle(project, id).await? {
                return Ok(());
            }
        }
    }

    /// Removes what has been leaving for long enough. Whether more is leaving.
    async fn settle(&self, project: &ProjectId, id: &CollectionId) -> Result<bool, Failure> {
        let permit = match self.permit(project).await {
            // The project has gone, and all its files with it.
            Err(Refusal::Hidden) => return Ok(false),
            other => other?,
        };
        let collections = self.collections.clone();
        let target = Target::new(TargetKind::Collection, id);
        let grace = self.grace;
        let id = id.clone();
        let more = permit
            .act(Some(target), Detail::None, move |act| async move {
                let Some(collection) = act.permit().locate::<Collection>(&id).await? else {
                    return Ok(false);
                };
                let pinned = pinned(act.permit(), &id).await?;
                let before = act.now() - grace;
                let (settled, swept) = collections
                    .remove_left(&act, &collection, &pinned, before)
                    .await?;
                let versions = settled.retention.removed_since(&collection.retention);
                let detail = Detail::VersionsRemoved {
                    versions,
                    files: swept.files,
                    bytes: swept.bytes,
                };
                act.describe(None, detail);
                Ok::<_, CollectionError>(!settled.retention.leaving.is_empty())
            })
            .await?;
        Ok(more)
    }
}
