//! Passwords: which ones are accepted, and how they are hashed, in a queue of their own.
//!
//! Hashing is slow and wants memory on purpose. On the runtime it would stop every other request,
//! and without a bound a burst of logins would take all memory: so one hash a core runs, a few wait.

use crate::common::is_common;
use crate::error::Unavailable;
use argon2::{Algorithm, Argon2, Params, Version};
use domain::Rng;
use domain::limits::IdentityLimits;
use keys::Secret;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most logins that wait for their hash. At 40 ms a hash the last one of a core waits some 4 s.
const WAITING_PER_CORE_MAX: usize = 100;

/// What one hash costs. The default is the first of OWASP's choices for Argon2id (Password Storage
/// Cheat Sheet): 19 MiB, two passes, one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for HashCost {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
        }
    }
}

/// Why a password is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too few or too many characters.
    #[error("a password has {min} to {max} characters")]
    Length {
        /// The fewest.
        min: u64,
        /// The most.
        max: u64,
    },
    /// One that very many people choose.
    #[error(
        "this password is one of those that are tried first: take several words that nobody expects together"
    )]
    Common,
    /// Too easy to guess.
    #[error("this password is too easy to guess{}{hint}", if hint.is_empty() { "" } else { ": " })]
    Weak {
        /// What would make it better.
        hint: String,
    },
}

/// A hash with all that is needed to check a password against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PasswordHash {
    pub(crate) cost: HashCost,
    salt: [u8; 16],
    hash: [u8; 32],
}

/// Checks length and strength; `known` is what an attacker would try first: address and name.
pub(crate) fn check_strength(
    password: &Secret<String>,
    known: &[&str],
    limits: &IdentityLimits,
) -> Result<(), PasswordError> {
    let (min, max) = (limits.password_chars_min, limits.password_chars_max);
    let length = u64::try_from(password.expose().chars().count()).unwrap_or(u64::MAX);
    if !(min..=max).contains(&length) {
        return Err(PasswordError::Length { min, max });
    }
    if is_common(password.expose()) {
        return Err(PasswordError::Common);
    }
    // The parts of an address and a name are as easy to guess as the whole.
    let separator = |c: char| !c.is_alphanumeric();
    let mut guesses = known.to_vec();
    guesses.extend(known.iter().flat_map(|text| text.split(separator)));
    guesses.retain(|text| !text.is_empty());
    guesses.push("depictio");
    let weak = [password.expose().clone(), joined(password.expose())]
        .iter()
        .map(|text| zxcvbn::zxcvbn(text, &guesses))
        .find(|entropy| entropy.score() < zxcvbn::Score::Two);
    let Some(weak) = weak else {
        return Ok(());
    };
    let hint = weak.feedback().map(|feedback| {
        let warning = feedback.warning().map(|warning| warning.to_string());
        let advice = feedback.suggestions().first().map(ToString::to_string);
        warning.or(advice).unwrap_or_default()
    });
    Err(PasswordError::Weak {
        hint: hint.unwrap_or_default(),
    })
}

/// The words of a password without the few signs between them: `ada-ada-ada` is no harder to guess than `adaadaada`.
/// As it is when signs are more of it than that.
fn joined(password: &str) -> String {
    let words: String = password.chars().filter(|c| c.is_alphanumeric()).collect();
    let (all, left) = (password.chars().count(), words.chars().count());
    if (all - left) * 4 <= all {
        words
    } else {
        password.to_owned()
    }
}

/// The queue in which hashes are made.
pub(crate) struct Hasher {
    running: Arc<Semaphore>,
    waiting: Semaphore,
    cost: HashCost,
    /// What a password is checked against when there is no account, so that it takes as long.
    nobody: PasswordHash,
}

/// A turn in the queue. Waiting and hashing are apart, so that a login can look again, when its
/// turn has come, whether it should still be tried.
pub(crate) struct Turn {
    _running: OwnedSemaphorePermit,
}

impl Hasher {
    pub(crate) fn new(cost: HashCost, rng: &dyn Rng) -> Result<Self, Unavailable> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let secret = Secret::new(keys::token(rng));
        Ok(Self {
            running: Arc::new(Semaphore::new(cores)),
            waiting: Semaphore::new(cores * WAITING_PER_CORE_MAX),
            cost,
            nobody: PasswordHash::make(&secret, cost, salt(rng))?,
        })
    }

    /// Waits for a turn; `None` when too many wait already.
    pub(crate) async fn turn(&self) -> Option<Turn> {
        let _waiting = self.waiting.try_acquire().ok()?;
        let turn = Arc::clone(&self.running).acquire_owned().await;
        turn.ok().map(|_running| Turn { _running })
    }

    /// Hashes a new password.
    pub(crate) async fn hash(
        &self,
        turn: Turn,
        password: Secret<String>,
        rng: &dyn Rng,
    ) -> Result<PasswordHash, Unavailable> {
        let (cost, salt) = (self.cost, salt(rng));
        let (hash, _turn) = apart(turn, move || PasswordHash::make(&password, cost, salt)).await?;
        hash
    }

    /// Whether a password is the one that was hashed. Without a hash it takes as long and is not.
    /// Gives the turn back, to be kept until a wrong password is counted: else those who wait
    /// would have their guesses before it is.
    pub(crate) async fn verify(
        &self,
        turn: Turn,
        password: Secret<String>,
        hash: Option<PasswordHash>,
    ) -> Result<(bool, Turn), Unavailable> {
        let somebody = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let (same, turn) = apart(turn, move || hash.matches(&password)).await?;
        Ok((same? && somebody, turn))
    }

    /// Whether a hash was made at a lower cost than today's. One that was made at a higher cost is
    /// kept: nothing is made easier to guess.
    pub(crate) fn is_outdated(&self, hash: &PasswordHash) -> bool {
        hash.cost.memory_kib < self.cost.memory_kib || hash.cost.passes < self.cost.passes
    }
}

async fn apart<T: Send + 'static>(
    turn: Turn,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<(T, Turn), Unavailable> {
    // The turn goes along: when whoever asked has gone, it ends with the work and not before.
    let task = tokio::task::spawn_blocking(move || (work(), turn));
    task.await.map_err(|_| Unavailable::Inside("hashing"))
}

fn salt(rng: &dyn Rng) -> [u8; 16] {
    let mut salt = [0; 16];
    rng.fill(&mut salt);
    salt
}

impl PasswordHash {
    fn make(
        password: &Secret<String>,
        cost: HashCost,
        salt: [u8; 16],
    ) -> Result<Self, Unavailable> {
        let hash = digest(password, cost, &salt)?;
        Ok(Self { cost, salt, hash })
    }

    fn matches(&self, password: &Secret<String>) -> Result<bool, Unavailable> {
        let hash = digest(password, self.cost, &self.salt)?;
        // Every byte is looked at, so that the time does not tell how many were right.
        let differences = hash
            .iter()
            .zip(&self.hash)
            .fold(0, |all, (a, b)| all | (a ^ b));
        Ok(std::hint::black_box(differences) == 0)
    }
}

fn digest(password: &Secret<String>, cost: HashCost, salt: &[u8]) -> Result<[u8; 32], Unavailable> {
    let failed = |_| Unavailable::Inside("Argon2");
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(failed)?;
    let mut out = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.expose().as_bytes(), salt, &mut out)
        .map_err(failed)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keys::SystemRng;

    const CHEAP: HashCost = HashCost {
        memory_kib: 64,
        passes: 1,
        lanes: 1,
    };

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_password_is_neither_short_nor_long_nor_easy() {
        let limits = IdentityLimits::default();
        let check = |text: &str| {
            check_strength(
                &secret(text),
                &["ada.lovelace@example.org", "Ada Lovelace"],
                &limits,
            )
        };
        let length = Err(PasswordError::Length { min: 8, max: 128 });
        assert_eq!(check("xK9#qLm"), length);
        assert_eq!(check(&"xK9#qLm ".repeat(17)), length);
        for common in ["password", "Qwertyuiop", "P@ssw0rd2024!", "sommer-2025"] {
            assert_eq!(check(common), Err(PasswordError::Common), "{common}");
        }
        for easy in [
            "12345678",
            "lovelace1",
            "ada.lovelace@example.org",
            "depictio1",
        ] {
            assert!(
                matches!(check(easy), Err(PasswordError::Weak { .. })),
                "{easy}"
            );
        }
        for good in ["correct horse battery", "ünïcödé-ist-gut", "v7Kq-2mRx"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[tokio::test]
    async fn only_the_password_matches_and_nothing_of_it_is_cut() {
        let hasher = Hasher::new(CHEAP, &SystemRng).unwrap();
        let long = "x".repeat(127);
        let turn = hasher.turn().await.unwrap();
        let hash = hasher
            .hash(turn, secret(&format!("{long}a")), &SystemRng)
            .await
            .unwrap();
        for (tried, same) in [
            (format!("{long}a"), true),
            (format!("{long}b"), false),
            (long, false),
        ] {
            let turn = hasher.turn().await.unwrap();
            let found = hasher
                .verify(turn, secret(&tried), Some(hash.clone()))
                .await
                .unwrap();
            assert_eq!(found.0, same);
        }
        let turn = hasher.turn().await.unwrap();
        assert!(
            !hasher
                .verify(turn, secret("anything"), None)
                .await
                .unwrap()
                .0
        );
    }

    #[tokio::test]
    async fn a_hash_is_made_anew_when_the_cost_has_risen_and_only_then() {
        let hasher = Hasher::new(CHEAP, &SystemRng).unwrap();
        let at = |memory_kib, passes| HashCost {
            memory_kib,
            passes,
            lanes: 1,
        };
        for (cost, outdated) in [
            (CHEAP, false),
            (at(32, 1), true),
            (at(32, 3), true),
            (at(128, 1), false),
            (at(64, 2), false),
        ] {
            let hash = PasswordHash::make(&secret("same"), cost, [1; 16]).unwrap();
            assert_eq!(hasher.is_outdated(&hash), outdated, "{cost:?}");
        }
    }

    #[test]
    fn the_default_cost_is_owasps() {
        let cost = HashCost::default();
        assert!(cost.memory_kib >= 19_456 && cost.passes >= 2 && cost.lanes == 1);
    }

    #[test]
    fn two_salts_make_two_hashes() {
        let one = PasswordHash::make(&secret("same"), CHEAP, [1; 16]).unwrap();
        let two = PasswordHash::make(&secret("same"), CHEAP, [2; 16]).unwrap();
        assert_ne!(one.hash, two.hash);
        assert!(one.matches(&secret("same")).unwrap() && two.matches(&secret("same")).unwrap());
    }
}
