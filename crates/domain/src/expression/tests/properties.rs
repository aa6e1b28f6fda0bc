//! What holds for every expression, every list of filters and every string.

use super::super::moment::{parse_day, parse_moment};
use super::*;
use crate::query::{Filter, FilterOp, Scalar};
use proptest::prelude::*;
use std::cmp::Ordering;

fn limits() -> RequestLimits {
    RequestLimits::default()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "",
            "a",
            "ab",
            "SAMPLE_00",
            "%",
            "_!",
            "it's",
            "\"",
            "\\",
            "\n\t",
            "ä\u{202E}"
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

fn day() -> impl Strategy<Value = String> {
    (1..=28_u32, 1..=3_u32).prop_map(|(day, month)| format!("2024-{month:02}-{day:02}"))
}

fn moment(zone: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![
        day(),
        (day(), 0..24_u32, 0..2_000_000_u32).prop_map(move |(day, hour, micros)| {
            let moment = parse_moment(&format!(
                "{day}T{hour:02}:00:{:02}.{:06}",
                micros / 1_000_000,
                micros % 1_000_000
            ));
            format!(
                "{}{zone}",
                super::super::moment::print_naive(moment.unwrap().utc)
            )
        }),
    ]
}

/// A value as a filter has it, for a column of this type.
fn scalar(kind: ColumnType) -> BoxedStrategy<Scalar> {
    match kind {
        ColumnType::String | ColumnType::Category => text().prop_map(Scalar::Text).boxed(),
        ColumnType::Int64 | ColumnType::Float64 => prop_oneof![
            (-5_i64..6).prop_map(Scalar::Int),
            any::<i64>().prop_map(Scalar::Int),
            (-10_i32..11).prop_map(|n| Scalar::Float(f64::from(n) / 4.0)),
            proptest::num::f64::NORMAL.prop_map(Scalar::Float),
        ]
        .boxed(),
        ColumnType::Bool => any::<bool>().prop_map(Scalar::Bool).boxed(),
        ColumnType::Date => day().prop_map(Scalar::Text).boxed(),
        ColumnType::Timestamp => moment("").prop_map(Scalar::Text).boxed(),
        ColumnType::TimestampTz => moment("Z").prop_map(Scalar::Text).boxed(),
    }
}

fn literal(kind: ColumnType) -> BoxedStrategy<Literal> {
    scalar(kind)
        .prop_map(move |scalar| match scalar {
            Scalar::Bool(value) => Literal::Bool(value),
            Scalar::Int(value) => Literal::Int(value),
            Scalar::Float(value) => Literal::Float(value),
            Scalar::Text(text) if kind.is_text() => Literal::Text(text),
            Scalar::Text(text) => match (parse_day(&text), kind) {
                (Some(day), _) => Literal::Date(day),
                (None, ColumnType::Timestamp) => {
                    Literal::Timestamp(parse_moment(&text).unwrap().utc)
                }
                (None, _) => Literal::TimestampTz(parse_moment(&text).unwrap().utc.and_utc()),
            },
        })
        .boxed()
}

/// A column or functions of one, and its type.
fn variable() -> impl Strategy<Value = (Operand, ColumnType)> {
    (
        proptest::sample::select(columns()),
        proptest::collection::vec(proptest::sample::select(Function::ALL.to_vec()), 0..3),
    )
        .prop_map(|(column, functions)| {
            let (mut operand, mut kind) = (Operand::Column(column.name), column.kind);
            for function in functions {
                let fits = if function.takes_text() {
                    kind.is_text()
                } else {
                    kind.is_time()
                };
                if fits {
                    operand = Operand::Call {
                        function,
                        of: Box::new(operand),
                    };
                    kind = function.result();
                }
            }
            (operand, kind)
        })
}

fn condition() -> impl Strategy<Value = Expression> {
    let form = (
        0..6_u8,
        any::<bool>(),
        proptest::sample::select(Comparison::ALL.to_vec()),
    );
    (variable(), form).prop_flat_map(|((operand, kind), (form, negated, op))| {
        let literals = proptest::collection::vec(literal(kind), 2..4);
        (literals, "[ab%_!ä]{0,6}", text()).prop_map(move |(literals, pattern, text)| {
            let operand = operand.clone();
            let one = |at: usize| Operand::Literal(literals[at].clone());
            let ordered = kind != ColumnType::Bool;
            match form {
                0 if ordered => Expression::Between {
                    operand,
                    low: one(0),
                    high: one(1),
                    negated,
                },
                1 => Expression::OneOf {
                    operand,
                    values: literals,
                    negated,
                },
                2 => Expression::Missing { operand, negated },
                3 if kind.is_text() => match Pattern::parse(&pattern, Some('!')) {
                    Ok(pattern) => Expression::Like {
                        operand,
                        pattern,
                        negated,
                    },
                    Err(_) => Expression::Missing { operand, negated },
                },
                4 if kind.is_text() => Expression::Part {
                    operand,
                    at: PartAt::ALL[text.len() % 3],
                    text,
                    negated,
                },
                _ => {
                    let op = if ordered { op } else { Comparison::Ne };
                    Expression::Compare {
                        left: operand,
                        op,
                        right: one(0),
                    }
                }
            }
        })
    })
}

/// Any expression in the form that reading makes.
fn expression() -> impl Strategy<Value = Expression> {
    condition().prop_recursive(4, 24, 4, |inner| {
        (proptest::collection::vec(inner, 2..5), 0..4_u8).prop_map(|(of, form)| {
            let mut flat = Vec::new();
            for one in of {
                match one {
                    Expression::And { of } if form % 2 == 0 => flat.extend(of),
                    Expression::Or { of } if form % 2 == 1 => flat.extend(of),
                    other => flat.push(other),
                }
            }
            let joined = if form % 2 == 0 {
                Expression::And { of: flat }
            } else {
                Expression::Or { of: flat }
            };
            if form < 2 { joined } else { joined.negate() }
        })
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    use FilterOp::{
        Between, Contains, Eq, Gt, Gte, In, IsNull, Lt, Lte, Ne, NotIn, NotNull, StartsWith,
    };
    proptest::sample::select(columns()).prop_flat_map(|column| {
        let mut ops = vec![Eq, Ne, In, NotIn, IsNull, NotNull];
        if column.kind != ColumnType::Bool {
            ops.extend([Lt, Lte, Gt, Gte, Between]);
        }
        if column.kind.is_text() {
            ops.extend([Contains, StartsWith]);
        }
        let values = proptest::collection::vec(scalar(column.kind), 2..4);
        (proptest::sample::select(ops), values).prop_map(move |(op, mut values)| {
            let (value, values) = match op.arity() {
                crate::query::Arity::None => (None, None),
                crate::query::Arity::One => (values.pop(), None),
                crate::query::Arity::Two => (None, Some(values[..2].to_vec())),
                crate::query::Arity::Many => (None, Some(values)),
            };
            Filter {
                column: column.name.clone(),
                op,
                value,
                values,
            }
        })
    })
}

/// A value of a column of this type, near those that are asked for.
fn row() -> impl Strategy<Value = Vec<Option<Literal>>> {
    columns()
        .into_iter()
        .map(|column| {
            let cell = literal(column.kind).prop_map(move |literal| match (literal, column.kind) {
                (Literal::Int(value), ColumnType::Float64) => Literal::Float(value as f64),
                (Literal::Float(value), ColumnType::Int64) => Literal::Int(value as i64),
                (Literal::Date(day), ColumnType::Timestamp) => {
                    Literal::Timestamp(day.and_hms_opt(0, 0, 0).unwrap())
                }
                (Literal::Date(day), ColumnType::TimestampTz) => {
                    Literal::TimestampTz(day.and_hms_opt(23, 59, 59).unwrap().and_utc())
                }
                (other, _) => other,
            });
            proptest::option::weighted(0.8, cell)
        })
        .collect::<Vec<_>>()
}

fn cell_of(row: &[Option<Literal>]) -> impl Fn(&str) -> Option<Literal> {
    let row: Vec<(String, Option<Literal>)> = columns()
        .into_iter()
        .map(|c| c.name)
        .zip(row.iter().cloned())
        .collect();
    move |name| row.iter().find(|(column, _)| column == name)?.1.clone()
}

/// Filters as their documentation has them, read without any part of expressions: cells and values become text of
/// the same width, numbers or bytes, and the day of a moment is its beginning.
fn meets(row: &[Option<Literal>], filter: &Filter) -> bool {
    let cell = cell_of(row)(&filter.column);
    let Some(cell) = cell else {
        return filter.op == FilterOp::IsNull;
    };
    let operands = filter.operands(100).unwrap();
    let order = |at: usize| -> Ordering {
        match (&cell, operands[at]) {
            (Literal::Bool(a), Scalar::Bool(b)) => a.cmp(b),
            (Literal::Int(a), Scalar::Int(b)) => a.cmp(b),
            // Up to 2^53 every whole number is a float; from there on every float is a whole number.
            (Literal::Int(a), Scalar::Float(b)) if a.abs() < 1 << 53 => {
                (*a as f64).partial_cmp(b).unwrap()
            }
            (Literal::Int(a), Scalar::Float(b)) if b.abs() < (1_u64 << 53) as f64 => a.cmp(&0),
            (Literal::Int(a), Scalar::Float(b)) => i128::from(*a).cmp(&(*b as i128)),
            (Literal::Float(a), Scalar::Int(b)) => a.partial_cmp(&(*b as f64)).unwrap(),
            (Literal::Float(a), Scalar::Float(b)) => a.partial_cmp(b).unwrap(),
            (Literal::Text(a), Scalar::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Literal::Date(a), Scalar::Text(b)) => a.to_string().cmp(b),
            (Literal::Timestamp(a), Scalar::Text(b)) if b.len() == 10 => {
                a.date().to_string().cmp(b)
            }
            (Literal::TimestampTz(a), Scalar::Text(b)) if b.len() == 10 => {
                a.date_naive().to_string().cmp(b)
            }
            (Literal::Timestamp(a), Scalar::Text(b)) => a.and_utc().timestamp_micros().cmp(
                &format!("{b}Z")
                    .parse::<DateTime<Utc>>()
                    .unwrap()
                    .timestamp_micros(),
            ),
            (Literal::TimestampTz(a), Scalar::Text(b)) => {
                a.cmp(&b.parse::<DateTime<Utc>>().unwrap())
            }
            other => panic!("{other:?}"),
        }
    };
    let part = |test: fn(&str, &str) -> bool| match (&cell, operands[0]) {
        (Literal::Text(a), Scalar::Text(b)) => test(a, b),
        other => panic!("{other:?}"),
    };
    match filter.op {
        FilterOp::IsNull => false,
        FilterOp::NotNull => true,
        FilterOp::Eq | FilterOp::In => (0..operands.len()).any(|at| order(at).is_eq()),
        FilterOp::Ne | FilterOp::NotIn => !(0..operands.len()).any(|at| order(at).is_eq()),
        FilterOp::Lt => order(0).is_lt(),
        FilterOp::Lte => order(0).is_le(),
        FilterOp::Gt => order(0).is_gt(),
        FilterOp::Gte => order(0).is_ge(),
        FilterOp::Between => order(0).is_ge() && order(1).is_le(),
        FilterOp::Contains => part(|a, b| a.contains(b)),
        FilterOp::StartsWith => part(|a, b| a.starts_with(b)),
    }
}

/// Words that make sense in some order.
fn soup() -> impl Strategy<Value = String> {
    let words = vec![
        "age",
        "condition",
        "`not`",
        "paired",
        "taken",
        "30",
        "-1.5e3",
        "'a'",
        "\"2024-05-01\"",
        "and",
        "or",
        "not",
        "in",
        "between",
        "like",
        "escape",
        "is",
        "null",
        "missing",
        "true",
        "(",
        ")",
        ",",
        "=",
        "!=",
        "<",
        ">=",
        "-",
        "contains",
        "lower",
        "year",
        "date",
        "timestamp",
        "`",
        "'",
        "\\",
        "ä",
        "\n",
        "&",
        "1e",
    ];
    proptest::collection::vec(proptest::sample::select(words), 0..12)
        .prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(expression in expression()) {
        let printed = expression.to_string();
        prop_assert_eq!(read(&printed), Ok(expression.clone()), "{}", printed);
        let json = serde_json::to_string(&expression).unwrap();
        prop_assert_eq!(serde_json::from_str::<Expression>(&json).unwrap(), expression);
    }

    #[test]
    fn not_is_the_opposite_for_every_row(expression in expression(), row in row()) {
        let cell = cell_of(&row);
        let opposite = read(&format!("not ({expression})")).unwrap();
        prop_assert_eq!(opposite.evaluate(&cell), expression.evaluate(&cell).map(|value| !value));
    }

    #[test]
    fn filters_come_back_as_they_were(filters in proptest::collection::vec(filter(), 0..6)) {
        let expression = Expression::from_filters(&filters, &columns(), &limits()).unwrap();
        let back = expression.as_ref().map_or(Some(Vec::new()), Expression::to_filters);
        prop_assert_eq!(back.as_ref(), Some(&filters));
        if let Some(expression) = expression {
            prop_assert_eq!(read(&expression.to_string()), Ok(expression));
        }
    }

    #[test]
    fn an_expression_lets_through_what_its_filters_do(
        filters in proptest::collection::vec(filter(), 1..4),
        rows in proptest::collection::vec(row(), 8),
    ) {
        let expression = Expression::from_filters(&filters, &columns(), &limits()).unwrap().unwrap();
        for row in rows {
            let expected = filters.iter().all(|filter| meets(&row, filter));
            prop_assert_eq!(expression.evaluate(&cell_of(&row)) == Some(true), expected, "{}", expression);
        }
    }

    #[test]
    fn what_becomes_filters_means_the_same(expression in expression(), row in row()) {
        if let Some(filters) = expression.to_filters() {
            let again = Expression::from_filters(&filters, &columns(), &limits()).unwrap().unwrap();
            let cell = cell_of(&row);
            prop_assert_eq!(again.evaluate(&cell), expression.evaluate(&cell));
        }
    }

    #[test]
    fn no_string_does_harm(text in prop_oneof![any::<String>(), soup(), "[-a-z0-9'\"`()=<>!\\\\{}.,% \n]{0,40}"]) {
        match read(&text) {
            Ok(expression) => prop_assert_eq!(read(&expression.to_string()), Ok(expression)),
            Err(error) => {
                prop_assert!(error.start <= error.end && error.end <= text.chars().count());
                prop_assert!(error.excerpt.contains('^') && !error.message.is_empty());
            }
        }
    }

    #[test]
    fn what_is_cut_anywhere_does_no_harm(expression in expression(), at in any::<proptest::sample::Index>()) {
        let printed = expression.to_string();
        let cut: String = printed.chars().take(at.index(printed.chars().count() + 1)).collect();
        let _ = read(&cut);
    }
}

#[test]
fn a_filter_that_does_not_fit_is_told_with_its_place() {
    for (json, pointer) in [
        (r#"{"column": "agee", "op": "eq", "value": 1}"#, "/column"),
        (r#"{"column": "age", "op": "eq", "value": "1"}"#, "/value"),
        (
            r#"{"column": "age", "op": "in", "values": [1, "2"]}"#,
            "/values/1",
        ),
        (
            r#"{"column": "age", "op": "contains", "value": "1"}"#,
            "/op",
        ),
        (
            r#"{"column": "condition", "op": "contains", "value": 1}"#,
            "/value",
        ),
        (
            r#"{"column": "taken", "op": "between", "values": ["2024-01-01", "soon"]}"#,
            "/values/1",
        ),
        (r#"{"column": "age", "op": "eq"}"#, "/value"),
        (r#"{"column": "paired", "op": "lt", "value": true}"#, "/op"),
    ] {
        let good = serde_json::from_str(r#"{"column": "age", "op": "is_null"}"#).unwrap();
        let bad = serde_json::from_str(json).unwrap();
        let told = Expression::from_filters(&[good, bad], &columns(), &limits()).unwrap_err();
        assert_eq!(
            (told.index, told.pointer.as_str()),
            (1, pointer),
            "{json}: {told}"
        );
    }
    assert_eq!(
        Expression::from_filters(&[], &columns(), &limits()),
        Ok(None)
    );
}

#[test]
fn what_a_list_cannot_say_is_not_said_by_one() {
    for text in [
        "age > 1 or age < 0",
        "not (age > 1 and paired)",
        "lower(condition) = 'x'",
        "age = year",
        "age not between 1 and 2",
        "condition like 'a_b'",
        "condition not contains 'x'",
        "condition ends_with 'x'",
    ] {
        assert_eq!(read(text).unwrap().to_filters(), None, "{text}");
    }
    let said = read("condition like 'a%' and sample_id like '%b%' and `not` not like 'x'")
        .unwrap()
        .to_filters()
        .unwrap();
    let ops: Vec<FilterOp> = said.iter().map(|filter| filter.op).collect();
    assert_eq!(
        ops,
        [FilterOp::StartsWith, FilterOp::Contains, FilterOp::Ne]
    );
}
