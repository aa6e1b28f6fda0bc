//! Time and randomness as parameters, so that every rule that depends on them can be tested.

use std::sync::Mutex;

/// A moment in UTC, to the microsecond.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// Where the present comes from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Where unpredictable bytes come from.
pub trait Rng: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// A clock that stands still until it is told to move. For tests of what time does.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl Default for ManualClock {
    fn default() -> Self {
        Self(Mutex::new(chrono::DateTime::from_timestamp_nanos(
            1_790_000_000_000_000_000,
        )))
    }
}

impl ManualClock {
    /// Moves the present forward.
    pub fn advance(&self, by: chrono::Duration) {
        let mut now = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *now += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Bytes that never repeat and can be foreseen. For tests, and for nothing that must stay secret.
#[derive(Debug, Default)]
pub struct CountingRng(std::sync::atomic::AtomicU64);

impl Rng for CountingRng {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let count = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            // An odd multiplier spreads the count over all eight bytes (Knuth, TAOCP 3.3.4).
            let spread = count
                .wrapping_add(1)
                .wrapping_mul(6_364_136_223_846_793_005);
            for (to, from) in chunk.iter_mut().zip(spread.to_be_bytes()) {
                *to = from;
            }
        }
    }
}
