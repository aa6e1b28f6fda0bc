//! Tokens that people make for their programs.

use super::bench::{Bench, PASSWORD, secret};
use crate::documents::PersonalToken;
use crate::{
    AuthError, Authenticated, MadeToken, NewToken, PersonalTokenError, ProofError, TokenView,
    UserPatch,
};
use access::{ActError, Origin, Refusal};
use audit::{Detail, EventOutcome, Kind};
use domain::action::{ActionName, CreateToken, ManageAccount, ReadAccount, RevokeToken};
use domain::id::TokenId;
use domain::{Actor, Ceiling, SystemRole, TokenScope};
use store::{Key, PRIMARY};

fn new(scope: TokenScope, days: u64, password: &str) -> NewToken {
    NewToken {
        name: " nightly upload ".to_owned(),
        ceiling: Ceiling {
            scope,
            project: None,
        },
        days,
        current_password: secret(password),
    }
}

async fn make(
    bench: &Bench,
    who: &Authenticated,
    new: NewToken,
) -> Result<MadeToken, PersonalTokenError> {
    let permit = bench.guard.on_account::<CreateToken>(&who.caller).unwrap();
    let identity = bench.identity.clone();
    let acted = permit.act(None, Detail::None, |act| async move {
        identity.make_token(&act, new).await
    });
    acted.await.map_err(|error| match error {
        ActError::Failed(error) => error,
        ActError::Refused(refusal) => panic!("{refusal}"),
    })
}

async fn revoke(
    bench: &Bench,
    who: &Authenticated,
    id: &TokenId,
) -> Result<(), PersonalTokenError> {
    let permit = bench.guard.on_account::<RevokeToken>(&who.caller).unwrap();
    let (identity, id) = (bench.identity.clone(), id.clone());
    let acted = permit.act(None, Detail::None, |act| async move {
        identity.revoke_token(&act, &id).await
    });
    acted.await.map_err(|error| match error {
        ActError::Failed(error) => error,
        ActError::Refused(refusal) => panic!("{refusal}"),
    })
}

async fn list(bench: &Bench, who: &Authenticated) -> Vec<TokenView> {
    let permit = bench.guard.on_account::<ReadAccount>(&who.caller).unwrap();
    bench.identity.tokens(&permit, None, 100).await.unwrap().0
}

async fn show(bench: &Bench, token: &MadeToken) -> Result<Authenticated, AuthError> {
    let origin = Origin {
        request_id: None,
        address: Some([192, 0, 2, 9].into()),
    };
    let token = token.token.expose();
    bench.identity.authenticate_bearer(token, origin).await
}

async fn signed_in(bench: &Bench, name: &str) -> Authenticated {
    bench.add(name, SystemRole::User).await.unwrap();
    let pair = bench.login(name, PASSWORD).await.unwrap();
    bench.who(&pair).await.unwrap()
}

#[tokio::test]
async fn a_token_says_who_it_is_until_its_time_and_is_kept_as_a_digest() {
    let bench = Bench::new().await;
    let ada = signed_in(&bench, "ada").await;
    let made = make(&bench, &ada, new(TokenScope::Edit, 30, PASSWORD)).await;
    let made = made.unwrap();
    assert!(made.token.expose().starts_with("dpt_") && made.token.expose().len() == 47);
    assert_eq!(made.view.name, "nightly upload");
    let who = show(&bench, &made).await.unwrap();
    assert_eq!((&who.user, &who.session), (&ada.user, &None));
    assert_eq!(
        who.caller.actor(),
        &Actor::Token {
            token: made.view.id.clone(),
            id: ada.user.id.clone()
        }
    );
    assert_eq!(who.expires_in_s, 30 * 24 * 3_600);
    // It is no access token, so no cookie carries it.
    let as_cookie = bench
        .identity
        .authenticate(made.token.expose(), Origin::default());
    assert!(matches!(as_cookie.await, Err(AuthError::Token(_))));

    let own = PersonalToken::place(&ada.user.id, &made.view.id);
    let kept = bench.documents.get::<PersonalToken>(&own).await.unwrap();
    let kept = serde_json::to_string(&kept.unwrap().value).unwrap();
    assert!(!kept.contains(made.token.expose()) && !kept.contains(&made.token.expose()[4..]));
    let events = bench.events(Kind::Action(ActionName::CreateToken)).await;
    let outcomes: Vec<_> = events.iter().map(|event| event.outcome).collect();
    assert_eq!(outcomes, [EventOutcome::Allowed, EventOutcome::Done]);
    assert!(!serde_json::to_string(&events).unwrap().contains("dpt_"));

    // To the second.
    bench.wait(30 * 24 * 3_600 - 1);
    assert!(show(&bench, &made).await.is_ok());
    bench.wait(1);
    assert!(matches!(
        show(&bench, &made).await,
        Err(AuthError::TokenEnded)
    ));
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute_with_its_address() {
    let bench = Bench::new().await;
    let ada = signed_in(&bench, "ada").await;
    let made = make(&bench, &ada, new(TokenScope::Read, 1, PASSWORD)).await;
    let made = made.unwrap();
    assert_eq!(list(&bench, &ada).await[0].last_used_at, None);
    let first = bench.now();
    show(&bench, &made).await.unwrap();
    for (wait, noted) in [(0, first), (59, first)] {
        bench.wait(wait);
        show(&bench, &made).await.unwrap();
        let seen = list(&bench, &ada).await;
        assert_eq!(seen[0].last_used_at, Some(noted));
        assert_eq!(seen[0].last_used_from, Some([192, 0, 2, 9].into()));
    }
    bench.wait(1);
    show(&bench, &made).await.unwrap();
    assert_eq!(list(&bench, &ada).await[0].last_used_at, Some(bench.now()));
}

#[tokio::test]
async fn a_revoked_token_ends_at_once_with_what_runs_under_it_and_only_its_person_can() {
    let bench = Bench::new().await;
    let (ada, eve) = (
        signed_in(&bench, "ada").await,
        signed_in(&bench, "eve").await,
    );
    let made = make(&bench, &ada, new(TokenScope::Admin, 365, PASSWORD)).await;
    let (made, other) = (
        made.unwrap(),
        make(&bench, &ada, new(TokenScope::Admin, 365, PASSWORD))
            .await
            .unwrap(),
    );
    let who = show(&bench, &made).await.unwrap();
    let running = bench.guard.on_account::<ReadAccount>(&who.caller).unwrap();
    let foreign = revoke(&bench, &eve, &made.view.id).await;
    assert!(matches!(foreign, Err(PersonalTokenError::NoSuchToken)));
    assert!(list(&bench, &eve).await.is_empty());
    revoke(&bench, &ada, &made.view.id).await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(5), running.ended())
        .await
        .expect("what runs under a revoked token stops at once");
    assert!(matches!(
        show(&bench, &made).await,
        Err(AuthError::TokenEnded)
    ));
    assert!(show(&bench, &other).await.is_ok());
    let again = revoke(&bench, &ada, &made.view.id).await;
    assert!(matches!(again, Err(PersonalTokenError::NoSuchToken)));
}

#[tokio::test]
async fn a_token_makes_no_token_ends_none_and_changes_no_password() {
    let bench = Bench::new().await;
    let ada = signed_in(&bench, "ada").await;
    let made = make(&bench, &ada, new(TokenScope::Admin, 365, PASSWORD)).await;
    let caller = show(&bench, &made.unwrap()).await.unwrap().caller;
    assert!(matches!(
        bench.guard.on_account::<CreateToken>(&caller).err(),
        Some(Refusal::Denied(_))
    ));
    assert!(matches!(
        bench.guard.on_account::<RevokeToken>(&caller).err(),
        Some(Refusal::Denied(_))
    ));
    assert!(matches!(
        bench.guard.on_account::<ManageAccount>(&caller).err(),
        Some(Refusal::Denied(_))
    ));
    assert!(bench.guard.on_account::<ReadAccount>(&caller).is_ok());
    // Its person may.
    assert!(bench.guard.on_account::<CreateToken>(&ada.caller).is_ok());
}

#[tokio::test]
async fn a_stolen_session_alone_makes_no_token() {
    let bench = Bench::new().await;
    let ada = signed_in(&bench, "ada").await;
    for _ in 0..10 {
        let guess = make(&bench, &ada, new(TokenScope::Read, 1, "guess")).await;
        assert!(matches!(
            guess,
            Err(PersonalTokenError::Proof(ProofError::WrongPassword))
        ));
    }
    let throttled = make(&bench, &ada, new(TokenScope::Read, 1, PASSWORD)).await;
    assert!(matches!(
        throttled,
        Err(PersonalTokenError::Proof(ProofError::Throttled { .. }))
    ));
    assert!(list(&bench, &ada).await.is_empty());
    bench.wait(5);
    assert!(
        make(&bench, &ada, new(TokenScope::Read, 1, PASSWORD))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_new_password_and_a_disabled_account_end_all_tokens_for_good() {
    let bench = Bench::new().await;
    let ada = signed_in(&bench, "ada").await;
    let made = make(&bench, &ada, new(TokenScope::Read, 1, PASSWORD)).await;
    let made = made.unwrap();
    let next = "another horse, another stable";
    bench
        .as_self(&ada, move |identity, act| async move {
            identity
                .change_password(&act, secret(PASSWORD), secret(next))
                .await
        })
        .await
        .unwrap();
    assert!(show(&bench, &made).await.is_err());
    assert!(list(&bench, &ada).await.is_empty());

    let made = make(&bench, &ada, new(TokenScope::Read, 1, next))
        .await
        .unwrap();
    assert!(show(&bench, &made).await.is_ok());
    for disabled in [true, false] {
        let patch = UserPatch {
            disabled: Some(disabled),
            ..UserPatch::default()
        };
        bench.patch(&ada.user.id, patch).await.unwrap();
        assert!(show(&bench, &made).await.is_err(), "disabled: {disabled}");
    }
    let pair = bench.login("ada", next).await.unwrap();
    let ada = bench.who(&pair).await.unwrap();
    let made = make(&bench, &ada, new(TokenScope::Read, 1, next))
        .await
        .unwrap();
    let id = ada.user.id.clone();
    bench
        .manage(|identity, act| async move { identity.delete_user(&act, &id).await })
        .await
        .unwrap();
    assert!(show(&bench, &made).await.is_err());
    let all = Key::new();
    let left = bench.documents.count::<PersonalToken>(PRIMARY, &all);
    assert_eq!(left.await, Ok(0));
}

#[tokio::test]
async fn a_bad_name_a_bad_life_and_one_too_many_are_refused() {
    let bench = Bench::new().await;
    let ada = signed_in(&bench, "ada").await;
    for days in [0, 366, u64::MAX] {
        let refused = make(&bench, &ada, new(TokenScope::Read, days, PASSWORD)).await;
        assert!(matches!(
            refused,
            Err(PersonalTokenError::Days { max: 365 })
        ));
    }
    for name in ["", " ", "a\u{202E}b", &"x".repeat(201)] {
        let named = NewToken {
            name: name.to_owned(),
            ..new(TokenScope::Read, 1, PASSWORD)
        };
        let refused = make(&bench, &ada, named).await;
        assert!(
            matches!(refused, Err(PersonalTokenError::Name(_))),
            "{name}"
        );
    }
    for _ in 0..50 {
        make(&bench, &ada, new(TokenScope::Read, 1, PASSWORD))
            .await
            .unwrap();
    }
    let many = make(&bench, &ada, new(TokenScope::Read, 1, PASSWORD)).await;
    assert!(matches!(many, Err(PersonalTokenError::TooMany { max: 50 })));
    // What has expired makes room.
    bench.wait(24 * 3_600);
    make(&bench, &ada, new(TokenScope::Read, 1, PASSWORD))
        .await
        .unwrap();
    assert_eq!(list(&bench, &ada).await.len(), 1);
}

#[tokio::test]
async fn what_is_no_token_of_ours_opens_nothing() {
    let bench = Bench::new().await;
    let ada = signed_in(&bench, "ada").await;
    let made = make(&bench, &ada, new(TokenScope::Read, 1, PASSWORD))
        .await
        .unwrap();
    let real = made.token.expose().clone();
    let (upper, long) = (
        real.to_uppercase(),
        format!("{real}{}", "A".repeat(100_000)),
    );
    let digest = keys::sha256(real.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = format!("dpt_{digest}");
    let id = format!("dpt_{}", made.view.id);
    for text in [
        "dpt_",
        "dpt_ ",
        &real[..46],
        &real[4..],
        &upper,
        &long,
        &digest,
        &id,
        "dpt_\0",
    ] {
        let found = bench
            .identity
            .authenticate_bearer(text, Origin::default())
            .await;
        assert!(
            matches!(found, Err(AuthError::TokenEnded | AuthError::Token(_))),
            "{text}"
        );
    }
    assert!(show(&bench, &made).await.is_ok());
}
