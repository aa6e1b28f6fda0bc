//! A zygote that is killed from outside, as the kernel does when memory is short.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sandbox::Settings;

use super::harness::{STARTS, job, settings, start_now};

/// Processes whose parent this is.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let parent = parent.to_string();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let of = stat
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(1));
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let (true, Some(pid)) = (of == Some(parent.as_str()), pid) {
            found.push(pid);
        }
    }
    found
}

pub(crate) async fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn kill(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_survives_its_zygote_once_and_no_worker_too_many_is_left() {
    // No other test starts a zygote meanwhile: every new child of this process is ours.
    let _alone = STARTS.lock().await;
    let others = children(std::process::id());
    let ours = || {
        let mut all = children(std::process::id());
        all.retain(|pid| !others.contains(pid));
        all
    };
    let sandbox = start_now(Settings {
        workers: 1,
        ..settings()
    })
    .await;
    let run = |code: &str| {
        let (sandbox, job) = (sandbox.clone(), job(code));
        tokio::spawn(async move { sandbox.run(job).await })
    };
    let next_zygote = |old: u32| async move {
        let new = || ours().into_iter().find(|pid| *pid != old);
        let zygote = until("no new zygote", new).await;
        until("no worker", || (!children(zygote).is_empty()).then_some(())).await;
        zygote
    };

    // While it waits: the workers that died with it are passed over.
    let first = ours()[0];
    kill(first);
    assert!(run("fig = go.Figure()").await.unwrap().is_ok());
    let second = next_zygote(first).await;
    until("workers too many or too few", || {
        (children(second).len() == 2).then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(children(second).len(), 2);

    // While it runs: it runs again, and only what the second run prints is told.
    let slow =
        run("print('once')\ntotal = 0\nwhile total < 12000000:\n    total += 1\nfig = go.Figure()");
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    assert!(!slow.is_finished());
    kill(second);
    let third = next_zygote(second).await;
    assert_eq!(slow.await.unwrap().unwrap().stdout, "once\n");

    // Twice is an error that says so.
    let endless = run("print('here')\nwhile True:\n    pass");
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    kill(third);
    let fourth = next_zygote(third).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    kill(fourth);
    let error = endless.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "failed");
    assert!(error.to_string().contains("started again"), "{error}");
    assert_eq!(error.place().unwrap().stdout, "here\n");
}
