//! A filter expression as a condition of the engine, built node by node and never as text.
//!
//! What it lets through is what `Expression::evaluate` does; tests hold the one against the other. "Not" is drawn
//! inwards until it stands in single conditions. What is left are "and" and "or" over conditions that are true
//! exactly where they are met, so that unknown may count as false, and statistics can exclude row groups.

use super::error::QueryError;
use super::filter::column;
use super::names::find;
use super::operand::{
    Operand as Wanted, above, below, equal, joined, moment, nearest, number, one, one_of, opposite,
    whole, whole_day,
};
use crate::error::TableError;
use crate::schema::{TableSchema, arrow_type};
use chrono::{Datelike as _, NaiveDate};
use deltalake::arrow::datatypes::DataType;
use deltalake::datafusion::common::ScalarValue;
use deltalake::datafusion::functions::datetime::expr_fn::date_part;
use deltalake::datafusion::functions::string::expr_fn::{
    btrim, contains, ends_with, lower, starts_with, upper,
};
use deltalake::datafusion::functions::unicode::expr_fn::character_length;
use deltalake::datafusion::logical_expr::expr::Like;
use deltalake::datafusion::logical_expr::{Expr, cast};
use deltalake::datafusion::prelude::lit;
use domain::ColumnType;
use domain::expression::{
    Comparison, Expression, Function, Literal, Operand, PartAt, Pattern, PatternShape,
};

/// Days from the first of January of the year 1 to that of 1970.
const DAYS_TO_1970: i32 = 719_163;

/// A column, or functions of one.
struct Value {
    value: Expr,
    kind: ColumnType,
    /// The column itself, which is missing exactly when the value is.
    column: Expr,
}

/// The condition of an expression that was read against this schema.
pub(crate) fn condition(schema: &TableSchema, expression: &Expression) -> Result<Expr, QueryError> {
    meets(schema, expression, false)
}

/// True for the rows that meet the expression, or its opposite.
fn meets(schema: &TableSchema, expression: &Expression, not: bool) -> Result<Expr, QueryError> {
    match expression {
        Expression::And { of } | Expression::Or { of } => {
            let all = matches!(expression, Expression::And { .. }) != not;
            let each = of.iter().map(|one| meets(schema, one, not));
            let join = if all { Expr::and } else { Expr::or };
            joined(each.collect::<Result<_, _>>()?, join)
                .ok_or_else(|| odd("it joins no conditions"))
        }
        Expression::Not { of } => meets(schema, of, !not),
        Expression::Compare { left, op, right } => {
            let op = if not { op.negated() } else { *op };
            compare(schema, left, op, right)
        }
        Expression::OneOf {
            operand,
            values,
            negated,
        } => {
            let value = before_literals(schema, operand)?;
            let wanted = values.iter().map(|literal| against(value.kind, literal));
            let wanted: Vec<Wanted> = wanted.collect::<Result<_, _>>()?;
            let among = one_of(&value.value, &wanted);
            Ok(value.either(among, *negated != not))
        }
        Expression::Between {
            operand,
            low,
            high,
            negated,
        } => {
            let (from, to, join): (_, _, fn(Expr, Expr) -> Expr) = if *negated == not {
                (Comparison::Gte, Comparison::Lte, Expr::and)
            } else {
                (Comparison::Lt, Comparison::Gt, Expr::or)
            };
            let low = compare(schema, operand, from, low)?;
            let high = compare(schema, operand, to, high)?;
            Ok(join(low, high))
        }
        Expression::Like {
            operand,
            pattern,
            negated,
        } => {
            let value = value(schema, operand)?;
            let like = like(&value.value, pattern);
            Ok(value.either(like, *negated != not))
        }
        Expression::Part {
            operand,
            at,
            text,
            negated,
        } => {
            let value = value(schema, operand)?;
            let part = part(&value.value, *at, text);
            Ok(value.either(part, *negated != not))
        }
        Expression::Missing { operand, negated } => {
            let column = value(schema, operand)?.column;
            Ok(if *negated == not {
                column.is_null()
            } else {
                column.is_not_null()
            })
        }
    }
}

/// What reading an expression rules out.
fn odd(what: &str) -> QueryError {
    TableError::Stopped(format!("a filter that was read cannot be asked: {what}")).into()
}

impl Value {
    fn either(&self, condition: Expr, negated: bool) -> Expr {
        if negated {
            opposite(&self.column, condition)
        } else {
            condition
        }
    }
}

fn value(schema: &TableSchema, operand: &Operand) -> Result<Value, QueryError> {
    match operand {
        Operand::Column(name) => {
            let found = find(schema, name, || "/filter".to_owned())?;
            let column = column(schema, &found);
            Ok(Value {
                value: column.clone(),
                kind: found.column.kind,
                column,
            })
        }
        Operand::Call { function, of } => {
            let of = value(schema, of)?;
            Ok(Value {
                value: call(*function, of.value),
                kind: function.result(),
                column: of.column,
            })
        }
        Operand::Literal(_) => Err(odd("a value stands where a column does")),
    }
}

/// As [`value`], for what is compared with values written down: the day of a moment is on a day when the moment is,
/// and that can be asked of the moments themselves, whose statistics are known.
fn before_literals(schema: &TableSchema, operand: &Operand) -> Result<Value, QueryError> {
    match operand {
        Operand::Call {
            function: Function::Date,
            of,
        } => value(schema, of),
        operand => value(schema, operand),
    }
}

fn call(function: Function, of: Expr) -> Expr {
    // The engine counts in 32 bits.
    let counted = |value| cast(value, DataType::Int64);
    match function {
        Function::Lower => lower(of),
        Function::Upper => upper(of),
        Function::Trim => btrim(vec![of, lit(" \t\r\n")]),
        Function::Length => counted(character_length(of)),
        Function::Year => counted(date_part(lit("year"), of)),
        Function::Month => counted(date_part(lit("month"), of)),
        Function::Day => counted(date_part(lit("day"), of)),
        Function::Weekday => counted(date_part(lit("isodow"), of)),
        Function::Date => cast(of, DataType::Date32),
    }
}

fn compare(
    schema: &TableSchema,
    left: &Operand,
    op: Comparison,
    right: &Operand,
) -> Result<Expr, QueryError> {
    if let Operand::Literal(literal) = right {
        let value = before_literals(schema, left)?;
        let wanted = against(value.kind, literal)?;
        let subject = &value.value;
        return Ok(match op {
            Comparison::Eq => equal(subject, &wanted),
            Comparison::Ne => value.either(equal(subject, &wanted), true),
            Comparison::Lt => below(subject, &wanted, false),
            Comparison::Lte => below(subject, &wanted, true),
            Comparison::Gt => above(subject, &wanted, false),
            Comparison::Gte => above(subject, &wanted, true),
        });
    }
    let (left, right) = alike(value(schema, left)?, value(schema, right)?);
    Ok(match op {
        Comparison::Eq => left.eq(right),
        Comparison::Ne => left.not_eq(right),
        Comparison::Lt => left.lt(right),
        Comparison::Lte => left.lt_eq(right),
        Comparison::Gt => left.gt(right),
        Comparison::Gte => left.gt_eq(right),
    })
}

/// Two values as one type: beside other numbers a whole one is made one of them, and a moment without a zone is in UTC.
fn alike(left: Value, right: Value) -> (Expr, Expr) {
    if left.kind == right.kind || left.kind.is_text() {
        return (left.value, right.value);
    }
    let common = if left.kind.is_number() {
        ColumnType::Float64
    } else {
        ColumnType::TimestampTz
    };
    let made = |one: Value| {
        if one.kind == common {
            one.value
        } else {
            cast(one.value, arrow_type(common))
        }
    };
    (made(left), made(right))
}

/// What a value written down is, beside something of this type.
fn against(kind: ColumnType, literal: &Literal) -> Result<Wanted, QueryError> {
    use ColumnType::{Bool, Category, Date, Float64, Int64, String, Timestamp, TimestampTz};
    Ok(match (kind, literal) {
        (String | Category, Literal::Text(text)) => one(ScalarValue::Utf8(Some(text.clone()))),
        (Bool, Literal::Bool(value)) => one(ScalarValue::Boolean(Some(*value))),
        (Int64, Literal::Int(value)) => one(ScalarValue::Int64(Some(*value))),
        (Int64, Literal::Float(value)) => whole(*value),
        (Float64, Literal::Float(value)) => number(*value),
        (Float64, Literal::Int(value)) => nearest(*value),
        (Date, Literal::Date(day)) => one(ScalarValue::Date32(Some(since_1970(*day)))),
        (Timestamp | TimestampTz, Literal::Date(day)) => whole_day(kind, since_1970(*day)),
        (Timestamp | TimestampTz, Literal::Timestamp(at)) => {
            moment(kind, at.and_utc().timestamp_micros())
        }
        (Timestamp | TimestampTz, Literal::TimestampTz(at)) => moment(kind, at.timestamp_micros()),
        (kind, literal) => return Err(odd(&format!("{literal:?} beside {}", kind.as_str()))),
    })
}

fn since_1970(day: NaiveDate) -> i32 {
    day.num_days_from_ce() - DAYS_TO_1970
}

fn part(value: &Expr, at: PartAt, text: &str) -> Expr {
    let (value, text) = (value.clone(), lit(text));
    match at {
        PartAt::Contains => contains(value, text),
        PartAt::StartsWith => starts_with(value, text),
        PartAt::EndsWith => ends_with(value, text),
    }
}

fn like(value: &Expr, pattern: &Pattern) -> Expr {
    match pattern.shape() {
        PatternShape::Exact(text) => value.clone().eq(lit(text)),
        PatternShape::Prefix(text) => part(value, PartAt::StartsWith, text),
        PatternShape::Suffix(text) => part(value, PartAt::EndsWith, text),
        PatternShape::Within(text) => part(value, PartAt::Contains, text),
        PatternShape::Other => {
            // The one escape that the engine knows.
            let written = lit(pattern.written('\\'));
            Expr::Like(Like::new(
                false,
                Box::new(value.clone()),
                Box::new(written),
                None,
                false,
            ))
        }
    }
}
