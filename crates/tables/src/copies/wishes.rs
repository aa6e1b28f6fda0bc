//! By which columns people filter, as the questions themselves show it.
//!
//! A question counts for a column the rows that it read and its condition on that column alone turned away. When they
//! are several times as many as the table has, a sorted copy would have paid for itself, and is wished for.

use crate::log::TableVersion;
use crate::place::Place;
use crate::query::Predicate;
use domain::{CollectionId, ProjectId};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// So many times the rows of a table must have been turned away.
const TIMES: u64 = 4;

/// A collection whose sorted copies should be looked after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Its project.
    pub project: ProjectId,
    /// The collection.
    pub collection: CollectionId,
}

/// Wishes as they come.
pub struct WishList {
    wishes: Arc<Wishes>,
    receiver: UnboundedReceiver<Wish>,
}

impl WishList {
    /// Waits for the next wish; `None` when none can come any more.
    pub async fn next(&mut self) -> Option<Wish> {
        let wish = self.receiver.recv().await?;
        self.wishes.begun(&wish.collection);
        Some(wish)
    }

    /// The next wish, when there is one now.
    pub fn waiting(&mut self) -> Option<Wish> {
        let wish = self.receiver.try_recv().ok()?;
        self.wishes.begun(&wish.collection);
        Some(wish)
    }
}

/// What is wished for.
pub(crate) struct Wishes {
    /// Tables with fewer rows are quick enough; 0: none are sorted.
    rows_min: u64,
    counted: Mutex<HashMap<CollectionId, HashMap<usize, u64>>>,
    /// Versions that have all the copies they get: what more is turned away changes nothing.
    settled: Mutex<HashMap<CollectionId, u64>>,
    /// Wishes that were sent and not yet looked after.
    open: Mutex<HashSet<CollectionId>>,
    sender: UnboundedSender<Wish>,
    receiver: Mutex<Option<UnboundedReceiver<Wish>>>,
}

impl Wishes {
    pub(crate) fn new(rows_min: u64) -> Self {
        let (sender, receiver) = unbounded_channel();
        Self {
            rows_min,
            counted: Mutex::default(),
            settled: Mutex::default(),
            open: Mutex::default(),
            sender,
            receiver: Mutex::new(Some(receiver)),
        }
    }

    /// All wishes from now on; `None` when someone looks after them already.
    pub(crate) fn list(self: &Arc<Self>) -> Option<WishList> {
        let mut receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = receiver.take()?;
        Some(WishList {
            wishes: Arc::clone(self),
            receiver,
        })
    }

    /// Whether a table of so many rows gets copies.
    pub(crate) fn covers(&self, rows: u64) -> bool {
        self.rows_min > 0 && rows >= self.rows_min
    }

    /// Counts what a question to a version turned away.
    pub(crate) fn asked(&self, place: &Place, version: &TableVersion, predicate: &Predicate) {
        let (rows, away) = (version.rows(), predicate.turned_away());
        let is_settled = self.settled().get(&place.collection) == Some(&version.version);
        if away.is_empty() || is_settled || !self.covers(rows) {
            return;
        }
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let columns = counted.entry(place.collection.clone()).or_default();
        let mut enough = false;
        for (column, away) in away {
            let sum = columns.entry(column).or_default();
            *sum = sum.saturating_add(away);
            enough |= *sum >= rows.saturating_mul(TIMES);
        }
        drop(counted);
        if enough {
            self.wish(place);
        }
    }

    fn settled(&self) -> MutexGuard<'_, HashMap<CollectionId, u64>> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A version has all the copies it gets.
    pub(super) fn settle(&self, collection: &CollectionId, version: u64) {
        self.settled().insert(collection.clone(), version);
    }

    /// The columns, by their place in the table, that enough was turned away by. Counting begins anew.
    pub(super) fn take(&self, collection: &CollectionId, rows: u64) -> Vec<usize> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let columns = counted.remove(collection).unwrap_or_default();
        let mut columns: Vec<(u64, usize)> = columns
            .into_iter()
            .filter(|(_, away)| *away >= rows.saturating_mul(TIMES))
            .map(|(column, away)| (away, column))
            .collect();
        columns.sort_unstable_by(|a, b| b.cmp(a));
        columns.into_iter().map(|(_, column)| column).collect()
    }

    /// A collection has new files, or enough was counted for it.
    pub(crate) fn wish(&self, place: &Place) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.insert(place.collection.clone()) {
            // Without a listener nothing is sorted, and nothing waits for it.
            let _ = self.sender.send(Wish {
                project: place.project.clone(),
                collection: place.collection.clone(),
            });
        }
    }

    /// A wish is being looked after: the next one is another.
    fn begun(&self, collection: &CollectionId) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(collection);
    }

    pub(crate) fn forget(&self, collection: &CollectionId) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.remove(collection);
        self.settled().remove(collection);
    }
}
