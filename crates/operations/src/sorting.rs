//! Copies of large tables, sorted by the columns that people filter by, in the background.
//!
//! Tables say when enough was filtered by a column, and when a large one has a new version. One collection is looked after
//! at a time, at the engine's low priority. What a process that ends leaves undone is due again with the next wish.

use access::{Caller, Detail, Guard, Permit, Refusal, Target, TargetKind};
use domain::action::SortCollection;
use domain::actor::JobKind;
use domain::entity::Collection;
use tables::{CollectionError, Collections, Wish};

/// Looks after the wishes of all tables from now on, on a task of its own. A second call does nothing.
pub fn start(guard: Guard, collections: Collections) {
    let Some(mut wishes) = collections.wishes() else {
        return;
    };
    tokio::spawn(async move {
        while let Some(wish) = wishes.next().await {
            if let Err(error) = grant(&guard, &collections, &wish).await {
                tracing::warn!(%error, "a table was not sorted");
            }
        }
    });
}

/// Why a table was not sorted; for the log.
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn grant(guard: &Guard, collections: &Collections, wish: &Wish) -> Result<(), Failure> {
    let job = Caller::job(JobKind::Sorting);
    let permit: Permit<SortCollection> = match guard.on_project(&job, &wish.project).await {
        // The project has gone, and all its files with it.
        Err(Refusal::Hidden) => return Ok(()),
        other => other?,
    };
    let Some(collection) = permit.locate::<Collection>(&wish.collection).await? else {
        return Ok(());
    };
    let Some(due) = collections.due(&collection).await? else {
        return Ok(());
    };
    let target = Target::new(TargetKind::Collection, &wish.collection);
    let (collections, id) = (collections.clone(), wish.collection.clone());
    permit
        .act(Some(target), Detail::None, move |act| async move {
            // Found again under the act: it may have been deleted, or its project's key changed.
            let Some(collection) = act.permit().locate::<Collection>(&id).await? else {
                return Err(CollectionError::NoSuchCollection);
            };
            let sorted = collections.sort(&act, &collection, due).await?;
            let detail = Detail::Sorted {
                columns: sorted.columns,
                files: sorted.files,
                bytes: sorted.bytes,
            };
            act.describe(None, detail);
            Ok(())
        })
        .await?;
    Ok(())
}
