//! How many access tokens one core verifies in a second: the signature alone, and with the liveness of the session and
//! the account, read from an encrypted SQLite store at each. Prints a table of `docs/SPECIFICATION.md`.

use access::{Caller, Guard, Origin};
use audit::{Audit, AuditSettings, Detail};
use domain::action::ManageUsers;
use domain::limits::{AuditLimits, IdentityLimits};
use domain::time::ManualClock;
use domain::{Clock, Registration};
use identity::{AuthError, Device, HashCost, Identity, IdentitySettings, TokenError, TokenKeys};
use keys::{Secret, SigningKey, SystemRng, TokenAlgorithm};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::sqlite::{self, SqliteSettings};

type Fallible<T> = Result<T, Box<dyn Error>>;

const EMAIL: &str = "admin@example.org";
const PASSWORD: &str = "correct-horse-battery-41";
/// Tokens of one round.
const TOKENS: u32 = 5_000;
/// Rounds in turn; the middle one of each kind counts.
const ROUNDS: usize = 5;

/// One thread, so that a second of time is a second of one core.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Fallible<()> {
    println!("\n| access tokens verified on one core | a second |\n|---|---|");
    for algorithm in [TokenAlgorithm::Rs256, TokenAlgorithm::EdDsa] {
        measure(algorithm).await?;
    }
    Ok(())
}

async fn measure(algorithm: TokenAlgorithm) -> Fallible<()> {
    let folder = tempfile::tempdir()?;
    let (identity, guard, clock) = house(folder.path(), algorithm).await?;
    let permit = guard.on_system::<ManageUsers>(&Caller::operator())?;
    let within = identity.clone();
    permit
        .act(None, Detail::None, |act| async move {
            let password = Secret::new(PASSWORD.to_owned());
            within.first_admin(&act, EMAIL, Some(password)).await
        })
        .await?;
    let password = Secret::new(PASSWORD.to_owned());
    let session = identity.login(EMAIL, password, Device::default()).await?;
    let token = session.access_token.expose();

    let (mut whole, mut signatures) = (Vec::new(), Vec::new());
    // Long after its end a token is refused, but not before its signature was verified; and nothing is read for it.
    let life = Duration::from_secs(session.expires_in_s + 60);
    let life = chrono::Duration::from_std(life)?;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for _ in 0..TOKENS {
            identity.authenticate(token, Origin::default()).await?;
        }
        whole.push(began.elapsed());
        clock.advance(life);
        let began = Instant::now();
        for _ in 0..TOKENS {
            match identity.authenticate(token, Origin::default()).await {
                Err(AuthError::Token(TokenError::Expired)) => {}
                other => return Err(format!("an expired token: {other:?}").into()),
            }
        }
        signatures.push(began.elapsed());
        clock.advance(-life);
    }
    let name = algorithm.as_str();
    println!("| {name}, the signature alone | {:.0} |", rate(signatures));
    println!(
        "| {name}, session and account read too | {:.0} |",
        rate(whole)
    );
    Ok(())
}

fn rate(mut rounds: Vec<Duration>) -> f64 {
    rounds.sort_unstable();
    let middle = rounds.get(rounds.len() / 2).map(Duration::as_secs_f64);
    f64::from(TOKENS) / middle.unwrap_or(f64::NAN)
}

async fn house(
    folder: &std::path::Path,
    algorithm: TokenAlgorithm,
) -> Fallible<(Identity, Guard, Arc<ManualClock>)> {
    let (documents, journal) = sqlite::open(SqliteSettings {
        path_documents: folder.join("documents.db"),
        path_journal: folder.join("audit.db"),
        key: &Secret::new([7; 32]),
        readers: 2,
    })
    .await?;
    let clock = Arc::new(ManualClock::default());
    let rng = Arc::new(SystemRng);
    let audit = Audit::start(AuditSettings {
        journal,
        limits: AuditLimits::default(),
        enabled: true,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        rng: Arc::clone(&rng) as Arc<dyn domain::Rng>,
    })
    .await?;
    let guard = Guard::new(
        documents.clone(),
        audit.clone(),
        Arc::clone(&clock) as Arc<dyn Clock>,
        Arc::clone(&rng) as Arc<dyn domain::Rng>,
    );
    let identity = Identity::new(IdentitySettings {
        documents,
        audit,
        guard: guard.clone(),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        rng,
        keys: TokenKeys::new(&SigningKey::generate(algorithm)?, &[])?,
        issuer: "https://depictio.example".to_owned(),
        access_token_minutes: 30,
        refresh_token_days: 7,
        registration: Registration::Closed,
        hash_cost: HashCost::default(),
        limits: IdentityLimits::default(),
    })?;
    Ok((identity, guard, clock))
}
