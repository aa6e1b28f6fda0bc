//! The one place where the present enters the program.

use domain::{Clock, Timestamp};

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the wiring hands the present to everything else"
    )]
    fn now(&self) -> Timestamp {
        use chrono::SubsecRound as _;
        // Microseconds are what documents, keys and tables keep.
        chrono::Utc::now().trunc_subsecs(6)
    }
}
