//! What questions have cost since the start, for whoever watches the server.

use std::sync::atomic::{AtomicU64, Ordering};

/// What questions have cost since the start, and what is remembered of them now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueryLoad {
    /// Answers that were computed.
    pub computed: u64,
    /// Answers that were remembered, or computed for somebody else at the same time.
    pub remembered: u64,
    /// Rows of data files that were looked at: what statistics exclude is not among them.
    pub rows_read: u64,
    /// Bytes of data files that were read, footers included.
    pub bytes_read: u64,
    /// Answers held in memory.
    pub held: u64,
    /// Their bytes.
    pub held_bytes: u64,
}

/// Counts what questions cost.
#[derive(Debug, Default)]
pub(crate) struct Costs {
    computed: AtomicU64,
    remembered: AtomicU64,
    rows_read: AtomicU64,
    bytes_read: AtomicU64,
}

fn add(to: &AtomicU64, more: u64) {
    to.fetch_add(more, Ordering::Relaxed);
}

impl Costs {
    pub(super) fn computed(&self) {
        add(&self.computed, 1);
    }

    pub(super) fn remembered(&self) {
        add(&self.remembered, 1);
    }

    pub(super) fn rows(&self, read: u64) {
        add(&self.rows_read, read);
    }

    pub(super) fn bytes(&self, read: u64) {
        add(&self.bytes_read, read);
    }

    pub(crate) fn load(&self, held: u64, held_bytes: u64) -> QueryLoad {
        let now = |count: &AtomicU64| count.load(Ordering::Relaxed);
        QueryLoad {
            computed: now(&self.computed),
            remembered: now(&self.remembered),
            rows_read: now(&self.rows_read),
            bytes_read: now(&self.bytes_read),
            held,
            held_bytes,
        }
    }
}
