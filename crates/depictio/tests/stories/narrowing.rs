//! A dashboard narrowed to fewer people than its project: for the others it is not there, on any
//! route, in any list, count, history or answer that somebody else has paid for.

use crate::client::{Answer, Client};
use crate::server::Server;
use hyper::Method;
use serde_json::{Value, json};

/// A project with a table and a dashboard, and somebody in every role.
struct House {
    project: String,
    board: String,
    collection: String,
    owner: Client,
    editor: Client,
    viewer: Client,
    viewer_id: String,
    member: Client,
    member_id: String,
    /// A system viewer to whom editing was granted.
    capped: Client,
    group: String,
    admin: Client,
}

impl House {
    async fn new(server: &Server) -> Self {
        let admin = Client::admin(server).await;
        let (owner, _) = admin.person(server, "narrow-owner", "user").await;
        let (editor, editor_id) = admin.person(server, "narrow-editor", "user").await;
        let (viewer, viewer_id) = admin.person(server, "narrow-viewer", "user").await;
        let (member, member_id) = admin.person(server, "narrow-member", "user").await;
        let (capped, capped_id) = admin.person(server, "narrow-capped", "viewer").await;
        let body = json!({ "name": format!("Narrow {member_id}") });
        let group = admin.post("/api/v1/groups", &body).await.is(201).json();
        let group = group["id"].as_str().unwrap().to_owned();
        let joining = format!("/api/v1/groups/{group}/members/{member_id}");
        admin.put(&joining, &Value::Null).await.is(204);
        let project = owner.project("Narrowed").await;
        for (to, role) in [
            (format!("users/{editor_id}"), "editor"),
            (format!("users/{viewer_id}"), "viewer"),
            (format!("users/{capped_id}"), "editor"),
            (format!("groups/{group}"), "viewer"),
        ] {
            let path = format!("{project}/members/{to}");
            owner.put(&path, &json!({ "role": role })).await.is(200);
        }
        let (_, collection) = owner.collection(&project, "Table", "a,b\n1,x\n2,y\n").await;
        let board = Self::board(&owner, &project, "Board", &collection).await;
        Self {
            project,
            board,
            collection,
            owner,
            editor,
            viewer,
            viewer_id,
            member,
            member_id,
            capped,
            group,
            admin,
        }
    }

    /// Makes a dashboard with one figure of the table; its path.
    async fn board(owner: &Client, project: &str, title: &str, collection: &str) -> String {
        let spec = json!({ "chart": "histogram", "x": "a" });
        let figure = json!({
            "id": "figure", "title": "Figure", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 },
            "content": { "kind": "figure", "collection": collection, "spec": spec },
        });
        let tab = json!({ "id": "main", "title": "Main", "filters": [], "components": [figure] });
        let made = owner
            .post(
                &format!("{project}/dashboards"),
                &json!({ "title": title, "tabs": [tab] }),
            )
            .await
            .is(201);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        format!("{project}/dashboards/{id}")
    }

    async fn narrow(&self, body: &Value) -> Answer {
        let path = format!("{}/narrowing", self.board);
        self.owner.put(&path, body).await
    }

    /// The titles somebody finds in the list, and what the project says of how many there are.
    async fn listed(&self, who: &Client) -> (Vec<String>, u64) {
        let list = format!("{}/dashboards", self.project);
        let list = who.get(&list).await.is(200).json();
        let titles = list["items"].as_array().unwrap().iter();
        let titles = titles
            .map(|item| item["title"].as_str().unwrap().to_owned())
            .collect();
        let one = who.get(&self.project).await.is(200).json();
        let all = who.get("/api/v1/projects?limit=200").await.is(200).json();
        let same = all["items"].as_array().unwrap().iter();
        let same = same.filter(|item| item["id"] == one["id"]);
        let counts: Vec<_> = same
            .map(|item| item["dashboards"].as_u64().unwrap())
            .collect();
        assert_eq!(counts, [one["dashboards"].as_u64().unwrap()]);
        (titles, counts[0])
    }
}

/// Every route of a dashboard, with a body that is good where one belongs.
fn routes(board: &str) -> Vec<(Method, String, Value)> {
    let of = |rest: &str| format!("{board}{rest}");
    let document = json!({ "title": "T", "tabs": [] });
    vec![
        (Method::GET, of(""), Value::Null),
        (Method::PUT, of(""), document),
        (Method::DELETE, of(""), Value::Null),
        (Method::PUT, of("/narrowing"), json!({ "to": "editors" })),
        (Method::DELETE, of("/narrowing"), Value::Null),
        (Method::GET, of("/revisions"), Value::Null),
        (Method::GET, of("/revisions/1"), Value::Null),
        (Method::GET, of("/revisions/9"), Value::Null),
        (Method::POST, of("/revert"), json!({ "revision": 1 })),
        (Method::POST, of("/render"), json!({})),
        (Method::POST, of("/render"), json!({ "revision": 1 })),
        (Method::POST, of("/render"), json!({ "no such field": 1 })),
        (
            Method::POST,
            of("/render"),
            json!({ "draft": { "id": "main", "title": "M", "filters": [], "components": [] } }),
        ),
    ]
}

async fn ask(who: &Client, (method, path, body): (Method, String, Value)) -> Answer {
    let mut who = who.clone();
    who.headers.push(("if-match", "\"1\"".to_owned()));
    if body.is_null() {
        return who.send(method, &path, None, Vec::new()).await;
    }
    let body = body.to_string().into_bytes();
    who.send(method, &path, Some("application/json"), body)
        .await
}

/// For this person the dashboard and one that never was are the same, byte for byte.
async fn is_hidden(house: &House, who: &Client) {
    let nowhere = format!("{}/dashboards/dsh_{}", house.project, "0".repeat(32));
    let malformed = format!("{}/dashboards/anything", house.project);
    for place in 0..routes(&house.board).len() {
        let mut answers = Vec::new();
        for board in [&house.board, &nowhere, &malformed] {
            let asked = routes(board).swap_remove(place);
            let words = format!("{} {}", asked.0, asked.1);
            let answer = ask(who, asked).await;
            assert_eq!(answer.status.as_u16(), 404, "{words}: {}", answer.text());
            let id = answer.json()["request_id"].as_str().unwrap().to_owned();
            answers.push(answer.text().replace(&id, ""));
        }
        assert!(
            answers.windows(2).all(|pair| pair[0] == pair[1]),
            "{answers:?}"
        );
    }
    let (titles, count) = house.listed(who).await;
    assert_eq!((titles.len(), count), (0, 0), "{titles:?}");
}

async fn is_shown(house: &House, who: &Client) {
    who.get(&house.board).await.is(200);
    who.get(&format!("{}/revisions", house.board)).await.is(200);
    let lines = who
        .post(&format!("{}/render", house.board), &json!({}))
        .await
        .is(200)
        .lines();
    assert_eq!(lines[0]["status"], "ok", "{lines:?}");
    assert_eq!(house.listed(who).await, (vec!["Board".to_owned()], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_narrowed_to_editors_is_not_there_for_viewers() {
    let house = House::new(Server::shared()).await;
    is_shown(&house, &house.viewer).await;
    let narrowed = house.narrow(&json!({ "to": "editors" })).await.is(200);
    assert_eq!(narrowed.json()["narrowing"]["to"], "editors");
    // Somebody else has just rendered it, so the answer is remembered.
    is_shown(&house, &house.owner).await;
    is_hidden(&house, &house.viewer).await;
    is_hidden(&house, &house.member).await;
    for who in [&house.editor, &house.admin, &house.owner] {
        let seen = who.get(&house.board).await.is(200).json();
        assert_eq!(seen["narrowing"]["to"], "editors");
    }
    // The strongest grant first, then the narrowing, then the cap: it is seen, and not changed.
    is_shown(&house, &house.capped).await;
    house.capped.delete(&house.board).await.is(403);
    Client::anyone(Server::shared())
        .get(&house.board)
        .await
        .is(401);

    // Narrowing is the owner's; and the data is not narrowed with it.
    let narrowing = format!("{}/narrowing", house.board);
    let asked = json!({ "to": "named" });
    house.editor.put(&narrowing, &asked).await.is(403);
    house.editor.delete(&narrowing).await.is(403);
    let query = format!("{}/collections/{}/query", house.project, house.collection);
    house.viewer.post(&query, &json!({})).await.is(200);

    // An edit and a step back leave it narrowed; the document goes back as it came.
    let document = house.editor.get(&house.board).await.is(200);
    let etag = document.headers["etag"].to_str().unwrap().to_owned();
    let saved = house
        .editor
        .put_over(&house.board, &etag, &document.json())
        .await
        .is(200);
    assert_eq!(saved.json()["narrowing"]["to"], "editors");
    let revert = format!("{}/revert", house.board);
    house
        .editor
        .post(&revert, &json!({ "revision": 1 }))
        .await
        .is(200);
    is_hidden(&house, &house.viewer).await;

    let why = house
        .admin
        .get("/api/v1/audit/events?type=dashboard.view&limit=200")
        .await
        .is(200)
        .json();
    let id = house.board.rsplit('/').next().unwrap();
    let refused = why["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["outcome"] == "denied" && event["target"]["id"] == id);
    let refused = refused.unwrap_or_else(|| panic!("{why}"));
    assert_eq!(refused["because"]["reason"], "narrowed");
    assert_eq!(refused["because"]["role"], "viewer");

    house.owner.delete(&narrowing).await.is(204);
    is_shown(&house, &house.viewer).await;
    assert_eq!(
        house.viewer.get(&house.board).await.json()["narrowing"],
        Value::Null
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_narrowed_to_the_named_follows_names_and_groups_and_gives_nothing() {
    let server = Server::shared();
    let house = House::new(server).await;
    let named = json!({ "to": "named", "users": [house.viewer_id], "groups": [house.group] });
    let narrowed = house.narrow(&named).await.is(200).json();
    assert_eq!(narrowed["narrowing"]["users"][0]["id"], house.viewer_id);
    assert_eq!(narrowed["narrowing"]["groups"][0]["id"], house.group);
    is_shown(&house, &house.viewer).await;
    is_shown(&house, &house.member).await;
    is_hidden(&house, &house.editor).await;
    is_hidden(&house, &house.capped).await;
    // Being named gives nothing: who looks, only looks.
    house.viewer.delete(&house.board).await.is(403);
    let revert = format!("{}/revert", house.board);
    house
        .viewer
        .post(&revert, &json!({ "revision": 1 }))
        .await
        .is(403);
    // Who left the group has their own grant still, and the dashboard no more.
    let own = format!("{}/members/users/{}", house.project, house.member_id);
    house
        .owner
        .put(&own, &json!({ "role": "viewer" }))
        .await
        .is(200);
    let membership = format!("/api/v1/groups/{}/members/{}", house.group, house.member_id);
    house.admin.delete(&membership).await.is(204);
    is_hidden(&house, &house.member).await;
    house.admin.put(&membership, &Value::Null).await.is(204);
    is_shown(&house, &house.member).await;
    // Who loses their role in the project loses it all the same, named or not.
    let viewer = format!("{}/members/users/{}", house.project, house.viewer_id);
    house.owner.delete(&viewer).await.is(204);
    house.viewer.get(&house.board).await.is(404);
    house.viewer.get(&house.project).await.is(404);
    // Nobody named: for owners alone.
    house.narrow(&json!({ "to": "named" })).await.is(200);
    is_hidden(&house, &house.member).await;
    is_shown(&house, &house.owner).await;
    is_shown(&house, &house.admin).await;

    // Only people and groups of this project can be named, and what is wrong is said by its place.
    let (_, stranger) = house.admin.person(server, "narrow-stranger", "user").await;
    let body = json!({ "name": format!("Else {stranger}") });
    let elsewhere = house
        .admin
        .post("/api/v1/groups", &body)
        .await
        .is(201)
        .json();
    let elsewhere = elsewhere["id"].clone();
    let nobody = format!("usr_{}", "0".repeat(32));
    let bad = [
        (
            json!({ "to": "named", "users": [house.member_id, stranger] }),
            "/users/1",
        ),
        (json!({ "to": "named", "users": [nobody] }), "/users/0"),
        (json!({ "to": "named", "groups": [elsewhere] }), "/groups/0"),
        (json!({ "to": "named", "users": [house.group] }), "/users/0"),
        (json!({ "to": "named", "users": "everyone" }), "/users"),
        (
            json!({ "to": "editors", "users": [house.member_id] }),
            "/to",
        ),
        (json!({ "to": "viewers" }), "/to"),
        (json!({ "to": "named", "roles": [] }), "/roles"),
        (json!({}), ""),
        (
            json!({ "to": "named", "users": vec![house.member_id.clone(); 201] }),
            "",
        ),
    ];
    for (body, pointer) in bad {
        let answer = house.narrow(&body).await.is(422).json();
        let found = answer["errors"][0]["pointer"].as_str().unwrap();
        assert!(found == pointer || pointer.is_empty(), "{body}: {answer}");
    }
    let twice = json!({ "to": "named", "users": [house.member_id, house.member_id] });
    let twice = house.narrow(&twice).await.is(200).json();
    assert_eq!(twice["narrowing"]["users"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_list_tells_nothing_of_what_is_hidden_behind_it() {
    let house = House::new(Server::shared()).await;
    let editors = json!({ "to": "editors" });
    house.narrow(&editors).await.is(200);
    for (title, hidden) in [
        ("One", false),
        ("x", true),
        ("Two", false),
        ("y", true),
        ("z", true),
    ] {
        let board = House::board(&house.owner, &house.project, title, &house.collection).await;
        if hidden {
            let path = format!("{board}/narrowing");
            house.owner.put(&path, &editors).await.is(200);
        }
    }
    assert_eq!(house.listed(&house.owner).await.1, 6);
    let whole = (vec!["One".to_owned(), "Two".to_owned()], 2);
    assert_eq!(house.listed(&house.viewer).await, whole);
    for limit in 1..=3 {
        let (mut titles, mut pages, mut cursor) = (Vec::new(), 0, String::new());
        loop {
            let path = format!("{}/dashboards?limit={limit}{cursor}", house.project);
            let page = house.viewer.get(&path).await.is(200).json();
            let items = page["items"].as_array().unwrap();
            titles.extend(
                items
                    .iter()
                    .map(|it| it["title"].as_str().unwrap().to_owned()),
            );
            pages += 1;
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(titles, whole.0, "{limit} at a time");
        assert_eq!(
            pages,
            2_usize.div_ceil(limit),
            "no page but those of what is seen"
        );
    }
}
