//! What a form says about a figure. `figures` turns it into a question and the answer into a drawing.

use crate::query::Aggregate;
use serde::{Deserialize, Serialize};

/// Side by side or on top of one another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BarMode {
    /// Side by side.
    #[default]
    Group,
    /// On top of one another.
    Stack,
}

/// A figure as a form describes it. Fields name columns unless they say otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "chart", rename_all = "snake_case", deny_unknown_fields)]
pub enum FigureSpec {
    /// One point a row.
    Scatter {
        /// Horizontal position.
        x: String,
        /// Vertical position.
        y: String,
        /// Colour: one a category, or a scale for numbers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        color: Option<String>,
        /// Area of a point, a number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<String>,
        /// From 0 (invisible) to 1; 0.8 when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opacity: Option<f64>,
        /// Title of the horizontal axis, instead of the column's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        x_title: Option<String>,
        /// Title of the vertical axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        y_title: Option<String>,
    },
    /// One line a colour through one point a value of `x`.
    Line {
        /// Horizontal position.
        x: String,
        /// Vertical position, a number.
        y: String,
        /// One line a category.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        color: Option<String>,
        /// What is made of the values of `y` at one `x`; the mean when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        aggregate: Option<Aggregate>,
        /// Title of the horizontal axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        x_title: Option<String>,
        /// Title of the vertical axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        y_title: Option<String>,
    },
    /// One bar a value of `x`.
    Bar {
        /// What each bar stands for.
        x: String,
        /// What is measured; the number of rows when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        y: Option<String>,
        /// What is made of `y`; the count when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        aggregate: Option<Aggregate>,
        /// One part of a bar a category.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        color: Option<String>,
        /// How parts stand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<BarMode>,
        /// Bars from left to right instead of upwards.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        horizontal: Option<bool>,
        /// Title of the horizontal axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        x_title: Option<String>,
        /// Title of the vertical axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        y_title: Option<String>,
    },
    /// How often values fall into equal bins.
    Histogram {
        /// What is counted: a number or a time.
        x: String,
        /// One set of bars a category.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        color: Option<String>,
        /// How many bins, 1 to 500; 40 when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bins: Option<u64>,
        /// Title of the horizontal axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        x_title: Option<String>,
        /// Title of the vertical axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        y_title: Option<String>,
    },
    /// Median, quartiles and whiskers.
    Box {
        /// What is summarised, a number.
        y: String,
        /// One box a category.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        x: Option<String>,
        /// One box a category, beside one another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        color: Option<String>,
        /// Title of the horizontal axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        x_title: Option<String>,
        /// Title of the vertical axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        y_title: Option<String>,
    },
}
