//! Pages far down an order: the rows that a naive sort puts there, in little memory.

use crate::formats::parquet;
use crate::support::*;
use deltalake::arrow::array::*;
use domain::limits::RequestLimits;
use domain::{Filter, Query, Shape, Sort};
use proptest::prelude::*;
use serde_json::json;
use std::cmp::Ordering;
use std::sync::Arc;
use tables::{Mode, Tables, TablesSettings};

const ROWS: i64 = 300_000;

/// A row of the table, as the naive sort knows it.
struct Row {
    i: i64,
    word: Option<&'static str>,
    text: String,
    x: Option<f64>,
    yes: Option<bool>,
}

fn rows_of_table() -> Vec<Row> {
    let spread = |i: i64| (i.wrapping_mul(6_364_136_223_846_793_005) >> 33).rem_euclid(1 << 30);
    let words = [
        Some("treated"),
        None,
        Some("control"),
        Some("treatment, the second"),
        Some(""),
    ];
    let row = |i: i64| {
        let random = spread(i + 1);
        Row {
            i: spread(i * 3 + 7) * 1_000_000 + i,
            // Most rows have one word.
            word: words[usize::try_from(random % 17 / 13 * (1 + random % 4)).unwrap()],
            text: format!("SAMPLE_OF_THE_STUDY_{:07}", random % 90_000),
            x: match random % 11 {
                0 => None,
                1 => Some(-0.0),
                2 => Some(0.0),
                3 => Some(1e300),
                4 => Some(f64::MIN),
                #[expect(clippy::cast_precision_loss, reason = "a test's numbers")]
                _ => Some((random % 2_000 - 1_000) as f64 / 1_000.0),
            },
            yes: (random % 5 > 0).then_some(random % 2 == 0),
        }
    };
    (0..ROWS).map(row).collect()
}

fn file(rows: &[Row]) -> Vec<u8> {
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "i",
            Arc::new(rows.iter().map(|row| Some(row.i)).collect::<Int64Array>()),
        ),
        (
            "word",
            Arc::new(rows.iter().map(|row| row.word).collect::<StringArray>()),
        ),
        (
            "text",
            Arc::new(
                rows.iter()
                    .map(|row| Some(&row.text))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "x",
            Arc::new(rows.iter().map(|row| row.x).collect::<Float64Array>()),
        ),
        (
            "yes",
            Arc::new(rows.iter().map(|row| row.yes).collect::<BooleanArray>()),
        ),
    ];
    parquet(&RecordBatch::try_from_iter(columns).unwrap())
}

/// What is missing comes last, whichever way the others go.
fn by<T>(
    a: Option<T>,
    b: Option<T>,
    descending: bool,
    order: impl Fn(&T, &T) -> Ordering,
) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if descending => order(&b, &a),
        (Some(a), Some(b)) => order(&a, &b),
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Greater,
        (_, None) => Ordering::Less,
    }
}

fn compare(a: &Row, b: &Row, column: &str, descending: bool) -> Ordering {
    match column {
        "i" => by(Some(a.i), Some(b.i), descending, i64::cmp),
        "word" => by(a.word, b.word, descending, Ord::cmp),
        "text" => by(Some(&a.text), Some(&b.text), descending, Ord::cmp),
        // -0.0 is stored as 0.0.
        "x" => by(
            a.x.map(|x| x + 0.0),
            b.x.map(|x| x + 0.0),
            descending,
            f64::total_cmp,
        ),
        "yes" => by(a.yes, b.yes, descending, bool::cmp),
        other => panic!("no column {other}"),
    }
}

fn page(sort: &[(&str, bool)], filters: Vec<Filter>, offset: u64, limit: u64) -> Query {
    let sort: Vec<Sort> = sort
        .iter()
        .map(|(column, descending)| crate::support::sort(column, *descending))
        .collect();
    Query {
        filters,
        filter: None,
        shape: Shape::Rows {
            columns: Some(vec!["i".to_owned()]),
            sort,
            limit,
            offset,
        },
    }
}

async fn asked(tables: &Tables, world: &World, query: &Query) -> Vec<i64> {
    let answer = tables
        .query(&world.place, None, query, ask())
        .await
        .unwrap();
    rows(&answer)
        .iter()
        .map(|row| row["i"].as_i64().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_anywhere_in_any_order_is_that_of_a_naive_sort() {
    let world = world();
    let table = rows_of_table();
    world
        .upload("t.parquet", &file(&table), Mode::Append)
        .await
        .unwrap();
    let orders: [&[(&str, bool)]; 10] = [
        &[("i", false)],
        &[("x", false)],
        &[("x", true), ("text", false)],
        &[("text", true)],
        &[("text", false), ("i", true)],
        &[("word", false), ("x", true)],
        &[("word", true), ("yes", false), ("text", true)],
        &[("yes", true), ("i", false)],
        &[("yes", false)],
        &[("word", true), ("word", false)],
    ];
    for order in orders {
        let mut sorted: Vec<&Row> = table.iter().collect();
        // A stable sort leaves equals in the order of upload.
        sorted.sort_by(|a, b| {
            let told = order
                .iter()
                .map(|(column, descending)| compare(a, b, column, *descending));
            told.fold(Ordering::Equal, Ordering::then)
        });
        for (offset, limit) in [
            (10_000, 30),
            (20_400, 2_000),
            (123_456, 50),
            (239_990, 20),
            (299_990, 100),
            (299_999, 1),
        ] {
            let found = asked(&world.tables, &world, &page(order, vec![], offset, limit)).await;
            let to = (offset + limit).min(table.len() as u64);
            let expected: Vec<i64> = sorted
                [usize::try_from(offset).unwrap()..usize::try_from(to).unwrap()]
                .iter()
                .map(|row| row.i)
                .collect();
            assert_eq!(found, expected, "{order:?} from {offset}");
        }
    }
    // Under a filter, and where nothing is left.
    let treated = vec![filter(
        json!({ "column": "word", "op": "eq", "value": "treated" }),
    )];
    let mut sorted: Vec<&Row> = table
        .iter()
        .filter(|row| row.word == Some("treated"))
        .collect();
    sorted.sort_by(|a, b| compare(a, b, "x", true));
    let found = asked(
        &world.tables,
        &world,
        &page(&[("x", true)], treated.clone(), 70_000, 10),
    )
    .await;
    assert_eq!(
        found,
        sorted[70_000..70_010]
            .iter()
            .map(|row| row.i)
            .collect::<Vec<_>>()
    );
    let past = page(&[("x", true)], treated, sorted.len() as u64, 10);
    assert_eq!(asked(&world.tables, &world, &past).await, Vec::<i64>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deep_page_needs_less_memory_than_the_rows_it_counts() {
    let world = world();
    let table = rows_of_table();
    world
        .upload("t.parquet", &file(&table), Mode::Append)
        .await
        .unwrap();
    // Keys and positions of all rows would be 16 bytes each; this is a quarter of that.
    let little = Tables::new(TablesSettings {
        memory_bytes: 4 * usize::try_from(ROWS).unwrap(),
        ..settings(
            world.folder.path(),
            &world.clock,
            2,
            RequestLimits::default(),
        )
    })
    .unwrap();
    let deep = page(&[("x", true), ("i", false)], vec![], 200_000, 10);
    assert_eq!(
        asked(&little, &world, &deep).await,
        asked(&world.tables, &world, &deep).await
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn pages_of_a_table_put_together_are_the_table_in_order(
        seed in 0..5_i64, descending: bool, limit in 9_000_u64..30_000,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = world();
            let rows = 90_000;
            let values = (0..rows).map(|i: i64| i.wrapping_mul(seed * 7_919 + 1) % (1 << (seed * 5)));
            let columns: Vec<(&str, ArrayRef)> = vec![
                ("i", Arc::new(Int64Array::from_iter_values(0..rows))),
                ("v", Arc::new(Int64Array::from_iter_values(values.clone()))),
            ];
            let file = parquet(&RecordBatch::try_from_iter(columns).unwrap());
            world.upload("t.parquet", &file, Mode::Append).await.unwrap();
            let mut expected: Vec<(i64, i64)> = values.zip(0..).collect();
            expected.sort_by_key(|(value, i)| (if descending { -value } else { *value }, *i));
            let mut found = Vec::new();
            for offset in (0..90_000_u64).step_by(usize::try_from(limit).unwrap()) {
                found.extend(asked(&world.tables, &world, &page(&[("v", descending)], vec![], offset, limit)).await);
            }
            prop_assert!(found.into_iter().eq(expected.into_iter().map(|(_, i)| i)));
            Ok(())
        })?;
    }
}
