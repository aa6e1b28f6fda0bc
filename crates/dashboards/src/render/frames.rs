//! Data frames for code: sealed once, shared by every run on the same rows, and never more than fits.
//!
//! A version never changes, so a frame is named by the collection, the version, the filters and the columns.
//! Whoever gets here has shown a permit for the collection, as for a result. Sealed memory cannot be written by
//! anyone, so runs of different people share it without seeing each other.

use super::cache::Identity;
use super::line::Failure;
use moka::future::Cache;
use sandbox::Frame;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// A frame that nobody used for so long is given up, however much room there is.
const IDLE: Duration = Duration::from_secs(300);
/// How long a frame that does not fit waits before the cache is looked after again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Frames made at one time, each as large as one frame may be until it is known how large it is.
const MAKING_MAX: usize = 2;

/// A frame and how many rows it has. It counts against the room while anybody holds it.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) frame: Frame,
    pub(super) rows: u64,
    room: Weak<Room>,
}

impl Drop for Sealed {
    fn drop(&mut self) {
        if let Some(room) = self.room.upgrade() {
            *room.used.lock().unwrap_or_else(PoisonError::into_inner) -= self.frame.bytes();
            room.freed.notify_waiters();
        }
    }
}

/// Memory that all frames together may take.
#[derive(Debug)]
struct Room {
    bytes_max: u64,
    used: Mutex<u64>,
    freed: Notify,
}

impl Room {
    /// Takes so much, unless it is not there. A frame alone always fits.
    fn take(&self, bytes: u64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = *used == 0 || used.saturating_add(bytes) <= self.bytes_max;
        if fits {
            *used += bytes;
        }
        fits
    }
}

/// A frame as the cache holds it. The cache lets go of what it has evicted when it gets round to it; the memory is
/// given back at once, by emptying this.
#[derive(Debug, Clone)]
struct Kept {
    sealed: Arc<Mutex<Option<Arc<Sealed>>>>,
    bytes: u32,
}

impl Kept {
    fn new(sealed: Arc<Sealed>) -> Self {
        Self {
            bytes: u32::try_from(sealed.frame.bytes()).unwrap_or(u32::MAX),
            sealed: Arc::new(Mutex::new(Some(sealed))),
        }
    }

    fn get(&self) -> Option<Arc<Sealed>> {
        let sealed = self.sealed.lock().unwrap_or_else(PoisonError::into_inner);
        sealed.clone()
    }

    fn empty(&self) {
        let sealed = self
            .sealed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(sealed);
    }
}

/// The frames.
#[derive(Debug)]
pub(super) struct Frames {
    kept: Cache<Identity, Kept>,
    /// Whether any is kept: a cache of no size holds back what went through it, and evicts nothing.
    keeps: bool,
    room: Arc<Room>,
    making: tokio::sync::Semaphore,
}

impl Frames {
    /// Keeps frames of `kept_bytes_max`, and lets those in use take `used_bytes_max` beyond.
    pub(super) fn new(kept_bytes_max: u64, used_bytes_max: u64) -> Self {
        let kept = Cache::builder()
            .max_capacity(kept_bytes_max)
            .weigher(|_, kept: &Kept| kept.bytes)
            .eviction_listener(|_, kept: Kept, _| kept.empty())
            .time_to_idle(IDLE)
            .build();
        Self {
            kept,
            keeps: kept_bytes_max > 0,
            room: Arc::new(Room {
                bytes_max: kept_bytes_max.saturating_add(used_bytes_max),
                used: Mutex::new(0),
                freed: Notify::new(),
            }),
            making: tokio::sync::Semaphore::new(MAKING_MAX),
        }
    }

    /// The frame, made when it is not there, and whether it was. Who asks for the same at the same time waits for
    /// the one that makes it; a failure is not kept.
    pub(super) async fn get<F>(
        &self,
        identity: Identity,
        make: impl Fn() -> F,
    ) -> Result<(Arc<Sealed>, bool), Failure>
    where
        F: Future<Output = Result<(Frame, u64), Failure>>,
    {
        loop {
            let own = Mutex::new(None);
            let entry = self.kept.entry(identity).or_try_insert_with(async {
                let sealed = self.sealed(make()).await?;
                *own.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&sealed));
                Ok::<_, Failure>(Kept::new(sealed))
            });
            let entry = entry
                .await
                .map_err(|error: Arc<Failure>| Failure::clone(&error))?;
            let own = own.into_inner().unwrap_or_else(PoisonError::into_inner);
            if let Some(sealed) = own {
                if !self.keeps {
                    entry.value().empty();
                }
                return Ok((sealed, false));
            }
            // Evicted since: made again, by us.
            if let Some(sealed) = entry.into_value().get() {
                return Ok((sealed, true));
            }
        }
    }

    async fn sealed(
        &self,
        make: impl Future<Output = Result<(Frame, u64), Failure>>,
    ) -> Result<Arc<Sealed>, Failure> {
        let _turn = self
            .making
            .acquire()
            .await
            .map_err(|error| super::ask::broken(&error, "no data frame can be made"))?;
        let (frame, rows) = make.await?;
        loop {
            let freed = self.room.freed.notified();
            tokio::pin!(freed);
            // Registered before looking, so that what is freed in between is not missed.
            freed.as_mut().enable();
            if self.room.take(frame.bytes()) {
                break;
            }
            // The cache gives up what is too much when it is looked after, which is now; it may take as much
            // as it keeps beside what is in use, so what it keeps is no reason to wait for ever.
            self.kept.run_pending_tasks().await;
            if self.room.take(frame.bytes()) {
                break;
            }
            let _ = tokio::time::timeout(LOOK_AGAIN, freed).await;
        }
        Ok(Arc::new(Sealed {
            frame,
            rows,
            room: Arc::downgrade(&self.room),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tables::arrow::array::{Int64Array, RecordBatch};
    use tables::arrow::datatypes::{DataType, Field, Schema};

    fn identity(part: &str) -> Identity {
        let id = format!("col_{}", "1".repeat(32)).parse().unwrap();
        Identity::of("frame", &id, 1, &part).unwrap()
    }

    fn frame(rows: i64) -> Frame {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]));
        let column = Arc::new(Int64Array::from_iter_values(0..rows));
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).unwrap();
        Frame::seal(&schema, &[batch]).unwrap()
    }

    fn used(frames: &Frames) -> u64 {
        *frames.room.used.lock().unwrap()
    }

    #[tokio::test]
    async fn a_frame_is_made_once_for_all_who_ask_at_once() {
        let frames = Frames::new(1 << 20, 1 << 20);
        let made = AtomicU32::new(0);
        let ask = || {
            frames.get(identity("a"), || async {
                made.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok((frame(10), 10))
            })
        };
        let all = futures::future::join_all((0..8).map(|_| ask())).await;
        let kept = all.iter().filter(|one| one.as_ref().unwrap().1).count();
        assert_eq!((made.load(Ordering::SeqCst), kept), (1, 7));
        assert_eq!(all[0].as_ref().unwrap().0.rows, 10);
        let other = frames
            .get(identity("b"), || async { Ok((frame(1), 1)) })
            .await;
        assert!(!other.unwrap().1, "another question is another frame");
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let frames = Frames::new(1 << 20, 1 << 20);
        let failed = frames
            .get(identity("a"), || async { Err(Failure::TooSlow) })
            .await;
        assert!(matches!(failed, Err(Failure::TooSlow)));
        let good = frames
            .get(identity("a"), || async { Ok((frame(1), 1)) })
            .await;
        assert!(!good.unwrap().1);
    }

    #[tokio::test]
    async fn frames_that_do_not_fit_wait_until_others_have_gone() {
        let size = frame(1_000).bytes();
        let frames = Arc::new(Frames::new(0, size * 2));
        let first = frames
            .get(identity("a"), || async { Ok((frame(1_000), 1)) })
            .await;
        let second = frames
            .get(identity("b"), || async { Ok((frame(1_000), 1)) })
            .await;
        let (first, second) = (first.unwrap().0, second.unwrap().0);
        let third = tokio::spawn({
            let frames = Arc::clone(&frames);
            async move {
                let made = frames.get(identity("c"), || async { Ok((frame(1_000), 1)) });
                made.await.unwrap().0
            }
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!third.is_finished(), "there is no room for a third");
        drop(first);
        let third = tokio::time::timeout(Duration::from_secs(5), third).await;
        let third = third.unwrap().unwrap();
        drop((second, third));
        frames.kept.run_pending_tasks().await;
        assert_eq!(used(&frames), 0, "what is gone takes no room");
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_by_bytes() {
        let size = frame(1_000).bytes();
        let frames = Frames::new(size * 2, size * 10);
        for n in 0..6 {
            let made = frames.get(identity(&n.to_string()), || async { Ok((frame(1_000), 1)) });
            drop(made.await.unwrap());
        }
        frames.kept.run_pending_tasks().await;
        assert!(used(&frames) <= size * 2, "{} of {}", used(&frames), size);
    }
}
