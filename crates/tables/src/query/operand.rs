//! Comparing a column with values: what both kinds of filter, lists and expressions, are made of.
//!
//! Each condition here is true exactly for the rows that meet it. For others, also where the value is missing, it
//! is false or unknown; so it may stand under "and" and "or", and never under "not".

use deltalake::datafusion::common::ScalarValue;
use deltalake::datafusion::logical_expr::Expr;
use deltalake::datafusion::prelude::lit;
use domain::ColumnType;
use std::sync::Arc;

const MICROS_A_DAY: i64 = 86_400_000_000;

/// What an operand stands for on the line of a column's values: from its first to its last one.
/// Both are the same but for a day among moments.
pub(crate) struct Span {
    pub(crate) first: ScalarValue,
    pub(crate) last: ScalarValue,
}

/// What a column is compared with.
pub(crate) enum Operand {
    /// A value, or all moments of a day.
    Span(Span),
    /// A number that is not whole lies between two whole ones.
    Between {
        below: ScalarValue,
        above: ScalarValue,
    },
    /// Greater than every value of the type.
    Above,
    /// Less than every value of the type.
    Below,
}

/// One value.
pub(crate) fn one(value: ScalarValue) -> Operand {
    Operand::Span(Span {
        first: value.clone(),
        last: value,
    })
}

fn never() -> Expr {
    lit(false)
}

/// The value is the operand, or one of its moments. Of a missing value it is never true, as of all of these.
pub(crate) fn equal(column: &Expr, operand: &Operand) -> Expr {
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

/// The value is one of the operands.
pub(crate) fn one_of(column: &Expr, operands: &[Operand]) -> Expr {
    let mut exact = Vec::new();
    let mut conditions = Vec::new();
    for operand in operands {
        match operand {
            Operand::Span(span) if span.first == span.last => exact.push(lit(span.first.clone())),
            Operand::Span(_) => {
                conditions.push(equal(column, operand));
            }
            _ => {}
        }
    }
    if !exact.is_empty() {
        conditions.push(column.clone().in_list(exact, false));
    }
    joined(conditions, Expr::or).unwrap_or_else(never)
}

/// The value is less than the operand.
pub(crate) fn below(column: &Expr, operand: &Operand, or_equal: bool) -> Expr {
    match operand {
        Operand::Span(span) if or_equal => column.clone().lt_eq(lit(span.last.clone())),
        Operand::Span(span) => column.clone().lt(lit(span.first.clone())),
        Operand::Between { below, .. } => column.clone().lt_eq(lit(below.clone())),
        Operand::Above => column.clone().is_not_null(),
        Operand::Below => never(),
    }
}

/// The value is greater than the operand.
pub(crate) fn above(column: &Expr, operand: &Operand, or_equal: bool) -> Expr {
    match operand {
        Operand::Span(span) if or_equal => column.clone().gt_eq(lit(span.first.clone())),
        Operand::Span(span) => column.clone().gt(lit(span.last.clone())),
        Operand::Between { above, .. } => column.clone().gt_eq(lit(above.clone())),
        Operand::Above => never(),
        Operand::Below => column.clone().is_not_null(),
    }
}

/// A number against whole ones.
pub(crate) fn whole(value: f64) -> Operand {
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

/// A number against numbers that are not whole.
pub(crate) fn number(value: f64) -> Operand {
    // -0.0 is not stored: adding zero makes it 0.0.
    one(ScalarValue::Float64(Some(value + 0.0)))
}

/// A whole number against numbers that are not whole.
pub(crate) fn nearest(value: i64) -> Operand {
    #[expect(
        clippy::cast_precision_loss,
        reason = "the column holds such numbers: the nearest one is meant"
    )]
    let value = value as f64;
    number(value)
}

/// A moment, by the type of the column it is compared with.
pub(crate) fn moment(kind: ColumnType, micros: i64) -> Operand {
    one(moment_value(kind, micros))
}

/// A day among moments, in UTC: all of its moments.
pub(crate) fn whole_day(kind: ColumnType, days: i32) -> Operand {
    let start = i64::from(days) * MICROS_A_DAY;
    Operand::Span(Span {
        first: moment_value(kind, start),
        last: moment_value(kind, start + MICROS_A_DAY - 1),
    })
}

fn moment_value(kind: ColumnType, micros: i64) -> ScalarValue {
    let zone = (kind == ColumnType::TimestampTz).then(|| Arc::from("UTC"));
    ScalarValue::TimestampMicrosecond(Some(micros), zone)
}

/// The opposite of a condition for the rows whose value is there.
pub(crate) fn opposite(value: &Expr, condition: Expr) -> Expr {
    value
        .clone()
        .is_not_null()
        .and(Expr::Not(Box::new(condition)))
}

/// Several conditions as one. Halved rather than chained: a tree of five hundred is ten deep, not five hundred.
pub(crate) fn joined(mut conditions: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Option<Expr> {
    let half = conditions.len() / 2;
    if half == 0 {
        return conditions.pop();
    }
    let rest = conditions.split_off(half);
    match (joined(conditions, join), joined(rest, join)) {
        (Some(one), Some(other)) => Some(join(one, other)),
        (one, other) => one.or(other),
    }
}
