//! What lies on the disk tells nothing: not cells, not names of columns, files or people.

use crate::support::*;
use keys::{DataKey, SystemRng};
use tables::{Mode, NewVersion, Place};

#[tokio::test(flavor = "multi_thread")]
async fn no_planted_word_is_in_any_byte_on_the_disk() {
    let world = world();
    let words = [
        "PLANTEDCELL",
        "PLANTEDCOLUMN",
        "PLANTEDFILE",
        "PLANTEDPERSON",
        "PLANTEDNOTE",
        "77123.25",
    ];
    let text = "PLANTEDCOLUMN,b\nPLANTEDCELL,77123.25\nPLANTEDCELL two,1\n";
    for _ in 0..21 {
        let file = world.file("PLANTEDFILE.csv", text.as_bytes()).await;
        let note = Some("PLANTEDNOTE".to_owned());
        world
            .tables
            .ingest(
                &world.place,
                NewVersion::new(vec![file], Mode::Append),
                "PLANTEDPERSON",
                note,
            )
            .await
            .unwrap();
    }
    world
        .tables
        .restore(&world.place, 1, "PLANTEDPERSON")
        .await
        .unwrap();
    // Sorting and grouping leave nothing behind either.
    world.query(&rows_query()).await.unwrap();
    let disk = world.disk();
    assert!(
        disk.iter()
            .any(|(name, _)| name.contains("checkpoint.parquet"))
    );
    assert!(
        disk.iter()
            .filter(|(name, _)| name.contains("_delta_log"))
            .count()
            > 20
    );
    for (name, bytes) in &disk {
        for word in words {
            let found = bytes
                .windows(word.len())
                .any(|window| window == word.as_bytes());
            assert!(!found && !name.contains(word), "{word} in {name}");
        }
        assert!(
            !bytes.starts_with(b"PAR1") && !bytes.starts_with(b"{"),
            "{name}"
        );
    }
    // The words are really there, for who has the key.
    assert!(
        world
            .all()
            .await
            .iter()
            .any(|row| row["PLANTEDCOLUMN"] == "PLANTEDCELL")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_projects_key_reads_nothing() {
    let world = world();
    world.csv("a\n1\n").await.unwrap();
    let fresh = open(
        world.folder.path(),
        &world.clock,
        2,
        domain::limits::RequestLimits::default(),
    );
    let ids: Vec<String> = world.disk()[0].0.split('/').map(str::to_owned).collect();
    let stranger = Place::new(
        ids[1].parse().unwrap(),
        ids[2].parse().unwrap(),
        DataKey::generate(&SystemRng),
    );
    assert!(
        fresh
            .query(&stranger, None, &rows_query(), ask())
            .await
            .is_err()
    );
    assert!(
        fresh
            .query(&world.place, None, &rows_query(), ask())
            .await
            .is_ok()
    );
}
