//! How far a transfer is: one line of a terminal, written over and over, of which nothing is left at the end.

use super::shown;
use std::collections::VecDeque;
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;

/// How often the line is written.
const EVERY: Duration = Duration::from_millis(100);

/// The rate is that of the last three seconds: an average since the start hides that a transfer stands still.
const SAMPLES: usize = 30;

/// Does the work and, meanwhile, says how far it is when somebody sits at the terminal. The line is made of the bytes
/// moved so far and of the bytes a second.
pub(super) async fn shown_while<T>(
    moved: &AtomicU64,
    line: impl Fn(u64, u64) -> String,
    work: impl Future<Output = T>,
) -> T {
    if !std::io::stderr().is_terminal() {
        return work.await;
    }
    let _line = Line;
    let mut work = std::pin::pin!(work);
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rate = Rate::default();
    loop {
        tokio::select! {
            biased;
            done = work.as_mut() => return done,
            _ = ticks.tick() => {
                let so_far = moved.load(Ordering::Relaxed);
                write_over(&line(so_far, rate.at(so_far)));
            }
        }
    }
}

/// The line on the screen. It goes with whoever wrote it, also when that was stopped half-way.
struct Line;

impl Drop for Line {
    fn drop(&mut self) {
        write_over("");
    }
}

fn write_over(line: &str) {
    let mut terminal = std::io::stderr();
    let _ = write!(terminal, "\r\x1b[K{}", shown::line(line));
    let _ = terminal.flush();
}

#[derive(Default)]
struct Rate(VecDeque<(Instant, u64)>);

impl Rate {
    /// Bytes a second, now that so many were moved.
    fn at(&mut self, moved: u64) -> u64 {
        let now = Instant::now();
        self.0.push_back((now, moved));
        if self.0.len() > SAMPLES {
            self.0.pop_front();
        }
        let Some((since, before)) = self.0.front() else {
            return 0;
        };
        let millis = u64::try_from(now.duration_since(*since).as_millis()).unwrap_or(u64::MAX);
        let more = moved.saturating_sub(*before).saturating_mul(1_000);
        more.checked_div(millis).unwrap_or(0)
    }
}
