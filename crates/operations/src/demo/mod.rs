//! The demo: two projects made at the first start, through the same gate as everyone's.
//!
//! "Palmer penguins" is real data. "Synthetic study" is large and says that nobody measured it; it is
//! made in the background with its progress shown.

mod boards;
mod make;
mod numbers;
pub mod reference;

pub use make::{Stage, make};

use std::sync::{Arc, Mutex, PoisonError};

/// How far the demo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoState {
    /// No demo was asked for.
    None,
    /// It is being made.
    Running,
    /// It is there.
    Done,
    /// It could not be made; the log says why.
    Failed,
}

/// Progress of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoProgress {
    /// How far it is.
    pub state: DemoState,
    /// Rows made so far.
    pub rows_done: u64,
    /// Rows it will have.
    pub rows_total: u64,
}

/// The progress, shared between who makes the demo and who shows it.
#[derive(Debug, Clone)]
pub struct Progress(Arc<Mutex<DemoProgress>>);

impl Default for Progress {
    fn default() -> Self {
        let none = DemoProgress {
            state: DemoState::None,
            rows_done: 0,
            rows_total: 0,
        };
        Self(Arc::new(Mutex::new(none)))
    }
}

impl Progress {
    /// How far it is.
    #[must_use]
    pub fn now(&self) -> DemoProgress {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, progress: DemoProgress) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}
