//! What a project may hold: shown, and kept, whoever asks and however many at once.

use crate::client::Client;
use crate::server::Server;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_project_holds_no_more_than_it_may_and_says_how_much_it_holds() {
    let more = [
        ("DEPICTIO_PROJECT_BYTES_MAX", "1048576"),
        ("DEPICTIO_PROJECT_ROWS_MAX", "10"),
        ("DEPICTIO_PROJECT_COLLECTIONS_MAX", "2"),
    ];
    let server = Server::start(false, &more);
    let admin = Client::admin(&server).await;
    let project = admin.project("Small").await;
    let usage = async || admin.get(&format!("{project}/usage")).await.is(200).json();
    let empty = usage().await;
    assert_eq!(
        (&empty["bytes"], &empty["rows"], &empty["collections"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(
        (
            &empty["bytes_max"],
            &empty["rows_max"],
            &empty["collections_max"]
        ),
        (&json!(1_048_576), &json!(10), &json!(2))
    );

    let six = "a\n1\n2\n3\n4\n5\n6\n";
    let (first, _) = admin.collection(&project, "First", six).await;
    let (second, _) = admin.collection(&project, "Second", "").await;
    let third = json!({ "name": "Third" });
    let refused = admin
        .post(&format!("{project}/collections"), &third)
        .await
        .is(409);
    assert_eq!(
        (refused.code().as_str(), &refused.json()["limit"]),
        ("project_full", &json!("collections"))
    );

    // Rows of all tables together, however they come.
    let upload = async |to: &str, mode: &str, csv: &[u8]| {
        let path = format!("{to}/uploads?mode={mode}");
        admin.upload(&path, &[("rows.csv", csv)]).await
    };
    let refused = upload(&second, "append", six.as_bytes()).await.is(409);
    let problem = refused.json();
    assert_eq!(
        (
            refused.code().as_str(),
            &problem["limit"],
            &problem["held"],
            &problem["max"]
        ),
        ("project_full", &json!("rows"), &json!(12), &json!(10))
    );
    upload(&first, "upsert&key=a", b"a\n7\n8\n9\n10\n11\n")
        .await
        .is(409);
    upload(&first, "append", b"a\n7\n8\n9\n10\n").await.is(201);
    upload(&second, "append", b"a\n1\n").await.is(409);
    upload(&first, "overwrite", b"a\n1\n").await.is(201);
    upload(&second, "append", six.as_bytes()).await.is(201);
    let rows = usage().await;
    assert_eq!(
        (&rows["rows"], &rows["collections"]),
        (&json!(7), &json!(2))
    );

    // Bytes as they lie there, old versions included; what was refused has left nothing.
    let held = usage().await["bytes"].as_u64().unwrap();
    let mut wide = String::from("a,text\n");
    let mut noise = 41_u64;
    for row in 0..2 {
        wide.push_str(&format!("{row},"));
        for _ in 0..900_000 {
            // Text that no compression makes small; the generator is Knuth's.
            noise = noise
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            wide.push(char::from(
                b'A' + u8::try_from(noise >> 60).unwrap() + u8::from(noise & 1 << 59 != 0) * 32,
            ));
        }
        wide.push('\n');
    }
    let refused = upload(&first, "overwrite", wide.as_bytes()).await.is(409);
    assert_eq!(refused.json()["limit"], "bytes");
    assert_eq!(usage().await["bytes"].as_u64(), Some(held));
    assert_eq!(admin.get(&first).await.is(200).json()["rows"], 1);

    // Of many at once no more get in than fit.
    admin.delete(&second).await.is(204);
    let name = |n: usize| json!({ "name": format!("At once {n}") });
    let path = format!("{project}/collections");
    let tries = (0..8).map(|n| {
        let (admin, path) = (admin.clone(), path.clone());
        tokio::spawn(async move { admin.post(&path, &name(n)).await.status.as_u16() })
    });
    let mut made = 0;
    for one in tries.collect::<Vec<_>>() {
        let status = one.await.unwrap();
        assert!(matches!(status, 201 | 409), "{status}");
        made += usize::from(status == 201);
    }
    assert!(made <= 1, "{made} made where one fits");
    assert!(usage().await["collections"].as_u64().unwrap() <= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_lets_projects_hold_less_at_once_and_never_more_than_is_configured() {
    let server = Server::start(false, &[("DEPICTIO_PROJECT_COLLECTIONS_MAX", "3")]);
    let admin = Client::admin(&server).await;
    let (owner, _) = admin.person(&server, "owner", "user").await;
    let project = owner.project("Small").await;
    let settings = "/api/v1/settings";
    let told = admin.get(settings).await.is(200).json();
    assert_eq!(told["project_limits"], Value::Null);
    assert_eq!(
        told["project_limits_configured"]["project_collections_max"],
        3
    );
    let more = async |name: &str| {
        let body = json!({ "name": name });
        owner.post(&format!("{project}/collections"), &body).await
    };
    more("first").await.is(201);

    // Not by anyone, and not beyond what is configured or makes sense.
    let one = json!({ "project_limits": { "project_collections_max": 1 } });
    owner.patch(settings, &one).await.is(403);
    for (wrong, pointer) in [
        (
            json!({ "project_collections_max": 4 }),
            "/project_limits/project_collections_max",
        ),
        (
            json!({ "project_collections_max": 0 }),
            "/project_limits/project_collections_max",
        ),
        (
            json!({ "project_rows_max": 0, "project_bytes_max": 1_u64 << 30 }),
            "/project_limits/project_rows_max",
        ),
    ] {
        let refused = admin
            .patch(settings, &json!({ "project_limits": wrong }))
            .await
            .is(422);
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
    }
    let refused = admin
        .patch(settings, &json!({ "project_limits": { "rows": 5 } }))
        .await;
    refused.is(422);
    more("second").await.is(201);

    // In force at once, also for projects that are there already; what they hold stays.
    let set = admin.patch(settings, &one).await.is(200).json();
    assert_eq!(set["project_limits"], one["project_limits"]);
    let full = more("third").await.is(409);
    assert_eq!(full.code(), "project_full");
    assert_eq!(full.json()["max"], 1);
    let usage = owner.get(&format!("{project}/usage")).await.is(200).json();
    assert_eq!(
        (&usage["collections"], &usage["collections_max"]),
        (&json!(2), &json!(1))
    );

    // A setting of something else leaves it, and null takes it back.
    let other = admin
        .patch(settings, &json!({ "sharing": "owners" }))
        .await
        .is(200)
        .json();
    assert_eq!(other["project_limits"], one["project_limits"]);
    let back = admin
        .patch(settings, &json!({ "project_limits": null }))
        .await
        .is(200)
        .json();
    assert_eq!(back["project_limits"], Value::Null);
    more("third").await.is(201);
    assert_eq!(more("fourth").await.is(409).json()["max"], 3);

    let path = "/api/v1/audit/events?type=settings.manage&limit=200";
    let events = admin.get(path).await.is(200).json();
    let done = events["items"].as_array().unwrap().iter();
    let mut done = done.filter(|event| event["outcome"] == "done");
    let changed = &done.nth(2).unwrap()["details"]["changed"];
    assert_eq!(changed["project_collections_max"], "1", "{events}");
    assert_eq!(changed["project_rows_max"], "as configured");
}
