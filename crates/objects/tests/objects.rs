//! What a sealed store keeps and what it refuses, on real files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use futures::TryStreamExt as _;
use keys::{DataKey, SystemRng};
use object_store::path::Path;
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, WriteMultipart,
};
use objects::{Sealed, SealingKeys};
use proptest::prelude::*;
use std::sync::Arc;

const CHUNK: usize = 64 * 1024;

struct World {
    folder: tempfile::TempDir,
    disk: Arc<dyn ObjectStore>,
    key: DataKey,
    sealed: Arc<dyn ObjectStore>,
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let disk = objects::local(folder.path().to_owned()).unwrap();
    let key = DataKey::generate(&SystemRng);
    let sealed = Sealed::new(Arc::clone(&disk), SealingKeys::new(key.clone()));
    World {
        folder,
        disk,
        key,
        sealed,
    }
}

/// Bytes that differ everywhere, so that a chunk in the wrong place shows.
fn plain(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| u8::try_from((i.wrapping_mul(2_654_435_761) >> 7) & 0xff).unwrap())
        .collect()
}

fn path(text: &str) -> Path {
    Path::from(text)
}

async fn raw(world: &World, at: &str) -> Vec<u8> {
    let found = world.disk.get(&path(at)).await.unwrap();
    found.bytes().await.unwrap().to_vec()
}

/// Reads an object in both ways, as a stream and in one piece: they tell the same.
async fn read(store: &Arc<dyn ObjectStore>, at: &str) -> object_store::Result<Vec<u8>> {
    let streamed = async { store.get(&path(at)).await?.bytes().await };
    let streamed = streamed.await;
    if let Ok(head) = store.head(&path(at)).await
        && head.size > 0
    {
        let ranges = [0..head.size, 0..1];
        let whole = store.get_ranges(&path(at), &ranges).await;
        let whole = whole.map(|mut ranges| ranges.remove(0));
        match (&streamed, &whole) {
            (Ok(streamed), Ok(whole)) => assert!(streamed == whole, "{at}"),
            (Err(_), Err(_)) => {}
            _ => panic!("{at}: {streamed:?} and {whole:?}"),
        }
    }
    Ok(streamed?.to_vec())
}

#[tokio::test]
async fn what_was_put_is_read_back_with_its_plain_size() {
    let world = world();
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_001] {
        let at = format!("p/c/{length}");
        let bytes = plain(length);
        world
            .sealed
            .put(&path(&at), bytes.clone().into())
            .await
            .unwrap();
        assert_eq!(read(&world.sealed, &at).await.unwrap(), bytes, "{length}");
        let head = world.sealed.head(&path(&at)).await.unwrap();
        assert_eq!(head.size, length as u64);
    }
    let listed: Vec<_> = world.sealed.list(None).try_collect().await.unwrap();
    assert_eq!(listed.len(), 7);
    for meta in &listed {
        let name = meta.location.filename().unwrap();
        assert_eq!(meta.size.to_string(), name);
    }
    let names: Vec<_> = listed.iter().map(|meta| meta.location.clone()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted, "the Delta kernel relies on a sorted list");
}

#[tokio::test]
async fn no_plain_byte_lies_on_the_disk() {
    let world = world();
    let secret = b"BRCA2 carrier, patient 4711".repeat(9_000);
    world
        .sealed
        .put(&path("p/c/x"), secret.clone().into())
        .await
        .unwrap();
    let mut parts = WriteMultipart::new(world.sealed.put_multipart(&path("p/c/y")).await.unwrap());
    parts.write(&secret);
    parts.finish().await.unwrap();
    let folder = world.folder.path().join("p/c");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(12).any(|w| w == b"patient 4711"));
        seen += 1;
    }
    assert_eq!(seen, 2);
    assert_eq!(read(&world.sealed, "p/c/y").await.unwrap(), secret);
}

#[tokio::test]
async fn a_changed_byte_anywhere_is_an_error() {
    let world = world();
    let bytes = plain(2 * CHUNK + 100);
    world
        .sealed
        .put(&path("p/c/x"), bytes.clone().into())
        .await
        .unwrap();
    let good = raw(&world, "p/c/x").await;
    for position in [0, 7, 8, 9, 40, 80, 106, 120, 128, 70_000, good.len() - 1] {
        let mut bad = good.clone();
        bad[position] ^= 1;
        world.disk.put(&path("p/c/x"), bad.into()).await.unwrap();
        // A new store, as after a restart: nothing is remembered.
        let fresh = Sealed::new(Arc::clone(&world.disk), SealingKeys::new(world.key.clone()));
        assert!(read(&fresh, "p/c/x").await.is_err(), "byte {position}");
    }
    world.disk.put(&path("p/c/x"), good.into()).await.unwrap();
    assert_eq!(read(&world.sealed, "p/c/x").await.unwrap(), bytes);
}

#[tokio::test]
async fn a_cut_or_extended_object_is_an_error() {
    let world = world();
    world
        .sealed
        .put(&path("p/c/x"), plain(3 * CHUNK).into())
        .await
        .unwrap();
    let good = raw(&world, "p/c/x").await;
    let stored = CHUNK + 16;
    // At a chunk's border, within one, within the header, and one chunk too many.
    let cuts = [128 + 2 * stored, 128 + stored, 128, 100, good.len() - 1, 0];
    for length in cuts {
        let bad = good[..length].to_vec();
        world.disk.put(&path("p/c/x"), bad.into()).await.unwrap();
        assert!(read(&world.sealed, "p/c/x").await.is_err(), "{length}");
    }
    let mut longer = good.clone();
    longer.extend_from_slice(&good[128..128 + stored]);
    world.disk.put(&path("p/c/x"), longer.into()).await.unwrap();
    assert!(read(&world.sealed, "p/c/x").await.is_err());
}

#[tokio::test]
async fn swapped_chunks_are_an_error() {
    let world = world();
    world
        .sealed
        .put(&path("p/c/x"), plain(3 * CHUNK).into())
        .await
        .unwrap();
    let good = raw(&world, "p/c/x").await;
    let stored = CHUNK + 16;
    let mut bad = good[..128].to_vec();
    bad.extend_from_slice(&good[128 + stored..128 + 2 * stored]);
    bad.extend_from_slice(&good[128..128 + stored]);
    bad.extend_from_slice(&good[128 + 2 * stored..]);
    assert_eq!(bad.len(), good.len());
    world.disk.put(&path("p/c/x"), bad.into()).await.unwrap();
    assert!(read(&world.sealed, "p/c/x").await.is_err());
}

#[tokio::test]
async fn an_object_moved_behind_our_back_or_read_with_another_key_does_not_open() {
    let world = world();
    let bytes = plain(1_000);
    world
        .sealed
        .put(&path("mine/c/x"), bytes.clone().into())
        .await
        .unwrap();
    let stored = raw(&world, "mine/c/x").await;
    world
        .disk
        .put(&path("theirs/c/x"), stored.into())
        .await
        .unwrap();
    assert!(read(&world.sealed, "theirs/c/x").await.is_err());
    let other = DataKey::generate(&SystemRng);
    let stranger = Sealed::new(Arc::clone(&world.disk), SealingKeys::new(other.clone()));
    let refused = read(&stranger, "mine/c/x").await.unwrap_err().to_string();
    assert!(refused.contains("not at hand"), "{refused}");
    // A rotated key still opens what it sealed, and new objects take the new one.
    let keys = SealingKeys::new(other).with_past(world.key.clone());
    let rotated = Sealed::new(Arc::clone(&world.disk), keys);
    assert_eq!(read(&rotated, "mine/c/x").await.unwrap(), bytes);
    rotated
        .put(&path("mine/c/y"), vec![1].into())
        .await
        .unwrap();
    assert!(read(&world.sealed, "mine/c/y").await.is_err());
}

#[tokio::test]
async fn a_copy_and_a_rename_are_sealed_for_their_new_place() {
    let world = world();
    let bytes = plain(CHUNK + 5);
    let store = &world.sealed;
    store.put(&path("a"), bytes.clone().into()).await.unwrap();
    store.copy(&path("a"), &path("b")).await.unwrap();
    store.rename(&path("a"), &path("c")).await.unwrap();
    assert_eq!(read(store, "b").await.unwrap(), bytes);
    assert_eq!(read(store, "c").await.unwrap(), bytes);
    assert!(read(store, "a").await.is_err());
    let taken = store.copy_if_not_exists(&path("c"), &path("b")).await;
    assert!(matches!(
        taken,
        Err(object_store::Error::AlreadyExists { .. })
    ));
}

#[tokio::test]
async fn of_two_creations_of_one_name_one_is_told() {
    let world = world();
    // Half of them through a store of their own on the same folder, as another replica has.
    let other = objects::local(world.folder.path().to_owned()).unwrap();
    let other = Sealed::new(other, SealingKeys::new(world.key.clone()));
    let create = |writer: usize| {
        let store = Arc::clone([&world.sealed, &other][writer % 2]);
        tokio::spawn(async move {
            let payload = PutPayload::from(plain(100));
            store
                .put_opts(&path("p/log/0"), payload, PutMode::Create.into())
                .await
        })
    };
    let tasks: Vec<_> = (0..8).map(create).collect();
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => done += 1,
            Err(object_store::Error::AlreadyExists { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(done, 1);
    let left = std::fs::read_dir(world.folder.path().join("p/log")).unwrap();
    assert_eq!(left.count(), 1, "no unfinished file is left");
}

#[tokio::test]
async fn an_object_replaced_is_read_anew() {
    let world = world();
    world
        .sealed
        .put(&path("x"), plain(50).into())
        .await
        .unwrap();
    assert_eq!(read(&world.sealed, "x").await.unwrap(), plain(50));
    // By another replica, which shares nothing with this one but the store and the key.
    let other = Sealed::new(Arc::clone(&world.disk), SealingKeys::new(world.key.clone()));
    other.put(&path("x"), plain(90).into()).await.unwrap();
    assert_eq!(read(&world.sealed, "x").await.unwrap(), plain(90));
}

#[tokio::test]
async fn a_range_across_what_is_fetched_at_a_time_is_whole_and_one_beyond_the_end_is_refused() {
    const WINDOW: u64 = 64 * CHUNK as u64;
    let world = world();
    let bytes = plain(2 * (64 * CHUNK) + 100);
    let end = bytes.len() as u64;
    let put = world.sealed.put(&path("x"), bytes.clone().into()).await;
    put.unwrap();
    for range in [
        0..end,
        WINDOW - 1..WINDOW + 1,
        1..2 * WINDOW,
        5..2 * WINDOW + 1,
        end - 1..end,
    ] {
        let found = world.sealed.get_range(&path("x"), range.clone()).await;
        let part = &bytes[range.start as usize..range.end as usize];
        assert!(found.unwrap() == part, "{range:?}");
    }
    for range in [end..end + 1, end + 5..end + 9, u64::MAX - 9..u64::MAX] {
        let found = world.sealed.get_range(&path("x"), range.clone()).await;
        assert!(found.is_err(), "{range:?}");
    }
}

#[tokio::test]
async fn an_object_replaced_while_it_is_read_is_an_error_and_no_mixture() {
    let world = world();
    let (one, other) = (plain(9 << 20), vec![7; 9 << 20]);
    let put = world.sealed.put(&path("x"), one.clone().into()).await;
    put.unwrap();
    let mut reading = world.sealed.get(&path("x")).await.unwrap().into_stream();
    let first = reading.try_next().await.unwrap().unwrap();
    assert!(first == one[..first.len()]);
    let put = world.sealed.put(&path("x"), other.clone().into()).await;
    put.unwrap();
    let rest: object_store::Result<Vec<_>> = reading.try_collect().await;
    assert!(rest.is_err(), "the rest is of another object");
    assert!(read(&world.sealed, "x").await.unwrap() == other);
}

#[tokio::test]
async fn an_upload_in_parts_is_cut_in_chunks_whatever_the_parts_are() {
    let world = world();
    let bytes = plain(9 * (1 << 20) + 17);
    for part in [1 << 20, CHUNK, 100_003, 12 << 20] {
        let mut upload = world.sealed.put_multipart(&path("x")).await.unwrap();
        for piece in bytes.chunks(part) {
            upload.put_part(piece.to_vec().into()).await.unwrap();
        }
        upload.complete().await.unwrap();
        assert_eq!(read(&world.sealed, "x").await.unwrap(), bytes, "{part}");
    }
    let mut cut = world.sealed.put_multipart(&path("y")).await.unwrap();
    cut.put_part(bytes.into()).await.unwrap();
    cut.abort().await.unwrap();
    let files = std::fs::read_dir(world.folder.path()).unwrap();
    assert_eq!(files.count(), 1, "an aborted upload leaves nothing");
}

fn ranges() -> impl Strategy<Value = (usize, Vec<(u64, u64, u8)>)> {
    let lengths = prop_oneof![
        1..200_usize,
        (CHUNK - 2)..(CHUNK + 3),
        (4 * CHUNK - 2)..(4 * CHUNK + 3),
        1..300_000_usize
    ];
    (
        lengths,
        proptest::collection::vec((any::<u64>(), 1..200_000_u64, 0..3_u8), 1..12),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_range_reads_equals_the_plain_bytes((length, reads) in ranges()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = world();
            let bytes = plain(length);
            world.sealed.put(&path("x"), bytes.clone().into()).await.unwrap();
            let mut asked = Vec::new();
            for (start, size, kind) in reads {
                let start = start % length as u64;
                let end = (start + size).min(length as u64);
                let (range, expected) = match kind {
                    0 => (GetRange::Bounded(start..start + size), start..end),
                    1 => (GetRange::Offset(start), start..length as u64),
                    _ => (GetRange::Suffix(size), (length as u64).saturating_sub(size)..length as u64),
                };
                let slice = |r: &std::ops::Range<u64>| bytes[r.start as usize..r.end as usize].to_vec();
                let options = GetOptions { range: Some(range), ..GetOptions::default() };
                let found = world.sealed.get_opts(&path("x"), options).await.unwrap();
                prop_assert_eq!(&found.range, &expected);
                prop_assert_eq!(found.bytes().await.unwrap().to_vec(), slice(&expected));
                asked.push(expected);
            }
            let all = world.sealed.get_ranges(&path("x"), &asked).await.unwrap();
            for (range, found) in asked.iter().zip(all) {
                prop_assert_eq!(&bytes[range.start as usize..range.end as usize], &found[..]);
            }
            Ok(())
        })?;
    }
}

#[test]
fn a_scratch_file_reads_as_it_was_written_and_nothing_of_it_is_plain_on_the_disk() {
    use objects::ScratchWriter;
    use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scratch");
    let marker = b"a planted cell of a table";
    for length in [
        0,
        1,
        marker.len(),
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        3 * CHUNK,
        40 * CHUNK + 17,
    ] {
        let mut bytes = plain(length);
        bytes
            .iter_mut()
            .zip(marker)
            .for_each(|(byte, marked)| *byte = *marked);
        let file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .unwrap();
        let mut writer = ScratchWriter::new(file).unwrap();
        for piece in bytes.chunks(100_003) {
            writer.write_all(piece).unwrap();
        }
        let scratch = writer.finish().unwrap();
        assert_eq!(scratch.bytes().unwrap(), length as u64);
        let mut all = Vec::new();
        scratch.reader(0).read_to_end(&mut all).unwrap();
        assert!(all == bytes, "{length}");
        let mut reader = scratch.reader(0);
        for at in [0, length / 2, length.saturating_sub(1), CHUNK.min(length)] {
            let mut rest = Vec::new();
            reader.seek(SeekFrom::Start(at as u64)).unwrap();
            reader.read_to_end(&mut rest).unwrap();
            assert!(rest == bytes[at..], "{length} from {at}");
        }
        let stored = std::fs::read(&path).unwrap();
        assert!(
            !stored.windows(marker.len()).any(|window| window == marker),
            "{length}"
        );
        // What somebody changes on the disk meanwhile is an error, and not other rows.
        if length > 0 {
            let mut changed = stored;
            changed[length / 2] ^= 1;
            std::fs::write(&path, changed).unwrap();
            assert!(
                scratch.reader(0).read_to_end(&mut Vec::new()).is_err(),
                "{length}"
            );
        }
    }
}

#[test]
fn a_reader_follows_a_scratch_file_while_it_is_written_and_is_told_when_it_breaks_off() {
    use objects::ScratchWriter;
    use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
    for (length, breaks) in [
        (40 * CHUNK + 17, false),
        (40 * CHUNK, false),
        (30 * CHUNK, true),
        (5, true),
        (0, false),
    ] {
        let bytes = plain(length);
        let mut writer = ScratchWriter::new(tempfile::tempfile().unwrap()).unwrap();
        let scratch = writer.scratch();
        let follower = std::thread::spawn({
            let mut reader = scratch.reader(0);
            move || {
                let mut all = Vec::new();
                reader.read_to_end(&mut all).map(|_| all)
            }
        });
        let from_the_end = std::thread::spawn({
            let mut reader = scratch.reader(0);
            move || reader.seek(SeekFrom::End(0))
        });
        for piece in bytes.chunks(100_003) {
            writer.write_all(piece).unwrap();
            std::thread::yield_now();
        }
        if breaks {
            drop(writer);
            assert!(follower.join().unwrap().is_err(), "{length}");
            assert!(from_the_end.join().unwrap().is_err(), "{length}");
            assert!(scratch.bytes().is_err() && scratch.reader(0).read(&mut [0]).is_err());
        } else {
            writer.finish().unwrap();
            assert!(follower.join().unwrap().unwrap() == bytes, "{length}");
            assert_eq!(from_the_end.join().unwrap().unwrap(), length as u64);
        }
    }
}

#[tokio::test]
async fn what_an_earlier_process_left_unfinished_is_removed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = objects::local(folder.path().to_owned()).unwrap();
    let kept = Path::from("project/collection/part-1.parquet");
    store.put(&kept, "whole".into()).await.unwrap();
    let place = folder.path().join("project/collection");
    let unfinished = place.join("part-2.parquet#1234567890");
    let named = place.join("not#unfinished");
    for path in [&unfinished, &named] {
        std::fs::write(path, "half").unwrap();
    }
    let written = std::fs::metadata(&unfinished).unwrap().modified().unwrap();
    // What is being written now is not touched.
    assert_eq!(
        objects::remove_unfinished(folder.path(), written).unwrap(),
        0
    );
    let later = written + std::time::Duration::from_secs(1);
    assert_eq!(objects::remove_unfinished(folder.path(), later).unwrap(), 1);
    assert!(!unfinished.exists() && named.exists());
    assert_eq!(
        store.get(&kept).await.unwrap().bytes().await.unwrap(),
        "whole"
    );
}
