//! Who reaches a project, through what, and what somebody lacks: for owners and admins about anyone,
//! for everyone about themselves.

use crate::client::Client;
use crate::server::Server;
use serde_json::{Value, json};

async fn everyone(who: &Client, path: &str, limit: usize) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    let sign = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = who
            .get(&format!("{path}{sign}limit={limit}{cursor}"))
            .await
            .is(200)
            .json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{page}");
        found.extend(items.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

fn of<'a>(found: &'a [Value], id: &str) -> Option<&'a Value> {
    found.iter().find(|one| one["id"] == id)
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_who_reaches_a_project_is_listed_with_the_reason() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (owner, owner_id) = admin.person(server, "reach-owner", "user").await;
    let (viewer, viewer_id) = admin.person(server, "reach-viewer", "user").await;
    let (_, member_id) = admin.person(server, "reach-member", "user").await;
    let (capped, capped_id) = admin.person(server, "reach-capped", "viewer").await;
    let (outsider, outsider_id) = admin.person(server, "reach-outsider", "user").await;
    let body = json!({ "name": format!("Reach {member_id}") });
    let group = admin.post("/api/v1/groups", &body).await.is(201).json()["id"].clone();
    let group = group.as_str().unwrap();
    for id in [&member_id, &capped_id] {
        let joining = format!("/api/v1/groups/{group}/members/{id}");
        admin.put(&joining, &Value::Null).await.is(204);
    }
    let project = owner.project("Reached").await;
    for (to, role) in [
        (format!("users/{viewer_id}"), "viewer"),
        (format!("users/{member_id}"), "viewer"),
        (format!("groups/{group}"), "editor"),
    ] {
        let path = format!("{project}/members/{to}");
        owner.put(&path, &json!({ "role": role })).await.is(200);
    }
    let audience = format!("{project}/audience");
    let found = everyone(&owner, &audience, 2).await;
    assert_eq!(of(&found, &owner_id).unwrap()["role"], "owner");
    assert!(of(&found, &outsider_id).is_none());
    let member = of(&found, &member_id).unwrap();
    assert_eq!(member["role"], "editor");
    assert_eq!(member["grants"][0]["via"], "group");
    assert_eq!(member["grants"][0]["group"]["id"], group);
    assert_eq!(member["grants"][1]["via"], "user");
    let held = of(&found, &capped_id).unwrap();
    assert_eq!(
        (&held["role"], &held["capped"]),
        (&json!("viewer"), &json!(true))
    );
    let me = admin.get("/api/v1/auth/me").await.json()["user"]["id"].clone();
    let by_system = of(&found, me.as_str().unwrap()).unwrap();
    assert_eq!(by_system["grants"][0]["via"], "system");
    assert!(!json!(found).to_string().contains('@'), "no address");
    let mut ids: Vec<_> = found
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    let sorted = {
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted
    };
    assert_eq!(ids, sorted, "in one order");
    ids.dedup();
    assert_eq!(
        ids.len(),
        found.len(),
        "each once, however many grants they have"
    );

    // A dashboard of it, narrowed.
    let boards = format!("{project}/dashboards");
    let board = owner
        .post(&boards, &json!({ "title": "Board" }))
        .await
        .is(201);
    let board = board.json()["id"].clone();
    let board = board.as_str().unwrap();
    let narrowing = format!("{project}/dashboards/{board}/narrowing");
    owner
        .put(&narrowing, &json!({ "to": "editors" }))
        .await
        .is(200);
    let there = everyone(&owner, &format!("{audience}?dashboard={board}"), 200).await;
    assert!(of(&there, &viewer_id).is_none());
    assert!(of(&there, &member_id).is_some() && of(&there, &owner_id).is_some());

    viewer.get(&audience).await.is(403);
    outsider.get(&audience).await.is(404);
    Client::anyone(server).get(&audience).await.is(401);
    for wrong in [
        "cursor=anything",
        "limit=0",
        "limit=201",
        "dashboard=anything",
        "who=me",
    ] {
        let answer = owner.get(&format!("{audience}?{wrong}")).await;
        assert_eq!(answer.status.as_u16(), 422, "{wrong}: {}", answer.text());
    }
    let nowhere = format!("dsh_{}", "0".repeat(32));
    owner
        .get(&format!("{audience}?dashboard={nowhere}"))
        .await
        .is(404);

    // Why not: for oneself, and for an owner about anyone.
    let own = format!("{project}/access");
    let why = viewer
        .get(&format!("{own}?action=dashboard.edit"))
        .await
        .is(200)
        .json();
    assert_eq!(why["role"], "viewer");
    assert_eq!(why["decision"]["outcome"], "denied");
    assert_eq!(
        why["decision"]["missing"],
        json!([{ "missing": "role", "role": "editor" }])
    );
    let why = capped
        .get(&format!("{own}?action=dashboard.edit"))
        .await
        .is(200)
        .json();
    assert_eq!(why["capped"], true);
    assert_eq!(
        why["decision"]["missing"],
        json!([{ "missing": "system_role", "role": "user" }])
    );
    let asked = format!("{own}?user={viewer_id}&dashboard={board}&action=dashboard.view");
    let why = owner.get(&asked).await.is(200).json();
    assert_eq!(why["role"], Value::Null);
    assert_eq!(why["decision"]["outcome"], "hidden");
    assert_eq!(
        why["decision"]["missing"],
        json!([{ "missing": "passage" }])
    );
    // What is hidden is hidden here too.
    viewer
        .get(&format!("{own}?dashboard={board}"))
        .await
        .is(404);
    viewer
        .get(&format!("{own}?dashboard={nowhere}"))
        .await
        .is(404);
    viewer.get(&format!("{own}?user={owner_id}")).await.is(403);
    owner
        .get(&format!("{own}?user=usr_{}", "0".repeat(32)))
        .await
        .is(404);
    for wrong in ["action=anything", "action=users.manage", "user=anything"] {
        owner.get(&format!("{own}?{wrong}")).await.is(422);
    }
    // An account that may not sign in reaches nothing.
    let account = format!("/api/v1/users/{member_id}");
    admin
        .patch(&account, &json!({ "disabled": true }))
        .await
        .is(200);
    assert!(of(&everyone(&owner, &audience, 200).await, &member_id).is_none());
    let gone = owner
        .get(&format!("{own}?user={member_id}"))
        .await
        .is(200)
        .json();
    assert_eq!(gone["role"], Value::Null);
}
