//! An owner or admin looks at a project as one of its roles: sees what that role sees, changes
//! nothing, and the log says so.

use crate::client::Client;
use crate::server::Server;
use hyper::Method;
use serde_json::{Value, json};

fn looking_as(who: &Client, role: &str) -> Client {
    let mut who = who.clone();
    who.headers.push(("depictio-view-as", role.to_owned()));
    who
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_looks_as_a_viewer_and_changes_nothing_meanwhile() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (owner, owner_id) = admin.person(server, "view-as-owner", "user").await;
    let (editor, editor_id) = admin.person(server, "view-as-editor", "user").await;
    let (viewer, viewer_id) = admin.person(server, "view-as-viewer", "user").await;
    let (outsider, _) = admin.person(server, "view-as-outsider", "user").await;
    let project = owner.project("Looked at").await;
    for (id, role) in [(&editor_id, "editor"), (&viewer_id, "viewer")] {
        let path = format!("{project}/members/users/{id}");
        owner.put(&path, &json!({ "role": role })).await.is(200);
    }
    let boards = format!("{project}/dashboards");
    let mut made = Vec::new();
    for title in ["Open", "Editors", "Named"] {
        let board = owner
            .post(&boards, &json!({ "title": title }))
            .await
            .is(201);
        made.push(format!("{boards}/{}", board.json()["id"].as_str().unwrap()));
    }
    let editors = json!({ "to": "editors" });
    owner
        .put(&format!("{}/narrowing", made[1]), &editors)
        .await
        .is(200);
    let named = json!({ "to": "named", "users": [viewer_id, editor_id] });
    owner
        .put(&format!("{}/narrowing", made[2]), &named)
        .await
        .is(200);

    let titles = async |who: &Client| -> Vec<String> {
        let list = who.get(&boards).await.is(200).json();
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|it| it["title"].as_str().unwrap().to_owned())
            .collect()
    };
    for boss in [&owner, &admin] {
        // As a viewer: what a viewer sees of whom nothing more is known.
        let as_viewer = looking_as(boss, "viewer");
        let seen = as_viewer.get(&project).await.is(200).json();
        assert_eq!(
            (&seen["role"], &seen["via_admin"]),
            (&json!("viewer"), &json!(false))
        );
        assert_eq!(seen["can"]["dashboard.edit"], false);
        assert_eq!(seen["dashboards"], 1);
        assert_eq!(titles(&as_viewer).await, ["Open"]);
        as_viewer.get(&made[1]).await.is(404);
        as_viewer.get(&format!("{project}/audience")).await.is(403);
        let as_editor = looking_as(boss, "editor");
        assert_eq!(titles(&as_editor).await, ["Open", "Editors"]);
        as_editor
            .post(&format!("{}/render", made[1]), &json!({}))
            .await
            .is(200);
        let why = as_editor
            .get(&format!("{project}/access"))
            .await
            .is(200)
            .json();
        assert_eq!(
            why["grants"],
            json!([{ "role": "editor", "via": "view_as" }])
        );
        // Nothing is changed, not even what the role may, nor what the person may.
        for role in ["viewer", "editor", "owner"] {
            let looking = looking_as(boss, role);
            let changes = [
                (Method::POST, boards.clone(), json!({ "title": "No" })),
                (Method::DELETE, made[0].clone(), Value::Null),
                (Method::PATCH, project.clone(), json!({ "name": "No" })),
                (Method::DELETE, project.clone(), Value::Null),
                (
                    Method::PUT,
                    format!("{project}/members/users/{viewer_id}"),
                    json!({ "role": "owner" }),
                ),
            ];
            for (method, path, body) in changes {
                let body = body.to_string().into_bytes();
                let refused = looking
                    .send(method, &path, Some("application/json"), body)
                    .await;
                let refused = refused.is(403).json();
                assert_eq!(refused["because"]["reason"], "view_as", "{refused}");
            }
        }
        assert_eq!(
            titles(boss).await.len(),
            3,
            "without the header all is as ever"
        );
    }
    // Nobody gains by it, and what is hidden stays so.
    for role in ["viewer", "editor", "owner"] {
        for who in [&editor, &viewer] {
            let refused = looking_as(who, role).get(&project).await.is(403).json();
            assert_eq!(refused["because"]["permitted"], false);
        }
        looking_as(&viewer, role).get(&made[1]).await.is(404);
        looking_as(&outsider, role).get(&project).await.is(404);
        looking_as(&Client::anyone(server), role)
            .get(&project)
            .await
            .is(401);
    }
    for wrong in ["admin", "", "Viewer", "viewer, owner"] {
        looking_as(&owner, wrong).get(&project).await.is(422);
    }
    let events = format!("/api/v1/audit/events?type=dashboard.view&actor={owner_id}&limit=200");
    let events = admin.get(&events).await.is(200).json();
    let marked = events["items"].as_array().unwrap().iter();
    let marked = marked.filter(|event| event["because"]["grants"][0]["via"] == "view_as");
    assert!(marked.count() >= 3, "{events}");
}
