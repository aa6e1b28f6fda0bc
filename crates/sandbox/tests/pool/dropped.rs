//! Whoever waits for a run goes away, or the sandbox itself: their processes do too.

use std::time::Duration;

use sandbox::Settings;

use super::harness::{STARTS, job, settings, start_now};
use super::restart::{children, until};

/// The letter of a process' state: `R` runs or wants to, `S` sleeps, `Z` is dead and not yet asked about.
fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// The one of these that is at it whenever it is looked at, as an endless loop is and a waiting worker is not.
async fn busy(workers: &[u32]) -> Option<u32> {
    let mut busy = workers.to_vec();
    for _ in 0..10 {
        busy.retain(|pid| state(*pid) == Some('R'));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    match busy[..] {
        [worker] => Some(worker),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_a_run_ends_its_worker() {
    // No other test starts a zygote meanwhile: every new child of this process is ours.
    let _alone = STARTS.lock().await;
    let others = children(std::process::id());
    let sandbox = start_now(Settings {
        workers: 1,
        ..settings()
    })
    .await;
    let mut ours = children(std::process::id());
    ours.retain(|pid| !others.contains(pid));
    let zygote = ours[0];
    until("no two workers", || {
        (children(zygote).len() == 2).then_some(())
    })
    .await;

    let running = tokio::spawn({
        let (sandbox, job) = (sandbox.clone(), job("while True:\n    pass"));
        async move { sandbox.run(job).await }
    });
    let worker = loop {
        assert!(
            !running.is_finished(),
            "the run ended before its worker was seen"
        );
        if let Some(worker) = busy(&children(zygote)).await {
            break worker;
        }
    };
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    // Long before any limit, and no zombie of it is left.
    let gone = || state(worker).is_none().then_some(());
    tokio::time::timeout(Duration::from_secs(10), until("it goes on", gone))
        .await
        .unwrap();
    // Its place is taken by another, which works.
    assert!(sandbox.run(job("fig = go.Figure()")).await.is_ok());
    until("no two workers", || {
        (children(zygote).len() == 2).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_ends_leaves_no_process() {
    let _alone = STARTS.lock().await;
    let others = children(std::process::id());
    let ours = || {
        let mut ours = children(std::process::id());
        ours.retain(|pid| !others.contains(pid));
        ours
    };
    let sandbox = start_now(settings()).await;
    let zygote = ours()[0];
    until("no worker", || (!children(zygote).is_empty()).then_some(())).await;
    let running = tokio::spawn({
        let (sandbox, job) = (sandbox.clone(), job("while True:\n    pass"));
        async move { sandbox.run(job).await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let workers = children(zygote);
    running.abort();
    let _ = running.await;
    drop(sandbox);
    let left = || workers.iter().filter(|pid| state(**pid).is_some()).count() + ours().len();
    until("something is left", || (left() == 0).then_some(())).await;
}
