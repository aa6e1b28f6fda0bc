//! The words that compare and compute.

use crate::table::ColumnType;
use serde::{Deserialize, Serialize};

/// How two operands compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
}

/// Where a text has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartAt {
    /// Anywhere.
    Contains,
    /// At its beginning.
    StartsWith,
    /// At its end.
    EndsWith,
}

/// A function. Of a missing value each is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// Text in lower case (Unicode's mapping, without a language).
    Lower,
    /// Text in upper case (Unicode's mapping, without a language).
    Upper,
    /// Text without spaces, tabs and line ends at its beginning and end.
    Trim,
    /// How many characters (Unicode scalar values) a text has.
    Length,
    /// The year.
    Year,
    /// The month, 1 to 12.
    Month,
    /// The day of the month, 1 to 31.
    Day,
    /// The day of the week, Monday 1 to Sunday 7 (ISO 8601).
    Weekday,
    /// The day on which a moment lies, in UTC.
    Date,
}

impl Comparison {
    /// The one that holds for (b, a) when this one does for (a, b).
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::Eq | Self::Ne => self,
            Self::Lt => Self::Gt,
            Self::Lte => Self::Gte,
            Self::Gt => Self::Lt,
            Self::Gte => Self::Lte,
        }
    }

    /// The one that holds when this one does not.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Gte,
            Self::Lte => Self::Gt,
            Self::Gt => Self::Lte,
            Self::Gte => Self::Lt,
        }
    }

    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Eq, Self::Ne, Self::Lt, Self::Lte, Self::Gt, Self::Gte];

    /// How it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Lte => "<=",
            Self::Gt => ">",
            Self::Gte => ">=",
        }
    }
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Lower,
        Self::Upper,
        Self::Trim,
        Self::Length,
        Self::Year,
        Self::Month,
        Self::Day,
        Self::Weekday,
        Self::Date,
    ];

    /// The type of its result.
    #[must_use]
    pub fn result(self) -> ColumnType {
        match self {
            Self::Lower | Self::Upper | Self::Trim => ColumnType::String,
            Self::Length | Self::Year | Self::Month | Self::Day | Self::Weekday => {
                ColumnType::Int64
            }
            Self::Date => ColumnType::Date,
        }
    }

    /// Whether it takes text; the others take a day or a moment.
    #[must_use]
    pub fn takes_text(self) -> bool {
        matches!(self, Self::Lower | Self::Upper | Self::Trim | Self::Length)
    }

    /// How it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Upper => "upper",
            Self::Trim => "trim",
            Self::Length => "length",
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Weekday => "weekday",
            Self::Date => "date",
        }
    }
}

impl PartAt {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Contains, Self::StartsWith, Self::EndsWith];

    /// How it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
        }
    }
}
