//! Signing in, and failing to.

use super::bench::{Bench, PASSWORD, from, secret};
use crate::{AuthError, HashCost, LoginError, TokenError, UserPatch};
use audit::{Detail, EventOutcome, Kind};
use domain::SystemRole;
use std::time::Instant;

fn is_bad_credentials<T>(result: &Result<T, LoginError>) -> bool {
    matches!(result, Err(LoginError::BadCredentials))
}

#[tokio::test]
async fn a_new_account_signs_in_at_once_and_its_token_says_who_it_is() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", SystemRole::User).await.unwrap();
    let signed_in = bench.login("ada", PASSWORD).await.unwrap();
    assert_eq!(
        (signed_in.expires_in_s, signed_in.session_expires_in_s),
        (1_800, 604_800)
    );
    let who = bench.who(&signed_in).await.unwrap();
    assert_eq!(
        (&who.user, who.session.as_ref()),
        (&ada, Some(&signed_in.session))
    );
    assert_eq!(who.caller.user(), Some(&ada.id));
    bench.wait(1_799);
    assert_eq!(bench.who(&signed_in).await.unwrap().expires_in_s, 1);
    bench.wait(1);
    let expired = bench.who(&signed_in).await;
    assert!(matches!(
        expired,
        Err(AuthError::Token(TokenError::Expired))
    ));
    // The address is one in whatever case it is typed.
    let device = from([192, 0, 2, 1]);
    let typed = bench
        .identity
        .login(" ADA@Example.org ", secret(PASSWORD), device)
        .await;
    assert_eq!(typed.unwrap().user, ada);
}

#[tokio::test]
async fn unknown_wrong_and_disabled_are_one_answer() {
    let bench = Bench::new().await;
    bench.add("ada", SystemRole::User).await.unwrap();
    let bob = bench.add("bob", SystemRole::User).await.unwrap();
    let disabled = UserPatch {
        disabled: Some(true),
        ..UserPatch::default()
    };
    bench.patch(&bob.id, disabled).await.unwrap();
    for (name, password) in [
        ("nobody", PASSWORD),
        ("ada", "correct horse batterx"),
        ("ada", ""),
        ("bob", PASSWORD),
        ("ada@example.org' OR 1=1 --", PASSWORD),
    ] {
        assert!(
            is_bad_credentials(&bench.login(name, password).await),
            "{name}"
        );
    }
    assert!(bench.login("ada", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn every_attempt_is_in_the_log_and_no_password_is() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", SystemRole::User).await.unwrap();
    let _ = bench.login("ada", "a wrong password 77").await;
    let _ = bench.login("nobody", "a wrong password 78").await;
    // A refusal is written within 50 ms, a change before it happens: wait, so that they are in order.
    bench.audit.flush().await.unwrap();
    let signed_in = bench.login("ada", PASSWORD).await.unwrap();
    let events = bench.events(Kind::Login).await;
    let outcomes: Vec<_> = events.iter().map(|event| event.outcome).collect();
    use EventOutcome::{Allowed, Denied, Done};
    assert_eq!(outcomes, [Denied, Denied, Allowed, Done]);
    assert_eq!(events[0].target.as_ref().unwrap().id, ada.id.to_string());
    assert_eq!(events[1].target, None);
    assert_eq!(events[3].intent.as_ref(), Some(&events[2].id));
    assert_eq!(events[2].actor.user(), Some(&ada.id));
    assert_eq!(
        events[2].target.as_ref().unwrap().id,
        signed_in.session.to_string()
    );
    let refused = Some("bad_credentials".to_owned());
    assert_eq!(
        events[0].detail,
        Detail::Login {
            method: "password".into(),
            refused
        }
    );
    let all = serde_json::to_string(&events).unwrap();
    for leak in [
        "wrong password",
        PASSWORD,
        signed_in.refresh_token.expose(),
        signed_in.access_token.expose(),
    ] {
        assert!(!all.contains(leak));
    }
}

#[tokio::test]
async fn guessing_slows_down_and_the_owner_gets_in_after_the_wait() {
    let bench = Bench::new().await;
    bench.add("ada", SystemRole::User).await.unwrap();
    bench.add("bob", SystemRole::User).await.unwrap();
    for _ in 0..10 {
        assert!(is_bad_credentials(&bench.login("ada", "guess").await));
    }
    // Even the right password waits, else the wait would tell nothing from a guess.
    let throttled = bench.login("ada", PASSWORD).await;
    assert!(matches!(
        throttled,
        Err(LoginError::Throttled { retry_after_s: 1 })
    ));
    assert!(
        bench.login("bob", PASSWORD).await.is_ok(),
        "another account is not touched"
    );
    bench.wait(1);
    assert!(bench.login("ada", PASSWORD).await.is_ok());
    // Unknown accounts are throttled alike, so that a wait does not tell that there is one.
    for _ in 0..10 {
        assert!(is_bad_credentials(&bench.login("nobody", "guess").await));
    }
    let throttled = bench.login("nobody", "guess").await;
    assert!(matches!(throttled, Err(LoginError::Throttled { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_guesses_at_once_are_no_way_past_the_wait() {
    let bench = Bench::new().await;
    bench.add("ada", SystemRole::User).await.unwrap();
    let tasks: Vec<_> = (0..150)
        .map(|_| {
            let identity = bench.identity.clone();
            let device = from([192, 0, 2, 1]);
            tokio::spawn(async move {
                identity
                    .login("ada@example.org", secret("guess"), device)
                    .await
                    .err()
            })
        })
        .collect();
    let mut tried = 0;
    for task in tasks {
        if let Some(LoginError::BadCredentials) = task.await.unwrap() {
            tried += 1;
        }
    }
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(
        (10..10 + cores).contains(&tried),
        "{tried} guesses were tried"
    );
}

#[tokio::test]
async fn an_unknown_address_takes_as_long_as_a_wrong_password() {
    // Long enough that the hash outweighs all else by far.
    let bench = Bench::with_cost(HashCost {
        memory_kib: 8_192,
        passes: 2,
        lanes: 1,
    })
    .await;
    bench.add("ada", SystemRole::User).await.unwrap();
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..8 {
        for (name, times) in ["ada".to_owned(), format!("nobody{round}")]
            .iter()
            .zip(&mut times)
        {
            let start = Instant::now();
            let _ = bench.login(name, "guess").await;
            times.push(start.elapsed());
        }
    }
    // The fastest of several is what the work itself takes, whatever else the machine does.
    let [known, unknown] = times.map(|times| times.into_iter().min().unwrap().as_secs_f64());
    assert!(
        (0.5..2.0).contains(&(unknown / known)),
        "{known} against {unknown}"
    );
}

#[tokio::test]
async fn a_raised_cost_reaches_old_hashes_at_the_next_login() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", SystemRole::User).await.unwrap();
    let key = domain::key::Key::new().id(&ada.id);
    let read = || bench.documents.get::<crate::documents::Credentials>(&key);
    let mut old = read().await.unwrap().unwrap();
    // As an earlier version with cheaper hashes would have left it.
    let hasher = crate::password::Hasher::new(
        HashCost {
            memory_kib: 32,
            passes: 1,
            lanes: 1,
        },
        &keys::SystemRng,
    )
    .unwrap();
    let turn = hasher.turn().await.unwrap();
    old.value.password = hasher
        .hash(turn, secret(PASSWORD), &keys::SystemRng)
        .await
        .unwrap();
    bench
        .documents
        .replace(&old.value, old.revision)
        .await
        .unwrap();

    let signed_in = bench.login("ada", PASSWORD).await.unwrap();
    assert_eq!(
        read()
            .await
            .unwrap()
            .unwrap()
            .value
            .password
            .cost
            .memory_kib,
        64
    );
    assert!(
        bench.is_live(&signed_in).await,
        "a new hash of the same password ends nothing"
    );
    assert!(bench.login("ada", PASSWORD).await.is_ok());
}
