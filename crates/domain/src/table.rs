//! The types a column can have, as people and clients name them.

use serde::{Deserialize, Serialize};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text.
    String,
    /// A whole number of 64 bits.
    Int64,
    /// A binary floating-point number of 64 bits (IEEE 754).
    Float64,
    /// True or false.
    Bool,
    /// A day.
    Date,
    /// A moment without a zone, to the microsecond.
    Timestamp,
    /// A moment in UTC, to the microsecond.
    TimestampTz,
    /// Text with few distinct values.
    Category,
}

impl ColumnType {
    /// Whether sums and means have a meaning.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Int64 | Self::Float64)
    }

    /// Whether it is text.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::String | Self::Category)
    }

    /// Whether it lies on a calendar.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp | Self::TimestampTz)
    }

    /// The type's name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int64 => "int64",
            Self::Float64 => "float64",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::TimestampTz => "timestamp_tz",
            Self::Category => "category",
        }
    }
}

/// A column's name and type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The name, as in the file it came from.
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
}
