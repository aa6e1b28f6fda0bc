//! One's own sessions and password.

use super::bench::{Bench, PASSWORD, secret};
use crate::{
    Authenticated, PasswordChangeError, PasswordError, ProofError, SessionError, SessionView,
};
use audit::Kind;
use domain::SystemRole;
use domain::action::{ManageAccount, ReadAccount};
use domain::id::SessionId;

async fn sessions(bench: &Bench, who: &Authenticated) -> Vec<SessionView> {
    let permit = bench.guard.on_account::<ReadAccount>(&who.caller).unwrap();
    bench.identity.sessions(&permit, None, 100).await.unwrap().0
}

async fn end(bench: &Bench, who: &Authenticated, id: &SessionId) -> Result<(), SessionError> {
    let id = id.clone();
    bench
        .as_self(who, |identity, act| async move {
            identity.end_session(&act, &id).await
        })
        .await
}

async fn change(
    bench: &Bench,
    who: &Authenticated,
    current: &str,
    new: &str,
) -> Result<(), PasswordChangeError> {
    let (current, new) = (secret(current), secret(new));
    bench
        .as_self(who, |identity, act| async move {
            identity.change_password(&act, current, new).await
        })
        .await
}

#[tokio::test]
async fn a_person_sees_and_ends_their_own_sessions_and_nobody_elses() {
    let bench = Bench::new().await;
    bench.add("ada", SystemRole::User).await.unwrap();
    bench.add("eve", SystemRole::User).await.unwrap();
    let first = bench.login("ada", PASSWORD).await.unwrap();
    bench.wait(5);
    let second = bench.login("ada", PASSWORD).await.unwrap();
    let eve = bench.login("eve", PASSWORD).await.unwrap();
    let ada = bench.who(&second).await.unwrap();
    let seen = sessions(&bench, &ada).await;
    let ids: Vec<_> = seen
        .iter()
        .map(|session| (&session.id, session.current))
        .collect();
    assert_eq!(ids, [(&second.session, true), (&first.session, false)]);
    assert_eq!(seen[0].user_agent.as_deref(), Some("a browserof some kind"));
    assert_eq!(seen[0].address, Some([192, 0, 2, 1].into()));

    let eve_who = bench.who(&eve).await.unwrap();
    let foreign = end(&bench, &eve_who, &first.session).await;
    assert!(matches!(foreign, Err(SessionError::NoSuchSession)));
    assert!(bench.is_live(&first).await);

    let permit = bench
        .guard
        .on_account::<ManageAccount>(&bench.who(&first).await.unwrap().caller);
    let permit = permit.unwrap();
    end(&bench, &ada, &first.session).await.unwrap();
    assert!(!bench.is_live(&first).await);
    tokio::time::timeout(std::time::Duration::from_secs(5), permit.ended())
        .await
        .expect("what runs under the ended session stops at once");
    let again = end(&bench, &ada, &first.session).await;
    assert!(matches!(again, Err(SessionError::NoSuchSession)));
    assert_eq!(sessions(&bench, &ada).await.len(), 1);
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let bench = Bench::new().await;
    bench.add("ada", SystemRole::User).await.unwrap();
    let other = bench.login("ada", PASSWORD).await.unwrap();
    let own = bench.login("ada", PASSWORD).await.unwrap();
    let who = bench.who(&own).await.unwrap();
    change(&bench, &who, PASSWORD, "another horse, another stable")
        .await
        .unwrap();
    assert!(bench.is_live(&own).await);
    assert!(!bench.is_live(&other).await);
    assert!(bench.refresh(other.refresh_token.expose()).await.is_err());
    assert!(bench.refresh(own.refresh_token.expose()).await.is_ok());
    assert_eq!(sessions(&bench, &who).await.len(), 1);
    assert!(bench.login("ada", PASSWORD).await.is_err());
    assert!(
        bench
            .login("ada", "another horse, another stable")
            .await
            .is_ok()
    );
    assert_eq!(bench.events(Kind::PasswordChange).await.len(), 1);
}

#[tokio::test]
async fn a_password_changes_only_for_who_knows_it_and_only_into_a_good_one() {
    let bench = Bench::new().await;
    bench.add("ada", SystemRole::User).await.unwrap();
    let own = bench.login("ada", PASSWORD).await.unwrap();
    let who = bench.who(&own).await.unwrap();
    let weak = change(&bench, &who, PASSWORD, "ada-ada-ada").await;
    assert!(matches!(
        weak,
        Err(PasswordChangeError::Refused(PasswordError::Weak { .. }))
    ));
    let common = change(&bench, &who, PASSWORD, "Summer-2025!").await;
    assert!(matches!(
        common,
        Err(PasswordChangeError::Refused(PasswordError::Common))
    ));
    let short = change(&bench, &who, PASSWORD, "x9#").await;
    assert!(matches!(
        short,
        Err(PasswordChangeError::Refused(PasswordError::Length { .. }))
    ));
    let same = change(&bench, &who, PASSWORD, PASSWORD).await;
    assert!(matches!(same, Err(PasswordChangeError::Same)));
    for _ in 0..10 {
        let wrong = change(&bench, &who, "guess", "another horse, another stable").await;
        assert!(matches!(
            wrong,
            Err(PasswordChangeError::Proof(ProofError::WrongPassword))
        ));
    }
    let throttled = change(&bench, &who, "guess", "another horse, another stable").await;
    assert!(matches!(
        throttled,
        Err(PasswordChangeError::Proof(ProofError::Throttled { .. }))
    ));
    bench.wait(2);
    assert!(
        bench.login("ada", PASSWORD).await.is_ok(),
        "nothing was changed"
    );
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_before_its_time() {
    let bench = Bench::new().await;
    bench.add("ada", SystemRole::User).await.unwrap();
    let (idle, used) = (
        bench.login("ada", PASSWORD).await.unwrap(),
        bench.login("ada", PASSWORD).await.unwrap(),
    );
    bench.wait(3_600);
    let used = bench.refresh(used.refresh_token.expose()).await.unwrap();
    // Three days after the sign-in, to the second.
    bench.wait(71 * 3_600 - 1);
    let who = |pair: crate::SignedIn| {
        let bench = &bench;
        async move { bench.refresh(pair.refresh_token.expose()).await }
    };
    let still = bench.login("ada", PASSWORD).await.unwrap();
    let caller = bench.who(&still).await.unwrap();
    assert_eq!(sessions(&bench, &caller).await.len(), 3);
    bench.wait(1);
    assert_eq!(sessions(&bench, &caller).await.len(), 2);
    assert!(matches!(
        who(idle).await,
        Err(crate::RefreshError::InvalidGrant)
    ));
    let used = who(used).await.unwrap();
    assert!(bench.is_live(&used).await);
}

#[tokio::test]
async fn the_oldest_session_makes_room_for_the_fifty_first() {
    let bench = Bench::new().await;
    bench.add("ada", SystemRole::User).await.unwrap();
    let mut all = Vec::new();
    for _ in 0..51 {
        bench.wait(1);
        all.push(bench.login("ada", PASSWORD).await.unwrap());
    }
    assert!(!bench.is_live(&all[0]).await);
    assert!(bench.is_live(&all[1]).await && bench.is_live(&all[50]).await);
    let who = bench.who(&all[50]).await.unwrap();
    assert_eq!(sessions(&bench, &who).await.len(), 50);
}

#[tokio::test]
async fn a_session_opened_under_the_old_password_is_dead_even_when_it_is_written_later() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", SystemRole::User).await.unwrap();
    let own = bench.login("ada", PASSWORD).await.unwrap();
    let place = crate::documents::Session::place(&own.session);
    let old = bench.documents.get::<crate::documents::Session>(&place);
    let mut late = old.await.unwrap().unwrap().value;
    let who = bench.who(&own).await.unwrap();
    change(&bench, &who, PASSWORD, "another horse, another stable")
        .await
        .unwrap();
    // A login that had checked the old password before the change writes its session after it.
    late.id = SessionId::generate(bench.clock.as_ref(), &keys::SystemRng);
    bench.documents.insert(&late).await.unwrap();
    let pair = bench.identity.pair(ada, &late, "x".to_owned()).await;
    assert!(!bench.is_live(&pair.unwrap()).await);
    assert_eq!(sessions(&bench, &who).await.len(), 1, "nor is it listed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_login_with_the_old_password_outlives_a_reset_it_races_with() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", SystemRole::User).await.unwrap();
    let mut password = PASSWORD.to_owned();
    for round in 0..10 {
        let id = ada.id.clone();
        let (reset, one, two, three) = tokio::join!(
            bench.manage(move |identity, act| async move {
                tokio::time::sleep(std::time::Duration::from_millis(round)).await;
                identity.reset_password(&act, &id).await
            }),
            bench.login("ada", &password),
            bench.login("ada", &password),
            bench.login("ada", &password),
        );
        for pair in [one, two, three].into_iter().flatten() {
            assert!(!bench.is_live(&pair).await, "round {round}");
            assert!(bench.refresh(pair.refresh_token.expose()).await.is_err());
        }
        password = reset.unwrap().expose().clone();
    }
    assert!(bench.login("ada", &password).await.is_ok());
}
