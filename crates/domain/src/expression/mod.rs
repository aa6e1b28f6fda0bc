//! Filters as people write them: `age > 30 and condition in ("treated", "recovery")`.
//!
//! A small language, read against the columns of a table. What comes out is plain data with its types
//! checked and in one form for all ways to write it; there is no text left in it that an engine would
//! have to read again. What cannot be read is an error with its place, never a filter left out.
//!
//! `docs/filters.md` says it to people. The meaning, by which an engine is tested, is in [`evaluate`].

mod check;
mod display;
mod error;
pub mod evaluate;
mod filters;
mod moment;
mod operands;
mod parse;
mod pattern;
mod token;
mod words;

#[cfg(test)]
mod tests;

pub use error::{ExpressionError, ExpressionFault};
pub use filters::UnsayableFilter;
pub use pattern::{Pattern, PatternPart, PatternShape};
pub use words::{Comparison, Function, PartAt};

use crate::limits::RequestLimits;
use crate::table::{Column, ColumnType};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// A condition on the rows of a table, as [`Expression::read`] makes it.
///
/// Three-valued as in SQL: a comparison with a missing value is neither true nor false, and only rows for which
/// the whole is true are let through. Its canonical text is its `Display`.
///
/// One that came in as JSON has seen no column yet: [`Expression::checked`] makes of it what `read` would have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(no_recursion)]
pub enum Expression {
    /// All of two or more, none of which is itself an `and`.
    And {
        /// The conditions, as written.
        of: Vec<Expression>,
    },
    /// Any of two or more, none of which is itself an `or`.
    Or {
        /// The conditions, as written.
        of: Vec<Expression>,
    },
    /// Not all or not any of several: of a single condition there is a negated form.
    Not {
        /// An `and` or an `or`.
        of: Box<Expression>,
    },
    /// One operand against another. The left one is never a literal.
    Compare {
        /// A column or a function of one.
        left: Operand,
        /// How.
        op: Comparison,
        /// What it is compared with.
        right: Operand,
    },
    /// One of some values.
    OneOf {
        /// A column or a function of one.
        operand: Operand,
        /// One or more, of the operand's type.
        values: Vec<Literal>,
        /// None of them instead.
        negated: bool,
    },
    /// Between two operands, both ends in.
    Between {
        /// A column or a function of one.
        operand: Operand,
        /// The smallest.
        low: Operand,
        /// The largest.
        high: Operand,
        /// Outside of them instead.
        negated: bool,
    },
    /// Text of a pattern.
    Like {
        /// Text.
        operand: Operand,
        /// The pattern.
        pattern: Pattern,
        /// Not of it instead.
        negated: bool,
    },
    /// Text that has another one in it, case-sensitively.
    Part {
        /// Text.
        operand: Operand,
        /// Where.
        at: PartAt,
        /// The text looked for.
        text: String,
        /// Not there instead.
        negated: bool,
    },
    /// A missing value. Never unknown itself.
    Missing {
        /// A column or a function of one.
        operand: Operand,
        /// Not missing instead.
        negated: bool,
    },
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(no_recursion)]
pub enum Operand {
    /// The value of a column, by its name.
    Column(String),
    /// A function of another operand.
    Call {
        /// Which.
        function: Function,
        /// Of what; never a literal.
        of: Box<Operand>,
    },
    /// A value written down.
    Literal(Literal),
}

/// A value written down, of the type of what it is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// True or false.
    Bool(bool),
    /// A number without a point.
    Int(i64),
    /// A number with a point or an exponent; finite.
    Float(f64),
    /// Text.
    Text(String),
    /// A day. Beside a moment it means all moments of it, in UTC.
    Date(NaiveDate),
    /// A moment for what has no zone, to the microsecond.
    Timestamp(NaiveDateTime),
    /// A moment in UTC, to the microsecond.
    TimestampTz(DateTime<Utc>),
}

impl Operand {
    /// The type of its values; `None` for a literal and for a column that is not there.
    #[must_use]
    pub fn kind(&self, columns: &[Column]) -> Option<ColumnType> {
        match self {
            Self::Column(name) => columns
                .iter()
                .find(|column| column.name == *name)
                .map(|column| column.kind),
            Self::Call { function, .. } => Some(function.result()),
            Self::Literal(_) => None,
        }
    }

    /// The column it is of.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Column(name) => Some(name),
            Self::Call { of, .. } => of.column(),
            Self::Literal(_) => None,
        }
    }
}

impl Expression {
    /// Reads an expression for a table with these columns.
    ///
    /// Time and memory grow with the length of the text and no faster.
    ///
    /// # Errors
    /// The first mistake in the text, with its place.
    pub fn read(
        text: &str,
        columns: &[Column],
        limits: &RequestLimits,
    ) -> Result<Self, ExpressionError> {
        parse::read(text, columns, limits).map_err(|slip| ExpressionError::new(text, slip))
    }

    /// The same expression checked against columns, for one that came in as data.
    ///
    /// # Errors
    /// The first mistake in its canonical text, with its place there.
    pub fn checked(
        &self,
        columns: &[Column],
        limits: &RequestLimits,
    ) -> Result<Self, ExpressionError> {
        Self::read(&self.to_string(), columns, limits)
    }

    /// The opposite: true where this is false, false where this is true, unknown where this is.
    #[must_use]
    pub fn negate(mut self) -> Self {
        match &mut self {
            Self::Compare { op, .. } => *op = op.negated(),
            Self::OneOf { negated, .. }
            | Self::Between { negated, .. }
            | Self::Like { negated, .. }
            | Self::Part { negated, .. }
            | Self::Missing { negated, .. } => *negated = !*negated,
            Self::Not { .. } | Self::And { .. } | Self::Or { .. } => {
                return match self {
                    Self::Not { of } => *of,
                    several => Self::Not {
                        of: Box::new(several),
                    },
                };
            }
        }
        self
    }

    /// The columns it reads, each once, in the order they are named.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        let mut seen = std::collections::HashSet::new();
        self.visit(&mut |operand| {
            names.extend(operand.column().filter(|name| seen.insert(*name)));
        });
        names
    }

    /// How many conditions it joins.
    #[must_use]
    pub fn conditions(&self) -> usize {
        match self {
            Self::And { of } | Self::Or { of } => of.iter().map(Self::conditions).sum(),
            Self::Not { of } => of.conditions(),
            _ => 1,
        }
    }

    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Operand)) {
        match self {
            Self::And { of } | Self::Or { of } => of.iter().for_each(|one| one.visit(see)),
            Self::Not { of } => of.visit(see),
            Self::Compare { left, right, .. } => [left, right].into_iter().for_each(see),
            Self::Between {
                operand, low, high, ..
            } => [operand, low, high].into_iter().for_each(see),
            Self::OneOf { operand, .. }
            | Self::Like { operand, .. }
            | Self::Part { operand, .. }
            | Self::Missing { operand, .. } => see(operand),
        }
    }
}
