//! Accounts: who is an admin, and what becomes of those who go.

use super::bench::{Bench, PASSWORD, secret};
use crate::{FirstAdmin, NewUser, UserError, UserPatch};
use domain::SystemRole::{Admin, User as Standard, Viewer};
use domain::entity::{Grant, Group, Principal, Project};
use domain::id::{EventId, GroupId, ProjectId, UserId};
use domain::key::Key;
use domain::{ProjectRole, SystemRole};
use keys::{Secret, SystemRng};

fn role(role: SystemRole) -> UserPatch {
    UserPatch {
        role: Some(role),
        ..UserPatch::default()
    }
}

fn disabled(disabled: bool) -> UserPatch {
    UserPatch {
        disabled: Some(disabled),
        ..UserPatch::default()
    }
}

async fn first_admin(bench: &Bench, given: Option<&str>) -> Result<Option<FirstAdmin>, UserError> {
    let given = given.map(secret);
    bench
        .manage(|identity, act| async move {
            identity.first_admin(&act, "admin@example.org", given).await
        })
        .await
}

async fn delete(bench: &Bench, id: &UserId) -> Result<(), UserError> {
    let id = id.clone();
    bench
        .manage(|identity, act| async move { identity.delete_user(&act, &id).await })
        .await
}

async fn project(bench: &Bench, grants: Vec<Grant>) -> ProjectId {
    let rng = SystemRng;
    let project = Project {
        id: ProjectId::generate(bench.clock.as_ref(), &rng),
        name: "penguins".into(),
        description: String::new(),
        synthetic: false,
        data_key: String::new(),
        code_limits: domain::ProjectCodeLimits::default(),
        grants,
        created_at: bench.now(),
        updated_at: bench.now(),
        changed_by: EventId::generate(bench.clock.as_ref(), &rng),
    };
    bench.documents.insert(&project).await.unwrap();
    project.id
}

fn grant(user: &UserId, role: ProjectRole) -> Grant {
    Grant {
        to: Principal::User(user.clone()),
        role,
    }
}

#[tokio::test]
async fn the_first_admin_gets_a_random_password_once() {
    let bench = Bench::new().await;
    let first = first_admin(&bench, None).await.unwrap().unwrap();
    let password: Secret<String> = first.password.unwrap();
    assert!(password.expose().len() >= 20);
    let signed_in = bench.login("admin", password.expose()).await.unwrap();
    assert_eq!(bench.who(&signed_in).await.unwrap().user.role, Admin);
    assert!(
        first_admin(&bench, None).await.unwrap().is_none(),
        "closed for ever"
    );
    assert!(bench.login("admin", password.expose()).await.is_ok());
}

#[tokio::test]
async fn the_first_admins_password_can_be_given_but_not_a_weak_one() {
    let bench = Bench::new().await;
    let weak = first_admin(&bench, Some("admin123")).await;
    assert!(matches!(weak, Err(UserError::Password(_))));
    let given = first_admin(&bench, Some(PASSWORD)).await.unwrap().unwrap();
    assert!(given.password.is_none());
    assert!(bench.login("admin", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_first_start_that_was_cut_off_is_finished_by_the_next() {
    let bench = Bench::new().await;
    // The account was written, the document of admins was not.
    let cut_off = bench.add("admin", Standard).await.unwrap();
    let mut half = cut_off.clone();
    half.role = Admin;
    bench.documents.replace(&half, 1).await.unwrap();
    assert_eq!(bench.read(&cut_off.id).await.unwrap().role, Standard);

    let first = first_admin(&bench, None).await.unwrap().unwrap();
    assert_eq!(first.user.id, cut_off.id);
    assert!(bench.login("admin", PASSWORD).await.is_err());
    let signed_in = bench
        .login("admin", first.password.unwrap().expose())
        .await
        .unwrap();
    assert_eq!(bench.who(&signed_in).await.unwrap().user.role, Admin);
}

#[tokio::test]
async fn the_last_admin_stays_one() {
    let bench = Bench::new().await;
    let root = first_admin(&bench, Some(PASSWORD))
        .await
        .unwrap()
        .unwrap()
        .user;
    for patch in [role(Standard), role(Viewer), disabled(true)] {
        assert!(matches!(
            bench.patch(&root.id, patch).await,
            Err(UserError::LastAdmin)
        ));
    }
    assert!(matches!(
        delete(&bench, &root.id).await,
        Err(UserError::LastAdmin)
    ));
    let signed_in = bench.login("admin", PASSWORD).await.unwrap();
    assert_eq!(bench.who(&signed_in).await.unwrap().user.role, Admin);

    // A disabled admin cannot manage anything, and so does not count.
    let ada = bench.add("ada", Admin).await.unwrap();
    bench.patch(&ada.id, disabled(true)).await.unwrap();
    assert!(matches!(
        bench.patch(&root.id, role(Standard)).await,
        Err(UserError::LastAdmin)
    ));
    bench.patch(&ada.id, disabled(false)).await.unwrap();
    bench.patch(&root.id, role(Standard)).await.unwrap();
    assert_eq!(
        bench.who(&signed_in).await.unwrap().user.role,
        Standard,
        "from the next request on"
    );
    assert!(matches!(
        delete(&bench, &ada.id).await,
        Err(UserError::LastAdmin)
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_admins_who_demote_each_other_leave_one() {
    let bench = Bench::new().await;
    for round in 0..10 {
        let one = bench.add(&format!("one{round}"), Admin).await.unwrap();
        let two = bench.add(&format!("two{round}"), Admin).await.unwrap();
        if round > 0 {
            // Only these two are admins in this round.
            let place = crate::documents::Admins::place();
            let before = bench.documents.get::<crate::documents::Admins>(&place);
            for old in before.await.unwrap().unwrap().value.members {
                if old != one.id && old != two.id {
                    bench.patch(&old, role(Standard)).await.unwrap();
                }
            }
        }
        let patch = if round % 2 == 0 {
            role(Standard)
        } else {
            disabled(true)
        };
        let (a, b) = tokio::join!(
            bench.patch(&one.id, patch.clone()),
            bench.patch(&two.id, patch)
        );
        let lost = [a, b]
            .iter()
            .filter(|r| matches!(r, Err(UserError::LastAdmin)))
            .count();
        assert_eq!(lost, 1, "round {round}");
    }
}

#[tokio::test]
async fn an_address_belongs_to_one_account() {
    let bench = Bench::new().await;
    bench.add("ada", Standard).await.unwrap();
    let new = |email: &str, name: &str, password: &str| NewUser {
        email: email.to_owned(),
        display_name: name.to_owned(),
        password: secret(password),
        role: Standard,
    };
    let taken = new("ADA@example.org", "x", PASSWORD);
    let taken = bench
        .manage(|identity, act| async move { identity.create_user(&act, taken).await })
        .await;
    assert!(matches!(taken, Err(UserError::EmailTaken)));
    for (new, expected) in [
        (new("nonsense", "x", PASSWORD), "e-mail"),
        (new("x@example.org", "  ", PASSWORD), "empty"),
        (new("x@example.org", "a\u{202E}b", PASSWORD), "control"),
        (new("x@example.org", "x", "12345678"), "guess"),
        (new("x@example.org", "x", "short"), "characters"),
    ] {
        let refused =
            bench.manage(|identity, act| async move { identity.create_user(&act, new).await });
        let error = refused.await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let nobody = bench.login("x", PASSWORD).await;
    assert!(nobody.is_err(), "what was refused left nothing behind");
}

#[tokio::test]
async fn disabling_ends_all_sessions_and_enabling_brings_none_back() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", Standard).await.unwrap();
    let signed_in = bench.login("ada", PASSWORD).await.unwrap();
    bench.patch(&ada.id, disabled(true)).await.unwrap();
    assert!(!bench.is_live(&signed_in).await);
    assert!(
        bench
            .refresh(signed_in.refresh_token.expose())
            .await
            .is_err()
    );
    bench.patch(&ada.id, disabled(false)).await.unwrap();
    assert!(!bench.is_live(&signed_in).await);
    assert!(
        bench
            .refresh(signed_in.refresh_token.expose())
            .await
            .is_err()
    );
    assert!(bench.login("ada", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_reset_password_replaces_the_old_one_and_ends_all_sessions() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", Standard).await.unwrap();
    let signed_in = bench.login("ada", PASSWORD).await.unwrap();
    let id = ada.id.clone();
    let password = bench
        .manage(|identity, act| async move { identity.reset_password(&act, &id).await })
        .await
        .unwrap();
    assert!(!bench.is_live(&signed_in).await);
    assert!(bench.login("ada", PASSWORD).await.is_err());
    assert!(bench.login("ada", password.expose()).await.is_ok());
}

#[tokio::test]
async fn who_goes_takes_grants_and_memberships_along_but_leaves_no_project_without_owner() {
    let bench = Bench::new().await;
    let ada = bench.add("ada", Standard).await.unwrap();
    let bob = bench.add("bob", Standard).await.unwrap();
    let shared = project(
        &bench,
        vec![
            grant(&ada.id, ProjectRole::Owner),
            grant(&bob.id, ProjectRole::Owner),
        ],
    )
    .await;
    let own = project(
        &bench,
        vec![
            grant(&ada.id, ProjectRole::Owner),
            grant(&bob.id, ProjectRole::Editor),
        ],
    )
    .await;
    let group = Group {
        id: GroupId::generate(bench.clock.as_ref(), &SystemRng),
        name: "lab".into(),
        members: vec![ada.id.clone(), bob.id.clone()],
        maintainers: vec![bob.id.clone()],
        changed_by: EventId::generate(bench.clock.as_ref(), &SystemRng),
    };
    bench.documents.insert(&group).await.unwrap();
    let signed_in = bench.login("ada", PASSWORD).await.unwrap();

    match delete(&bench, &ada.id).await {
        Err(UserError::OwnsProjects(projects)) => assert_eq!(projects, std::slice::from_ref(&own)),
        other => panic!("{other:?}"),
    }
    assert!(
        bench.is_live(&signed_in).await,
        "a refused deletion changes nothing"
    );
    bench
        .documents
        .delete::<Project>(&Key::new().id(&own), 1)
        .await
        .unwrap();
    delete(&bench, &ada.id).await.unwrap();

    assert!(!bench.is_live(&signed_in).await);
    assert!(
        bench
            .refresh(signed_in.refresh_token.expose())
            .await
            .is_err()
    );
    assert!(bench.login("ada", PASSWORD).await.is_err());
    assert!(bench.read(&ada.id).await.is_none());
    let left = bench
        .documents
        .get::<Project>(&Key::new().id(&shared))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(left.value.grants, [grant(&bob.id, ProjectRole::Owner)]);
    let left = bench
        .documents
        .get::<Group>(&Key::new().id(&group.id))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(left.value.members, [bob.id]);
    // The address is free again.
    assert!(bench.add("ada", Viewer).await.is_ok());
    assert!(matches!(
        delete(&bench, &ada.id).await,
        Err(UserError::NoSuchUser)
    ));
}
