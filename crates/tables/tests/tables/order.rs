//! Answers do not depend on the number of cores: the same bits, the same order, every time.

use crate::formats::parquet;
use crate::support::*;
use deltalake::arrow::array::*;
use domain::limits::RequestLimits;
use domain::query::Aggregate;
use domain::{Query, Shape};
use serde_json::json;
use std::sync::Arc;
use tables::Mode;

/// More rows than two files hold, of numbers whose sum depends on the order of adding.
const ROWS: i64 = 1_100_000;

pub fn large() -> Vec<u8> {
    let spread = |i: i64| {
        i.wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407)
            >> 16
    };
    #[expect(clippy::cast_precision_loss, reason = "a test's numbers")]
    let x = |i: i64| (spread(i) as f64) * 10_f64.powi(i32::try_from(spread(i * 7) % 12).unwrap());
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("i", Arc::new(Int64Array::from_iter_values(0..ROWS))),
        (
            "x",
            Arc::new(Float64Array::from_iter_values((0..ROWS).map(x))),
        ),
        (
            "k",
            Arc::new(StringArray::from_iter_values(
                (0..ROWS).map(|i| format!("k{}", spread(i) % 5)),
            )),
        ),
        (
            "tie",
            Arc::new(Int64Array::from_iter_values((0..ROWS).map(|i| i / 400_000))),
        ),
    ];
    parquet(&RecordBatch::try_from_iter(columns).unwrap())
}

pub fn questions() -> Vec<Query> {
    let measures = vec![
        measure(Aggregate::Sum, Some("x")),
        measure(Aggregate::Mean, Some("x")),
        measure(Aggregate::Std, Some("x")),
        measure(Aggregate::Median, Some("x")),
    ];
    let own = vec![filter(json!({"column": "x", "op": "gt", "value": 0}))];
    let all = |shape| Query {
        filters: vec![],
        filter: None,
        shape,
    };
    vec![
        all(Shape::Aggregate {
            group_by: vec![],
            measures: measures.clone(),
            limit: None,
        }),
        Query {
            filters: own.clone(),
            filter: None,
            shape: Shape::Aggregate {
                group_by: vec!["k".to_owned()],
                measures,
                limit: None,
            },
        },
        Query {
            filters: own.clone(),
            filter: None,
            shape: Shape::Bins {
                column: "x".to_owned(),
                bins: 30,
                group_by: Some("k".to_owned()),
            },
        },
        Query {
            filters: own,
            filter: None,
            shape: Shape::Sample {
                columns: vec!["i".to_owned(), "x".to_owned()],
                limit: 500,
            },
        },
        all(Shape::Rows {
            columns: Some(vec!["i".to_owned()]),
            sort: vec![sort("tie", true)],
            limit: 50,
            offset: 123_456,
        }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bits_for_one_two_and_eight_threads() {
    let world = world();
    let made = world
        .upload("large.parquet", &large(), Mode::Append)
        .await
        .unwrap();
    assert_eq!(made.rows, ROWS as u64);
    let files = world
        .disk()
        .into_iter()
        .filter(|(name, _)| name.ends_with(".parquet"));
    assert_eq!(files.count(), 3, "the table is spread over several units");
    let mut answers: Vec<Vec<String>> = Vec::new();
    for threads in [1, 2, 8, 8] {
        let tables = open(
            world.folder.path(),
            &world.clock,
            threads,
            RequestLimits::default(),
        );
        let mut told = Vec::new();
        for query in questions() {
            let answer = tables
                .query(&world.place, None, &query, ask())
                .await
                .unwrap();
            assert!(!answer.cached);
            // JSON floats round-trip, so equal text is equal bits.
            told.extend(lines(&answer));
        }
        answers.push(told);
    }
    assert!(answers.iter().all(|told| *told == answers[0]));
    // Ties are in the order of upload: the 123,456th row of the largest `tie`.
    assert!(answers[0].contains(&format!("{}", 800_000 + 123_456)));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_pruned_filters_of_a_large_table_are_exact() {
    let world = world();
    world
        .upload("large.parquet", &large(), Mode::Append)
        .await
        .unwrap();
    let page = |filters, columns: &[&str], offset, limit| Query {
        filters,
        filter: None,
        shape: Shape::Rows {
            columns: Some(columns.iter().map(|c| (*c).to_owned()).collect()),
            sort: vec![],
            limit,
            offset,
        },
    };
    // Across the border of two files.
    let answer = world
        .query(&page(vec![], &["i"], 524_286, 4))
        .await
        .unwrap();
    assert_eq!(lines(&answer), ["524286", "524287", "524288", "524289"]);
    // Row groups are passed over by their statistics, and positions are still right.
    let within = vec![filter(
        json!({"column": "i", "op": "between", "values": [700_000, 700_009]}),
    )];
    let answer = world
        .query(&page(within.clone(), &["i"], 8, 5))
        .await
        .unwrap();
    assert_eq!(
        (lines(&answer), answer.total_rows),
        (vec!["700008".to_owned(), "700009".to_owned()], 10)
    );
    let sorted = Query {
        filters: within,
        filter: None,
        shape: Shape::Rows {
            columns: Some(vec!["i".to_owned(), "tie".to_owned()]),
            sort: vec![sort("i", true)],
            limit: 2,
            offset: 0,
        },
    };
    assert_eq!(
        lines(&world.query(&sorted).await.unwrap()),
        ["700009 1", "700008 1"]
    );
}
