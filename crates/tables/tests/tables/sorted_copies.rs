//! Sorted copies: made of what people filter by, read instead of the files, and seen by nobody but a clock.

use crate::order::{large, questions};
use crate::support::*;
use domain::limits::RequestLimits;
use domain::{Filter, Query, Shape};
use serde_json::json;
use tables::{Mode, Place, Selection, Sorted, Tables, TablesSettings};

/// Tables that sort copies from so many rows on, and remember no answers.
fn sorting(world: &World, sorted_rows_min: u64) -> Tables {
    Tables::new(TablesSettings {
        sorted_rows_min,
        cache_bytes: 0,
        ..settings(
            world.folder.path(),
            &world.clock,
            2,
            RequestLimits::default(),
        )
    })
    .unwrap()
}

fn only(filters: &[Filter], shape: Shape) -> Query {
    Query {
        filters: filters.to_vec(),
        filter: None,
        shape,
    }
}

fn word(value: &str) -> Filter {
    filter(json!({ "column": "k", "op": "eq", "value": value }))
}

/// Asks until a table is wished to be sorted; how often that took.
async fn until_wished(tables: &Tables, place: &Place, filter: impl Fn(usize) -> Filter) -> usize {
    let mut wishes = tables.wishes().unwrap();
    for time in 0..40 {
        let shape = Shape::Range {
            column: "x".to_owned(),
        };
        let query = only(&[filter(time)], shape);
        tables.query(place, None, &query, ask()).await.unwrap();
        if wishes.waiting().is_some() {
            return time + 1;
        }
    }
    panic!("no wish");
}

/// Makes what is due.
async fn sort(tables: &Tables, place: &Place) -> Sorted {
    match tables.due(place).await.unwrap() {
        Some(due) => tables.sort(place, due).await.unwrap(),
        None => Sorted::default(),
    }
}

fn names(world: &World, of: &str) -> Vec<String> {
    let names = world.disk().into_iter().map(|(name, _)| name);
    let names = names.filter(|name| name.rsplit('/').next().unwrap().starts_with(of));
    names.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_the_same_to_the_last_bit_with_sorted_copies_and_without() {
    let world = world();
    world
        .upload("large.parquet", &large(), Mode::Append)
        .await
        .unwrap();
    let tables = sorting(&world, 1_000_000);
    // Four fifths of the rows are turned away each time, and four times the table is enough.
    let times = until_wished(&tables, &world.place, |time| {
        word(&format!("k{}", time % 5))
    })
    .await;
    assert_eq!(times, 5);
    let made = sort(&tables, &world.place).await;
    assert_eq!(
        (made.columns.as_slice(), made.files),
        (["k".to_owned()].as_slice(), 2)
    );
    assert_eq!(
        names(&world, "by-").len(),
        2,
        "of the two large files, not of the small last one"
    );
    // A condition on numbers that are spread over all rows makes another.
    let tables = sorting(&world, 1_000_000);
    let large_ones =
        |time: usize| filter(json!({ "column": "x", "op": "gt", "value": 1e20 + time as f64 }));
    until_wished(&tables, &world.place, large_ones).await;
    let made = sort(&tables, &world.place).await;
    assert_eq!(
        (made.columns.as_slice(), made.files),
        (["x".to_owned()].as_slice(), 2)
    );
    assert!(
        tables.due(&world.place).await.unwrap().is_none(),
        "nothing is left to do"
    );
    // A third column gets none, and is wished for once in the life of a version.
    let tables = sorting(&world, 1_000_000);
    let everywhere = |time: usize| {
        let values: Vec<usize> = (0..100).map(|n| n * 10_000 + time).collect();
        filter(json!({ "column": "i", "op": "in", "values": values }))
    };
    let mut wishes = tables.wishes().unwrap();
    let mut wished = 0;
    for time in 0..12 {
        let shape = Shape::Range {
            column: "x".to_owned(),
        };
        let query = only(&[everywhere(time)], shape);
        tables
            .query(&world.place, None, &query, ask())
            .await
            .unwrap();
        if wishes.waiting().is_some() {
            wished += 1;
            assert!(tables.due(&world.place).await.unwrap().is_none());
        }
    }
    assert_eq!(wished, 1);

    let conditions: [Vec<Filter>; 8] = [
        vec![word("k1")],
        vec![
            word("k1"),
            filter(json!({ "column": "i", "op": "between", "values": [300_000, 700_000] })),
        ],
        vec![filter(
            json!({ "column": "k", "op": "in", "values": ["k0", "k3"] }),
        )],
        vec![filter(json!({ "column": "k", "op": "ne", "value": "k2" }))],
        vec![large_ones(0)],
        vec![large_ones(0), word("k4")],
        vec![filter(json!({ "column": "x", "op": "lt", "value": -1e22 }))],
        vec![word("none has this")],
    ];
    let (with, without) = (sorting(&world, 1), sorting(&world, 0));
    let shapes = questions().into_iter().map(|question| question.shape);
    let shapes = shapes.chain([
        Shape::Rows {
            columns: None,
            sort: vec![],
            limit: 100,
            offset: 50_000,
        },
        Shape::Rows {
            columns: None,
            sort: vec![crate::support::sort("x", true)],
            limit: 40,
            offset: 3,
        },
        Shape::Rows {
            columns: None,
            sort: vec![crate::support::sort("x", false)],
            limit: 40,
            offset: 90_000,
        },
        Shape::Distinct {
            column: "tie".to_owned(),
            search: None,
            limit: 10,
        },
        Shape::Correlations {
            columns: vec!["i".to_owned(), "x".to_owned()],
        },
    ]);
    for shape in shapes.collect::<Vec<_>>() {
        for filters in &conditions {
            let query = only(filters, shape.clone());
            let (a, b) = tokio::join!(
                with.query(&world.place, None, &query, ask()),
                without.query(&world.place, None, &query, ask()),
            );
            let (a, b) = (a.unwrap(), b.unwrap());
            assert_eq!(a.total_rows, b.total_rows, "{query:?}");
            assert!(!a.cached && !b.cached);
            // JSON floats round-trip, so equal text is equal bits.
            assert_eq!(lines(&a), lines(&b), "{query:?}");
        }
    }
    // What code gets is in the order of upload too.
    for filters in &conditions {
        let selection = Selection {
            filters: filters.clone(),
            ..Selection::default()
        };
        let frame = async |tables: &Tables| {
            let frame = tables
                .frame(&world.place, selection.clone(), 1 << 30, ask())
                .await
                .unwrap();
            tables::json::rows(&frame.batches)
        };
        assert!(frame(&with).await == frame(&without).await, "{filters:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_read_instead_of_its_file_and_goes_with_it() {
    let world = world();
    world
        .upload("large.parquet", &large(), Mode::Append)
        .await
        .unwrap();
    let held = world.tables.held(&world.project).await.unwrap();
    let tables = sorting(&world, 1_000_000);
    until_wished(&tables, &world.place, |time| {
        word(&format!("k{}", time % 5))
    })
    .await;
    let made = sort(&tables, &world.place).await;
    assert!(made.bytes > 1 << 20, "{made:?}");
    assert_eq!(
        tables.held(&world.project).await.unwrap(),
        held,
        "the project is not charged for it"
    );

    // Without the file: what the copy is no help for is an error, and what it holds is answered.
    let file = names(&world, "part-")
        .into_iter()
        .find(|name| name.ends_with("-00000.parquet"))
        .unwrap();
    let (there, aside) = (
        world.folder.path().join(&file),
        world.folder.path().join("aside"),
    );
    std::fs::rename(&there, &aside).unwrap();
    let range = |filters: &[Filter]| {
        only(
            filters,
            Shape::Range {
                column: "i".to_owned(),
            },
        )
    };
    let fresh = sorting(&world, 1);
    let all = fresh.query(&world.place, None, &range(&[]), ask()).await;
    assert!(all.is_err(), "{all:?}");
    let one = fresh
        .query(&world.place, None, &range(&[word("k1")]), ask())
        .await
        .unwrap();
    std::fs::rename(&aside, &there).unwrap();
    let plain = sorting(&world, 0);
    let expected = plain
        .query(&world.place, None, &range(&[word("k1")]), ask())
        .await
        .unwrap();
    assert_eq!(lines(&one), lines(&expected));

    // A copy that cannot be read is as none.
    let copies = names(&world, "by-");
    let damaged = world.folder.path().join(&copies[0]);
    let whole = std::fs::read(&damaged).unwrap();
    std::fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
    let other = sorting(&world, 1);
    let answer = other
        .query(&world.place, None, &range(&[word("k1")]), ask())
        .await
        .unwrap();
    assert_eq!(lines(&answer), lines(&expected));
    std::fs::write(&damaged, &whole).unwrap();

    // New rows are sorted as the others are, without being asked for.
    let tables = sorting(&world, 1_000_000);
    let mut wishes = tables.wishes().unwrap();
    let file = world.file("more.parquet", &large()).await;
    let more = tables::NewVersion::new(vec![file], Mode::Append);
    tables
        .ingest(&world.place, more, "usr_tester", None)
        .await
        .unwrap();
    assert!(wishes.waiting().is_some());
    assert_eq!(sort(&tables, &world.place).await.files, 2);
    assert_eq!(names(&world, "by-").len(), 4);

    // When only a small version is kept, all files go, and their copies with them.
    let made = world
        .upload("t.csv", b"i\n1\n", Mode::Overwrite)
        .await
        .unwrap();
    let latest = move |version| version == made.version;
    tables.remove_unoffered(&world.place, latest).await.unwrap();
    assert_eq!(
        (names(&world, "by-").len(), names(&world, "part-").len()),
        (0, 1)
    );
    assert_eq!(sort(&tables, &world.place).await, Sorted::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sorted_that_need_not_be() {
    let world = world();
    world
        .upload("large.parquet", &large(), Mode::Append)
        .await
        .unwrap();
    let asks = async |tables: &Tables, filters: &[Filter]| {
        for time in 0..12 {
            let mut filters = filters.to_vec();
            filters.push(filter(
                json!({ "column": "x", "op": "gt", "value": -1e300 - f64::from(time) }),
            ));
            let shape = Shape::Range {
                column: "tie".to_owned(),
            };
            tables
                .query(&world.place, None, &only(&filters, shape), ask())
                .await
                .unwrap();
        }
    };
    // A condition that nearly every row meets, and one that the order of upload answers already.
    let between = filter(json!({ "column": "i", "op": "between", "values": [10, 300_000] }));
    for (rows_min, filters) in [
        (1, vec![]),
        (1, vec![between]),
        (0, vec![word("k1")]),
        (2_000_000, vec![word("k1")]),
    ] {
        let tables = sorting(&world, rows_min);
        let mut wishes = tables.wishes().unwrap();
        asks(&tables, &filters).await;
        assert!(wishes.waiting().is_none(), "{rows_min} {filters:?}");
        assert!(tables.due(&world.place).await.unwrap().is_none());
    }
    // A table that is gone before its turn comes is none.
    let tables = sorting(&world, 1);
    until_wished(&tables, &world.place, |time| {
        word(&format!("k{}", time % 5))
    })
    .await;
    let due = tables.due(&world.place).await.unwrap().unwrap();
    tables.drop_collection(&world.place).await.unwrap();
    assert!(tables.sort(&world.place, due).await.is_err());
    assert_eq!(
        (names(&world, "by-").len(), names(&world, "part-").len()),
        (0, 0)
    );
}
