//! A question to a table as plain data. No engine type and no SQL text exists above `tables`.

use serde::{Deserialize, Serialize};

/// One value in a filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Text; also a day or a moment, as RFC 3339.
    Text(String),
}

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterOp {
    /// Equal to the value.
    Eq,
    /// Not equal to the value.
    Ne,
    /// One of the values.
    In,
    /// None of the values.
    NotIn,
    /// Less than the value.
    Lt,
    /// Less than or equal to the value.
    Lte,
    /// Greater than the value.
    Gt,
    /// Greater than or equal to the value.
    Gte,
    /// Between two values, both ends in.
    Between,
    /// Text that contains the value, case-sensitively.
    Contains,
    /// Text that starts with the value, case-sensitively.
    StartsWith,
    /// Missing.
    IsNull,
    /// Not missing.
    NotNull,
}

/// How many values an operator takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// None.
    None,
    /// `value`.
    One,
    /// `values`, exactly two.
    Two,
    /// `values`, one or more.
    Many,
}

impl FilterOp {
    /// How many values it takes.
    #[must_use]
    pub fn arity(self) -> Arity {
        match self {
            Self::IsNull | Self::NotNull => Arity::None,
            Self::Between => Arity::Two,
            Self::In | Self::NotIn => Arity::Many,
            _ => Arity::One,
        }
    }
}

/// One condition on one column. Several conditions are joined by "and".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The column.
    pub column: String,
    /// How to compare.
    pub op: FilterOp,
    /// The value, for operators that take one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Scalar>,
    /// The values, for operators that take several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Scalar>>,
}

/// Why a filter cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// The field at fault, as a JSON pointer within the filter (RFC 6901).
    pub pointer: &'static str,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Filter {
    /// The values as one slice, checked against the operator.
    ///
    /// # Errors
    /// When the operator takes another number of values, or a number is not finite.
    pub fn operands(&self, values_max: u64) -> Result<Vec<&Scalar>, FilterError> {
        let fail = |pointer, message: &str| {
            Err(FilterError {
                pointer,
                message: message.to_owned(),
            })
        };
        let operands: Vec<&Scalar> = match (self.op.arity(), &self.value, &self.values) {
            (Arity::None, None, None) => Vec::new(),
            (Arity::None, ..) => return fail("/value", "this operator takes no value"),
            (Arity::One, Some(value), None) => vec![value],
            (Arity::One, ..) => return fail("/value", "this operator takes one `value`"),
            (Arity::Two, None, Some(values)) if values.len() == 2 => values.iter().collect(),
            (Arity::Two, ..) => return fail("/values", "this operator takes two `values`"),
            (Arity::Many, None, Some(values)) if !values.is_empty() => values.iter().collect(),
            (Arity::Many, ..) => {
                return fail(
                    "/values",
                    "this operator takes a list of one or more `values`",
                );
            }
        };
        if u64::try_from(operands.len()).unwrap_or(u64::MAX) > values_max {
            return fail(
                "/values",
                &format!("at most {values_max} values are allowed"),
            );
        }
        if operands
            .iter()
            .any(|v| matches!(v, Scalar::Float(f) if !f.is_finite()))
        {
            return fail("/value", "a number must be finite");
        }
        Ok(operands)
    }
}

/// Order by one column; missing values come last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// The column.
    pub column: String,
    /// Largest first.
    #[serde(default)]
    pub descending: bool,
}

/// What is made of many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// How many rows; with a column, how many rows where it is not missing.
    Count,
    /// How many distinct values.
    Distinct,
    /// The sum.
    Sum,
    /// The arithmetic mean.
    Mean,
    /// The middle value, by linear interpolation (Hyndman and Fan's definition 7).
    Median,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The sample standard deviation (divided by n - 1).
    Std,
}

impl Aggregate {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Distinct => "distinct",
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::Median => "median",
            Self::Min => "min",
            Self::Max => "max",
            Self::Std => "std",
        }
    }

    /// Whether it needs numbers.
    #[must_use]
    pub fn needs_number(self) -> bool {
        matches!(self, Self::Sum | Self::Mean | Self::Median | Self::Std)
    }
}

/// One aggregate over one column, or over the rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// What is made.
    pub aggregate: Aggregate,
    /// Of which column; only a count may do without.
    pub column: Option<String>,
}

/// What shape the answer has. Each says which columns come back, in this order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum Shape {
    /// Rows: the columns asked for (all when none are named), sorted, ties in the order of upload.
    Rows {
        /// Columns, in this order; all when `None`.
        columns: Option<Vec<String>>,
        /// Sorting, most important first; the order of upload when empty.
        sort: Vec<Sort>,
        /// At most so many rows.
        limit: u64,
        /// Skipping so many.
        offset: u64,
    },
    /// At most `limit` rows spread evenly over all that match, in the order of upload.
    Sample {
        /// Columns, in this order.
        columns: Vec<String>,
        /// At most so many rows; fewer match: all of them.
        limit: u64,
    },
    /// One row a group: the group's columns, then one column `m0`, `m1`, .. a measure.
    /// Groups come in ascending order, missing last. Without `group_by`, one row.
    Aggregate {
        /// Columns that make a group.
        group_by: Vec<String>,
        /// What is made of each group.
        measures: Vec<Measure>,
        /// At most so many groups; `None`: all, up to the engine's own bound.
        limit: Option<u64>,
    },
    /// Equal bins of a number or time: columns `group` (text, only with `group_by`), `bin` (index
    /// from 0), `start`, `end` (float64; microseconds since 1970 for times), `count` (int64);
    /// empty bins are left out. Bins span the minimum to the maximum of what matches.
    Bins {
        /// The column.
        column: String,
        /// How many.
        bins: u64,
        /// One set of bins a value of this column.
        group_by: Option<String>,
    },
    /// Five numbers of a column a group: the group's columns, then `min`, `q1`, `median`, `q3`,
    /// `max`, `low`, `high` (whiskers: the furthest value within 1.5 times the inter-quartile
    /// range, Tukey 1977), `mean` (all float64), `count` (int64).
    Spread {
        /// The column, a number.
        column: String,
        /// Columns that make a group.
        group_by: Vec<String>,
        /// At most so many groups.
        limit: u64,
    },
    /// Quantiles of a column a group, by linear interpolation (Hyndman and Fan's definition 7): the
    /// group's columns, then `q0`, `q1`, .. (float64), one a part, and `count` (int64) of values.
    Quantiles {
        /// The column, a number.
        column: String,
        /// Which parts of the values lie below, each from 0 to 1.
        at: Vec<f64>,
        /// Columns that make a group.
        group_by: Vec<String>,
        /// At most so many groups.
        limit: u64,
    },
    /// How columns go together, one row for every two, in the order named: `a`, `b` (text),
    /// `correlation` (Pearson's; missing where it is not defined), `count` of rows where both are there.
    Correlations {
        /// The columns, numbers.
        columns: Vec<String>,
    },
    /// Distinct values with counts, most frequent first, ties by value: `value` (in its own type), `count`.
    Distinct {
        /// The column.
        column: String,
        /// Only values whose text contains this, ignoring case.
        search: Option<String>,
        /// At most so many.
        limit: u64,
    },
    /// One row: `min`, `max` (in the column's own type), `count` of values that are not missing.
    Range {
        /// The column.
        column: String,
    },
}

/// A question to one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// Conditions, all of which a row must meet.
    pub filters: Vec<Filter>,
    /// A filter expression that a row must meet besides, read against the columns of the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The shape of the answer.
    #[serde(flatten)]
    pub shape: Shape,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(json: &str) -> Filter {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_filter_takes_as_many_values_as_its_operator_says() {
        let good = [
            r#"{"column":"a","op":"eq","value":1}"#,
            r#"{"column":"a","op":"between","values":[1,2.5]}"#,
            r#"{"column":"a","op":"in","values":["x"]}"#,
            r#"{"column":"a","op":"is_null"}"#,
        ];
        for text in good {
            assert!(filter(text).operands(10).is_ok(), "{text}");
        }
        let bad = [
            r#"{"column":"a","op":"eq"}"#,
            r#"{"column":"a","op":"eq","values":[1]}"#,
            r#"{"column":"a","op":"between","values":[1]}"#,
            r#"{"column":"a","op":"in","values":[]}"#,
            r#"{"column":"a","op":"is_null","value":1}"#,
        ];
        for text in bad {
            assert!(filter(text).operands(10).is_err(), "{text}");
        }
        let many = r#"{"column":"a","op":"in","values":[1,2,3]}"#;
        assert!(filter(many).operands(2).is_err());
    }

    #[test]
    fn an_unknown_field_or_operator_is_refused() {
        assert!(
            serde_json::from_str::<Filter>(r#"{"column":"a","op":"eq","value":1,"x":1}"#).is_err()
        );
        assert!(serde_json::from_str::<Filter>(r#"{"column":"a","op":"like","value":1}"#).is_err());
    }
}
