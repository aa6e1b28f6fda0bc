//! Links that are good once: for a new password, and for a new account.

use super::bench::{Bench, PASSWORD, secret};
use crate::documents::{Link, RefreshToken};
use crate::{
    InvitationView, LinkError, LinkView, MadeLink, NewAccount, NewInvitation, UserError, UserPatch,
};
use access::{ActError, Caller, Origin};
use audit::{Detail, EventOutcome, Kind};
use domain::action::{CreateResetLink, Invite, ListUsers};
use domain::entity::User;
use domain::id::{LinkId, UserId};
use domain::{Registration, SystemRole};
use keys::Secret;
use store::{Key, PRIMARY};

const NEXT: &str = "another horse, another stable";

fn failed<T>(result: Result<T, ActError<LinkError>>) -> Result<T, LinkError> {
    result.map_err(|error| match error {
        ActError::Failed(error) => error,
        ActError::Refused(refusal) => panic!("{refusal}"),
    })
}

async fn reset_link(bench: &Bench, id: &UserId) -> Result<MadeLink, LinkError> {
    let permit = bench
        .guard
        .on_system::<CreateResetLink>(&Caller::operator());
    let (identity, id) = (bench.identity.clone(), id.clone());
    let permit = permit.unwrap();
    let acted = permit.act(None, Detail::None, move |act| async move {
        identity.make_reset_link(&act, &id).await
    });
    failed(acted.await)
}

async fn reset(bench: &Bench, token: &Secret<String>, password: &str) -> Result<(), LinkError> {
    let identity = &bench.identity;
    identity
        .reset_by_link(token, secret(password), Origin::default())
        .await
}

async fn invite(
    bench: &Bench,
    email: Option<&str>,
    role: SystemRole,
) -> Result<MadeLink, LinkError> {
    let permit = bench.guard.on_system::<Invite>(&Caller::operator());
    let permit = permit.unwrap();
    let (identity, email) = (bench.identity.clone(), email.map(str::to_owned));
    let acted = permit.act(None, Detail::None, move |act| async move {
        identity.invite(&act, NewInvitation { email, role }).await
    });
    failed(acted.await)
}

async fn withdraw(bench: &Bench, id: &LinkId) -> Result<(), LinkError> {
    let permit = bench.guard.on_system::<Invite>(&Caller::operator());
    let permit = permit.unwrap();
    let (identity, id) = (bench.identity.clone(), id.clone());
    let acted = permit.act(None, Detail::None, move |act| async move {
        identity.withdraw_invitation(&act, &id).await
    });
    failed(acted.await)
}

async fn waiting(bench: &Bench) -> Vec<InvitationView> {
    let permit = bench.guard.on_system::<ListUsers>(&Caller::operator());
    let permit = permit.unwrap();
    bench
        .identity
        .invitations(&permit, None, 100)
        .await
        .unwrap()
        .0
}

fn account(invitation: Option<&Secret<String>>, email: Option<&str>) -> NewAccount {
    NewAccount {
        invitation: invitation.cloned(),
        email: email.map(str::to_owned),
        display_name: "Eve".to_owned(),
        password: secret(NEXT),
    }
}

async fn register(bench: &Bench, new: NewAccount) -> Result<User, LinkError> {
    let origin = Origin {
        request_id: None,
        address: Some([192, 0, 2, 5].into()),
    };
    bench.identity.register(new, origin).await
}

fn is_spent<T>(result: &Result<T, LinkError>) -> bool {
    matches!(result, Err(LinkError::NotValid))
}

#[tokio::test]
async fn a_reset_link_sets_a_password_once_and_ends_what_was_open() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", SystemRole::User).await.unwrap();
    let open = bench.login("ada", PASSWORD).await.unwrap();
    let link = reset_link(&bench, &ada.id).await.unwrap();
    let seen = bench.identity.look_at_link(&link.token).await.unwrap();
    let email = ada.email.clone();
    assert_eq!(seen, LinkView::Reset { email });
    // A password that is not accepted does not cost the link.
    let weak = reset(&bench, &link.token, "password1").await;
    assert!(matches!(weak, Err(LinkError::User(UserError::Password(_)))));
    assert!(
        bench.login("ada", PASSWORD).await.is_ok(),
        "nothing was changed"
    );

    reset(&bench, &link.token, NEXT).await.unwrap();
    assert!(!bench.is_live(&open).await);
    assert!(bench.refresh(open.refresh_token.expose()).await.is_err());
    assert!(bench.login("ada", PASSWORD).await.is_err());
    assert!(bench.login("ada", NEXT).await.is_ok());
    assert!(is_spent(&reset(&bench, &link.token, PASSWORD).await));
    assert!(is_spent(&bench.identity.look_at_link(&link.token).await));
    let events = bench.events(Kind::PasswordReset).await;
    let outcomes: Vec<_> = events.iter().map(|event| event.outcome).collect();
    let whole = [
        EventOutcome::Allowed,
        EventOutcome::Done,
        EventOutcome::Denied,
    ];
    assert_eq!(outcomes, whole);
    assert_eq!(events[0].target.as_ref().unwrap().id, ada.id.to_string());
}

#[tokio::test]
async fn a_reset_link_ends_with_its_time_its_successor_and_every_new_password() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", SystemRole::User).await.unwrap();
    let late = reset_link(&bench, &ada.id).await.unwrap();
    bench.wait(24 * 3_600);
    assert!(is_spent(&reset(&bench, &late.token, NEXT).await));
    let first = reset_link(&bench, &ada.id).await.unwrap();
    let second = reset_link(&bench, &ada.id).await.unwrap();
    assert!(is_spent(&reset(&bench, &first.token, NEXT).await));

    // Its owner remembers the password and changes it: the link is worth nothing any more.
    let pair = bench.login("ada", PASSWORD).await.unwrap();
    let who = bench.who(&pair).await.unwrap();
    bench
        .as_self(&who, |identity, act| async move {
            identity
                .change_password(&act, secret(PASSWORD), secret(NEXT))
                .await
        })
        .await
        .unwrap();
    assert!(is_spent(&reset(&bench, &second.token, PASSWORD).await));

    let third = reset_link(&bench, &ada.id).await.unwrap();
    let disabled = UserPatch {
        disabled: Some(true),
        ..UserPatch::default()
    };
    bench.patch(&ada.id, disabled).await.unwrap();
    assert!(is_spent(&reset(&bench, &third.token, PASSWORD).await));
    let refused = reset_link(&bench, &ada.id).await;
    assert!(matches!(refused, Err(LinkError::NoSuchUser)));
    let nobody = UserId::generate(bench.clock.as_ref(), &keys::SystemRng);
    let refused = reset_link(&bench, &nobody).await;
    assert!(matches!(refused, Err(LinkError::NoSuchUser)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_uses_at_once_one_succeeds() {
    let bench = Bench::taking(Registration::Invite).await;
    let ada = bench.add("ada", SystemRole::User).await.unwrap();
    for _ in 0..5 {
        let link = reset_link(&bench, &ada.id).await.unwrap();
        let invitation = invite(&bench, None, SystemRole::Viewer).await.unwrap();
        let (mut resets, mut accounts) = (Vec::new(), Vec::new());
        for number in 0..4 {
            let (identity, token) = (bench.identity.clone(), link.token.clone());
            resets.push(tokio::spawn(async move {
                let next = secret(&format!("{NEXT} {number}"));
                identity
                    .reset_by_link(&token, next, Origin::default())
                    .await
            }));
            let (identity, token) = (bench.identity.clone(), invitation.token.clone());
            let email = format!("{}-{number}@example.org", invitation.id);
            accounts.push(tokio::spawn(async move {
                let new = account(Some(&token), Some(&email));
                identity.register(new, Origin::default()).await
            }));
        }
        let mut done = [0, 0];
        for task in resets {
            done[0] += u32::from(task.await.unwrap().is_ok());
        }
        for task in accounts {
            done[1] += u32::from(task.await.unwrap().is_ok());
        }
        assert_eq!(done, [1, 1]);
    }
    let left = Key::new();
    assert_eq!(bench.documents.count::<Link>(PRIMARY, &left).await, Ok(0));
    assert_eq!(
        bench.documents.count::<RefreshToken>(PRIMARY, &left).await,
        Ok(0)
    );
}

#[tokio::test]
async fn an_invitation_makes_one_account_of_the_role_and_address_it_names() {
    let bench = Bench::taking(Registration::Invite).await;
    bench.add("ada", SystemRole::Admin).await.unwrap();
    let named = invite(&bench, Some(" Eve@Example.org "), SystemRole::Viewer)
        .await
        .unwrap();
    let seen = bench.identity.look_at_link(&named.token).await.unwrap();
    let email = Some("eve@example.org".to_owned());
    assert_eq!(seen, LinkView::Invitation { email });
    let other = register(
        &bench,
        account(Some(&named.token), Some("mallory@example.org")),
    )
    .await;
    assert!(matches!(other, Err(LinkError::OtherEmail)));
    let eve = register(&bench, account(Some(&named.token), None))
        .await
        .unwrap();
    assert_eq!(
        (eve.email.as_str(), eve.role),
        ("eve@example.org", SystemRole::Viewer)
    );
    assert!(bench.login("eve", NEXT).await.is_ok());
    assert!(is_spent(
        &register(&bench, account(Some(&named.token), None)).await
    ));

    let open = invite(&bench, None, SystemRole::User).await.unwrap();
    // A slip does not cost the invitation: another has the address, no address, a weak password.
    let taken = register(&bench, account(Some(&open.token), Some("ada@example.org"))).await;
    assert!(matches!(taken, Err(LinkError::User(UserError::EmailTaken))));
    let none = register(&bench, account(Some(&open.token), None)).await;
    assert!(matches!(none, Err(LinkError::User(UserError::Email(_)))));
    let weak = NewAccount {
        password: secret("Summer-2025"),
        ..account(Some(&open.token), Some("bob@example.org"))
    };
    assert!(matches!(
        register(&bench, weak).await,
        Err(LinkError::User(UserError::Password(_)))
    ));
    assert_eq!(waiting(&bench).await.len(), 1);
    register(&bench, account(Some(&open.token), Some("bob@example.org")))
        .await
        .unwrap();
    assert!(waiting(&bench).await.is_empty());

    let withdrawn = invite(&bench, None, SystemRole::Admin).await.unwrap();
    withdraw(&bench, &withdrawn.id).await.unwrap();
    assert!(matches!(
        withdraw(&bench, &withdrawn.id).await,
        Err(LinkError::NoSuchInvitation)
    ));
    assert!(is_spent(
        &register(&bench, account(Some(&withdrawn.token), Some("x@y"))).await
    ));
    let late = invite(&bench, None, SystemRole::User).await.unwrap();
    bench.wait(168 * 3_600);
    assert!(is_spent(
        &register(&bench, account(Some(&late.token), Some("x@y"))).await
    ));
    assert!(waiting(&bench).await.is_empty());
    let admins = bench.read(&eve.id).await.unwrap();
    assert_eq!(admins.role, SystemRole::Viewer);
}

#[tokio::test]
async fn a_link_for_one_thing_is_good_for_no_other() {
    let bench = Bench::taking(Registration::Open).await;
    let ada = bench.add("ada", SystemRole::User).await.unwrap();
    let link = reset_link(&bench, &ada.id).await.unwrap();
    let invitation = invite(&bench, None, SystemRole::Admin).await.unwrap();
    assert!(is_spent(&reset(&bench, &invitation.token, NEXT).await));
    assert!(is_spent(
        &register(&bench, account(Some(&link.token), Some("x@y"))).await
    ));
    assert!(matches!(
        withdraw(&bench, &link.id).await,
        Err(LinkError::NoSuchInvitation)
    ));
    for text in [
        "",
        " ",
        "\0",
        "null",
        &"x".repeat(100_000),
        link.id.as_str(),
    ] {
        assert!(is_spent(&reset(&bench, &secret(text), NEXT).await));
        assert!(is_spent(&bench.identity.look_at_link(&secret(text)).await));
        // What is no invitation is not taken for none, open as the house is.
        let shown = register(&bench, account(Some(&secret(text)), Some("x@y"))).await;
        assert!(is_spent(&shown), "{text}");
    }
    reset(&bench, &link.token, NEXT).await.unwrap();
    register(&bench, account(Some(&invitation.token), Some("x@y")))
        .await
        .unwrap();
}

#[tokio::test]
async fn who_may_make_an_account_is_what_the_configuration_says() {
    for (registration, invited, alone) in [
        (Registration::Closed, false, false),
        (Registration::Invite, true, false),
        (Registration::Open, true, true),
    ] {
        let bench = Bench::taking(registration).await;
        assert_eq!(
            invite(&bench, None, SystemRole::User).await.is_ok(),
            invited
        );
        let made = register(&bench, account(None, Some("eve@example.org"))).await;
        assert_eq!(made.is_ok(), alone, "{registration:?}");
        if let Ok(user) = made {
            assert_eq!(user.role, SystemRole::User);
        }
    }
    // Where everybody may, an address that makes very many accounts waits.
    let bench = Bench::taking(Registration::Open).await;
    for number in 0..100 {
        let weak = NewAccount {
            password: secret("x"),
            ..account(None, Some(&format!("{number}@example.org")))
        };
        assert!(matches!(
            register(&bench, weak).await,
            Err(LinkError::User(_))
        ));
    }
    let next = register(&bench, account(None, Some("next@example.org"))).await;
    assert!(matches!(next, Err(LinkError::Throttled { .. })));
    bench.wait(900);
    register(&bench, account(None, Some("next@example.org")))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_invitation_of_an_open_time_is_worth_nothing_once_it_is_closed() {
    let bench = Bench::taking(Registration::Invite).await;
    let made = invite(&bench, None, SystemRole::Admin).await.unwrap();
    let closed = bench.again(Registration::Closed);
    let new = account(Some(&made.token), Some("eve@example.org"));
    let refused = closed.register(new, Origin::default()).await;
    assert!(matches!(refused, Err(LinkError::Closed)));
    let looked = closed.look_at_link(&made.token).await;
    assert!(matches!(looked, Err(LinkError::Closed)));
}

#[tokio::test]
async fn an_admin_ends_all_that_somebody_has_open() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", SystemRole::User).await.unwrap();
    let (one, two) = (
        bench.login("ada", PASSWORD).await.unwrap(),
        bench.login("ada", PASSWORD).await.unwrap(),
    );
    let id = ada.id.clone();
    bench
        .manage(|identity, act| async move { identity.end_all(&act, &id).await })
        .await
        .unwrap();
    for pair in [&one, &two] {
        assert!(!bench.is_live(pair).await);
        assert!(bench.refresh(pair.refresh_token.expose()).await.is_err());
    }
    assert!(
        bench.login("ada", PASSWORD).await.is_ok(),
        "the account stays as it is"
    );
}
