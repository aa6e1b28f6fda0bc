//! Tables come in, become versions, and bad ones leave nothing behind.

use crate::client::{Answer, Client, multipart};
use crate::raw;
use crate::server::Server;
use hyper::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// The rows of a version, as they were uploaded.
async fn rows(client: &Client, collection: &str, version: Option<u64>) -> Value {
    let mut body = json!({});
    if let Some(version) = version {
        body["version"] = json!(version);
    }
    let answer = client.post(&format!("{collection}/query"), &body).await;
    answer.is(200).json()["rows"].clone()
}

async fn upload(client: &Client, collection: &str, how: &str, name: &str, bytes: &[u8]) -> Answer {
    let path = format!("{collection}/uploads?{how}");
    client.upload(&path, &[(name, bytes)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_upload_is_a_version_and_older_versions_keep_their_rows() {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Versions").await;
    let (path, _) = admin.collection(&project, "Plants", "").await;
    let empty = admin.get(&path).await.is(200).json();
    assert_eq!(
        (&empty["version"], &empty["rows"]),
        (&Value::Null, &json!(0))
    );
    assert_eq!(rows(&admin, &path, None).await, json!([]));

    let first = upload(
        &admin,
        &path,
        "mode=append",
        "one.csv",
        b"name,height\noak,21.5\nelm,\n",
    );
    let first = first.await.is(201).json();
    assert_eq!(first["version"], 1);
    assert_eq!(
        (&first["rows"], &first["total_rows"]),
        (&json!(2), &json!(2))
    );
    let second = upload(
        &admin,
        &path,
        "mode=append",
        "two.csv",
        b"name,height\nfir,40\n",
    );
    let second = second.await.is(201).json();
    assert_eq!(second["version"], 2);
    assert_eq!(
        (&second["rows"], &second["total_rows"]),
        (&json!(1), &json!(3))
    );

    let one = json!([{ "name": "oak", "height": 21.5 }, { "name": "elm", "height": null }]);
    assert_eq!(rows(&admin, &path, Some(1)).await, one);
    assert_eq!(rows(&admin, &path, None).await.as_array().unwrap().len(), 3);

    let restored = admin
        .post(&format!("{path}/restore"), &json!({ "version": 1 }))
        .await;
    assert_eq!(restored.is(200).json()["version"], 3);
    assert_eq!(rows(&admin, &path, None).await, one);
    let over = upload(
        &admin,
        &path,
        "mode=overwrite",
        "n.tsv",
        b"name\theight\nyew\t9.5\n",
    );
    assert_eq!(over.await.is(201).json()["version"], 4);
    let yew = json!([{ "name": "yew", "height": 9.5 }]);
    assert_eq!(rows(&admin, &path, None).await, yew);
    assert_eq!(rows(&admin, &path, Some(3)).await, one);

    let versions = admin.get(&format!("{path}/versions")).await.is(200).json();
    let told: Vec<_> = versions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| {
            (
                v["version"].as_u64().unwrap(),
                v["operation"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        (4, "overwrite"),
        (3, "restore"),
        (2, "append"),
        (1, "append"),
    ];
    assert_eq!(told[..3], expected[..3]);
    assert!(matches!(told[3], (1, "append" | "create")), "{told:?}");
    assert!(versions["items"][0]["created_by"]["id"].is_string());
    let unknown = admin
        .post(&format!("{path}/restore"), &json!({ "version": 99 }))
        .await;
    assert_eq!(unknown.is(422).code(), "no_such_version");
    let shown = admin.get(&path).await.is(200).json();
    assert_eq!((&shown["version"], &shown["rows"]), (&json!(4), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_files_become_one_version() {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Several").await;
    let (path, _) = admin.collection(&project, "Table", "").await;
    let files: [(&str, &[u8]); 2] = [("a.csv", b"x,y\n1,a\n"), ("b.tsv", b"x\ty\n2\tb\n")];
    let made = admin.upload(&format!("{path}/uploads"), &files).await;
    assert_eq!(made.is(201).json()["total_rows"], 2);
    let expected = json!([{ "x": 1, "y": "a" }, { "x": 2, "y": "b" }]);
    assert_eq!(rows(&admin, &path, None).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_come_and_a_corrected_schema_is_kept() {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Preview").await;
    let (path, _) = admin.collection(&project, "Codes", "").await;
    let file: [(&str, &[u8]); 1] = [("codes.csv", b"code,day\n17,2024-01-02\n42,2024-03-04\n")];
    let seen = admin
        .upload(&format!("{path}/uploads?dry_run=true"), &file)
        .await;
    let seen = seen.is(200).json();
    let inferred = json!([{ "name": "code", "type": "int64" }, { "name": "day", "type": "date" }]);
    assert_eq!(seen["columns"], inferred);
    assert_eq!(seen["rows"].as_array().unwrap().len(), 2);
    assert_eq!(admin.get(&path).await.json()["version"], Value::Null);

    let corrected =
        json!([{ "name": "code", "type": "string" }, { "name": "day", "type": "date" }]);
    let (kind, body) = multipart(&file, Some(&corrected));
    let uploads = format!("{path}/uploads");
    let made = admin.send(Method::POST, &uploads, Some(&kind), body).await;
    assert_eq!(made.is(201).json()["columns"], corrected);
    assert_eq!(
        rows(&admin, &path, None).await[0],
        json!({ "code": "17", "day": "2024-01-02" })
    );

    let wrong = json!([{ "name": "code", "type": "no_such_type" }]);
    let (kind, body) = multipart(&file, Some(&wrong));
    admin
        .send(Method::POST, &uploads, Some(&kind), body)
        .await
        .is(422);
    let unfit = json!([{ "name": "code", "type": "bool" }, { "name": "day", "type": "date" }]);
    let (kind, body) = multipart(&file, Some(&unfit));
    let uploads = format!("{path}/uploads?mode=overwrite");
    let refused = admin
        .send(Method::POST, &uploads, Some(&kind), body)
        .await
        .is(422);
    let words = refused.text();
    assert!(
        words.contains("line 2") && words.contains("code"),
        "{words}"
    );
    assert_eq!(admin.get(&path).await.json()["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_is_refused_with_its_place_and_changes_nothing() {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Bad input").await;
    let (path, _) = admin.collection(&project, "Table", "a,b\n1,x\n").await;
    let before = rows(&admin, &path, None).await;
    let wide = |cell: &str| vec![cell; 100_000].join(",");
    let names: Vec<String> = (0..100_000).map(|n| format!("c{n}")).collect();
    let wide = format!("{}\n{}\n", names.join(","), wide("1")).into_bytes();
    // A file, and what the refusal must say of it besides its name.
    let bad: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("short.csv", b"a,b\n1,x\n2\n".to_vec(), &["line 3"]),
        ("long.csv", b"a,b\n1,x\n2,y,z\n".to_vec(), &["line 3"]),
        ("open.csv", b"a,b\n1,\"x\n2,y\n".to_vec(), &["line 2"]),
        ("after.csv", b"a,b\n1,\"x\"y\n".to_vec(), &["line 2"]),
        ("empty.csv", Vec::new(), &[]),
        ("heads.csv", b"a,b\n".to_vec(), &[]),
        ("twice.csv", b"a,a\n1,2\n".to_vec(), &["\"a\""]),
        ("words.parquet", b"a,b\n1,x\n".to_vec(), &[]),
        ("cut.parquet", b"PAR1\x15\x04PAR1".to_vec(), &[]),
        ("parquet.csv", b"PAR1\x15\x04\x15\x10PAR1".to_vec(), &[]),
        (
            "picture.csv",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0".to_vec(),
            &[],
        ),
        ("wide.csv", wide, &["2000"]),
        ("nul.csv", b"a,b\n1,x\n2,y\0z\n".to_vec(), &["line 3"]),
        ("latin.csv", b"a,b\n1,x\n2,caf\xe9\n".to_vec(), &["line 3"]),
    ];
    for (name, bytes, says) in bad {
        for how in ["mode=append", "mode=overwrite", "dry_run=true"] {
            let answer = upload(&admin, &path, how, name, &bytes).await.is(422);
            assert_eq!(answer.code(), "bad_file", "{name}: {}", answer.text());
            let told = answer.json();
            let message = told["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains(name), "{name}: {message}");
            for word in says {
                assert!(message.contains(word), "{name} {how}: {message}");
            }
        }
    }
    let other = upload(&admin, &path, "mode=append", "other.csv", b"a,c\n1,x\n").await;
    assert_eq!(other.is(409).code(), "schema_mismatch");
    let unfit = upload(&admin, &path, "mode=append", "unfit.csv", b"a,b\nnone,x\n").await;
    let unfit = unfit.is(409);
    assert!(unfit.text().contains("line 2"), "{}", unfit.text());
    assert_eq!(unfit.code(), "schema_mismatch");
    upload(&admin, &path, "mode=anything", "t.csv", b"a,b\n1,x\n")
        .await
        .is(422);
    upload(&admin, &path, "surely=unknown", "t.csv", b"a,b\n1,x\n")
        .await
        .is(422);
    let uploads = format!("{path}/uploads");
    admin.upload(&uploads, &[]).await.is(422);
    admin.post(&uploads, &json!({})).await.is(415);
    assert_eq!(admin.get(&path).await.json()["version"], 1);
    assert_eq!(rows(&admin, &path, None).await, before);
    // The legitimate case goes on working.
    upload(
        &admin,
        &path,
        "mode=append",
        "good.csv",
        b"a,b\n2,\"x, \"\"y\"\"\n\"\n",
    )
    .await
    .is(201);
    assert_eq!(
        rows(&admin, &path, None).await[1],
        json!({ "a": 2, "b": "x, \"y\"\n" })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_larger_than_the_limit_is_refused_before_it_is_sent() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let project = admin.project("Huge").await;
    let (path, _) = admin.collection(&project, "Table", "").await;
    let (token, address) = (admin.token(), &server.address);
    for (to, kind, length) in [
        (
            format!("{path}/uploads"),
            "multipart/form-data; boundary=b",
            1_u64 << 40,
        ),
        (format!("{path}/query"), "application/json", 3 << 20),
        ("/api/v1/auth/login".to_owned(), "application/json", 3 << 20),
    ] {
        let head = format!(
            "POST {to} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        );
        let mut stream = raw::send(server, head.as_bytes()).await;
        let answer = raw::head(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{to}: {answer}");
        assert!(
            answer.contains("application/problem+json"),
            "{to}: {answer}"
        );
    }
    assert_eq!(admin.get(&path).await.json()["version"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_mid_upload_leaves_nothing_behind() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let project = admin.project("Cut").await;
    let (path, _) = admin.collection(&project, "Table", "a\n1\n").await;
    let data = server.dir.path().join("data");
    let list = || {
        [
            raw::files(&data.join("objects")),
            raw::files(&data.join("spool")),
        ]
        .concat()
    };
    let before = list();
    assert!(!before.is_empty());
    let head = format!(
        "POST {path}/uploads HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 50000000\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"t.csv\"\r\n\r\na\n",
        server.address,
        admin.token(),
    );
    let body = "123456789\n".repeat(300_000);
    let stream = raw::send(&server, (head + &body).as_bytes()).await;
    raw::until("the upload is under way", || raw::open_spools(&server) > 0).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(stream);
    raw::until("the spool is closed", || raw::open_spools(&server) == 0).await;
    assert_eq!(list(), before);
    assert_eq!(admin.get(&path).await.is(200).json()["version"], 1);
    upload(&admin, &path, "mode=append", "t.csv", b"a\n2\n")
        .await
        .is(201);
    assert_eq!(
        rows(&admin, &path, None).await,
        json!([{ "a": 1 }, { "a": 2 }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_under_way_ends_with_the_permission_to_it() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let (editor, id) = admin.person(&server, "editor", "user").await;
    let project = admin.project("Ended").await;
    let (path, _) = admin.collection(&project, "Table", "a\n1\n").await;
    let grant = format!("{project}/members/users/{id}");
    let objects = server.dir.path().join("data/objects");
    let (first, second) = ("123456789\n".repeat(100_000), "2\n\r\n--b--\r\n");
    let part =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"t.csv\"\r\n\r\na\n";
    let request = format!(
        "POST {path}/uploads HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n{part}{first}",
        server.address,
        editor.token(),
        part.len() + first.len() + second.len(),
    );
    for withdrawn in [true, false] {
        admin
            .put(&grant, &json!({ "role": "editor" }))
            .await
            .is(200);
        let before = raw::files(&objects);
        let mut stream = raw::send(&server, request.as_bytes()).await;
        raw::until("the upload is under way", || raw::open_spools(&server) > 0).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        if withdrawn {
            admin.delete(&grant).await.is(204);
            // Nobody waits for the rest of it.
            assert!(raw::head(&mut stream).await.starts_with("HTTP/1.1 404"));
            raw::until("the spool is closed", || raw::open_spools(&server) == 0).await;
            assert_eq!(raw::files(&objects), before);
        } else {
            stream.write_all(second.as_bytes()).await.unwrap();
            assert!(raw::head(&mut stream).await.starts_with("HTTP/1.1 201"));
        }
        let version = admin.get(&path).await.is(200).json()["version"].clone();
        assert_eq!(version, if withdrawn { 1 } else { 2 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_reads_every_version_and_uploads_none() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (viewer, id) = admin.person(server, "viewer", "user").await;
    let project = admin.project("Shared").await;
    let (path, _) = admin.collection(&project, "Table", "a\n1\n").await;
    let member = format!("{project}/members/users/{id}");
    upload(&viewer, &path, "mode=append", "t.csv", b"a\n2\n")
        .await
        .is(404);
    admin
        .put(&member, &json!({ "role": "viewer" }))
        .await
        .is(200);
    for how in ["mode=append", "mode=overwrite", "dry_run=true"] {
        upload(&viewer, &path, how, "t.csv", b"a\n2\n")
            .await
            .is(403);
    }
    viewer
        .post(&format!("{path}/restore"), &json!({ "version": 1 }))
        .await
        .is(403);
    assert_eq!(rows(&viewer, &path, Some(1)).await, json!([{ "a": 1 }]));
    admin
        .put(&member, &json!({ "role": "editor" }))
        .await
        .is(200);
    upload(&viewer, &path, "mode=append", "t.csv", b"a\n2\n")
        .await
        .is(201);
}
