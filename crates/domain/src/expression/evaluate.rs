//! What an expression means, in the small: true, false or unknown for one row.
//!
//! It is written to be plainly right, not fast; engines are tested against it. As in SQL, a comparison with a
//! missing value is unknown, `and`, `or` and `not` are Kleene's, and a row is let through when the whole is true.

use super::{Comparison, Expression, Function, Literal, Operand, PartAt};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use std::cmp::Ordering;

/// What one row has in its columns: a value of the column's type, `None` where it is missing.
pub trait Row {
    /// The cell of a column.
    fn cell(&self, column: &str) -> Option<Literal>;
}

impl<F: Fn(&str) -> Option<Literal>> Row for F {
    fn cell(&self, column: &str) -> Option<Literal> {
        self(column)
    }
}

impl Expression {
    /// True, false, or `None` when it is not known.
    #[must_use]
    pub fn evaluate(&self, row: &impl Row) -> Option<bool> {
        match self {
            Self::And { of } => all(of.iter().map(|one| one.evaluate(row))),
            Self::Or { of } => not(all(of.iter().map(|one| not(one.evaluate(row))))),
            Self::Not { of } => not(of.evaluate(row)),
            Self::Compare { left, op, right } => {
                order(&left.value(row)?, &right.value(row)?, right).map(|order| op.holds(order))
            }
            Self::OneOf {
                operand,
                values,
                negated,
            } => {
                let value = operand.value(row)?;
                let among = values
                    .iter()
                    .any(|one| order_literal(&value, one) == Some(Ordering::Equal));
                Some(among != *negated)
            }
            Self::Between {
                operand,
                low,
                high,
                negated,
            } => {
                let value = operand.value(row);
                let side = |end: &Operand, op: Comparison| {
                    order(value.as_ref()?, &end.value(row)?, end).map(|order| op.holds(order))
                };
                let within =
                    all([side(low, Comparison::Gte), side(high, Comparison::Lte)].into_iter());
                within.map(|within| within != *negated)
            }
            Self::Like {
                operand,
                pattern,
                negated,
            } => {
                let Literal::Text(text) = operand.value(row)? else {
                    return None;
                };
                Some(pattern.matches(&text) != *negated)
            }
            Self::Part {
                operand,
                at,
                text: wanted,
                negated,
            } => {
                let Literal::Text(text) = operand.value(row)? else {
                    return None;
                };
                let there = match at {
                    PartAt::Contains => text.contains(wanted.as_str()),
                    PartAt::StartsWith => text.starts_with(wanted.as_str()),
                    PartAt::EndsWith => text.ends_with(wanted.as_str()),
                };
                Some(there != *negated)
            }
            Self::Missing { operand, negated } => Some(operand.value(row).is_none() != *negated),
        }
    }
}

/// False when one is false, else unknown when one is unknown (Kleene 1938).
fn all(of: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for one in of {
        match one {
            Some(false) => return Some(false),
            None => known = None,
            Some(true) => {}
        }
    }
    known
}

fn not(value: Option<bool>) -> Option<bool> {
    value.map(|value| !value)
}

impl Comparison {
    /// Whether it holds for two values in this order.
    #[must_use]
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Lte => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Gte => order.is_ge(),
        }
    }
}

impl Operand {
    fn value(&self, row: &impl Row) -> Option<Literal> {
        match self {
            Self::Column(name) => row.cell(name),
            Self::Literal(literal) => Some(literal.clone()),
            Self::Call { function, of } => function.apply(&of.value(row)?),
        }
    }
}

impl Function {
    /// Its result; `None` for a value of a type it does not take.
    #[must_use]
    pub fn apply(self, value: &Literal) -> Option<Literal> {
        if let (true, Literal::Text(text)) = (self.takes_text(), value) {
            return Some(match self {
                Self::Lower => Literal::Text(text.to_lowercase()),
                Self::Upper => Literal::Text(text.to_uppercase()),
                Self::Trim => Literal::Text(text.trim_matches([' ', '\t', '\r', '\n']).to_owned()),
                _ => Literal::Int(i64::try_from(text.chars().count()).ok()?),
            });
        }
        let day: NaiveDate = match value {
            Literal::Date(day) => *day,
            Literal::Timestamp(moment) => moment.date(),
            Literal::TimestampTz(moment) => moment.date_naive(),
            _ => return None,
        };
        Some(match self {
            Self::Year => Literal::Int(i64::from(day.year())),
            Self::Month => Literal::Int(i64::from(day.month())),
            Self::Day => Literal::Int(i64::from(day.day())),
            Self::Weekday => Literal::Int(i64::from(day.weekday().number_from_monday())),
            Self::Date => Literal::Date(day),
            _ => return None,
        })
    }
}

fn order(left: &Literal, right: &Literal, written: &Operand) -> Option<Ordering> {
    match (left, right, written) {
        // Written down, a number is itself; that of a column of whole numbers is made a float64 beside another column.
        (_, _, Operand::Literal(_)) => order_literal(left, right),
        (Literal::Int(left), Literal::Float(right), _) => nearest_float(*left).partial_cmp(right),
        (Literal::Float(left), Literal::Int(right), _) => left.partial_cmp(&nearest_float(*right)),
        _ => order_literal(left, right),
    }
}

/// A cell against a value written down. A moment is equal to the day it lies on.
fn order_literal(cell: &Literal, literal: &Literal) -> Option<Ordering> {
    match (cell, literal) {
        (Literal::Bool(left), Literal::Bool(right)) => Some(left.cmp(right)),
        (Literal::Int(left), Literal::Int(right)) => Some(left.cmp(right)),
        (Literal::Int(left), Literal::Float(right)) => whole_against(*left, *right),
        (Literal::Float(left), Literal::Int(right)) => left.partial_cmp(&nearest_float(*right)),
        (Literal::Float(left), Literal::Float(right)) => left.partial_cmp(right),
        (Literal::Text(left), Literal::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
        (Literal::Date(left), Literal::Date(right)) => Some(left.cmp(right)),
        (left, Literal::Date(day)) => Some(moment(left)?.date_naive().cmp(day)),
        (left, right) => Some(moment(left)?.cmp(&moment(right)?)),
    }
}

fn moment(literal: &Literal) -> Option<DateTime<Utc>> {
    match literal {
        Literal::Timestamp(moment) => Some(moment.and_utc()),
        Literal::TimestampTz(moment) => Some(*moment),
        _ => None,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a column of floats holds such numbers: the nearest one is meant"
)]
fn nearest_float(value: i64) -> f64 {
    value as f64
}

/// A whole number against one that may lie between two or beyond all of them, exactly.
fn whole_against(whole: i64, number: f64) -> Option<Ordering> {
    // 2^63, which is one more than the largest whole number of 64 bits.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if number.is_nan() {
        return None;
    }
    if number >= LIMIT {
        return Some(Ordering::Less);
    }
    if number < -LIMIT {
        return Some(Ordering::Greater);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within the bounds above, and whole"
    )]
    let below = number.floor() as i64;
    let between = number.fract() != 0.0;
    Some(whole.cmp(&below).then(if between {
        Ordering::Less
    } else {
        Ordering::Equal
    }))
}
