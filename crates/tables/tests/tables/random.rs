//! Random tables, with cells at the ends of their types, and random filter expressions on them.

use crate::formats::parquet;
use crate::support::column;
use chrono::{DateTime, NaiveDate, TimeDelta};
use domain::expression::Literal;
use domain::{Column, ColumnType};
use proptest::prelude::*;
use std::sync::Arc;
use tables::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use tables::arrow::datatypes::{Field, Schema};

/// Text that has something to do with patterns, cases and ends.
const TEXTS: [&str; 24] = [
    "",
    "a",
    "A",
    "ab",
    "aB",
    "b",
    "a%b",
    "a_b",
    "a\\b",
    "%",
    "_",
    "\\",
    "\\%",
    " a ",
    "\ta\n",
    "a\nb",
    "ä",
    "Ä",
    "ß",
    "ΟΔΟΣ",
    "İ",
    "日本",
    "SAMPLE_007",
    "it's \"x\"",
];
const WHOLE: [i64; 12] = [
    0,
    1,
    2,
    3,
    7,
    -1,
    -3,
    2024,
    i64::MAX,
    i64::MIN,
    9_007_199_254_740_993,
    -9_007_199_254_740_993,
];
const NUMBERS: [f64; 13] = [
    0.0,
    0.5,
    1.0,
    2.5,
    3.0,
    -1.0,
    -2.5,
    1e300,
    -1e300,
    9.223372036854776e18,
    9_007_199_254_740_992.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
];
/// Days since 1970: leap days, turns of years, before 1970, the first and the last with four digits.
const DAYS: [i32; 10] = [
    0, -1, 19_722, 19_723, 19_782, 19_783, 19_844, -719_528, 2_932_896, 10_957,
];
/// Microseconds since 1970, at both ends of days and before them.
const MOMENTS: [i64; 10] = [
    0,
    -1,
    1,
    1_704_067_199_999_999,
    1_704_067_200_000_000,
    1_704_110_400_500_000,
    1_709_251_199_000_000,
    -86_400_000_000,
    -86_400_000_001,
    253_402_300_799_999_999,
];

/// A row of a table with a column of each type.
#[derive(Debug, Clone)]
pub struct Row {
    t: Option<String>,
    k: Option<String>,
    n: Option<i64>,
    o: Option<i64>,
    x: Option<f64>,
    b: Option<bool>,
    d: Option<i32>,
    m: Option<i64>,
    z: Option<i64>,
}

/// Its columns; `i` counts the rows.
pub fn columns() -> Vec<Column> {
    use ColumnType::{Bool, Category, Date, Float64, Int64, String, Timestamp, TimestampTz};
    [
        ("t t", String),
        ("k", Category),
        ("n", Int64),
        ("o", Int64),
        ("x", Float64),
        ("b", Bool),
        ("d", Date),
        ("m", Timestamp),
        ("z", TimestampTz),
        ("i", Int64),
    ]
    .map(|(name, kind)| column(name, kind))
    .to_vec()
}

fn maybe<T: Clone + std::fmt::Debug + 'static>(
    values: &'static [T],
) -> impl Strategy<Value = Option<T>> {
    proptest::option::weighted(0.8, proptest::sample::select(values))
}

pub fn row() -> impl Strategy<Value = Row> {
    let text = || maybe(&TEXTS).prop_map(|text| text.map(str::to_owned));
    (
        text(),
        text(),
        maybe(&WHOLE),
        maybe(&WHOLE),
        maybe(&NUMBERS),
        maybe(&[true, false]),
        maybe(&DAYS),
        maybe(&MOMENTS),
        maybe(&MOMENTS),
    )
        .prop_map(|(t, k, n, o, x, b, d, m, z)| Row {
            t,
            k,
            n,
            o,
            x,
            b,
            d,
            m,
            z,
        })
}

fn date(days: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + TimeDelta::days(i64::from(days))
}

impl Row {
    pub fn cell(&self, column: &str) -> Option<Literal> {
        Some(match column {
            "t t" => Literal::Text(self.t.clone()?),
            "k" => Literal::Text(self.k.clone()?),
            "n" => Literal::Int(self.n?),
            "o" => Literal::Int(self.o?),
            "x" => Literal::Float(self.x?),
            "b" => Literal::Bool(self.b?),
            "d" => Literal::Date(date(self.d?)),
            "m" => Literal::Timestamp(
                DateTime::from_timestamp_micros(self.m?)
                    .unwrap()
                    .naive_utc(),
            ),
            "z" => Literal::TimestampTz(DateTime::from_timestamp_micros(self.z?).unwrap()),
            other => panic!("{other}"),
        })
    }
}

/// The rows as a file in which every value is what it is: no text is read.
pub fn file(rows: &[Row], first: usize) -> Vec<u8> {
    let of = |part: &dyn Fn(&Row) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(part).collect::<StringArray>())
    };
    let whole = |part: fn(&Row) -> Option<i64>| rows.iter().map(part).collect::<Vec<Option<i64>>>();
    let arrays: Vec<ArrayRef> = vec![
        of(&|row| row.t.clone()),
        of(&|row| row.k.clone()),
        Arc::new(Int64Array::from(whole(|row| row.n))),
        Arc::new(Int64Array::from(whole(|row| row.o))),
        Arc::new(rows.iter().map(|row| row.x).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|row| row.b).collect::<BooleanArray>()),
        Arc::new(rows.iter().map(|row| row.d).collect::<Date32Array>()),
        Arc::new(TimestampMicrosecondArray::from(whole(|row| row.m))),
        Arc::new(TimestampMicrosecondArray::from(whole(|row| row.z)).with_timezone("UTC")),
        Arc::new(
            (0..rows.len())
                .map(|at| Some((first + at) as i64))
                .collect::<Int64Array>(),
        ),
    ];
    let fields: Vec<_> = columns()
        .iter()
        .zip(&arrays)
        .map(|(column, array)| Field::new(&column.name, array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    parquet(&RecordBatch::try_new(schema, arrays).unwrap())
}

/// A value as one writes it.
fn written(kind: ColumnType) -> BoxedStrategy<String> {
    let quoted = |text: String| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let day = proptest::sample::select(&DAYS[..]).prop_map(|days| format!("\"{}\"", date(days)));
    match kind {
        ColumnType::String | ColumnType::Category => proptest::sample::select(&TEXTS[..])
            .prop_map(move |text| quoted(text.to_owned()))
            .boxed(),
        ColumnType::Int64 | ColumnType::Float64 => prop_oneof![
            proptest::sample::select(&WHOLE[..]).prop_map(|n| n.to_string()),
            (-3_i64..13).prop_map(|n| n.to_string()),
            proptest::sample::select(&NUMBERS[..11]).prop_map(|x| format!("{x:?}")),
            (-10_i32..11).prop_map(|n| format!("{:?}", f64::from(n) / 4.0)),
        ]
        .boxed(),
        ColumnType::Bool => {
            proptest::sample::select(vec!["true".to_owned(), "false".to_owned()]).boxed()
        }
        ColumnType::Date => day.boxed(),
        ColumnType::Timestamp | ColumnType::TimestampTz => {
            let moment = proptest::sample::select(&MOMENTS[..]).prop_map(|micros| {
                let moment = DateTime::from_timestamp_micros(micros).unwrap().naive_utc();
                format!("\"{}\"", moment.format("%Y-%m-%dT%H:%M:%S%.6f"))
            });
            let zoned = (0..3_usize, moment.clone()).prop_map(|(zone, moment)| {
                // In the west the last moment of the year 9999 would be one of the year 10000.
                let zone = match zone {
                    0 => "Z",
                    1 if !moment.contains("9999") => "-11:30",
                    _ => "+02:00",
                };
                format!("{}{zone}\"", moment.trim_end_matches('"'))
            });
            prop_oneof![day, moment, zoned].boxed()
        }
    }
}

/// A column or functions of one, and the type.
fn variable() -> impl Strategy<Value = (String, ColumnType)> {
    let functions = proptest::collection::vec(
        proptest::sample::select(&domain::expression::Function::ALL[..]),
        0..3,
    );
    (proptest::sample::select(columns()), functions).prop_map(|(column, functions)| {
        let (mut text, mut kind) = (format!("`{}`", column.name), column.kind);
        if text == "`i`" {
            text = "n".to_owned();
        }
        for function in functions {
            let fits = if function.takes_text() {
                kind.is_text()
            } else {
                kind.is_time()
            };
            if fits {
                text = format!("{}({text})", function.as_str());
                kind = function.result();
            }
        }
        (text, kind)
    })
}

fn condition() -> impl Strategy<Value = String> {
    (
        variable(),
        variable(),
        0..12_u8,
        0..6_usize,
        any::<bool>(),
        "[aAb%_\\\\!ä\n]{0,5}",
    )
        .prop_flat_map(
            |((left, kind), (right, other), form, op, negated, pattern)| {
                proptest::collection::vec(written(kind), 3).prop_map(move |values| {
                    let not = if negated { "not " } else { "" };
                    let op = ["=", "!=", "<", "<=", ">", ">="]
                        [if kind == ColumnType::Bool { op % 2 } else { op }];
                    let pattern =
                        format!("\"{}\"", pattern.replace('!', "!!").replace('\\', "\\\\"));
                    let moment =
                        |kind| matches!(kind, ColumnType::Timestamp | ColumnType::TimestampTz);
                    let alike = kind == other
                        || (kind.is_text() && other.is_text())
                        || (kind.is_number() && other.is_number())
                        || (moment(kind) && moment(other));
                    match form {
                        0 => format!("{left} is {not}null"),
                        1 | 2 => format!("{left} {not}in ({})", values.join(", ")),
                        3 | 4 if kind != ColumnType::Bool => {
                            format!("{left} {not}between {} and {}", values[0], values[1])
                        }
                        5 if alike && kind != ColumnType::Bool => {
                            format!("{left} {not}between {right} and {}", values[0])
                        }
                        6 if kind.is_text() => format!("{left} {not}like {pattern} escape \"!\""),
                        7 if kind.is_text() => format!("{left} {not}contains {}", values[0]),
                        8 if kind.is_text() => format!("{left} {not}starts_with {}", values[0]),
                        9 if kind.is_text() => format!("{left} {not}ends_with {}", values[0]),
                        10 | 11 if alike => format!("{left} {op} {right}"),
                        _ => format!("{left} {op} {}", values[0]),
                    }
                })
            },
        )
}

/// An expression on these columns, as text.
pub fn expression() -> impl Strategy<Value = String> {
    condition().prop_recursive(3, 10, 3, |inner| {
        (
            proptest::collection::vec(inner, 1..4),
            any::<bool>(),
            any::<bool>(),
        )
            .prop_map(|(of, all, not)| {
                let joined = of
                    .iter()
                    .map(|one| format!("({one})"))
                    .collect::<Vec<_>>()
                    .join(if all { " and " } else { " or " });
                if not {
                    format!("not ({joined})")
                } else {
                    joined
                }
            })
    })
}
