//! Which versions of a table are kept: the latest so many, and those that a dashboard shows.
//!
//! A version leaves in two steps. First it is offered no longer; its files stay for a while, so that whoever is
//! reading it comes to an end, and a dashboard that was pinned to it at the same moment gets it back. Then its
//! files go, and it never comes back.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Versions that follow each other, both ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first one.
    pub from: u64,
    /// The last one.
    pub to: u64,
}

impl Span {
    fn holds(self, version: u64) -> bool {
        (self.from..=self.to).contains(&version)
    }
}

/// Versions that are offered no longer and whose files are still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// Which.
    pub versions: Span,
    /// Since when.
    pub since: Timestamp,
}

/// What a collection keeps of its history, and what is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// How many of the latest versions are kept; all when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<u64>,
    /// What is about to go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaving: Vec<Leaving>,
    /// What is gone, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Span>,
}

impl Retention {
    /// All versions are kept, and none was removed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keep.is_none() && self.leaving.is_empty() && self.removed.is_empty()
    }

    /// Whether a version can be asked for.
    #[must_use]
    pub fn offers(&self, version: u64) -> bool {
        !self.is_removed(version) && !self.leaving.iter().any(|it| it.versions.holds(version))
    }

    /// Whether a version's files are gone, or are going.
    #[must_use]
    pub fn is_removed(&self, version: u64) -> bool {
        self.removed.iter().any(|span| span.holds(version))
    }

    /// The last version that is beyond what is kept; 0 when none is.
    fn beyond(&self, latest: u64) -> u64 {
        self.keep
            .map_or(0, |keep| latest.saturating_sub(keep.max(1)))
    }

    /// Offers no longer what is beyond the policy and not pinned, and offers again what was leaving and is now kept.
    pub fn leave(&mut self, latest: u64, pinned: &BTreeSet<u64>, now: Timestamp) {
        let last = self.beyond(latest);
        self.leaving = self.still_leaving(last, pinned);
        let going = (1..=last).filter(|version| self.offers(*version) && !pinned.contains(version));
        let going = spans(going).into_iter();
        let going: Vec<_> = going
            .map(|versions| Leaving {
                versions,
                since: now,
            })
            .collect();
        self.leaving.extend(going);
    }

    /// Removes for good what has been leaving since `before` or longer and is pinned by nobody.
    pub fn settle(&mut self, latest: u64, pinned: &BTreeSet<u64>, before: Timestamp) {
        let leaving = self.still_leaving(self.beyond(latest), pinned);
        let (gone, stay): (Vec<_>, Vec<_>) = leaving.into_iter().partition(|it| it.since <= before);
        self.leaving = stay;
        let gone = gone.into_iter().map(|it| it.versions);
        let gone = gone.chain(std::mem::take(&mut self.removed));
        let gone: BTreeSet<u64> = gone.flat_map(|span| span.from..=span.to).collect();
        self.removed = spans(gone.into_iter());
    }

    /// What is removed now and was not `before`.
    #[must_use]
    pub fn removed_since(&self, before: &Self) -> Vec<Span> {
        let now = self.removed.iter().flat_map(|span| span.from..=span.to);
        spans(now.filter(|version| !before.is_removed(*version)))
    }

    fn still_leaving(&self, last: u64, pinned: &BTreeSet<u64>) -> Vec<Leaving> {
        let still = self.leaving.iter().flat_map(|leaving| {
            let versions = leaving.versions.from..=leaving.versions.to;
            let go = versions.filter(|version| *version <= last && !pinned.contains(version));
            let since = leaving.since;
            spans(go)
                .into_iter()
                .map(move |versions| Leaving { versions, since })
        });
        still.collect()
    }
}

/// Numbers in order, as spans.
fn spans(numbers: impl Iterator<Item = u64>) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for number in numbers {
        match found.last_mut() {
            Some(span) if span.to + 1 == number => span.to = number,
            _ => found.push(Span {
                from: number,
                to: number,
            }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(second, 0).unwrap()
    }

    fn offered(retention: &Retention, latest: u64) -> Vec<u64> {
        (1..=latest)
            .filter(|version| retention.offers(*version))
            .collect()
    }

    #[test]
    fn the_latest_and_the_pinned_stay_and_the_rest_goes_in_two_steps() {
        let mut retention = Retention {
            keep: Some(2),
            ..Retention::default()
        };
        let pinned = BTreeSet::from([2]);
        retention.leave(6, &pinned, at(10));
        assert_eq!(offered(&retention, 6), [2, 5, 6]);
        assert!(retention.removed.is_empty());
        retention.settle(6, &pinned, at(9));
        assert!(retention.removed.is_empty(), "not yet");
        // A dashboard was pinned to version 3 in the meantime.
        retention.settle(6, &BTreeSet::from([2, 3]), at(10));
        assert_eq!(offered(&retention, 6), [2, 3, 5, 6]);
        assert_eq!(
            retention.removed,
            [Span { from: 1, to: 1 }, Span { from: 4, to: 4 }]
        );
        // Who keeps all again gets back what is not gone.
        retention.leave(7, &BTreeSet::new(), at(20));
        assert_eq!(offered(&retention, 7), [6, 7]);
        retention.keep = None;
        retention.leave(7, &BTreeSet::new(), at(21));
        assert_eq!(offered(&retention, 7), [2, 3, 5, 6, 7]);
    }

    proptest! {
        #[test]
        fn nothing_kept_or_pinned_is_ever_removed_and_what_is_removed_stays_removed(
            steps in proptest::collection::vec((0_u64..4, proptest::option::of(1_u64..6), proptest::collection::btree_set(1_u64..20, 0..4)), 1..12),
        ) {
            let (mut retention, mut latest) = (Retention::default(), 1);
            for (now, (uploads, keep, pinned)) in (0_i64..).zip(steps) {
                latest += uploads;
                retention.keep = keep;
                let before = retention.clone();
                retention.leave(latest, &pinned, at(now));
                retention.settle(latest, &pinned, at(now - 1));
                for version in 1..=latest {
                    let kept = keep.is_none_or(|keep| version + keep > latest);
                    if before.is_removed(version) {
                        prop_assert!(retention.is_removed(version));
                    } else {
                        prop_assert_eq!(retention.offers(version), kept || pinned.contains(&version));
                    }
                }
            }
        }
    }
}
