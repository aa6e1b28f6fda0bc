//! How fast objects are written and read with sealing and without, on the disk of the temporary folder. Prints a table of
//! `docs/SPECIFICATION.md`.

use bytes::Bytes;
use keys::{DataKey, SystemRng};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, WriteMultipart};
use objects::{Sealed, SealingKeys};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Of one object; a data file of the tables has some tens of megabytes.
const OBJECT_BYTES: usize = 64 << 20;
/// Objects of one round.
const OBJECTS: usize = 4;
/// Read at a time, as tables do.
const RANGE_BYTES: usize = 4 << 20;
/// Rounds in turn, the first one of which does not count; the middle one of each kind counts.
const ROUNDS: usize = 8;

#[derive(Default)]
struct Times {
    write: Vec<Duration>,
    read: Vec<Duration>,
}

#[tokio::main]
async fn main() -> Fallible<()> {
    let folder = tempfile::tempdir()?;
    let plain = objects::local(folder.path().to_owned())?;
    let key = SealingKeys::new(DataKey::generate(&SystemRng));
    let sealed = Sealed::new(Arc::clone(&plain), key);
    let bytes = noise();
    let (mut without, mut with) = (Times::default(), Times::default());
    for round in 0..ROUNDS {
        // Each kind goes first every other time.
        let mut turns = [(&plain, &mut without), (&sealed, &mut with)];
        if round % 2 == 1 {
            turns.reverse();
        }
        for (store, times) in turns {
            let (write, read) = measure(store, &bytes).await?;
            if round > 0 {
                times.write.push(write);
                times.read.push(read);
            }
        }
    }
    println!(
        "\n| MB/s: objects of 64 MiB, durable when written, read in ranges of 4 MiB | plain | sealed | sealed / plain |\n|---|---:|---:|---:|"
    );
    for (what, without, with) in [
        ("written", &mut without.write, &mut with.write),
        (
            "read, from the system's cache",
            &mut without.read,
            &mut with.read,
        ),
    ] {
        let (plain, sealed) = (rate(without), rate(with));
        println!(
            "| {what} | {plain:.0} | {sealed:.0} | {:.2} |",
            sealed / plain
        );
    }
    Ok(())
}

/// Writes all objects and reads them again.
async fn measure(store: &Arc<dyn ObjectStore>, bytes: &Bytes) -> Fallible<(Duration, Duration)> {
    let paths: Vec<Path> = (0..OBJECTS)
        .map(|n| Path::from(format!("object-{n}")))
        .collect();
    let began = Instant::now();
    for path in &paths {
        let mut writing = WriteMultipart::new(store.put_multipart(path).await?);
        writing.write(bytes);
        writing.finish().await?;
    }
    let written = began.elapsed();
    let began = Instant::now();
    for path in &paths {
        for at in (0..OBJECT_BYTES).step_by(RANGE_BYTES) {
            let range = at as u64..(at + RANGE_BYTES) as u64;
            let read = store.get_ranges(path, std::slice::from_ref(&range)).await?;
            let bytes = read.first().map(Bytes::len);
            assert_eq!(bytes, Some(RANGE_BYTES), "the whole range");
        }
    }
    let read = began.elapsed();
    for path in &paths {
        store.delete(path).await?;
    }
    Ok((written, read))
}

/// Bytes that do not shrink.
fn noise() -> Bytes {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let words = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(OBJECT_BYTES / 8).flatten().collect()
}

/// Megabytes a second of the middle round.
fn rate(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "some hundred million")]
    let bytes = (OBJECT_BYTES * OBJECTS) as f64;
    bytes / 1e6 / middle.as_secs_f64()
}
