//! Groups, measures, bins and sorted pages of tables made at random are what a naive reading gives, whether they are
//! made while the rows go by or by the engine.

use crate::support::*;
use domain::query::{Aggregate, Measure};
use domain::{ColumnType, Filter, Query, Shape};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use tables::Mode;

const WORDS: [&str; 4] = ["aa", "b", "ä", "zz top"];

/// A row by the columns' names; all but `i` may be missing. Numbers are quarters, so that sums are exact in any order.
#[derive(Debug, Clone)]
struct Row {
    i: usize,
    t: Option<&'static str>,
    w: Option<String>,
    b: Option<bool>,
    n: Option<i64>,
    x: Option<f64>,
}

impl Row {
    fn made(i: usize, seed: u64, gaps: bool) -> Self {
        let mut state = (seed ^ (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1;
        let mut next = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) % below
        };
        let there =
            |below: u64, value: u64| (!gaps || !value.is_multiple_of(below)).then_some(value);
        let (t, w, b, n, x) = (next(97), next(211), next(89), next(101), next(400));
        Self {
            i,
            t: there(9, t).map(|t| WORDS[t as usize % 4]),
            w: there(17, w).map(|w| format!("w{}", w % 150)),
            b: there(7, b).map(|b| b % 2 == 0),
            n: there(11, n).map(|n| n as i64 % 9 - 4),
            x: there(13, x).map(|x| (x as f64 - 200.0) / 4.0),
        }
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "i" => json!(self.i),
            "t" => json!(self.t),
            "w" => json!(self.w),
            "b" => json!(self.b),
            "n" => json!(self.n),
            _ => json!(self.x),
        }
    }
}

fn csv(rows: &[Row]) -> String {
    let mut text = "i,t,w,b,n,x\n".to_owned();
    for row in rows {
        let cells = ["i", "t", "w", "b", "n", "x"].map(|column| match row.value(column) {
            Value::Null => String::new(),
            Value::String(text) => text,
            other => other.to_string(),
        });
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// Missing last, numbers by size, text by its bytes.
fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::String(one), Value::String(other)) => one.as_bytes().cmp(other.as_bytes()),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        _ => one.as_f64().unwrap().total_cmp(&other.as_f64().unwrap()),
    }
}

fn numbers(rows: &[&Row], column: &str) -> Vec<f64> {
    let mut numbers: Vec<f64> = rows
        .iter()
        .filter_map(|row| row.value(column).as_f64())
        .collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn quantile(sorted: &[f64], part: f64) -> Value {
    let Some(last) = sorted.len().checked_sub(1) else {
        return Value::Null;
    };
    let place = last as f64 * part;
    let low = sorted[place.floor() as usize];
    let high = sorted[place.ceil() as usize];
    json!(low + (high - low) * place.fract())
}

fn measured(rows: &[&Row], measure: &Measure) -> Value {
    let Some(column) = &measure.column else {
        return json!(rows.len());
    };
    let there: Vec<Value> = rows
        .iter()
        .map(|row| row.value(column))
        .filter(|v| !v.is_null())
        .collect();
    let numbers = numbers(rows, column);
    let count = numbers.len() as f64;
    let sum: f64 = numbers.iter().sum();
    let either = |value: f64| (count > 0.0).then_some(value);
    match measure.aggregate {
        Aggregate::Count => json!(there.len()),
        Aggregate::Distinct => {
            let mut texts: Vec<String> = there.iter().map(Value::to_string).collect();
            texts.sort();
            texts.dedup();
            json!(texts.len())
        }
        Aggregate::Sum => json!(either(sum)),
        Aggregate::Mean => json!(either(sum / count)),
        Aggregate::Median => quantile(&numbers, 0.5),
        Aggregate::Min => there.into_iter().min_by(order).unwrap_or_default(),
        Aggregate::Max => there.into_iter().max_by(order).unwrap_or_default(),
        Aggregate::Std => {
            let mean = sum / count;
            let squares: f64 = numbers.iter().map(|v| (v - mean).powi(2)).sum();
            json!((count > 1.0).then(|| (squares / (count - 1.0)).sqrt()))
        }
    }
}

/// The rows of each group, the groups in order.
fn grouped<'r>(rows: &[&'r Row], by: &[&str]) -> Vec<(Vec<Value>, Vec<&'r Row>)> {
    let mut groups: BTreeMap<String, (Vec<Value>, Vec<&Row>)> = BTreeMap::new();
    for row in rows {
        let key: Vec<Value> = by.iter().map(|column| row.value(column)).collect();
        groups
            .entry(json!(key).to_string())
            .or_insert((key, Vec::new()))
            .1
            .push(row);
    }
    if by.is_empty() && groups.is_empty() {
        return vec![(Vec::new(), Vec::new())];
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by(|(one, _), (other, _)| {
        let pairs = one.iter().zip(other).map(|(one, other)| order(one, other));
        pairs.fold(Ordering::Equal, Ordering::then)
    });
    groups
}

fn same(told: &Value, expected: &Value) -> bool {
    match (told.as_f64(), expected.as_f64()) {
        (Some(told), Some(expected)) => (told - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        _ => told == expected,
    }
}

type Condition = (Filter, fn(&Row) -> bool);

fn conditions() -> Vec<Condition> {
    let condition = |json: Value, meets: fn(&Row) -> bool| (filter(json), meets);
    vec![
        condition(json!({"column": "t", "op": "eq", "value": "aa"}), |row| {
            row.t == Some("aa")
        }),
        condition(json!({"column": "t", "op": "is_null"}), |row| {
            row.t.is_none()
        }),
        condition(json!({"column": "t", "op": "ne", "value": "b"}), |row| {
            row.t.is_some_and(|t| t != "b")
        }),
        condition(
            json!({"column": "w", "op": "in", "values": ["w3", "w77", "w8"]}),
            |row| {
                row.w
                    .as_ref()
                    .is_some_and(|w| ["w3", "w77", "w8"].contains(&w.as_str()))
            },
        ),
        condition(json!({"column": "x", "op": "gt", "value": 0}), |row| {
            row.x.is_some_and(|x| x > 0.0)
        }),
        condition(json!({"column": "x", "op": "gte", "value": -50}), |row| {
            row.x.is_some()
        }),
        condition(json!({"column": "x", "op": "lt", "value": 1_000}), |row| {
            row.x.is_some()
        }),
        condition(json!({"column": "n", "op": "not_null"}), |row| {
            row.n.is_some()
        }),
        condition(json!({"column": "n", "op": "lte", "value": 3.5}), |row| {
            row.n.is_some_and(|n| n <= 3)
        }),
        condition(json!({"column": "b", "op": "eq", "value": true}), |row| {
            row.b == Some(true)
        }),
        condition(json!({"column": "i", "op": "gte", "value": 0}), |_| true),
        condition(json!({"column": "i", "op": "lt", "value": 0}), |_| false),
    ]
}

fn all_measures() -> Vec<Measure> {
    use Aggregate::*;
    [
        (Count, None),
        (Count, Some("x")),
        (Count, Some("t")),
        (Distinct, Some("t")),
        (Distinct, Some("b")),
        (Sum, Some("n")),
        (Sum, Some("x")),
        (Mean, Some("n")),
        (Mean, Some("x")),
        (Median, Some("x")),
        (Min, Some("x")),
        (Max, Some("x")),
        (Min, Some("n")),
        (Max, Some("n")),
        (Std, Some("x")),
    ]
    .into_iter()
    .map(|(aggregate, column)| measure(aggregate, column))
    .collect()
}

const BY: [&[&str]; 8] = [
    &[],
    &["t"],
    &["b"],
    &["t", "b"],
    &["w"],
    &["w", "t", "b"],
    &["n"],
    &["n", "t"],
];

fn check(told: &[Vec<Value>], expected: &[Vec<Value>], words: &str) {
    assert_eq!(
        told.len(),
        expected.len(),
        "{words}: {told:?} and {expected:?}"
    );
    for (told, expected) in told.iter().zip(expected) {
        let all =
            told.len() == expected.len() && told.iter().zip(expected).all(|(a, b)| same(a, b));
        assert!(all, "{words}: {told:?} instead of {expected:?}");
    }
}

async fn answered(world: &World, filters: &[Filter], shape: Shape) -> (Vec<Vec<Value>>, u64) {
    let query = Query {
        filters: filters.to_vec(),
        filter: None,
        shape,
    };
    let answer = world.query(&query).await.unwrap();
    let names: Vec<&String> = answer.columns.iter().map(|column| &column.name).collect();
    let values = rows(&answer).into_iter();
    let values = values.map(|row| names.iter().map(|name| row[*name].clone()).collect());
    (values.collect(), answer.total_rows)
}

async fn aggregates(world: &World, filters: &[Filter], matching: &[&Row], by: &[&str]) {
    let group_by: Vec<String> = by.iter().map(|name| (*name).to_owned()).collect();
    let groups = grouped(matching, by);
    let expected: Vec<Vec<Value>> = groups
        .iter()
        .map(|(key, rows)| {
            let measures = all_measures()
                .into_iter()
                .map(|measure| measured(rows, &measure));
            key.iter().cloned().chain(measures).collect()
        })
        .collect();
    let shape = Shape::Aggregate {
        group_by: group_by.clone(),
        measures: all_measures(),
        limit: None,
    };
    let (told, _) = answered(world, filters, shape).await;
    check(
        &told,
        &expected,
        &format!("measures by {by:?} under {filters:?}"),
    );

    let at = vec![0.0, 0.1, 0.5, 0.9, 1.0];
    let expected: Vec<Vec<Value>> = groups
        .iter()
        .map(|(key, rows)| {
            let numbers = numbers(rows, "x");
            let quantiles = at.iter().map(|part| quantile(&numbers, *part));
            let count = json!(numbers.len());
            key.iter()
                .cloned()
                .chain(quantiles)
                .chain([count])
                .collect()
        })
        .collect();
    let shape = Shape::Quantiles {
        column: "x".to_owned(),
        at: at.clone(),
        group_by,
        limit: 10_000,
    };
    let (told, _) = answered(world, filters, shape).await;
    check(
        &told,
        &expected,
        &format!("quantiles by {by:?} under {filters:?}"),
    );
}

async fn bins(world: &World, filters: &[Filter], matching: &[&Row], by: Option<&str>) {
    const BINS: usize = 7;
    let there: Vec<&Row> = matching
        .iter()
        .copied()
        .filter(|row| row.x.is_some())
        .collect();
    let all = numbers(&there, "x");
    let mut expected = Vec::new();
    if let (Some(low), Some(high)) = (all.first(), all.last()) {
        let width = (high - low) / BINS as f64;
        for (key, rows) in grouped(&there, by.as_slice()) {
            let mut counts = [0; BINS];
            for x in numbers(&rows, "x") {
                let bin = if width > 0.0 {
                    ((x - low) / width).floor() as usize
                } else {
                    0
                };
                counts[bin.min(BINS - 1)] += 1;
            }
            for (bin, count) in counts
                .into_iter()
                .enumerate()
                .filter(|(_, count)| *count > 0)
            {
                let edge = |at: usize| json!(low + at as f64 * width);
                let rest = [json!(bin), edge(bin), edge(bin + 1), json!(count)];
                expected.push(key.iter().cloned().chain(rest).collect());
            }
        }
    }
    let shape = Shape::Bins {
        column: "x".to_owned(),
        bins: BINS as u64,
        group_by: by.map(str::to_owned),
    };
    let (told, total) = answered(world, filters, shape).await;
    // A group is told as text.
    let told: Vec<Vec<Value>> = told
        .into_iter()
        .map(|row| {
            row.into_iter()
                .map(|value| match value {
                    Value::String(text) if by == Some("n") => {
                        text.parse::<i64>().map_or(Value::Null, |n| json!(n))
                    }
                    other => other,
                })
                .collect()
        })
        .collect();
    check(
        &told,
        &expected,
        &format!("bins by {by:?} under {filters:?}"),
    );
    assert_eq!(total, there.len() as u64);
}

async fn pages(world: &World, filters: &[Filter], matching: &[&Row]) {
    let orders: [&[(&str, bool)]; 6] = [
        &[],
        &[("x", true)],
        &[("n", false)],
        &[("n", true), ("t", false)],
        &[("t", true), ("x", false)],
        &[("i", true)],
    ];
    for sorted in orders {
        let mut expected = matching.to_vec();
        expected.sort_by(|one, other| {
            let keys = sorted.iter().map(|(column, descending)| {
                let (one, other) = (one.value(column), other.value(column));
                let turn = *descending && !one.is_null() && !other.is_null();
                if turn {
                    order(&other, &one)
                } else {
                    order(&one, &other)
                }
            });
            keys.fold(Ordering::Equal, Ordering::then)
        });
        for (offset, limit) in [(0, 10), (37, 25), (matching.len().saturating_sub(3), 10)] {
            let shape = Shape::Rows {
                columns: Some(vec!["i".to_owned(), "w".to_owned()]),
                sort: sorted
                    .iter()
                    .map(|(column, descending)| sort(column, *descending))
                    .collect(),
                limit,
                offset: offset as u64,
            };
            let (told, total) = answered(world, filters, shape).await;
            let expected: Vec<Vec<Value>> = expected
                .iter()
                .skip(offset)
                .take(limit as usize)
                .map(|row| vec![row.value("i"), row.value("w")])
                .collect();
            check(
                &told,
                &expected,
                &format!("rows by {sorted:?} from {offset} under {filters:?}"),
            );
            assert_eq!(total, matching.len() as u64);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_made_of_groups_is_what_a_naive_reading_makes(
        seed in any::<u64>(),
        counts in (1_usize..900, 1_usize..900),
        gaps in (any::<bool>(), any::<bool>()),
        chosen in proptest::collection::vec(proptest::collection::vec(any::<prop::sample::Index>(), 0..3), 3),
    ) {
        use ColumnType::{Bool, Float64, Int64, String};
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = world();
            let all: Vec<Row> = (0..counts.0 + counts.1)
                .map(|i| Row::made(i, seed, if i < counts.0 { gaps.0 } else { gaps.1 }))
                .collect();
            let stated = [("i", Int64), ("t", String), ("w", String), ("b", Bool), ("n", Int64), ("x", Float64)];
            let stated = stated.map(|(name, kind)| column(name, kind)).to_vec();
            // Two uploads: two files, hence two units, each with words of its own.
            for part in [&all[..counts.0], &all[counts.0..]] {
                world.upload_as("a.csv", csv(part).as_bytes(), Mode::Append, Some(stated.clone())).await.unwrap();
            }
            let conditions = conditions();
            for chosen in chosen {
                let chosen: Vec<&Condition> = chosen.iter().map(|at| at.get(&conditions)).collect();
                let filters: Vec<Filter> = chosen.iter().map(|(filter, _)| filter.clone()).collect();
                let matching: Vec<&Row> = all.iter().filter(|row| chosen.iter().all(|(_, meets)| meets(row))).collect();
                for by in BY {
                    aggregates(&world, &filters, &matching, by).await;
                }
                for by in [None, Some("t"), Some("n")] {
                    bins(&world, &filters, &matching, by).await;
                }
                pages(&world, &filters, &matching).await;
            }
        });
    }
}
