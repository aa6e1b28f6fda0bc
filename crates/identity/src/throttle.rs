//! Waits that grow with wrong passwords, for an account and for an address.
//!
//! Kept in memory: a guesser cannot make the server forget by any request, and a restart forgives.
//! Nothing is locked for ever: the longest wait is bounded, and failures are forgotten once the
//! longest wait has passed without another one.

use domain::Timestamp;
use domain::limits::IdentityLimits;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most accounts and addresses remembered; then what is oldest is dropped.
const REMEMBERED_MAX: usize = 100_000;

/// Whose failures are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Counted {
    /// By the digest of the e-mail, so that a made-up one counts as well and no list of them is kept.
    Account([u8; 32]),
    /// By IPv4 address, or the /64 that one customer gets of IPv6 (RFC 6177).
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u64,
    last: Timestamp,
}

/// The memory of failures.
pub(crate) struct Throttle {
    limits: IdentityLimits,
    failures: Mutex<HashMap<Counted, Failures>>,
}

impl Throttle {
    pub(crate) fn new(limits: IdentityLimits) -> Self {
        Self {
            limits,
            failures: Mutex::default(),
        }
    }

    /// How many seconds an attempt must wait; `None` when it may go on.
    pub(crate) fn wait_s(
        &self,
        email: &str,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Option<u64> {
        let failures = self.lock();
        counted(email, address)
            .filter_map(|whose| {
                let seen = failures.get(&whose)?;
                let passed = (now - seen.last).num_milliseconds();
                let left = self.wait_ms(&whose, seen.count).saturating_sub(passed);
                u64::try_from(left).ok().filter(|left| *left > 0)
            })
            .max()
            .map(|left| left.div_ceil(1_000))
    }

    /// Counts a wrong password.
    pub(crate) fn failed(&self, email: &str, address: Option<IpAddr>, now: Timestamp) {
        self.count(counted(email, address), now);
    }

    fn count(&self, whose: impl Iterator<Item = Counted>, now: Timestamp) {
        let mut failures = self.lock();
        if failures.len() >= REMEMBERED_MAX {
            let oldest_ms = i64::try_from(self.limits.login_wait_ms_max).unwrap_or(i64::MAX);
            failures.retain(|_, seen| (now - seen.last).num_milliseconds() < oldest_ms);
            if failures.len() >= REMEMBERED_MAX {
                // Somebody floods with made-up names. Their own address is over its limit by now.
                failures.retain(|whose, _| matches!(whose, Counted::Address(_)));
            }
        }
        for whose in whose {
            let seen = failures.entry(whose).or_insert(Failures {
                count: 0,
                last: now,
            });
            if self.is_forgotten(*seen, now) {
                seen.count = 0;
            }
            seen.count += 1;
            seen.last = now;
        }
    }

    /// How many seconds an address must wait, whatever account it asks for.
    pub(crate) fn address_wait_s(&self, address: IpAddr, now: Timestamp) -> Option<u64> {
        let seen = self.lock().get(&network(address)).copied()?;
        let passed = (now - seen.last).num_milliseconds();
        let left = self.wait_ms(&network(address), seen.count) - passed;
        u64::try_from(left)
            .ok()
            .filter(|left| *left > 0)
            .map(|left| left.div_ceil(1_000))
    }

    /// Counts something against an address alone.
    pub(crate) fn count_address(&self, address: IpAddr, now: Timestamp) {
        self.count(std::iter::once(network(address)), now);
    }

    /// Forgives an account its failures. Not the address: a guesser has an account of their own too.
    pub(crate) fn succeeded(&self, email: &str) {
        let mut failures = self.lock();
        for whose in counted(email, None) {
            failures.remove(&whose);
        }
    }

    fn is_forgotten(&self, seen: Failures, now: Timestamp) -> bool {
        let passed = u64::try_from((now - seen.last).num_milliseconds()).unwrap_or(0);
        passed >= self.limits.login_wait_ms_max
    }

    /// None up to the limit, then 1 s, doubled with each further failure, up to the longest wait.
    fn wait_ms(&self, whose: &Counted, count: u64) -> i64 {
        let free = match whose {
            Counted::Account(_) => self.limits.login_failures_account_max,
            Counted::Address(_) => self.limits.login_failures_address_max,
        };
        let Some(beyond) = count.checked_sub(free) else {
            return 0;
        };
        let wait = 1_000_u64.saturating_mul(1 << beyond.min(40));
        i64::try_from(wait.min(self.limits.login_wait_ms_max)).unwrap_or(i64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Counted, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn counted(email: &str, address: Option<IpAddr>) -> impl Iterator<Item = Counted> {
    let account = Counted::Account(keys::sha256(email.as_bytes()));
    std::iter::once(account).chain(address.map(network))
}

/// What one customer of a network has.
fn network(address: IpAddr) -> Counted {
    Counted::Address(match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Clock;
    use domain::time::ManualClock;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn an_account_waits_longer_and_longer_but_never_for_ever() {
        let (throttle, clock) = (
            Throttle::new(IdentityLimits::default()),
            ManualClock::default(),
        );
        let mut waits = Vec::new();
        for attempt in 0..40 {
            throttle.failed("a@b", address(attempt), clock.now());
            let wait = throttle.wait_s("a@b", None, clock.now());
            waits.push(wait.unwrap_or(0));
            let wait = i64::try_from(wait.unwrap_or(0)).unwrap();
            clock.advance(chrono::Duration::seconds(wait));
            assert_eq!(throttle.wait_s("a@b", None, clock.now()), None);
        }
        assert_eq!(&waits[..13], &[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(waits.iter().max(), Some(&900));
        // The longest wait without a failure forgives all.
        clock.advance(chrono::Duration::seconds(900));
        throttle.failed("a@b", None, clock.now());
        assert_eq!(throttle.wait_s("a@b", None, clock.now()), None);
    }

    #[test]
    fn one_account_does_not_stop_another_and_success_forgives() {
        let (throttle, now) = (
            Throttle::new(IdentityLimits::default()),
            ManualClock::default().now(),
        );
        for attempt in 0..12 {
            throttle.failed("a@b", address(attempt), now);
        }
        assert!(throttle.wait_s("a@b", address(99), now).is_some());
        assert_eq!(throttle.wait_s("c@d", address(1), now), None);
        throttle.succeeded("a@b");
        assert_eq!(throttle.wait_s("a@b", address(99), now), None);
    }

    #[test]
    fn an_address_that_tries_many_accounts_waits_and_success_does_not_forgive_it() {
        let (throttle, now) = (
            Throttle::new(IdentityLimits::default()),
            ManualClock::default().now(),
        );
        for attempt in 0..101 {
            throttle.failed(&format!("{attempt}@b"), address(1), now);
        }
        throttle.succeeded("0@b");
        assert_eq!(throttle.wait_s("new@b", address(1), now), Some(2));
        assert_eq!(throttle.wait_s("new@b", address(2), now), None);
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_count_as_one() {
        let (throttle, now) = (
            Throttle::new(IdentityLimits::default()),
            ManualClock::default().now(),
        );
        for attempt in 0..101_u16 {
            let from = IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, attempt]);
            throttle.failed(&format!("{attempt}@b"), Some(from), now);
        }
        let same = IpAddr::from([0x2001, 0xdb8, 0, 1, 9, 9, 9, 9]);
        let other = IpAddr::from([0x2001, 0xdb8, 0, 2, 0, 0, 0, 1]);
        assert!(throttle.wait_s("x@b", Some(same), now).is_some());
        assert_eq!(throttle.wait_s("x@b", Some(other), now), None);
    }
}
