//! What one project holds is not reached from another, nor from the disk.

use crate::client::Client;
use crate::raw;
use crate::server::Server;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_another_tenant_is_reached_by_naming_its_ids() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (one, _) = admin.person(server, "one", "user").await;
    let (two, _) = admin.person(server, "two", "user").await;
    let (theirs, own) = (one.project("Theirs").await, two.project("Own").await);
    let (_, secret) = one
        .collection(&theirs, "Secret", "cell\nplanted-isolation\n")
        .await;
    let (mine, id) = two.collection(&own, "Mine", "cell\nmine\n").await;
    two.post(&format!("{mine}/query"), &json!({})).await.is(200);
    let spec = json!({ "chart": "histogram", "x": "cell" });
    let asked = [
        (format!("{own}/collections/{secret}/query"), json!({}), 404),
        (
            format!("{theirs}/collections/{secret}/query"),
            json!({}),
            404,
        ),
        (format!("{theirs}/collections/{id}/query"), json!({}), 404),
        (
            format!("{own}/collections/{secret}/distinct"),
            json!({ "column": "cell" }),
            404,
        ),
        // Neither a column that is there nor one that is not says that the table is.
        (
            format!("{own}/collections/{secret}/filter"),
            json!({ "filter": "cell = 'x'" }),
            404,
        ),
        (
            format!("{own}/collections/{secret}/filter"),
            json!({ "filter": "no_cell = 'x'" }),
            404,
        ),
        (
            format!("{own}/collections/{secret}/query"),
            json!({ "filter": "no_cell = 'x'" }),
            404,
        ),
        (
            format!("{own}/collections/{secret}/restore"),
            json!({ "version": 1 }),
            404,
        ),
        (
            format!("{own}/figures/preview"),
            json!({ "collection": secret, "spec": spec }),
            422,
        ),
    ];
    for (path, body, status) in asked {
        let answer = two.post(&path, &body).await.is(status);
        assert!(!answer.text().contains("planted-isolation"), "{path}");
    }
    // The admin acts as owner of both; the path still decides which project is meant.
    admin
        .post(&format!("{own}/collections/{secret}/query"), &json!({}))
        .await
        .is(404);
    admin
        .post(&format!("{theirs}/collections/{secret}/query"), &json!({}))
        .await
        .is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_on_the_disk_shows_a_cell_a_column_or_a_name() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let words = [
        "plantedcellvalue",
        "plantedcolumnname",
        "plantedprojectname",
        "plantedusername",
    ];
    admin.person(&server, words[3], "user").await;
    let project = admin.project(words[2]).await;
    let line = format!("{},1\n", words[0]);
    let csv = format!("{},n\n{}", words[1], line.repeat(500));
    let (path, _) = admin.collection(&project, "plantedcollection", &csv).await;
    let board = json!({ "title": "planteddashboard" });
    admin
        .post(&format!("{project}/dashboards"), &board)
        .await
        .is(201);
    let rows = admin
        .post(&format!("{path}/query"), &json!({ "limit": 1 }))
        .await
        .is(200);
    assert!(
        rows.text().contains(words[0]),
        "the data is there for who may read it"
    );
    let files = raw::files(&server.dir.path().join("data"));
    assert!(files.len() > 5, "{files:?}");
    let lower = |bytes: Vec<u8>| bytes.to_ascii_lowercase();
    for file in files {
        let name = file.to_string_lossy().to_ascii_lowercase();
        assert!(!name.contains("planted"), "{name}");
        let bytes = lower(std::fs::read(&file).unwrap_or_default());
        for pattern in [
            b"planted".as_slice(),
            b"p\0l\0a\0n\0t\0e\0d",
            b"admin@localhost",
        ] {
            let found = bytes.windows(pattern.len()).any(|window| window == pattern);
            assert!(!found, "{name} shows {}", String::from_utf8_lossy(pattern));
        }
    }
}
