//! Dashboards: saved by several, rendered for each by what they may see, and never a way for script.

use crate::client::{Answer, Client};
use crate::server::Server;
use serde_json::{Value, json};

const CSV: &str = "n,kind,day\n1,a,2024-01-01\n2,b,2024-01-02\n3,b,2024-01-03\n4,c,2024-01-04\n";

fn part(id: &str, content: Value) -> Value {
    json!({ "id": id, "title": id, "layout": { "x": 0, "y": 0, "w": 6, "h": 4 }, "content": content })
}

fn tab(components: Vec<Value>) -> Value {
    json!({ "id": "tab", "title": "One", "filters": [], "components": components })
}

async fn board(admin: &Client, project: &str, components: Vec<Value>) -> (String, Value) {
    let path = format!("{project}/dashboards");
    let body = json!({ "title": "Board", "tabs": [tab(components)] });
    let made = admin.post(&path, &body).await.is(201).json();
    (format!("{path}/{}", made["id"].as_str().unwrap()), made)
}

async fn render(client: &Client, board: &str, body: &Value) -> Vec<Value> {
    let answer = client.post(&format!("{board}/render"), body).await.is(200);
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let mut lines = answer.lines();
    lines.sort_by_key(|line| line["component"].as_str().unwrap().to_owned());
    lines
}

/// One component of every kind; their ids are in the order of the alphabet.
fn every_kind(collection: &str) -> Vec<Value> {
    let card = |aggregate: &str| json!({ "kind": "card", "collection": collection, "column": "n", "aggregate": aggregate });
    let figure = |spec: Value| json!({ "kind": "figure", "collection": collection, "spec": spec });
    let code = "import plotly.express as px\nprint(len(df))\nfig = px.scatter(df, x='n', y='n')";
    vec![
        part(
            "a_count",
            json!({ "kind": "card", "collection": collection, "aggregate": "count" }),
        ),
        part("b_sum", card("sum")),
        part(
            "c_scatter",
            figure(json!({ "chart": "scatter", "x": "n", "y": "n", "color": "kind" })),
        ),
        part(
            "d_line",
            figure(json!({ "chart": "line", "x": "day", "y": "n" })),
        ),
        part("e_bar", figure(json!({ "chart": "bar", "x": "kind" }))),
        part(
            "f_histogram",
            figure(json!({ "chart": "histogram", "x": "n", "bins": 4 })),
        ),
        part(
            "g_box",
            figure(json!({ "chart": "box", "y": "n", "x": "kind" })),
        ),
        part(
            "h_code",
            json!({ "kind": "code", "collection": collection, "code": code }),
        ),
        part(
            "i_table",
            json!({ "kind": "table", "collection": collection, "page_size": 2,
            "sort": [{ "column": "n", "descending": true }] }),
        ),
        part("j_text", json!({ "kind": "text", "markdown": "**words**" })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_save_at_once_lose_nothing() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let project = admin.project("Saving").await;
    let (path, made) = board(&admin, &project, Vec::new()).await;
    let read = admin.get(&path).await.is(200);
    assert_eq!(read.headers["etag"], "\"1\"");
    assert_eq!(read.json(), made);
    assert_eq!(
        admin.put(&path, &made).await.is(428).code(),
        "if_match_missing"
    );
    let titled = |title: &str| {
        let mut document = made.clone();
        document["title"] = json!(title);
        document
    };
    let (left, right) = (titled("Left"), titled("Right"));
    let (one, two): (Answer, Answer) = tokio::join!(
        admin.put_over(&path, "\"1\"", &left),
        admin.put_over(&path, "\"1\"", &right)
    );
    let (winner, loser, won) = match one.status.as_u16() {
        200 => (one, two, "Left"),
        _ => (two, one, "Right"),
    };
    let saved = winner.is(200);
    assert_eq!(saved.headers["etag"], "\"2\"");
    let stale = loser.is(412);
    assert_eq!(stale.code(), "stale");
    assert_eq!(
        stale.json()["current"],
        saved.json(),
        "the second sees what the first saved"
    );
    assert_eq!(saved.json()["title"], won);

    let again = admin
        .put_over(&path, "\"2\"", &titled("Merged"))
        .await
        .is(200)
        .json();
    assert_eq!(
        (&again["revision"], &again["title"]),
        (&json!(3), &json!("Merged"))
    );
    let history = admin.get(&format!("{path}/revisions")).await.is(200).json();
    let titles: Vec<_> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["title"].clone())
        .collect();
    assert_eq!(titles, [json!("Merged"), json!(won), json!("Board")]);
    let second = admin
        .get(&format!("{path}/revisions/2"))
        .await
        .is(200)
        .json();
    assert_eq!(second["title"], won);
    let back = admin
        .post(&format!("{path}/revert"), &json!({ "revision": 1 }))
        .await
        .is(200)
        .json();
    assert_eq!(
        (&back["revision"], &back["title"]),
        (&json!(4), &json!("Board"))
    );
    admin
        .post(&format!("{path}/revert"), &json!({ "revision": 99 }))
        .await
        .is(404);
    admin.delete(&path).await.is(204);
    admin.get(&path).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_saves_at_once_make_one_revision() {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Race").await;
    let (path, made) = board(&admin, &project, Vec::new()).await;
    let saves = (0..20).map(|n| {
        let (admin, path, mut document) = (admin.clone(), path.clone(), made.clone());
        document["title"] = json!(format!("Save {n}"));
        tokio::spawn(async move {
            admin
                .put_over(&path, "\"1\"", &document)
                .await
                .status
                .as_u16()
        })
    });
    let mut statuses = Vec::new();
    for save in saves.collect::<Vec<_>>() {
        statuses.push(save.await.unwrap());
    }
    assert_eq!(
        statuses.iter().filter(|s| **s == 200).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|s| **s == 412).count(),
        19,
        "{statuses:?}"
    );
    assert_eq!(admin.get(&path).await.is(200).json()["revision"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_component_is_rendered_and_follows_the_filters() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let project = admin.project("Rendering").await;
    let (_, id) = admin.collection(&project, "Table", CSV).await;
    let (path, _) = board(&admin, &project, every_kind(&id)).await;
    let lines = render(&admin, &path, &json!({ "filters": [] })).await;
    assert_eq!(lines.len(), 10);
    for line in &lines {
        assert_eq!(line["status"], "ok", "{line}");
        let text = line["component"] == "j_text";
        assert!(text || line["versions"][&id] == 1, "{line}");
    }
    assert_eq!(lines[0]["result"]["value"], 4);
    assert_eq!(lines[1]["result"]["value"], 10);
    for line in &lines[2..8] {
        assert_eq!(line["result"]["kind"], "figure");
        assert!(
            !line["result"]["figure"]["data"]
                .as_array()
                .unwrap()
                .is_empty(),
            "{line}"
        );
    }
    assert_eq!(lines[7]["result"]["stdout"], "4\n");
    assert_eq!(lines[8]["result"]["rows"][0]["n"], 4);
    assert_eq!(lines[8]["result"]["total_rows"], 4);
    assert!(
        lines[9]["result"]["html"]
            .as_str()
            .unwrap()
            .contains("<strong>words</strong>")
    );

    let narrowed = json!({ "filters": [{ "column": "kind", "op": "in", "values": ["b"] }] });
    let lines = render(&admin, &path, &narrowed).await;
    assert_eq!(
        (&lines[0]["result"]["value"], &lines[1]["result"]["value"]),
        (&json!(2), &json!(5))
    );
    assert_eq!(
        lines[7]["result"]["stdout"], "2\n",
        "code sees the filtered rows"
    );
    assert_eq!(lines[8]["result"]["total_rows"], 2);
    let whole = lines.iter().map(Value::to_string).collect::<String>();
    assert!(
        !whole.contains("2024-01-04"),
        "a row that the filter leaves out"
    );
    let only = render(&admin, &path, &json!({ "components": ["b_sum"] })).await;
    assert_eq!(only.len(), 1);

    let wrong = json!({ "filters": [{ "column": "no_such", "op": "eq", "value": 1 }] });
    for line in render(&admin, &path, &wrong).await {
        let expected = if line["component"] == "j_text" {
            "ok"
        } else {
            "error"
        };
        assert_eq!(line["status"], expected, "{line}");
        assert!(
            expected == "ok" || line["problem"]["code"] == "invalid_filter",
            "{line}"
        );
        assert!(expected == "ok" || line["result"].is_null(), "{line}");
    }
    let kind = json!({ "filters": [{ "column": "n", "op": "eq", "value": "x" }], "components": ["b_sum"] });
    let line = render(&admin, &path, &kind).await;
    assert_eq!(line[0]["problem"]["code"], "invalid_filter", "{line:?}");
    let unknown = json!({ "filters": [], "components": ["no_such"] });
    admin
        .post(&format!("{path}/render"), &unknown)
        .await
        .is(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_sees_the_figure_of_code_but_not_the_code() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (viewer, user) = admin.person(server, "viewer", "user").await;
    let project = admin.project("Viewing").await;
    let (_, id) = admin.collection(&project, "Table", CSV).await;
    let (path, made) = board(&admin, &project, every_kind(&id)).await;
    let grant = format!("{project}/members/users/{user}");
    viewer.get(&path).await.is(404);
    admin
        .put(&grant, &json!({ "role": "viewer" }))
        .await
        .is(200);
    for at in [path.clone(), format!("{path}/revisions/1")] {
        let seen = viewer.get(&at).await.is(200);
        assert_eq!(
            seen.json()["tabs"][0]["components"][7]["content"]["code"],
            "",
            "{at}"
        );
        assert!(!seen.text().contains("px.scatter"), "{at}");
        assert!(admin.get(&at).await.is(200).text().contains("px.scatter"));
    }
    let lines = render(&viewer, &path, &json!({ "components": ["h_code"] })).await;
    assert_eq!(lines[0]["status"], "ok", "{lines:?}");
    assert!(!lines[0].to_string().contains("px.scatter"));
    viewer.put_over(&path, "\"1\"", &made).await.is(403);
    viewer
        .post(&format!("{path}/revert"), &json!({ "revision": 1 }))
        .await
        .is(403);
    viewer.delete(&path).await.is(403);
    // Code of their own does not run, neither in a draft nor as a preview.
    let own = json!({ "kind": "code", "collection": id, "code": "fig = 1" });
    let draft = json!({ "draft": tab(vec![part("mine", own.clone())]) });
    let lines = render(&viewer, &path, &draft).await;
    assert_eq!(lines[0]["problem"]["code"], "forbidden", "{lines:?}");
    let preview = json!({ "content": own });
    viewer
        .post(&format!("{project}/components/preview"), &preview)
        .await
        .is(403);
    admin.delete(&grant).await.is(204);
    viewer.get(&path).await.is(404);
    viewer
        .post(&format!("{path}/render"), &json!({}))
        .await
        .is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_on_a_foreign_collection_shows_nothing_of_it() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (other, _) = admin.person(server, "other", "user").await;
    let theirs = admin.project("Theirs").await;
    let (_, foreign) = admin
        .collection(
            &theirs,
            "Secret",
            "n,kind,day\n770177077,planted-cell,2024-01-01\n",
        )
        .await;
    let own = other.project("Own").await;
    let (_, mine) = other.collection(&own, "Mine", CSV).await;
    // Even the admin, who may read both, sees it only in its own project.
    for who in [&other, &admin] {
        let mut parts = every_kind(&foreign);
        parts.push(part(
            "z_mine",
            json!({ "kind": "card", "collection": mine, "aggregate": "count" }),
        ));
        let path = format!("{own}/dashboards");
        let body = json!({ "title": "Thief", "tabs": [tab(parts)] });
        let made = who.post(&path, &body).await;
        let path = match made.status.as_u16() {
            201 => format!("{path}/{}", made.json()["id"].as_str().unwrap()),
            status => panic!("{status} {}", made.text()),
        };
        for line in render(who, &path, &json!({})).await {
            let fine = line["component"] == "z_mine" || line["component"] == "j_text";
            assert_eq!(line["status"], if fine { "ok" } else { "error" }, "{line}");
            assert!(
                fine || line["problem"]["code"] == "collection_not_found",
                "{line}"
            );
            let text = line.to_string();
            assert!(
                !text.contains("planted-cell") && !text.contains("770177077"),
                "{text}"
            );
        }
    }
}
