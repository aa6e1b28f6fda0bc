//! Saving, history, and code that only some may read.

use crate::world::{World, component, tab};
use access::{ActError, Permit};
use dashboards::{DashboardError, Draft};
use domain::ProjectRole;
use domain::action::{DeleteDashboard, EditDashboard, ReadCode, ViewDashboard};
use domain::dashboard::{Content, Tab};
use domain::limits::CodeLimits;

fn draft(title: &str) -> Draft {
    Draft {
        title: title.to_owned(),
        tabs: Some(vec![serde_json::from_value(tab(Vec::new())).unwrap()]),
    }
}

#[tokio::test]
async fn two_people_save_at_once_and_the_second_loses_nothing() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let project = world.project(&ann).await;
    world.grant(&ann, &project, &ben, ProjectRole::Editor).await;
    let made = world.dashboard(&ann, &project, tab(Vec::new())).await;
    assert_eq!(made.revision, 1);

    let first: Permit<EditDashboard> = world.permit(&ann, &project).await;
    let second: Permit<EditDashboard> = world.permit(&ben, &project).await;
    let code = CodeLimits::default();
    let (one, two) = tokio::join!(
        dashboards::save(&first, &made.id, 1, draft("Ann's"), &code),
        dashboards::save(&second, &made.id, 1, draft("Ben's"), &code),
    );
    let (saved, refused) = match (one, two) {
        (Ok(saved), Err(refused)) | (Err(refused), Ok(saved)) => (saved, refused),
        (one, two) => panic!("exactly one may win: {} {}", one.is_ok(), two.is_ok()),
    };
    assert_eq!(saved.revision, 2);
    let ActError::Failed(DashboardError::Stale(current)) = refused else {
        panic!("{refused}");
    };
    assert_eq!(current.title, saved.title);
    assert_eq!(current.revision, 2);

    let view: Permit<ViewDashboard> = world.permit(&ben, &project).await;
    let now = dashboards::get(&view, &made.id, None).await.unwrap();
    assert_eq!((now.title, now.revision), (saved.title, 2));
    let third = dashboards::save(&second, &made.id, 2, draft("Both"), &CodeLimits::default()).await;
    assert_eq!(third.unwrap().revision, 3);
}

#[tokio::test]
async fn history_can_be_seen_and_gone_back_to() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let project = world.project(&ann).await;
    let made = world.dashboard(&ann, &project, tab(Vec::new())).await;
    let edit: Permit<EditDashboard> = world.permit(&ann, &project).await;
    dashboards::save(&edit, &made.id, 1, draft("Renamed"), &CodeLimits::default())
        .await
        .unwrap();
    let back = dashboards::revert(&edit, &made.id, 1).await.unwrap();
    assert_eq!((back.title.as_str(), back.revision), ("Species", 3));
    let view: Permit<ViewDashboard> = world.permit(&ann, &project).await;
    let (revisions, next) = dashboards::revisions(&view, &made.id, None, 50)
        .await
        .unwrap();
    let seen: Vec<(u64, &str)> = revisions
        .iter()
        .map(|revision| (revision.revision, revision.title.as_str()))
        .collect();
    assert_eq!(seen, [(3, "Species"), (2, "Renamed"), (1, "Species")]);
    assert_eq!(revisions[0].created_by.as_ref().unwrap().name, "ann");
    assert!(next.is_none());
    let old = dashboards::revision(&view, &made.id, 2, None)
        .await
        .unwrap();
    assert_eq!(old.title, "Renamed");
    let missing = dashboards::revision(&view, &made.id, 9, None).await;
    assert!(matches!(missing, Err(DashboardError::NotFound)));
    let refused = dashboards::revert(&edit, &made.id, 9).await;
    assert!(matches!(
        refused,
        Err(ActError::Failed(DashboardError::NotFound))
    ));
}

#[tokio::test]
async fn a_draft_with_errors_changes_nothing_and_names_them() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let project = world.project(&ann).await;
    let made = world.dashboard(&ann, &project, tab(Vec::new())).await;
    let edit: Permit<EditDashboard> = world.permit(&ann, &project).await;
    let bad = Draft {
        title: "  ".to_owned(),
        tabs: Some(Vec::<Tab>::new()),
    };
    let refused = dashboards::save(&edit, &made.id, 1, bad, &CodeLimits::default()).await;
    let Err(ActError::Failed(DashboardError::Invalid(flaws))) = refused else {
        panic!("it was saved");
    };
    let pointers: Vec<&str> = flaws.iter().map(|flaw| flaw.pointer.as_str()).collect();
    assert_eq!(pointers, ["/title", "/tabs"]);
    let view: Permit<ViewDashboard> = world.permit(&ann, &project).await;
    let now = dashboards::get(&view, &made.id, None).await.unwrap();
    assert_eq!(now.revision, 1);
}

#[tokio::test]
async fn a_dashboard_of_another_project_is_not_found() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let (mine, other) = (world.project(&ann).await, world.project(&ann).await);
    let made = world.dashboard(&ann, &mine, tab(Vec::new())).await;
    let view: Permit<ViewDashboard> = world.permit(&ann, &other).await;
    let found = dashboards::get(&view, &made.id, None).await;
    assert!(matches!(found, Err(DashboardError::NotFound)));
    let edit: Permit<EditDashboard> = world.permit(&ann, &other).await;
    let saved = dashboards::save(&edit, &made.id, 1, draft("Taken"), &CodeLimits::default()).await;
    assert!(matches!(
        saved,
        Err(ActError::Failed(DashboardError::NotFound))
    ));
    let delete: Permit<DeleteDashboard> = world.permit(&ann, &other).await;
    let deleted = dashboards::delete(&delete, &made.id).await;
    assert!(matches!(
        deleted,
        Err(ActError::Failed(DashboardError::NotFound))
    ));
    let own: Permit<ViewDashboard> = world.permit(&ann, &mine).await;
    assert!(dashboards::get(&own, &made.id, None).await.is_ok());
}

#[tokio::test]
async fn deleting_takes_the_history_too() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let project = world.project(&ann).await;
    let made = world.dashboard(&ann, &project, tab(Vec::new())).await;
    let delete: Permit<DeleteDashboard> = world.permit(&ann, &project).await;
    dashboards::delete(&delete, &made.id).await.unwrap();
    let view: Permit<ViewDashboard> = world.permit(&ann, &project).await;
    for found in [
        dashboards::get(&view, &made.id, None).await,
        dashboards::revision(&view, &made.id, 1, None).await,
    ] {
        assert!(matches!(found, Err(DashboardError::NotFound)));
    }
    let (all, _) = dashboards::list(&view, None, 50).await.unwrap();
    assert_eq!(all, []);
}

#[tokio::test]
async fn code_is_read_with_the_permit_for_it_and_for_that_project_only() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let (project, other) = (world.project(&ann).await, world.project(&ann).await);
    let table = world.collection(&ann, &project, "penguins", &[]).await;
    let code =
        serde_json::json!({"kind": "code", "collection": table.id, "code": "fig = secret()"});
    let made = world
        .dashboard(&ann, &project, tab(vec![component("c", code)]))
        .await;

    let view: Permit<ViewDashboard> = world.permit(&ann, &project).await;
    let read: Permit<ReadCode> = world.permit(&ann, &project).await;
    let foreign: Permit<ReadCode> = world.permit(&ann, &other).await;
    for (permit, expected) in [
        (Some(&read), "fig = secret()"),
        (Some(&foreign), ""),
        (None, ""),
    ] {
        let now = dashboards::get(&view, &made.id, permit).await.unwrap();
        let then = dashboards::revision(&view, &made.id, 1, permit)
            .await
            .unwrap();
        for document in [now, then] {
            let Content::Code { code, .. } = &document.tabs[0].components[0].content else {
                panic!("the component is no code");
            };
            assert_eq!(code, expected);
        }
    }
}
