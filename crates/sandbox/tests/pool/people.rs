//! Runs of several people on real workers.

use std::time::{Duration, Instant};

use sandbox::{Person, Sandbox, Settings};

use super::harness::{job, settings, start};

const SLOW: &str = "total = 0\nwhile total < 1500000:\n    total += 1\nfig = go.Figure()";

async fn one(sandbox: &Sandbox, person: &Person, code: &str) -> Result<Instant, String> {
    let admission = sandbox
        .admit(person)
        .await
        .map_err(|error| error.code().to_owned())?;
    admission
        .run(job(code))
        .await
        .map_err(|error| error.code().to_owned())?;
    Ok(Instant::now())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_many_runs_does_not_keep_another_waiting() {
    let sandbox = start(Settings {
        workers: 1,
        ..settings()
    })
    .await;
    let many: Vec<_> = (0..10)
        .map(|_| {
            let sandbox = sandbox.clone();
            tokio::spawn(async move { one(&sandbox, &Person::new("many"), SLOW).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let other = one(&sandbox, &Person::new("other"), "fig = go.Figure()")
        .await
        .unwrap();
    let mut ends = Vec::new();
    for run in many {
        ends.push(run.await.unwrap().unwrap());
    }
    let before = ends.iter().filter(|end| **end < other).count();
    assert!(before <= 2, "{before} of ten were served first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_queue_so_many_and_the_next_is_busy() {
    let sandbox = start(Settings {
        workers: 1,
        person_waiting_max: 1,
        ..settings()
    })
    .await;
    let person = Person::new("one");
    // Two places are held, without running anything.
    let first = sandbox.admit(&person).await.unwrap();
    let second = sandbox.admit(&person).await.unwrap();
    let third = tokio::spawn({
        let (sandbox, person) = (sandbox.clone(), person.clone());
        async move { one(&sandbox, &person, "fig = go.Figure()").await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!third.is_finished());
    assert_eq!(
        sandbox.admit(&person).await.err().map(|error| error.code()),
        Some("busy")
    );
    // Another is not concerned.
    one(&sandbox, &Person::new("two"), "fig = go.Figure()")
        .await
        .unwrap();
    drop(second);
    third.await.unwrap().unwrap();
    first.run(job("fig = go.Figure()")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_worker_does_not_count_against_the_script() {
    let sandbox = start(Settings {
        workers: 1,
        ..settings()
    })
    .await;
    let held = tokio::spawn({
        let sandbox = sandbox.clone();
        async move { sandbox.run(job("while True:\n    pass")).await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut short = job("fig = go.Figure()");
    short.limits.code_wall_ms_max = 2_000;
    let waiting = tokio::spawn({
        let sandbox = sandbox.clone();
        async move { sandbox.run(short).await }
    });
    tokio::time::sleep(Duration::from_millis(3_000)).await;
    assert!(!waiting.is_finished());
    held.abort();
    assert!(waiting.await.unwrap().is_ok());
}
