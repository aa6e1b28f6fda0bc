//! Limits on code: the operator's settings, and lower ones of a project's owner.

use crate::code_desk::{Desk, FIGURE};
use crate::server::{Server, program};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[test]
fn a_bad_limit_stops_the_start_and_names_its_key() {
    let dir = tempfile::tempdir().unwrap();
    for (key, bad) in [
        ("DEPICTIO_CODE_WALL_MS_MAX", "0"),
        ("DEPICTIO_CODE_MEMORY_EXTRA_BYTES_MAX", "1 GiB"),
        ("DEPICTIO_CODE_WORKERS", "-1"),
        ("DEPICTIO_CODE_WALL_SECONDS", "10"),
    ] {
        let done = program(dir.path())
            .arg("serve")
            .env(key, bad)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains(key), "{said}");
    }
    let mut config = program(dir.path());
    let done = config
        .arg("config")
        .env("DEPICTIO_CODE_WORKERS", "3")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    for key in [
        "DEPICTIO_CODE_WALL_MS_MAX",
        "DEPICTIO_CODE_FRAMES_CACHE_BYTES_MAX",
    ] {
        assert!(printed.contains(key), "{printed}");
    }
    let workers = printed
        .lines()
        .find(|line| line.contains("DEPICTIO_CODE_WORKERS"));
    assert!(workers.unwrap().contains('3'), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_lowers_the_limits_of_a_project_and_the_next_run_is_held_to_them() {
    let desk = Desk::new().await;
    let server = Server::shared();
    let show = || async { desk.admin.get(&desk.project).await.is(200).json() };
    let at_first = show().await;
    assert_eq!(at_first["code_limits"], Value::Null);
    assert_eq!(
        at_first["code_limits_effective"]["code_wall_ms_max"],
        10_000
    );

    let patch = |limits: Value| {
        let desk = &desk;
        async move {
            desk.admin
                .patch(&desk.project, &json!({ "code_limits": limits }))
                .await
        }
    };
    let lower = json!({ "code_wall_ms_max": 1500, "code_text_bytes_max": 1024 });
    let changed = patch(lower.clone()).await.is(200).json();
    assert_eq!(changed["code_limits"], lower);
    assert_eq!(
        show().await["code_limits_effective"]["code_wall_ms_max"],
        1500
    );
    assert_eq!(changed["code_limits_effective"]["code_cpu_ms_max"], 5_000);
    let started = Instant::now();
    let endless = desk.run("while True:\n    pass").await.is(422);
    assert_eq!(endless.code(), "timeout");
    assert!(endless.text().contains("1.5 s"), "{}", endless.text());
    assert!(
        started.elapsed() < Duration::from_secs(15),
        "{:?}",
        started.elapsed()
    );
    let printed = desk
        .run("print('x' * 5000)\nfig = go.Figure()")
        .await
        .is(200)
        .json();
    assert_eq!(
        (
            printed["stdout"].as_str().unwrap().len(),
            &printed["stdout_cut"]
        ),
        (1024, &json!(true))
    );
    let held = &desk.runs().await[0]["details"]["limits"];
    assert_eq!(
        (&held["code_wall_ms_max"], &held["code_cpu_ms_max"]),
        (&json!(1500), &json!(5000))
    );

    // Of the log: who changed what to what.
    let told = desk.events("project.settings").await;
    let done = told
        .iter()
        .find(|event| event["outcome"] == "done")
        .unwrap();
    assert_eq!(
        done["details"]["changed"]["code_wall_ms_max"], "1500",
        "{done}"
    );
    assert_eq!(
        done["details"]["changed"]["code_cpu_ms_max"], "installation",
        "{done}"
    );
    assert_eq!(done["actor"]["kind"], "user");

    // Above the installation's, below what is of any use, of no such name, or no number.
    for (limits, pointer) in [
        (
            json!({ "code_wall_ms_max": 10_001 }),
            "/code_limits/code_wall_ms_max",
        ),
        (
            json!({ "code_cpu_ms_max": 5_001, "code_wall_ms_max": 1 }),
            "/code_limits/code_wall_ms_max",
        ),
        (
            json!({ "code_memory_extra_bytes_max": 1 }),
            "/code_limits/code_memory_extra_bytes_max",
        ),
    ] {
        let refused = patch(limits).await.is(422).json();
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let above = patch(json!({ "code_result_bytes_max": 1_u64 << 40 }))
        .await
        .is(422);
    assert!(above.text().contains("16777216"), "{}", above.text());
    for wrong in [
        json!({ "code_depth_max": 5 }),
        json!({ "code_wall_ms_max": "x" }),
        json!([1]),
    ] {
        patch(wrong).await.is(422);
    }
    assert_eq!(
        show().await["code_limits"],
        lower,
        "nothing that was refused is kept"
    );

    // Another field leaves them, an editor may not change them, null takes them back.
    desk.admin
        .patch(&desk.project, &json!({ "name": "Renamed" }))
        .await
        .is(200);
    assert_eq!(show().await["code_limits"], lower);
    let (editor, id) = desk.admin.person(server, "editor", "user").await;
    let grant = format!("{}/members/users/{id}", desk.project);
    desk.admin
        .put(&grant, &json!({ "role": "editor" }))
        .await
        .is(200);
    editor
        .patch(&desk.project, &json!({ "code_limits": null }))
        .await
        .is(403);
    assert_eq!(
        editor.get(&desk.project).await.is(200).json()["code_limits"],
        lower
    );
    patch(Value::Null).await.is(200);
    let back = show().await;
    assert_eq!(back["code_limits"], Value::Null);
    assert_eq!(
        back["code_limits_effective"],
        at_first["code_limits_effective"]
    );
    // What was cut for the lower limit is not what is shown under the higher one.
    let printed = desk
        .run("print('x' * 5000)\nfig = go.Figure()")
        .await
        .is(200)
        .json();
    assert_eq!(printed["stdout"].as_str().unwrap().len(), 5001);
    desk.run(FIGURE).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn processor_time_ends_a_run_as_wall_time_does() {
    // On a busy machine a worker, which stands behind everything else, is long in getting a second of it.
    let server = Server::start(true, &[("DEPICTIO_CODE_WALL_MS_MAX", "300000")]);
    let desk = Desk::on(&server).await;
    let limits = json!({ "code_limits": { "code_cpu_ms_max": 1000 } });
    desk.admin.patch(&desk.project, &limits).await.is(200);
    let endless = desk.run("while True:\n    pass").await.is(422);
    assert_eq!(endless.code(), "timeout");
    assert!(endless.text().contains("processor"), "{}", endless.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_script_is_saved_only_where_the_installation_allows_it() {
    let server = Server::start(false, &[("DEPICTIO_CODE_SOURCE_BYTES_MAX", "60000")]);
    let desk = Desk::on(&server).await;
    desk.board(&format!("x = 1{}", " ".repeat(59_000))).await;
    let path = format!("{}/dashboards", desk.project);
    let long = desk.tab(&format!("x = 1{}", " ".repeat(61_000)));
    let refused = desk
        .admin
        .post(&path, &json!({ "title": "B", "tabs": [long] }))
        .await
        .is(422);
    let pointer = "/tabs/0/components/0/content/code";
    assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
}
