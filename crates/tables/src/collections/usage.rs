//! How much of what it may hold a project holds.

use super::{CollectionError, Collections};
use crate::room::Room;
use access::{AccessError, Order, PRIMARY, Permit};
use domain::action::{Action, Project};
use domain::entity::Collection;
use domain::id::CollectionId;
use domain::limits::ProjectLimits;

/// Collections read in one trip.
const PAGE: u32 = 200;

/// What a project holds, and what it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of all versions of all tables, as they lie in the store.
    pub bytes: u64,
    /// Rows of the latest versions of all tables together.
    pub rows: u64,
    /// Tables.
    pub collections: u64,
    /// What it may hold.
    pub limits: ProjectLimits,
}

impl Collections {
    /// What the permit's project holds.
    ///
    /// # Errors
    /// When documents or the store cannot be read.
    pub async fn usage<A: Action<On = Project>>(
        &self,
        permit: &Permit<A>,
    ) -> Result<Usage, CollectionError> {
        let (rows, collections) = rows(permit, None).await?;
        Ok(Usage {
            bytes: self.tables.held(permit.project_id()?).await?,
            rows,
            collections,
            limits: permit.project_limits(&self.limits).await?,
        })
    }

    /// What there is room for beside the other collections of the permit's project.
    pub(super) async fn room<A: Action<On = Project>>(
        &self,
        permit: &Permit<A>,
        but: &CollectionId,
    ) -> Result<Room, CollectionError> {
        Ok(Room {
            limits: permit.project_limits(&self.limits).await?,
            rows_elsewhere: rows(permit, Some(but)).await?.0,
        })
    }
}

/// Rows of the latest versions of all collections but one, and how many collections those are.
async fn rows<A: Action<On = Project>>(
    permit: &Permit<A>,
    but: Option<&CollectionId>,
) -> Result<(u64, u64), AccessError> {
    let (mut rows, mut collections, mut after) = (0_u64, 0, None);
    loop {
        let page = permit
            .list::<Collection>(PRIMARY, &[], Order::Ascending, after.as_ref(), PAGE)
            .await?;
        for collection in page.items.iter().filter(|it| Some(&it.value.id) != but) {
            rows = rows.saturating_add(collection.value.rows);
            collections += 1;
        }
        after = page.next;
        if after.is_none() {
            return Ok((rows, collections));
        }
    }
}
