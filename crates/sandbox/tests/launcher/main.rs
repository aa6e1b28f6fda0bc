//! The launcher, told anything: it starts what it is ordered to start, or says what is wrong and ends. Never a crash,
//! and never an interpreter that is not confined.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, as the tests do"
)]

use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rustix::net::{
    AddressFamily, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags,
    SocketType,
};
use serde_json::{Value, json};

/// Starts the launcher, hands it these orders with so many descriptors, and gives its word and its end.
fn launch(orders: &[u8], descriptors: usize) -> (Option<Value>, ExitStatus) {
    let (ours, theirs) = rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )
    .unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sandbox-run"))
        .arg("sandbox-launcher")
        .env_clear()
        .stdin(Stdio::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    give(&ours, orders, descriptors);
    let word = hear(&ours);
    // Whatever it became, it ends when nobody is left to talk to.
    rustix::net::shutdown(&ours, rustix::net::Shutdown::Both).unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the launcher did not end");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    (word, status)
}

fn give(socket: &OwnedFd, orders: &[u8], descriptors: usize) {
    let null = std::fs::File::open("/dev/null").unwrap();
    let handed: Vec<BorrowedFd<'_>> = (0..descriptors).map(|_| null.as_fd()).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !handed.is_empty() {
        assert!(ancillary.push(SendAncillaryMessage::ScmRights(&handed)));
    }
    // An empty datagram is the same as nobody.
    let _ = rustix::net::sendmsg(
        socket,
        &[IoSlice::new(orders)],
        &mut ancillary,
        SendFlags::NOSIGNAL,
    );
    if orders.is_empty() {
        rustix::net::shutdown(socket, rustix::net::Shutdown::Write).unwrap();
    }
}

fn hear(socket: &OwnedFd) -> Option<Value> {
    let mut buffer = vec![0; 65536];
    let (length, _) = rustix::net::recv(socket, &mut buffer[..], RecvFlags::empty()).ok()?;
    serde_json::from_slice(buffer.get(..length)?).ok()
}

/// It said what was wrong, and ended with an error.
fn failed_cleanly((word, status): &(Option<Value>, ExitStatus)) -> bool {
    let said = word
        .as_ref()
        .is_some_and(|word| word["event"] == "failed" && word["message"].is_string());
    said && status.code() == Some(1)
}

fn orders() -> impl Strategy<Value = Vec<u8>> {
    let path = prop_oneof![
        Just("/"),
        Just("/nothing"),
        Just(""),
        Just("/dev/null"),
        Just("relative"),
        Just("/etc/passwd")
    ];
    let valid = (
        path.clone(),
        proptest::collection::vec(path, 0..4),
        any::<bool>(),
    )
        .prop_map(|(python, readable, confine)| {
            json!({ "python": python, "readable": readable, "confine": confine })
                .to_string()
                .into_bytes()
        });
    prop_oneof![
        2 => valid.clone(),
        1 => (valid, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        }),
        1 => proptest::collection::vec(any::<u8>(), 0..500),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_orders_that_start_nothing_fail_cleanly(orders in orders(), descriptors in 0_usize..3) {
        let end = launch(&orders, descriptors);
        prop_assert!(failed_cleanly(&end), "{end:?} of {}", String::from_utf8_lossy(&orders));
    }
}

#[test]
fn orders_longer_than_any_are_refused() {
    let long =
        json!({ "python": "/".repeat(100_000), "readable": [], "confine": true }).to_string();
    assert!(failed_cleanly(&launch(long.as_bytes(), 1)));
}

#[test]
fn a_launcher_without_a_socket_ends() {
    let status = Command::new(env!("CARGO_BIN_EXE_sandbox-run"))
        .arg("sandbox-launcher")
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
}
