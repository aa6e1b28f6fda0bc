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
}
