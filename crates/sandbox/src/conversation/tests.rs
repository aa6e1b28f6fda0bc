//! Workers that say anything: what they are believed is bounded in length and in time, whatever it is.

use std::sync::mpsc;

use proptest::prelude::*;

use super::*;

const TEXT_MAX: usize = 64;
const RESULT_MAX: usize = 256;

fn task(code: String, wall_ms: u64) -> Task {
    Task {
        code,
        frame: Frame::seal(&arrow_schema::Schema::empty(), &[]).unwrap(),
        limits: CodeLimits {
            code_wall_ms_max: wall_ms,
            code_text_bytes_max: TEXT_MAX as u64,
            code_result_bytes_max: RESULT_MAX as u64,
            ..CodeLimits::default()
        },
        attempts: Vec::new(),
        confine: true,
    }
}

/// What a worker does on its socket.
#[derive(Debug, Clone)]
enum Deed {
    /// A message of its form, or with a length that is not its body's.
    Message(u8, Option<u32>, Vec<u8>),
    /// Anything.
    Bytes(Vec<u8>),
    /// Reads what it was sent.
    Read,
    /// Says nothing for a moment.
    Wait,
}

fn deed() -> impl Strategy<Value = Deed> {
    let kind = prop_oneof![Just(b'R'), Just(b'T'), Just(b'F'), Just(b'E'), any::<u8>()];
    let body = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..400),
        "[0-9]{1,30}".prop_map(String::into_bytes),
        account_text().prop_map(String::into_bytes),
    ];
    prop_oneof![
        6 => (kind, proptest::option::weighted(0.2, any::<u32>()), body)
            .prop_map(|(kind, length, body)| Deed::Message(kind, length, body)),
        1 => proptest::collection::vec(any::<u8>(), 0..50).prop_map(Deed::Bytes),
        2 => Just(Deed::Read),
        1 => Just(Deed::Wait),
    ]
}

/// Accounts of errors, right and wrong.
fn account_text() -> impl Strategy<Value = String> {
    let code = prop_oneof![
        Just("failed"),
        Just("memory"),
        Just("busy"),
        Just("timeout"),
        Just("?")
    ];
    let line = prop_oneof![
        Just("null".to_owned()),
        any::<i64>().prop_map(|line| line.to_string())
    ];
    (code, line, any::<bool>(), ".{0,40}").prop_map(|(code, line, cut, message)| {
        let message = serde_json::Value::String(message);
        format!(r#"{{"code":"{code}","message":{message},"line":{line},"column":1,"cut":{cut}}}"#)
    })
}

/// A worker that does these deeds and then goes, or stays without a word.
fn worker(deeds: Vec<Deed>, ready: bool, stays: bool) -> (OwnedFd, mpsc::Sender<()>) {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || {
        theirs.set_nonblocking(false).unwrap();
        let _ = theirs.set_read_timeout(Some(Duration::from_millis(20)));
        let _ = theirs.set_write_timeout(Some(Duration::from_millis(200)));
        if ready {
            let _ = theirs.write_all(b"R\x01\0\0\x000");
        }
        for deed in deeds {
            match deed {
                Deed::Message(kind, length, body) => {
                    let length = length.unwrap_or_else(|| u32::try_from(body.len()).unwrap());
                    let mut message = vec![kind];
                    message.extend(length.to_le_bytes());
                    message.extend(body);
                    let _ = theirs.write_all(&message);
                }
                Deed::Bytes(bytes) => drop(theirs.write_all(&bytes)),
                Deed::Read => drop(theirs.read(&mut [0; 65536])),
                Deed::Wait => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        if stays {
            let _ = ended.recv_timeout(Duration::from_secs(60));
        }
    });
    (ours.into(), done)
}

/// Talks to it; gives the end, the text, and how long it took.
fn talk(worker: OwnedFd, task: &Task) -> (Result<Drawn, End>, String, Duration) {
    let printed = Printed::default();
    let start = Instant::now();
    let end = converse(worker, 1 << 30, task, &printed);
    let text = printed.lock().unwrap().clone();
    (end, text, start.elapsed())
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_worker_says_the_end_is_bounded(
        deeds in proptest::collection::vec(deed(), 0..12),
        ready in proptest::bool::weighted(0.9),
    ) {
        let (worker, _held) = worker(deeds, ready, false);
        let (end, text, took) = talk(worker, &task("fig = 1".to_owned(), 500));
        prop_assert!(took < Duration::from_secs(30), "{took:?}");
        prop_assert!(text.len() <= TEXT_MAX, "{} bytes of text", text.len());
        match end {
            Ok((body, _)) => prop_assert!(body.len() <= RESULT_MAX),
            Err(End::Error(error)) => {
                let place = error.place().cloned().unwrap_or_default();
                prop_assert!(place.message.chars().count() <= 4_000 && place.stdout.is_empty());
                // What only the server may say.
                prop_assert!(!matches!(error.code(), "timeout" | "cancelled" | "busy" | "off"));
            }
            Err(End::Stale | End::Silent | End::Late) => {}
        }
    }

    #[test]
    fn any_script_arrives_as_it_is(code in ".{0,300}") {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let expected = code.clone();
        let reader = std::thread::spawn(move || {
            theirs.write_all(b"R\x01\0\0\x000").unwrap();
            let mut length = [0; 4];
            theirs.read_exact(&mut length).unwrap();
            let mut body = vec![0; usize::try_from(u32::from_le_bytes(length)).unwrap()];
            theirs.read_exact(&mut body).unwrap();
            theirs.write_all(b"F\x03\0\0\x000{}").unwrap();
            serde_json::from_slice::<serde_json::Value>(&body).unwrap()
        });
        let (end, ..) = talk(ours.into(), &task(code, 5_000));
        let whole = matches!(end, Ok((body, false)) if body == b"{}");
        prop_assert!(whole);
        let header = reader.join().unwrap();
        prop_assert_eq!(header["code"].as_str(), Some(expected.as_str()));
        prop_assert_eq!(header["attempts"].as_array().map(Vec::len), Some(0));
        prop_assert!(header["seal"].as_array().is_some_and(|steps| steps.len() >= 4));
    }
}

#[test]
fn a_worker_that_falls_silent_is_late() {
    for deeds in [
        vec![],
        vec![Deed::Bytes(b"F".to_vec())],
        vec![Deed::Message(b'F', Some(200), b"0{".to_vec())],
        vec![Deed::Message(b'T', Some(60), vec![b'x'; 10])],
    ] {
        let (worker, _held) = worker(deeds, true, true);
        let (end, text, took) = talk(worker, &task(String::new(), 300));
        assert!(matches!(end, Err(End::Late)) && text.is_empty());
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

#[test]
fn a_worker_that_does_not_take_its_job_is_not_waited_for() {
    // Longer than the socket holds, so that the job cannot be put down and forgotten.
    let long = "#".repeat(4 << 20);
    let (worker, _held) = worker(vec![], true, true);
    let (end, _, took) = talk(worker, &task(long, 300));
    assert!(matches!(end, Err(End::Late | End::Silent)));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn text_that_is_no_text_stays_within_its_limit() {
    // Each of these bytes is shown as three.
    let deeds = vec![Deed::Read, Deed::Message(b'T', None, vec![0xff; TEXT_MAX])];
    let (worker, _held) = worker(deeds, true, true);
    let (_, text, _) = talk(worker, &task(String::new(), 300));
    assert!(!text.is_empty() && text.len() <= TEXT_MAX, "{}", text.len());
}

#[test]
fn messages_without_end_are_cut_off_by_the_clock() {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    std::thread::spawn(move || {
        let _ = theirs.write_all(b"R\x01\0\0\x000");
        while theirs.write_all(b"T\0\0\0\0").is_ok() {}
    });
    let (end, text, took) = talk(ours.into(), &task(String::new(), 300));
    assert!(matches!(end, Err(End::Late)) && text.is_empty());
    assert!(took < Duration::from_secs(5), "{took:?}");
}
