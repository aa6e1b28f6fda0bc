//! Filters against a naive reading of them, and those that cannot be asked.

use crate::support::*;
use domain::{Filter, FilterOp, Query, Scalar, Shape};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cmp::Ordering;
use tables::QueryError;

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_does_not_fit_its_column_is_told() {
    let world = world();
    world
        .csv("t,n,x,b,d,m\na,1,1.5,true,2024-01-01,2024-01-01T10:00:00\n")
        .await
        .unwrap();
    let cases = [
        (json!({"column": "t", "op": "eq", "value": 1}), "/value"),
        (json!({"column": "n", "op": "eq", "value": "1"}), "/value"),
        (
            json!({"column": "n", "op": "in", "values": [1, "2"]}),
            "/values/1",
        ),
        (
            json!({"column": "n", "op": "contains", "value": "1"}),
            "/op",
        ),
        (
            json!({"column": "x", "op": "starts_with", "value": "1"}),
            "/op",
        ),
        (json!({"column": "b", "op": "lt", "value": true}), "/op"),
        (json!({"column": "b", "op": "eq", "value": 1}), "/value"),
        (
            json!({"column": "d", "op": "eq", "value": "01.01.2024"}),
            "/value",
        ),
        (
            json!({"column": "d", "op": "between", "values": ["2024-01-01", "soon"]}),
            "/values/1",
        ),
        (json!({"column": "m", "op": "gt", "value": 5}), "/value"),
        (
            json!({"column": "m", "op": "gt", "value": "2024-13-01T00:00:00"}),
            "/value",
        ),
        (json!({"column": "n", "op": "eq"}), "/value"),
        (
            json!({"column": "n", "op": "between", "values": [1]}),
            "/values",
        ),
    ];
    for (bad, at) in cases {
        let query = Query {
            filters: vec![
                filter(json!({"column": "t", "op": "not_null"})),
                filter(bad.clone()),
            ],
            ..rows_query()
        };
        match world.query(&query).await {
            Err(QueryError::Filter {
                index: 1,
                pointer,
                message,
            }) => {
                assert_eq!(pointer, at, "{bad}: {message}");
            }
            other => panic!("{bad}: {other:?}"),
        }
    }
    let unknown = Query {
        filters: vec![filter(json!({"column": "tt", "op": "is_null"}))],
        ..rows_query()
    };
    let refused = world.query(&unknown).await;
    assert!(
        matches!(refused, Err(QueryError::UnknownColumn { ref pointer, .. }) if pointer == "/filters/0/column")
    );
    let many = Query {
        filters: vec![filter(json!({"column": "n", "op": "eq", "value": 1})); 51],
        ..rows_query()
    };
    assert!(matches!(
        world.query(&many).await,
        Err(QueryError::Shape { .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn text_in_a_filter_is_only_ever_text() {
    let world = world();
    world
        .csv("t\n100%\n100x\n\"' OR 1=1 --\"\na_b\naxb\n")
        .await
        .unwrap();
    let ask = |op: &str, value: &str| Query {
        filters: vec![filter(json!({"column": "t", "op": op, "value": value}))],
        ..rows_query()
    };
    for (op, value, found) in [
        ("contains", "%", vec!["100%"]),
        ("starts_with", "100%", vec!["100%"]),
        ("contains", "_", vec!["a_b"]),
        ("eq", "' OR 1=1 --", vec!["' OR 1=1 --"]),
        ("contains", "\\", vec![]),
    ] {
        let answer = world.query(&ask(op, value)).await.unwrap();
        let told: Vec<_> = rows(&answer).iter().map(|r| r["t"].clone()).collect();
        assert_eq!(
            told,
            found.iter().map(|f| json!(f)).collect::<Vec<_>>(),
            "{op} {value}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_means_the_whole_day_among_moments() {
    let world = world();
    world
        .csv("m\n2024-01-01T23:59:59.999999\n2024-01-02T00:00:00\n2024-01-02T23:59:59\n2024-01-03T00:00:00\n\n")
        .await
        .unwrap();
    let count = async |op: &str, values: Value| {
        let filter = if values.is_array() {
            filter(json!({"column": "m", "op": op, "values": values}))
        } else {
            filter(json!({"column": "m", "op": op, "value": values}))
        };
        let query = Query {
            filters: vec![filter],
            ..rows_query()
        };
        world.query(&query).await.unwrap().total_rows
    };
    assert_eq!(count("eq", json!("2024-01-02")).await, 2);
    assert_eq!(count("ne", json!("2024-01-02")).await, 2);
    assert_eq!(count("gt", json!("2024-01-02")).await, 1);
    assert_eq!(count("gte", json!("2024-01-02")).await, 3);
    assert_eq!(count("lt", json!("2024-01-02")).await, 1);
    assert_eq!(count("lte", json!("2024-01-02")).await, 3);
    assert_eq!(
        count("between", json!(["2024-01-01", "2024-01-02"])).await,
        3
    );
    assert_eq!(
        count("in", json!(["2024-01-01", "2024-01-03T00:00:00Z"])).await,
        2
    );
    assert_eq!(count("eq", json!("2024-01-02T00:00:00")).await, 1);
}

#[derive(Debug, Clone)]
struct Row {
    n: Option<i64>,
    x: Option<f64>,
    t: Option<String>,
    b: Option<bool>,
    d: Option<i32>,
}

fn day(d: i32) -> String {
    format!("2024-01-{d:02}")
}

fn row() -> impl Strategy<Value = Row> {
    let text = proptest::sample::select(vec!["a", "ab", "B", "zz", "ä", "x%y"]);
    (
        proptest::option::weighted(0.8, -5_i64..6),
        proptest::option::weighted(0.8, (-8_i32..9).prop_map(|v| f64::from(v) / 4.0)),
        proptest::option::weighted(0.8, text.prop_map(str::to_owned)),
        proptest::option::weighted(0.8, any::<bool>()),
        proptest::option::weighted(0.8, 1_i32..10),
    )
        .prop_map(|(n, x, t, b, d)| Row { n, x, t, b, d })
}

fn number() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        (-6_i64..7).prop_map(Scalar::Int),
        (-26_i32..27).prop_map(|v| Scalar::Float(f64::from(v) / 4.0)),
        Just(Scalar::Float(1e30)),
        Just(Scalar::Float(-1e30)),
    ]
}

fn scalar(column: &str) -> BoxedStrategy<Scalar> {
    match column {
        "n" | "x" => number().boxed(),
        "t" => proptest::sample::select(vec!["", "a", "ab", "B", "z", "ä", "%", "x%"])
            .prop_map(|t| Scalar::Text(t.to_owned()))
            .boxed(),
        "b" => any::<bool>().prop_map(Scalar::Bool).boxed(),
        _ => (1_i32..11).prop_map(|d| Scalar::Text(day(d))).boxed(),
    }
}

fn any_filter() -> impl Strategy<Value = Filter> {
    use FilterOp::*;
    proptest::sample::select(vec!["n", "x", "t", "b", "d"]).prop_flat_map(|column| {
        let mut ops = vec![Eq, Ne, In, NotIn, IsNull, NotNull];
        if column != "b" {
            ops.extend([Lt, Lte, Gt, Gte, Between]);
        }
        if column == "t" {
            ops.extend([Contains, StartsWith]);
        }
        (
            proptest::sample::select(ops),
            proptest::collection::vec(scalar(column), 1..4),
            scalar(column),
        )
            .prop_map(move |(op, mut many, one)| {
                many.push(one.clone());
                let (value, values) = match op {
                    IsNull | NotNull => (None, None),
                    In | NotIn => (None, Some(many)),
                    Between => (None, Some(many[..2].to_vec())),
                    _ => (Some(one), None),
                };
                Filter {
                    column: column.to_owned(),
                    op,
                    value,
                    values,
                }
            })
    })
}

/// How a cell compares with an operand; `None` when the cell is missing.
fn compare(row: &Row, column: &str, operand: &Scalar) -> Option<Ordering> {
    match (column, operand) {
        ("n", Scalar::Int(v)) => Some(row.n?.cmp(v)),
        ("n", Scalar::Float(v)) => (row.n? as f64).partial_cmp(v),
        ("x", Scalar::Int(v)) => row.x?.partial_cmp(&(*v as f64)),
        ("x", Scalar::Float(v)) => row.x?.partial_cmp(v),
        ("t", Scalar::Text(v)) => Some(row.t.as_deref()?.as_bytes().cmp(v.as_bytes())),
        ("b", Scalar::Bool(v)) => Some(row.b?.cmp(v)),
        ("d", Scalar::Text(v)) => Some(day(row.d?).cmp(v)),
        _ => panic!("{column} {operand:?}"),
    }
}

fn meets(row: &Row, filter: &Filter) -> bool {
    use FilterOp::*;
    let column = filter.column.as_str();
    let missing = match column {
        "n" => row.n.is_none(),
        "x" => row.x.is_none(),
        "t" => row.t.is_none(),
        "b" => row.b.is_none(),
        _ => row.d.is_none(),
    };
    let operands = filter.operands(1_000).unwrap();
    let is = |at: usize, wanted: &[Ordering]| {
        compare(row, column, operands[at]).is_some_and(|o| wanted.contains(&o))
    };
    let among = || {
        operands
            .iter()
            .any(|v| compare(row, column, v) == Some(Ordering::Equal))
    };
    let text = || match operands[0] {
        Scalar::Text(t) => t.clone(),
        other => panic!("{other:?}"),
    };
    match filter.op {
        IsNull => missing,
        _ if missing => false,
        NotNull => true,
        Eq | In => among(),
        Ne | NotIn => !among(),
        Lt => is(0, &[Ordering::Less]),
        Lte => is(0, &[Ordering::Less, Ordering::Equal]),
        Gt => is(0, &[Ordering::Greater]),
        Gte => is(0, &[Ordering::Greater, Ordering::Equal]),
        Between => {
            is(0, &[Ordering::Greater, Ordering::Equal])
                && is(1, &[Ordering::Less, Ordering::Equal])
        }
        Contains => row.t.as_ref().is_some_and(|t| t.contains(&text())),
        StartsWith => row.t.as_ref().is_some_and(|t| t.starts_with(&text())),
    }
}

fn csv(rows: &[Row]) -> String {
    let mut text = "i,n,x,t,b,d\n".to_owned();
    for (i, row) in rows.iter().enumerate() {
        let cell = |value: Option<String>| value.unwrap_or_default();
        text.push_str(&format!(
            "{i},{},{},{},{},{}\n",
            cell(row.n.map(|v| v.to_string())),
            cell(row.x.map(|v| format!("{v:?}"))),
            cell(row.t.clone()),
            cell(row.b.map(|v| v.to_string())),
            cell(row.d.map(day)),
        ));
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn filters_let_through_what_a_naive_reading_does(
        first in proptest::collection::vec(row(), 1..40),
        second in proptest::collection::vec(row(), 1..40),
        asked in proptest::collection::vec(proptest::collection::vec(any_filter(), 0..4), 12),
    ) {
        use domain::ColumnType::*;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = world();
            let stated = [("i", Int64), ("n", Int64), ("x", Float64), ("t", String), ("b", Bool), ("d", Date)];
            let stated = stated.map(|(name, kind)| column(name, kind)).to_vec();
            // Two uploads: two files, hence two units.
            for part in [&first, &second] {
                world.upload_as("a.csv", csv(part).as_bytes(), tables::Mode::Append, Some(stated.clone())).await.unwrap();
            }
            let all: Vec<(usize, Row)> = first.iter().cloned().enumerate().chain(second.iter().cloned().enumerate()).collect();
            for filters in asked {
                let expected: Vec<Value> = all.iter()
                    .filter(|(_, row)| filters.iter().all(|f| meets(row, f)))
                    .map(|(i, _)| json!(i))
                    .collect();
                let query = Query {
                    filters: filters.clone(),
                    filter: None,
                    shape: Shape::Rows { columns: Some(vec!["i".to_owned()]), sort: vec![], limit: 1_000, offset: 0 },
                };
                let answer = world.query(&query).await.unwrap();
                let told: Vec<Value> = rows(&answer).iter().map(|r| r["i"].clone()).collect();
                prop_assert_eq!(&told, &expected, "{:?}", filters);
                prop_assert_eq!(answer.total_rows, expected.len() as u64);
            }
            Ok(())
        })?;
    }
}
