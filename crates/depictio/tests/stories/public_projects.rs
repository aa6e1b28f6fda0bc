//! Projects that are open to everyone: who opens them, what a visitor sees, and when it ends.

use crate::client::Client;
use crate::server::Server;
use serde_json::{Value, json};

async fn switch(admin: &Client, on: bool) {
    let body = json!({ "public_projects": on });
    admin.patch("/api/v1/settings", &body).await.is(200);
}

fn everyone(project: &str) -> String {
    format!("{project}/members/anyone")
}

fn look() -> Value {
    json!({ "role": "viewer" })
}

/// What stands in the list for everyone, by name.
async fn listed(visitor: &Client) -> Vec<String> {
    let list = visitor.get("/api/v1/public/projects").await.is(200).json();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_opens_a_project_where_the_admin_allows_it_and_closes_it_again() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let (owner, _) = admin.person(&server, "owner", "user").await;
    let (editor, editor_id) = admin.person(&server, "editor", "user").await;
    let (outsider, _) = admin.person(&server, "outsider", "user").await;
    let visitor = Client::anyone(&server);
    let project = owner.project("Open").await;
    let kept = owner.project("Kept").await;
    let member = format!("{project}/members/users/{editor_id}");
    owner
        .put(&member, &json!({ "role": "editor" }))
        .await
        .is(200);

    let off = owner.put(&everyone(&project), &look()).await.is(409);
    assert_eq!(off.code(), "public_projects_off");
    switch(&admin, true).await;
    editor.put(&everyone(&project), &look()).await.is(403);
    for role in ["editor", "owner"] {
        let more = owner
            .put(&everyone(&project), &json!({ "role": role }))
            .await;
        assert_eq!(more.is(422).json()["errors"][0]["pointer"], "/role");
    }
    visitor.get(&project).await.is(401);
    assert!(listed(&visitor).await.is_empty());

    owner.put(&everyone(&project), &look()).await.is(200);
    assert_eq!(listed(&visitor).await, ["Open"]);
    let seen = visitor.get(&project).await.is(200).json();
    assert_eq!(
        (&seen["role"], &seen["can"]["data.query"]),
        (&json!("viewer"), &json!(true))
    );
    assert_eq!(seen["can"]["members.list"], false);
    assert_eq!(
        outsider.get(&project).await.is(200).json()["role"],
        "viewer"
    );
    visitor.get(&kept).await.is(401);
    outsider.get(&kept).await.is(404);
    // Who a visitor is, is told like everybody else's role.
    let why = visitor
        .get(&format!("{project}/access"))
        .await
        .is(200)
        .json();
    assert_eq!(
        (&why["role"], &why["grants"]),
        (
            &json!("viewer"),
            &json!([{ "role": "viewer", "via": "anyone" }])
        )
    );

    // The switch ends all of it at once, and the grant waits for the switch.
    switch(&admin, false).await;
    visitor.get(&project).await.is(401);
    outsider.get(&project).await.is(404);
    assert!(listed(&visitor).await.is_empty());
    switch(&admin, true).await;
    visitor.get(&project).await.is(200);
    owner.delete(&everyone(&project)).await.is(204);
    visitor.get(&project).await.is(401);
    assert!(listed(&visitor).await.is_empty());
    owner.delete(&everyone(&project)).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_looks_at_dashboards_and_data_and_is_told_nobodys_name() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let visitor = Client::anyone(&server);
    let (owner, owner_id) = admin.person(&server, "secret-name", "user").await;
    let project = owner.project("Open").await;
    let (collection, _) = owner.collection(&project, "Table", "a,b\n1,x\n2,y\n").await;
    let board = json!({ "title": "Board" });
    let made = owner
        .post(&format!("{project}/dashboards"), &board)
        .await
        .is(201);
    let dashboard = format!(
        "{project}/dashboards/{}",
        made.json()["id"].as_str().unwrap()
    );
    switch(&admin, true).await;
    owner.put(&everyone(&project), &look()).await.is(200);

    let read = [
        project.clone(),
        collection.clone(),
        format!("{collection}/versions"),
        format!("{project}/collections"),
        format!("{project}/dashboards"),
        dashboard.clone(),
        format!("{dashboard}/revisions"),
    ];
    for path in &read {
        let told = visitor.get(path).await.is(200).text();
        assert!(!told.contains("secret-name"), "{path}: {told}");
        // The same route names them to a member.
        let _ = owner.get(path).await.is(200);
    }
    let versions = format!("{collection}/versions");
    assert!(
        owner
            .get(&versions)
            .await
            .is(200)
            .text()
            .contains("secret-name")
    );
    let rows = visitor
        .post(&format!("{collection}/query"), &json!({}))
        .await
        .is(200);
    assert_eq!(rows.json()["rows"].as_array().unwrap().len(), 2);

    // Nothing of people, and nothing that changes.
    visitor.get(&format!("{project}/members")).await.is(401);
    visitor.get(&format!("{project}/audience")).await.is(401);
    visitor
        .get(&format!("{project}/access?user={owner_id}"))
        .await
        .is(401);
    visitor
        .patch(&project, &json!({ "name": "Taken" }))
        .await
        .is(401);
    visitor.put(&everyone(&project), &look()).await.is(401);
    visitor.delete(&dashboard).await.is(401);
    visitor.get("/api/v1/projects").await.is(401);
    visitor.get("/api/v1/directory?q=secret").await.is(401);

    // A look is in the log, as nobody's in particular.
    let events = admin
        .get("/api/v1/audit/events?type=data.query")
        .await
        .is(200)
        .json();
    let of_visitor = |event: &&Value| event["actor"]["kind"] == "anyone";
    assert!(
        events["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|event| of_visitor(&event))
    );
}
