//! Very many members, and a group that goes while its members work.

use super::{World, make_group, membership, user};
use access::{Detail, Membership, Refusal, projects};
use domain::action::{ListMembers, ManageGroups, ManageMembers, QueryData};
use domain::entity::{Grant, Principal, Project, User};
use domain::id::UserId;
use domain::key::Key;
use domain::{ProjectRole, SystemRole};

const MEMBERS: usize = 10_000;

#[tokio::test]
async fn ten_thousand_members_are_decided_listed_and_changed_like_two() {
    let world = World::new().await;
    let owner = world.person("owner", SystemRole::User).await;
    let last = world.person("last", SystemRole::User).await;
    let outsider = world.person("outsider", SystemRole::User).await;
    let project = world.project(&owner, "Everybody's").await;

    let key = Key::new().id(&project.id);
    let stored = world.documents.get::<Project>(&key).await.unwrap().unwrap();
    let mut crowded = stored.value;
    for _ in 0..MEMBERS - 2 {
        // Their accounts are gone; what they were given is still there to be seen and withdrawn.
        let gone = UserId::generate(world.clock.as_ref(), world.rng.as_ref());
        crowded.grants.push(Grant {
            to: Principal::User(gone),
            role: ProjectRole::Viewer,
        });
    }
    world
        .documents
        .replace(&crowded, stored.revision)
        .await
        .unwrap();
    world
        .grant(&owner, &project, user(&last), ProjectRole::Editor)
        .await
        .unwrap();

    let permit = world
        .guard
        .on_project::<ListMembers>(&last, &project.id)
        .await
        .unwrap();
    let members = projects::members(&permit).await.unwrap();
    assert_eq!(members.len(), MEMBERS);
    let named: Vec<_> = members.iter().filter(|it| !it.name.is_empty()).collect();
    assert_eq!(
        named.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["owner", "last"]
    );
    let refused = world
        .guard
        .on_project::<QueryData>(&outsider, &project.id)
        .await;
    assert!(matches!(refused, Err(Refusal::Hidden)));

    let permit = world
        .guard
        .on_project::<ManageMembers>(&owner, &project.id)
        .await
        .unwrap();
    let withdrawn = user(&last);
    permit
        .act(None, Detail::None, move |act| async move {
            projects::remove_member(&act, &withdrawn).await
        })
        .await
        .unwrap();
    let refused = world
        .guard
        .on_project::<QueryData>(&last, &project.id)
        .await;
    assert!(matches!(refused, Err(Refusal::Hidden)));
}

#[tokio::test]
async fn a_group_that_is_deleted_takes_what_it_gave_with_it_at_once() {
    let world = World::new().await;
    let admin = world.person("admin", SystemRole::Admin).await;
    let owner = world.person("owner", SystemRole::User).await;
    let member = world.person("member", SystemRole::User).await;
    let project = world.project(&owner, "Penguins").await;
    let group = make_group(&world, &admin, "Field team").await;
    membership(&world, &admin, &group, &member, Membership::Joins).await;
    let team = Principal::Group(group.id.clone());
    world
        .grant(&owner, &project, team.clone(), ProjectRole::Editor)
        .await
        .unwrap();
    let working = world
        .guard
        .on_project::<QueryData>(&member, &project.id)
        .await
        .unwrap();

    let permit = world.guard.on_system::<ManageGroups>(&admin).unwrap();
    let id = group.id.clone();
    permit
        .act(None, Detail::None, move |act| async move {
            act.delete_group(&id).await
        })
        .await
        .unwrap();
    // What was under way ends, the next request finds nothing, and no grant points nowhere.
    tokio::time::timeout(std::time::Duration::from_secs(5), working.ended())
        .await
        .unwrap();
    let refused = world
        .guard
        .on_project::<QueryData>(&member, &project.id)
        .await;
    assert!(matches!(refused, Err(Refusal::Hidden)));
    let key = Key::new().id(&project.id);
    let left = world.documents.get::<Project>(&key).await.unwrap().unwrap();
    assert!(left.value.grants.iter().all(|grant| grant.to != team));
    let again = world
        .grant(&owner, &project, team, ProjectRole::Viewer)
        .await;
    assert!(again.is_err(), "a group that is gone is given nothing");
    let user = member.user().unwrap();
    let account = world.documents.get::<User>(&Key::new().id(user)).await;
    assert!(account.unwrap().is_some(), "its members stay");
}
