//! Filters as expressions of the engine, checked against the types of their columns.
//!
//! An invalid filter is an error, never unfiltered data. A missing value meets no comparison, not
//! even `ne` and `not_in`; only `is_null` finds it. Text is compared by its bytes. A day given for
//! a column of moments means the whole day: `between` two days holds all of the second one.

use super::error::QueryError;
use super::names::{Found, find};
use crate::ingest::{parse_date, parse_moment};
use crate::schema::TableSchema;
use deltalake::datafusion::common::{Column as EngineColumn, ScalarValue};
use deltalake::datafusion::functions::string::expr_fn::{contains, starts_with};
use deltalake::datafusion::logical_expr::Expr;
use deltalake::datafusion::prelude::lit;
use domain::limits::RequestLimits;
use domain::{ColumnType, Filter, FilterOp, Scalar};
use std::sync::Arc;

const MICROS_A_DAY: i64 = 86_400_000_000;

/// The column of the table under its name in the engine.
pub(crate) fn column(schema: &TableSchema, found: &Found) -> Expr {
    let name = schema.physical.get(found.position).cloned();
    Expr::Column(EngineColumn::new_unqualified(name.unwrap_or_default()))
}

/// All conditions as one expression; `None` when there are none.
pub(crate) fn expression(
    schema: &TableSchema,
    filters: &[Filter],
    limits: &RequestLimits,
) -> Result<Option<Expr>, QueryError> {
    if filters.len() as u64 > limits.query_filters_max {
        return Err(QueryError::Shape {
            pointer: "/filters".to_owned(),
            message: format!("at most {} filters are allowed", limits.query_filters_max),
        });
    }
    let mut all: Option<Expr> = None;
    for (index, filter) in filters.iter().enumerate() {
        let found = find(schema, &filter.column, || {
            format!("/filters/{index}/column")
        })?;
        let failed = |pointer: String, message: String| QueryError::Filter {
            index,
            pointer,
            message,
        };
        let operands = filter
            .operands(limits.filter_values_max)
            .map_err(|error| failed(error.pointer.to_owned(), error.message))?;
        let place = |operand: usize| match &filter.values {
            Some(_) => format!("/values/{operand}"),
            None => "/value".to_owned(),
        };
        let kind = found.column.kind;
        let one =
            condition(&column(schema, &found), kind, filter.op, &operands).map_err(|fault| {
                match fault {
                    Fault::Operator(message) => failed("/op".to_owned(), message),
                    Fault::Operand(operand, message) => failed(place(operand), message),
                }
            })?;
        all = Some(match all {
            Some(all) => all.and(one),
            None => one,
        });
    }
    Ok(all)
}

enum Fault {
    Operator(String),
    Operand(usize, String),
}

/// What an operand stands for on the line of a column's values: from its first to its last one.
/// Both are the same but for a day among moments. `None`: it lies between two values.
struct Span {
    first: ScalarValue,
    last: ScalarValue,
}

/// A number that is not whole lies between two whole ones.
enum Operand {
    Span(Span),
    Between {
        below: ScalarValue,
        above: ScalarValue,
    },
    /// Greater than every value of the type.
    Above,
    /// Less than every value of the type.
    Below,
}

fn one(value: ScalarValue) -> Operand {
    Operand::Span(Span {
        first: value.clone(),
        last: value,
    })
}

fn condition(
    column: &Expr,
    kind: ColumnType,
    op: FilterOp,
    operands: &[&Scalar],
) -> Result<Expr, Fault> {
    check_operator(kind, op)?;
    let mut values = Vec::with_capacity(operands.len());
    for (index, scalar) in operands.iter().enumerate() {
        let value = operand(kind, scalar).map_err(|message| Fault::Operand(index, message))?;
        values.push(value);
    }
    let missing = || column.clone().is_not_null();
    let first = values.first();
    let expression = match (op, first, values.get(1)) {
        (FilterOp::IsNull, ..) => column.clone().is_null(),
        (FilterOp::NotNull, ..) => missing(),
        (FilterOp::Eq, Some(value), _) => equal(column, value),
        (FilterOp::Ne, Some(value), _) => missing().and(negated(equal(column, value))),
        (FilterOp::In, ..) => one_of(column, &values),
        (FilterOp::NotIn, ..) => missing().and(negated(one_of(column, &values))),
        (FilterOp::Lt, Some(value), _) => below(column, value, false),
        (FilterOp::Lte, Some(value), _) => below(column, value, true),
        (FilterOp::Gt, Some(value), _) => above(column, value, false),
        (FilterOp::Gte, Some(value), _) => above(column, value, true),
        (FilterOp::Between, Some(low), Some(high)) => {
            above(column, low, true).and(below(column, high, true))
        }
        (FilterOp::Contains | FilterOp::StartsWith, Some(Operand::Span(span)), _) => {
            let text = lit(span.first.clone());
            if op == FilterOp::Contains {
                contains(column.clone(), text)
            } else {
                starts_with(column.clone(), text)
            }
        }
        _ => return Err(Fault::Operator("this operator lacks a value".to_owned())),
    };
    Ok(expression)
}

fn negated(expression: Expr) -> Expr {
    Expr::Not(Box::new(expression))
}

fn never() -> Expr {
    lit(false)
}

fn equal(column: &Expr, operand: &Operand) -> Expr {
    match operand {
        Operand::Span(span) if span.first == span.last => {
            column.clone().eq(lit(span.first.clone()))
        }
        Operand::Span(span) => column
            .clone()
            .gt_eq(lit(span.first.clone()))
            .and(column.clone().lt_eq(lit(span.last.clone()))),
        _ => never(),
    }
}

fn one_of(column: &Expr, operands: &[Operand]) -> Expr {
    let mut exact = Vec::new();
    let mut rest: Option<Expr> = None;
    for operand in operands {
        match operand {
            Operand::Span(span) if span.first == span.last => exact.push(lit(span.first.clone())),
            Operand::Span(_) => {
                let one = equal(column, operand);
                rest = Some(rest.map_or(one.clone(), |rest| rest.or(one)));
            }
            _ => {}
        }
    }
    let listed = (!exact.is_empty()).then(|| column.clone().in_list(exact, false));
    match (listed, rest) {
        (Some(listed), Some(rest)) => listed.or(rest),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => never(),
    }
}

fn below(column: &Expr, operand: &Operand, or_equal: bool) -> Expr {
    match operand {
        Operand::Span(span) if or_equal => column.clone().lt_eq(lit(span.last.clone())),
        Operand::Span(span) => column.clone().lt(lit(span.first.clone())),
        Operand::Between { below, .. } => column.clone().lt_eq(lit(below.clone())),
        Operand::Above => column.clone().is_not_null(),
        Operand::Below => never(),
    }
}

fn above(column: &Expr, operand: &Operand, or_equal: bool) -> Expr {
    match operand {
        Operand::Span(span) if or_equal => column.clone().gt_eq(lit(span.first.clone())),
        Operand::Span(span) => column.clone().gt(lit(span.last.clone())),
        Operand::Between { above, .. } => column.clone().gt_eq(lit(above.clone())),
        Operand::Above => never(),
        Operand::Below => column.clone().is_not_null(),
    }
}

fn check_operator(kind: ColumnType, op: FilterOp) -> Result<(), Fault> {
    use FilterOp::{Between, Contains, Gt, Gte, Lt, Lte, StartsWith};
    let message = match op {
        Contains | StartsWith if !kind.is_text() => "needs a column of text",
        Lt | Lte | Gt | Gte | Between if kind == ColumnType::Bool => {
            "does not order true and false"
        }
        _ => return Ok(()),
    };
    let name = serde_json::to_value(op).unwrap_or_default();
    Err(Fault::Operator(format!(
        "`{}` {message}, and this one is of type {}",
        name.as_str().unwrap_or_default(),
        kind.as_str()
    )))
}

fn operand(kind: ColumnType, scalar: &Scalar) -> Result<Operand, String> {
    let wrong = |right: &str| {
        let given = match scalar {
            Scalar::Bool(_) => "a boolean",
            Scalar::Int(_) | Scalar::Float(_) => "a number",
            Scalar::Text(_) => "text",
        };
        Err(format!(
            "a column of type {} is compared with {right}, not with {given}",
            kind.as_str()
        ))
    };
    match (kind, scalar) {
        (ColumnType::String | ColumnType::Category, Scalar::Text(text)) => {
            Ok(one(ScalarValue::Utf8(Some(text.clone()))))
        }
        (ColumnType::String | ColumnType::Category, _) => wrong("text"),
        (ColumnType::Bool, Scalar::Bool(value)) => Ok(one(ScalarValue::Boolean(Some(*value)))),
        (ColumnType::Bool, _) => wrong("true or false"),
        (ColumnType::Int64, Scalar::Int(value)) => Ok(one(ScalarValue::Int64(Some(*value)))),
        (ColumnType::Int64, Scalar::Float(value)) => Ok(whole(*value)),
        (ColumnType::Float64, Scalar::Float(value)) => {
            Ok(one(ScalarValue::Float64(Some(value + 0.0))))
        }
        (ColumnType::Float64, Scalar::Int(value)) => {
            #[expect(
                clippy::cast_precision_loss,
                reason = "the column holds such numbers: the nearest one is meant"
            )]
            let value = *value as f64;
            Ok(one(ScalarValue::Float64(Some(value))))
        }
        (ColumnType::Int64 | ColumnType::Float64, _) => wrong("a number"),
        (ColumnType::Date, Scalar::Text(text)) => match parse_date(text) {
            Some(day) => Ok(one(ScalarValue::Date32(Some(day)))),
            None => Err("this is not a day like 2024-02-29".to_owned()),
        },
        (ColumnType::Date, _) => wrong("a day, as text"),
        (ColumnType::Timestamp | ColumnType::TimestampTz, Scalar::Text(text)) => moment(kind, text),
        (ColumnType::Timestamp | ColumnType::TimestampTz, _) => wrong("a day or moment, as text"),
    }
}

/// A number against whole ones.
fn whole(value: f64) -> Operand {
    // 2^63, which is one more than the largest whole number of 64 bits.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if value >= LIMIT {
        return Operand::Above;
    }
    if value < -LIMIT {
        return Operand::Below;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the bounds above")]
    let int = |value: f64| ScalarValue::Int64(Some(value as i64));
    if value.fract() == 0.0 {
        one(int(value))
    } else {
        Operand::Between {
            below: int(value.floor()),
            above: int(value.ceil()),
        }
    }
}

/// A moment, in UTC whether or not it names a zone; a day is all its moments.
fn moment(kind: ColumnType, text: &str) -> Result<Operand, String> {
    let zone = (kind == ColumnType::TimestampTz).then(|| Arc::from("UTC"));
    let value = |micros| ScalarValue::TimestampMicrosecond(Some(micros), zone.clone());
    if let Some(day) = parse_date(text) {
        let start = i64::from(day) * MICROS_A_DAY;
        return Ok(Operand::Span(Span {
            first: value(start),
            last: value(start + MICROS_A_DAY - 1),
        }));
    }
    match parse_moment(text) {
        Some(moment) => Ok(one(value(moment.micros))),
        None => {
            Err("this is not a day or moment like 2024-02-29 or 2024-02-29T12:00:00Z".to_owned())
        }
    }
}
