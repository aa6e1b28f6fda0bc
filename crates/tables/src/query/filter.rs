//! Filters as expressions of the engine, checked against the types of their columns.
//!
//! An invalid filter is an error, never unfiltered data. A missing value meets no comparison, not
//! even `ne` and `not_in`; only `is_null` finds it. Text is compared by its bytes. A day given for
//! a column of moments means the whole day: `between` two days holds all of the second one.

use super::error::QueryError;
use super::names::{Found, find};
use super::operand::{
    Operand, above, below, equal, joined, moment, nearest, number, one, one_of, opposite, whole,
    whole_day,
};
use crate::ingest::{parse_date, parse_moment};
use crate::schema::TableSchema;
use deltalake::datafusion::common::{Column as EngineColumn, ScalarValue};
use deltalake::datafusion::functions::string::expr_fn::{contains, starts_with};
use deltalake::datafusion::logical_expr::Expr;
use deltalake::datafusion::prelude::lit;
use domain::limits::RequestLimits;
use domain::{ColumnType, Filter, FilterOp, Scalar};

/// The column of the table under its name in the engine.
pub(crate) fn column(schema: &TableSchema, found: &Found) -> Expr {
    let name = schema.physical.get(found.position).cloned();
    Expr::Column(EngineColumn::new_unqualified(name.unwrap_or_default()))
}

/// All conditions as one; `None` when there are none.
pub(crate) fn listed(
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
    let mut all = Vec::with_capacity(filters.len());
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
        all.push(one);
    }
    Ok(joined(all, Expr::and))
}

enum Fault {
    Operator(String),
    Operand(usize, String),
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
    let first = values.first();
    let expression = match (op, first, values.get(1)) {
        (FilterOp::IsNull, ..) => column.clone().is_null(),
        (FilterOp::NotNull, ..) => column.clone().is_not_null(),
        (FilterOp::Eq, Some(value), _) => equal(column, value),
        (FilterOp::Ne, Some(value), _) => opposite(column, equal(column, value)),
        (FilterOp::In, ..) => one_of(column, &values),
        (FilterOp::NotIn, ..) => opposite(column, one_of(column, &values)),
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
        (ColumnType::Float64, Scalar::Float(value)) => Ok(number(*value)),
        (ColumnType::Float64, Scalar::Int(value)) => Ok(nearest(*value)),
        (ColumnType::Int64 | ColumnType::Float64, _) => wrong("a number"),
        (ColumnType::Date, Scalar::Text(text)) => match parse_date(text) {
            Some(day) => Ok(one(ScalarValue::Date32(Some(day)))),
            None => Err("this is not a day like 2024-02-29".to_owned()),
        },
        (ColumnType::Date, _) => wrong("a day, as text"),
        (ColumnType::Timestamp | ColumnType::TimestampTz, Scalar::Text(text)) => time(kind, text),
        (ColumnType::Timestamp | ColumnType::TimestampTz, _) => wrong("a day or moment, as text"),
    }
}

/// A moment, in UTC whether or not it names a zone; a day is all its moments.
fn time(kind: ColumnType, text: &str) -> Result<Operand, String> {
    if let Some(day) = parse_date(text) {
        return Ok(whole_day(kind, day));
    }
    match parse_moment(text) {
        Some(written) => Ok(moment(kind, written.micros)),
        None => {
            Err("this is not a day or moment like 2024-02-29 or 2024-02-29T12:00:00Z".to_owned())
        }
    }
}
