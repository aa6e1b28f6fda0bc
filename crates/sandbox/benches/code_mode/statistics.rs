//! Median, least and 95th percentile of a handful of times.

use std::time::Duration;

/// Times of one way of doing one thing.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The value that `share` of all are not above: 0.5 is the median, 0 the least.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort();
        let last = sorted.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        sorted
            .get(index)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }

    /// `median (least, 95 %)` in milliseconds.
    pub(crate) fn cell(&self) -> String {
        format!(
            "{:.1} ({:.1}, {:.1})",
            self.quantile(0.5),
            self.quantile(0.0),
            self.quantile(0.95)
        )
    }

    /// `median (from, to)` of how much longer each time is than its neighbour in the other list, in milliseconds.
    /// The median of many such runs lies between the two 95 times in 100, whatever the times' distribution.
    pub(crate) fn more_than(&self, other: &Self) -> String {
        let mut more: Vec<f64> = self
            .0
            .iter()
            .zip(&other.0)
            .map(|(one, two)| (one.as_secs_f64() - two.as_secs_f64()) * 1000.0)
            .collect();
        more.sort_by(f64::total_cmp);
        let count = more.len() as f64;
        let at = |place: f64| {
            let place = place.clamp(0.0, (count - 1.0).max(0.0)) as usize;
            more.get(place).copied().unwrap_or(f64::NAN)
        };
        let half = 1.96 * count.sqrt() / 2.0;
        format!(
            "{:+.1} ({:+.1}, {:+.1})",
            at(count / 2.0),
            at(count / 2.0 - half),
            at(count / 2.0 + half)
        )
    }
}
