//! Filter expressions: the rows that the engine keeps are those that their meaning keeps.
//!
//! Tables and expressions are random; the meaning is `Expression::evaluate`, which knows no engine.

use crate::random::{columns, expression, file, row};
use crate::support::*;
use domain::expression::Expression;
use domain::limits::RequestLimits;
use domain::{Query, Shape};
use proptest::prelude::*;
use serde_json::{Value, json};
use tables::{Mode, QueryError};

fn asked(text: &str) -> Query {
    Query {
        filters: vec![],
        filter: Some(text.to_owned()),
        shape: Shape::Rows {
            columns: Some(vec!["i".to_owned()]),
            sort: vec![],
            limit: 10_000,
            offset: 0,
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_keeps_the_rows_that_the_meaning_keeps(
        parts in proptest::collection::vec(proptest::collection::vec(row(), 1..60), 1..4),
        expressions in proptest::collection::vec(expression(), 60),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = world();
            let mut rows_of = Vec::new();
            for part in &parts {
                let bytes = file(part, rows_of.len());
                world.upload_as("a.parquet", &bytes, Mode::Append, Some(columns())).await.unwrap();
                rows_of.extend(part.iter().cloned());
            }
            for text in expressions {
                let read = Expression::read(&text, &columns(), &RequestLimits::default()).unwrap();
                let expected: Vec<Value> = rows_of.iter().enumerate()
                    .filter(|(_, row)| read.evaluate(&|name: &str| row.cell(name)) == Some(true))
                    .map(|(at, _)| json!(at))
                    .collect();
                let answer = world.query(&asked(&text)).await.unwrap();
                let told: Vec<Value> = rows(&answer).iter().map(|row| row["i"].clone()).collect();
                prop_assert_eq!(&told, &expected, "{}", text);
                prop_assert_eq!(answer.total_rows, expected.len() as u64);
            }
            Ok(())
        })?;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_of_any_length_is_asked_or_refused() {
    let world = world();
    let long = "ab".repeat(500);
    world.csv(&format!("t\n{long}\nb\n")).await.unwrap();
    let count = async |pattern: &str| {
        let text = format!("t like \"{pattern}\"");
        let query = Query {
            shape: rows_query().shape,
            ..asked(&text)
        };
        world.query(&query).await.map(|answer| answer.total_rows)
    };
    assert_eq!(count(&"_".repeat(1_000)).await.unwrap(), 1);
    assert_eq!(count(&"_%".repeat(500)).await.unwrap(), 1);
    assert_eq!(count(&"%a_".repeat(333)).await.unwrap(), 1);
    let refused = count(&"_".repeat(1_001)).await;
    assert!(
        matches!(refused, Err(QueryError::Expression(_))),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_is_asked_beside_filters_and_remembered_by_its_meaning() {
    let world = world();
    world.csv("i,g\n1,a\n2,a\n3,b\n4,b\n").await.unwrap();
    let query = |text: &str| Query {
        filters: vec![filter(json!({"column": "i", "op": "gt", "value": 1}))],
        ..asked(text)
    };
    let answer = world.query(&query("g = \"a\" or i > 3")).await.unwrap();
    assert_eq!(lines(&answer), ["2", "4"]);
    assert!(!answer.cached);
    let same = world.query(&query("(  g=='a') OR 3 < i")).await.unwrap();
    assert_eq!(lines(&same), ["2", "4"]);
    assert!(same.cached, "the same filter in another spelling");
    let other = world.query(&query("g = \"a\" or i > 2")).await.unwrap();
    assert_eq!(lines(&other), ["2", "3", "4"]);
    for (text, near) in [("gg = 'a'", vec!["g"]), ("", vec![]), ("i > 'x'", vec![])] {
        match world.query(&query(text)).await {
            Err(QueryError::Expression(error)) => assert_eq!(error.near, near, "{text}"),
            answered => panic!("{text}: {answered:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_of_as_many_conditions_as_are_allowed_is_answered() {
    let world = world();
    let numbers: String = (0..600).map(|i| format!("{i}\n")).collect();
    world.csv(&format!("i\n{numbers}")).await.unwrap();
    for (join, kept) in [(" or ", 500), (" and ", 0)] {
        let text: Vec<String> = (0..500).map(|i| format!("i = {i}")).collect();
        let answer = world.query(&asked(&text.join(join))).await.unwrap();
        assert_eq!(answer.total_rows, kept);
    }
    let values: Vec<String> = (0..10_000).map(|i| (2 * i).to_string()).collect();
    let text = format!("i not in ({})", values.join(", "));
    assert_eq!(world.query(&asked(&text)).await.unwrap().total_rows, 300);
}
