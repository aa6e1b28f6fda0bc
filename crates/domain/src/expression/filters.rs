//! The same condition as a list of filters, where a list can say it, and back.
//!
//! A page shows one thing both ways: as rows of a form and as text. A list of filters is joined by "and", and each
//! has one column, one operator and fixed values; whatever else an expression says, a list cannot.

use super::check::{self, Typed};
use super::error::{Slip, Span};
use super::{Comparison, Expression, Literal, Operand, PartAt, PatternShape};
use crate::limits::RequestLimits;
use crate::near::nearest;
use crate::query::{Filter, FilterOp, Scalar};
use crate::table::Column;
use std::collections::HashMap;

/// Why a list of filters is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UnsayableFilter {
    /// Which filter of the list, counted from 0.
    pub index: usize,
    /// The field at fault, as a JSON pointer within the filter (RFC 6901); empty for the list as a whole.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Expression {
    /// The same condition as a list of filters, in the order of the conditions; `None` when a list cannot say it.
    ///
    /// Moments come in one spelling, and patterns that only ask for a beginning, a part or the whole as `starts_with`,
    /// `contains` and `eq`.
    #[must_use]
    pub fn to_filters(&self) -> Option<Vec<Filter>> {
        match self {
            Self::And { of } => of.iter().map(Self::to_filter).collect(),
            one => one.to_filter().map(|filter| vec![filter]),
        }
    }

    fn to_filter(&self) -> Option<Filter> {
        match self {
            Self::Compare { left, op, right } => {
                let op = match op {
                    Comparison::Eq => FilterOp::Eq,
                    Comparison::Ne => FilterOp::Ne,
                    Comparison::Lt => FilterOp::Lt,
                    Comparison::Lte => FilterOp::Lte,
                    Comparison::Gt => FilterOp::Gt,
                    Comparison::Gte => FilterOp::Gte,
                };
                filter(left, op, Some(scalar(right)?), None)
            }
            Self::OneOf {
                operand,
                values,
                negated,
            } => {
                let op = if *negated {
                    FilterOp::NotIn
                } else {
                    FilterOp::In
                };
                filter(
                    operand,
                    op,
                    None,
                    Some(values.iter().map(Literal::scalar).collect()),
                )
            }
            Self::Between {
                operand,
                low,
                high,
                negated: false,
            } => filter(
                operand,
                FilterOp::Between,
                None,
                Some(vec![scalar(low)?, scalar(high)?]),
            ),
            Self::Like {
                operand,
                pattern,
                negated,
            } => {
                let (op, text) = match (pattern.shape(), negated) {
                    (PatternShape::Exact(text), false) => (FilterOp::Eq, text),
                    (PatternShape::Exact(text), true) => (FilterOp::Ne, text),
                    (PatternShape::Prefix(text), false) => (FilterOp::StartsWith, text),
                    (PatternShape::Within(text), false) => (FilterOp::Contains, text),
                    _ => return None,
                };
                filter(operand, op, Some(Scalar::Text(text.to_owned())), None)
            }
            Self::Part {
                operand,
                at,
                text,
                negated: false,
            } => {
                let op = match at {
                    PartAt::Contains => FilterOp::Contains,
                    PartAt::StartsWith => FilterOp::StartsWith,
                    PartAt::EndsWith => return None,
                };
                filter(operand, op, Some(Scalar::Text(text.clone())), None)
            }
            Self::Missing { operand, negated } => {
                let op = if *negated {
                    FilterOp::NotNull
                } else {
                    FilterOp::IsNull
                };
                filter(operand, op, None, None)
            }
            _ => None,
        }
    }

    /// The same condition as an expression; `None` when the list is empty, which is no condition at all.
    ///
    /// # Errors
    /// The first filter that does not fit its column, or the list when it is too long for an expression.
    pub fn from_filters(
        filters: &[Filter],
        columns: &[Column],
        limits: &RequestLimits,
    ) -> Result<Option<Self>, UnsayableFilter> {
        let known: HashMap<&str, &Column> = columns
            .iter()
            .map(|column| (column.name.as_str(), column))
            .collect();
        let mut of = Vec::with_capacity(filters.len());
        for (index, filter) in filters.iter().enumerate() {
            let Some(column) = known.get(filter.column.as_str()) else {
                let near = nearest(
                    &filter.column,
                    columns.iter().map(|column| column.name.as_str()),
                );
                let hint = near.first().map_or(String::new(), |near| {
                    format!("; perhaps \"{near}\" is meant")
                });
                let message = format!("there is no column \"{}\"{hint}", filter.column);
                return Err(UnsayableFilter {
                    index,
                    pointer: "/column".to_owned(),
                    message,
                });
            };
            of.push(
                from_filter(filter, column, limits).map_err(|(pointer, message)| {
                    UnsayableFilter {
                        index,
                        pointer,
                        message,
                    }
                })?,
            );
        }
        let several = of.len() > 1;
        let expression = match of.pop() {
            None => return Ok(None),
            Some(one) if !several => one,
            Some(last) => {
                of.push(last);
                Self::And { of }
            }
        };
        match expression.checked(columns, limits) {
            Ok(expression) => Ok(Some(expression)),
            Err(error) => Err(UnsayableFilter {
                index: 0,
                pointer: String::new(),
                message: error.message,
            }),
        }
    }
}

impl Literal {
    /// The value as filters have it.
    #[must_use]
    pub fn scalar(&self) -> Scalar {
        use super::moment::{print_day, print_naive, print_utc};
        match self {
            Self::Bool(value) => Scalar::Bool(*value),
            Self::Int(value) => Scalar::Int(*value),
            Self::Float(value) => Scalar::Float(*value),
            Self::Text(text) => Scalar::Text(text.clone()),
            Self::Date(day) => Scalar::Text(print_day(*day)),
            Self::Timestamp(moment) => Scalar::Text(print_naive(*moment)),
            Self::TimestampTz(moment) => Scalar::Text(print_utc(*moment)),
        }
    }
}

fn scalar(operand: &Operand) -> Option<Scalar> {
    match operand {
        Operand::Literal(literal) => Some(literal.scalar()),
        _ => None,
    }
}

fn filter(
    operand: &Operand,
    op: FilterOp,
    value: Option<Scalar>,
    values: Option<Vec<Scalar>>,
) -> Option<Filter> {
    let Operand::Column(column) = operand else {
        return None;
    };
    Some(Filter {
        column: column.clone(),
        op,
        value,
        values,
    })
}

/// The condition of one filter, or the field at fault and why.
fn from_filter(
    filter: &Filter,
    column: &Column,
    limits: &RequestLimits,
) -> Result<Expression, (String, String)> {
    // A filter has no text to point into: which value it is, is kept in the place's stead.
    let place = |at: usize| Span::new(at, at);
    let operand = |at: usize| Typed {
        operand: Operand::Column(column.name.clone()),
        kind: Some(column.kind),
        span: place(at),
    };
    let operands = filter
        .operands(limits.filter_values_max)
        .map_err(|error| (error.pointer.to_owned(), error.message))?;
    let value = |at: usize| {
        let literal = match operands.get(at) {
            Some(Scalar::Bool(value)) => Literal::Bool(*value),
            Some(Scalar::Int(value)) => Literal::Int(*value),
            Some(Scalar::Float(value)) => Literal::Float(*value),
            Some(Scalar::Text(text)) => Literal::Text(text.clone()),
            // As many as the operator takes were counted.
            None => Literal::Text(String::new()),
        };
        Typed::literal(literal, place(at))
    };
    // No value has this number, so a fault there is the operator's.
    let own = operands.len();
    let part = |at| match operands.first() {
        Some(Scalar::Text(text)) => check::part(operand(own), at, text.clone(), false),
        _ => Err(Slip::kind(
            place(0),
            "text is looked for, so the value is text",
        )),
    };
    let compare = |op| check::compare(operand(own), op, value(0));
    let made = match filter.op {
        FilterOp::Eq => compare(Comparison::Eq),
        FilterOp::Ne => compare(Comparison::Ne),
        FilterOp::Lt => compare(Comparison::Lt),
        FilterOp::Lte => compare(Comparison::Lte),
        FilterOp::Gt => compare(Comparison::Gt),
        FilterOp::Gte => compare(Comparison::Gte),
        FilterOp::In | FilterOp::NotIn => {
            let values = (0..operands.len()).map(value).collect();
            check::one_of(operand(own), values, filter.op == FilterOp::NotIn)
        }
        FilterOp::Between => check::between(operand(own), value(0), value(1), false),
        FilterOp::Contains => part(PartAt::Contains),
        FilterOp::StartsWith => part(PartAt::StartsWith),
        FilterOp::IsNull => check::missing(operand(own), false),
        FilterOp::NotNull => check::missing(operand(own), true),
    };
    made.map_err(|slip| {
        let pointer = match (slip.span.start, &filter.values) {
            (at, _) if at >= own => "/op".to_owned(),
            (at, Some(_)) => format!("/values/{at}"),
            (_, None) => "/value".to_owned(),
        };
        (pointer, slip.message)
    })
}
