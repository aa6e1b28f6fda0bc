//! The versions that dashboards are pinned to.

use access::{AccessError, Order, PRIMARY, Permit};
use domain::action::RemoveVersions;
use domain::entity::Dashboard;
use domain::id::CollectionId;
use std::collections::BTreeSet;

/// Dashboards read in one trip.
const PAGE: u32 = 50;

/// The versions of a collection that components of the project's dashboards name, as the dashboards are now. Who may
/// remove versions sees every dashboard: narrowing binds neither owners nor the server's own jobs.
///
/// # Errors
/// When the store fails.
pub async fn pinned(
    permit: &Permit<RemoveVersions>,
    collection: &CollectionId,
) -> Result<BTreeSet<u64>, AccessError> {
    let (mut found, mut after) = (BTreeSet::new(), None);
    loop {
        let page = permit
            .list::<Dashboard>(PRIMARY, &[], Order::Ascending, after.as_ref(), PAGE)
            .await?;
        let tabs = page.items.iter().flat_map(|head| &head.value.tabs);
        let sources = tabs
            .flat_map(|tab| &tab.components)
            .filter_map(|component| component.content.source());
        let named = sources.filter(|(source, _)| *source == collection);
        found.extend(named.filter_map(|(_, version)| version));
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
