//! Refreshing: honest races win, thieves end the session.

use super::bench::{Bench, PASSWORD, from, secret, signing_key};
use crate::documents::{RefreshToken, Session};
use crate::{RefreshError, SignedIn, TokenKeys};
use audit::{EventOutcome, Kind};
use domain::SystemRole;
use keys::{SigningKey, TokenAlgorithm};
use std::sync::Arc;
use store::{Key, PRIMARY};
use tokio::sync::Barrier;

fn is_refused(result: &Result<SignedIn, RefreshError>) -> bool {
    matches!(result, Err(RefreshError::InvalidGrant))
}

async fn signed_in(bench: &Bench) -> SignedIn {
    bench.add("ada", SystemRole::User).await.unwrap();
    bench.login("ada", PASSWORD).await.unwrap()
}

#[tokio::test]
async fn a_refresh_brings_a_new_pair_of_the_same_session() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    bench.wait(1_800);
    assert!(bench.who(&first).await.is_err());
    let second = bench.refresh(first.refresh_token.expose()).await.unwrap();
    assert_eq!(second.session, first.session);
    assert_ne!(second.refresh_token.expose(), first.refresh_token.expose());
    assert!(bench.is_live(&second).await);
    let events = bench.events(Kind::Refresh).await;
    let outcomes: Vec<_> = events.iter().map(|event| event.outcome).collect();
    assert_eq!(outcomes, [EventOutcome::Allowed, EventOutcome::Done]);
}

#[tokio::test]
async fn a_session_ends_at_its_time_however_often_it_is_refreshed() {
    let bench = Bench::new().await;
    let mut latest = signed_in(&bench).await;
    for _ in 0..7 {
        bench.wait(24 * 3_600 - 60);
        latest = bench.refresh(latest.refresh_token.expose()).await.unwrap();
    }
    // No access token outlives the session either.
    assert_eq!(
        (latest.session_expires_in_s, latest.expires_in_s),
        (420, 420)
    );
    bench.wait(420);
    assert!(is_refused(
        &bench.refresh(latest.refresh_token.expose()).await
    ));
    assert!(bench.who(&latest).await.is_err());
    // The next login sweeps what has expired.
    bench.wait(1);
    bench.login("ada", PASSWORD).await.unwrap();
    let all = Key::new();
    assert_eq!(bench.documents.count::<Session>(PRIMARY, &all).await, Ok(1));
    assert_eq!(
        bench.documents.count::<RefreshToken>(PRIMARY, &all).await,
        Ok(1)
    );
}

#[tokio::test]
async fn a_spent_token_ends_the_session_and_writes_it_down() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    let other = bench.login("ada", PASSWORD).await.unwrap();
    let second = bench.refresh(first.refresh_token.expose()).await.unwrap();
    bench.wait(11);
    assert!(bench.is_live(&second).await);
    assert!(is_refused(
        &bench.refresh(first.refresh_token.expose()).await
    ));
    assert!(
        !bench.is_live(&second).await,
        "the thief's or the owner's: both end"
    );
    assert!(!bench.is_live(&first).await);
    assert!(is_refused(
        &bench.refresh(second.refresh_token.expose()).await
    ));
    assert!(
        bench.is_live(&other).await,
        "another session of the same person goes on"
    );
    let events = bench.events(Kind::Reuse).await;
    assert_eq!(events.len(), 2);
    assert_eq!(
        events[0].target.as_ref().unwrap().id,
        first.session.to_string()
    );
    assert_eq!(events[0].origin.address, Some([192, 0, 2, 2].into()));
}

#[tokio::test]
async fn an_older_ancestor_ends_the_session_too() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    let mut latest = bench.refresh(first.refresh_token.expose()).await.unwrap();
    for _ in 0..3 {
        bench.wait(1_000);
        latest = bench.refresh(latest.refresh_token.expose()).await.unwrap();
    }
    assert!(is_refused(
        &bench.refresh(first.refresh_token.expose()).await
    ));
    assert!(!bench.is_live(&latest).await);
}

#[tokio::test]
async fn within_the_grace_a_second_tab_gets_its_own_pair_and_both_go_on() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    let one = bench.refresh(first.refresh_token.expose()).await.unwrap();
    bench.wait(10);
    let two = bench.refresh(first.refresh_token.expose()).await.unwrap();
    assert_eq!(
        (&one.session, &two.session),
        (&first.session, &first.session)
    );
    // Long after the grace both tabs still refresh: neither looks like a thief to the other.
    for mut tab in [one, two] {
        for _ in 0..2 {
            bench.wait(1_700);
            tab = bench.refresh(tab.refresh_token.expose()).await.unwrap();
            assert!(bench.is_live(&tab).await);
        }
    }
}

#[tokio::test]
async fn the_grace_is_for_the_token_just_replaced_and_no_older_one() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    let second = bench.refresh(first.refresh_token.expose()).await.unwrap();
    let third = bench.refresh(second.refresh_token.expose()).await.unwrap();
    bench.wait(1);
    // The one before the last may still be under way: a lost answer, another tab.
    let fourth = bench.refresh(second.refresh_token.expose()).await.unwrap();
    assert!(bench.is_live(&third).await && bench.is_live(&fourth).await);
    // The one before that is known to have been received, since what came of it was used.
    assert!(is_refused(
        &bench.refresh(first.refresh_token.expose()).await
    ));
    for pair in [&second, &third, &fourth] {
        assert!(!bench.is_live(pair).await);
    }
    assert_eq!(bench.events(Kind::Reuse).await.len(), 2);
}

#[tokio::test]
async fn the_grace_brings_no_ended_session_back() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    let second = bench.refresh(first.refresh_token.expose()).await.unwrap();
    let who = bench.who(&second).await.unwrap();
    bench.identity.logout(&who).await.unwrap();
    for token in [&first, &second] {
        assert!(is_refused(
            &bench.refresh(token.refresh_token.expose()).await
        ));
        assert!(!bench.is_live(token).await);
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused_and_written_down() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    let long = "x".repeat(100_000);
    let access = first.access_token.expose().clone();
    let made_up = keys::token(&keys::SystemRng);
    for text in ["", " ", "null", "../..", &long, &access, &made_up, "\0"] {
        assert!(is_refused(&bench.refresh(text).await));
    }
    assert!(bench.is_live(&first).await);
    let events = bench.events(Kind::Refresh).await;
    assert_eq!(
        events
            .iter()
            .filter(|event| event.outcome == EventOutcome::Denied)
            .count(),
        8
    );
}

#[tokio::test]
async fn the_store_holds_no_token_in_clear() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    let sha256 = keys::sha256(first.refresh_token.expose().as_bytes());
    let stored = bench
        .documents
        .find::<RefreshToken>("sha256", &RefreshToken::at(&sha256))
        .await;
    let json = serde_json::to_string(&stored.unwrap().unwrap().value).unwrap();
    assert!(!json.contains(first.refresh_token.expose()));
}

#[tokio::test]
async fn rotating_the_keys_ends_no_session_and_fails_no_request() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    let next = SigningKey::generate(TokenAlgorithm::Rs256).unwrap();
    let both = TokenKeys::new(&next, &[signing_key().public().clone()]).unwrap();
    bench.identity.rotate_keys(both);
    assert_eq!(bench.identity.public_keys().len(), 2);
    assert!(
        bench.is_live(&first).await,
        "what the old key signed is still good"
    );
    let second = bench.refresh(first.refresh_token.expose()).await.unwrap();
    bench
        .identity
        .rotate_keys(TokenKeys::new(&next, &[]).unwrap());
    assert!(bench.is_live(&second).await);
    assert!(
        bench.who(&first).await.is_err(),
        "and no longer once it is withdrawn"
    );
}

type Work<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

/// Runs these at the same moment.
async fn race<T: Send + 'static>(works: Vec<Work<T>>) -> Vec<T> {
    let start = Arc::new(Barrier::new(works.len()));
    let tasks: Vec<_> = works
        .into_iter()
        .map(|work| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_refreshes_of_one_token_lose_no_session() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    let works = (0..50).map(|_| -> Work<Result<SignedIn, RefreshError>> {
        let (identity, token) = (bench.identity.clone(), first.refresh_token.clone());
        Box::pin(async move { identity.refresh(token, from([192, 0, 2, 3])).await })
    });
    let tabs = race(works.collect()).await;
    bench.wait(60);
    for tab in tabs {
        let tab = tab.unwrap();
        assert_eq!(tab.session, first.session);
        assert!(bench.is_live(&tab).await);
        bench.refresh(tab.refresh_token.expose()).await.unwrap();
    }
    assert!(bench.events(Kind::Reuse).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_refresh_that_races_with_an_end_brings_the_session_back() {
    let bench = Bench::new().await;
    bench.add("ada", SystemRole::User).await.unwrap();
    for round in 0..20 {
        let first = bench.login("ada", PASSWORD).await.unwrap();
        let who = bench.who(&first).await.unwrap();
        let identity = bench.identity.clone();
        let mut works: Vec<Work<Option<SignedIn>>> = vec![Box::pin(async move {
            // A little later each round, so that the end falls into every stage of a refresh.
            tokio::time::sleep(std::time::Duration::from_micros(200 * round)).await;
            identity.logout(&who).await.unwrap();
            None
        })];
        for _ in 0..6 {
            let (identity, token) = (bench.identity.clone(), first.refresh_token.clone());
            works.push(Box::pin(async move {
                identity.refresh(token, from([192, 0, 2, 3])).await.ok()
            }));
        }
        // Those that were answered came before the end; none of what they got lives after it.
        for pair in race(works).await.into_iter().flatten() {
            assert!(!bench.is_live(&pair).await, "round {round}");
            assert!(is_refused(
                &bench.refresh(pair.refresh_token.expose()).await
            ));
        }
        assert!(is_refused(
            &bench.refresh(first.refresh_token.expose()).await
        ));
        let tokens = Session::place(&first.session);
        let left = bench
            .documents
            .count::<RefreshToken>(PRIMARY, &tokens)
            .await;
        assert_eq!(left, Ok(0), "an ended session leaves no token behind");
    }
}

#[tokio::test]
async fn signing_out_by_refresh_token_ends_its_session_only() {
    let bench = Bench::new().await;
    let first = signed_in(&bench).await;
    let other = bench.login("ada", PASSWORD).await.unwrap();
    let made_up = secret("made up");
    let nothing = bench.identity.logout_by_token(&made_up, Default::default());
    nothing.await.unwrap();
    let token = &first.refresh_token;
    bench
        .identity
        .logout_by_token(token, Default::default())
        .await
        .unwrap();
    bench
        .identity
        .logout_by_token(token, Default::default())
        .await
        .unwrap();
    assert!(!bench.is_live(&first).await && bench.is_live(&other).await);
    let events = bench.events(Kind::Logout).await;
    let outcomes: Vec<_> = events.iter().map(|event| event.outcome).collect();
    assert_eq!(outcomes, [EventOutcome::Allowed, EventOutcome::Done]);
}
