//! What a dashboard is made of: tabs, each with filters and components.

use crate::figure::FigureSpec;
use crate::id::CollectionId;
use crate::limits::RequestLimits;
use crate::name::{self, NameError};
use crate::query::{Aggregate, Filter, Sort};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// How a filter is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WidgetKind {
    /// Any number of values out of a list.
    MultiSelect,
    /// From a number to a number.
    Range,
    /// From a day to a day.
    DateRange,
    /// Text that is contained.
    Search,
}

/// One filter of the panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Widget {
    /// Unique in the dashboard.
    pub id: String,
    /// What the panel calls it.
    pub label: String,
    /// The table it filters.
    pub collection: CollectionId,
    /// The column it filters.
    pub column: String,
    /// How it is set.
    pub kind: WidgetKind,
}

/// Where a component lies on the grid of twelve columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Columns from the left, 0 to 11.
    pub x: u16,
    /// Rows from the top.
    pub y: u16,
    /// Columns wide, 1 to 12.
    pub w: u16,
    /// Rows high, 1 to 100.
    pub h: u16,
}

/// What a component shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Content {
    /// One number.
    Card {
        /// The table.
        collection: CollectionId,
        /// A version; the latest when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<u64>,
        /// The column; only a count may do without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        column: Option<String>,
        /// What is made of it.
        aggregate: Aggregate,
        /// Shown behind the number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
        /// Digits after the point, 0 to 10.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decimals: Option<u8>,
    },
    /// A figure that a form describes.
    Figure {
        /// The table.
        collection: CollectionId,
        /// A version; the latest when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<u64>,
        /// The form.
        spec: FigureSpec,
    },
    /// A figure that Python draws.
    Code {
        /// The table that is `df`.
        collection: CollectionId,
        /// A version; the latest when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<u64>,
        /// The source.
        code: String,
        /// The columns of `df`; all when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<Vec<String>>,
    },
    /// Rows.
    Table {
        /// The table.
        collection: CollectionId,
        /// A version; the latest when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<u64>,
        /// The columns, in this order; all when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<Vec<String>>,
        /// The order of rows; that of upload when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sort: Option<Vec<Sort>>,
        /// Rows a page, 1 to 1,000; 25 when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        page_size: Option<u64>,
    },
    /// Words, in Markdown.
    Text {
        /// The source.
        markdown: String,
    },
}

impl Content {
    /// The table it reads and the version it asks for, when it reads one.
    #[must_use]
    pub fn source(&self) -> Option<(&CollectionId, Option<u64>)> {
        match self {
            Self::Card {
                collection,
                version,
                ..
            }
            | Self::Figure {
                collection,
                version,
                ..
            }
            | Self::Code {
                collection,
                version,
                ..
            }
            | Self::Table {
                collection,
                version,
                ..
            } => Some((collection, *version)),
            Self::Text { .. } => None,
        }
    }
}

/// One thing on a dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Unique in the dashboard.
    pub id: String,
    /// Shown above it; may be empty.
    #[serde(default)]
    pub title: String,
    /// Where it lies.
    pub layout: Layout,
    /// What it shows.
    pub content: Content,
}

/// One page of a dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tab {
    /// Unique in the dashboard.
    pub id: String,
    /// What the tab is called.
    pub title: String,
    /// The filters of its panel.
    #[serde(default)]
    pub filters: Vec<Widget>,
    /// What is on it.
    #[serde(default)]
    pub components: Vec<Component>,
}

/// A filter of a render: a condition, and for which table it is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenderFilter {
    /// The table; when not given, every table that has the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<CollectionId>,
    /// The column.
    pub column: String,
    /// How to compare.
    pub op: crate::query::FilterOp,
    /// The value, for operators that take one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<crate::query::Scalar>,
    /// The values, for operators that take several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<crate::query::Scalar>>,
}

impl RenderFilter {
    /// The condition without its table.
    #[must_use]
    pub fn condition(&self) -> Filter {
        Filter {
            column: self.column.clone(),
            op: self.op,
            value: self.value.clone(),
            values: self.values.clone(),
        }
    }
}

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The place, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

/// Whether a text can be the id of a tab, a widget or a component.
fn is_local_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// All that is wrong with the tabs of a dashboard; empty when nothing is.
#[must_use]
pub fn flaws(tabs: &[Tab], limits: &RequestLimits, code_bytes_max: u64) -> Vec<Flaw> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut flaw = |pointer: String, message: String| found.push(Flaw { pointer, message });
    let mut id = |pointer: String, id: &str| -> Option<(String, String)> {
        if !is_local_id(id) {
            Some((
                pointer,
                "an id has 1 to 64 of A-Z, a-z, 0-9, _ and -".to_owned(),
            ))
        } else if !seen.insert(id.to_owned()) {
            Some((pointer, format!("the id {id} is used twice")))
        } else {
            None
        }
    };
    if tabs.is_empty() {
        flaw(
            "/tabs".to_owned(),
            "a dashboard has at least one tab".to_owned(),
        );
    }
    let components: usize = tabs.iter().map(|tab| tab.components.len()).sum();
    let widgets: usize = tabs.iter().map(|tab| tab.filters.len()).sum();
    let most = limits.dashboard_components_max;
    if components as u64 > most || widgets as u64 > most || tabs.len() as u64 > most {
        flaw(
            "/tabs".to_owned(),
            format!("a dashboard has at most {most} of each part"),
        );
        return found;
    }
    for (t, tab) in tabs.iter().enumerate() {
        let at = format!("/tabs/{t}");
        if let Some((pointer, message)) = id(format!("{at}/id"), &tab.id) {
            flaw(pointer, message);
        }
        if let Err(error) = name::line(&tab.title, limits.name_chars_max) {
            flaw(format!("{at}/title"), error.to_string());
        }
        for (w, widget) in tab.filters.iter().enumerate() {
            let at = format!("{at}/filters/{w}");
            if let Some((pointer, message)) = id(format!("{at}/id"), &widget.id) {
                flaw(pointer, message);
            }
            if let Err(error) = name::line(&widget.label, limits.name_chars_max) {
                flaw(format!("{at}/label"), error.to_string());
            }
        }
        for (c, component) in tab.components.iter().enumerate() {
            let at = format!("{at}/components/{c}");
            if let Some((pointer, message)) = id(format!("{at}/id"), &component.id) {
                flaw(pointer, message);
            }
            component_flaws(component, &at, limits, code_bytes_max, &mut flaw);
        }
    }
    found
}

fn component_flaws(
    component: &Component,
    at: &str,
    limits: &RequestLimits,
    code_bytes_max: u64,
    flaw: &mut impl FnMut(String, String),
) {
    match name::line(&component.title, limits.name_chars_max) {
        Ok(_) | Err(NameError::Empty) => {}
        Err(error) => flaw(format!("{at}/title"), error.to_string()),
    }
    let Layout { x, w, h, y } = component.layout;
    if w == 0 || h == 0 || w > 12 || h > 100 || y > 10_000 || x.saturating_add(w) > 12 {
        flaw(
            format!("{at}/layout"),
            "a component lies within 12 columns and is 1 to 100 rows high".to_owned(),
        );
    }
    content_flaws(
        &component.content,
        &format!("{at}/content"),
        limits,
        code_bytes_max,
        flaw,
    );
}

/// What is wrong with one content on its own.
pub fn content_flaws(
    content: &Content,
    at: &str,
    limits: &RequestLimits,
    code_bytes_max: u64,
    flaw: &mut impl FnMut(String, String),
) {
    match content {
        Content::Card {
            aggregate,
            column,
            decimals,
            unit,
            ..
        } => {
            if column.is_none() && *aggregate != Aggregate::Count {
                flaw(
                    format!("{at}/column"),
                    "only a count needs no column".to_owned(),
                );
            }
            if decimals.is_some_and(|digits| digits > 10) {
                flaw(format!("{at}/decimals"), "at most 10 digits".to_owned());
            }
            if unit.as_ref().is_some_and(|unit| unit.chars().count() > 40) {
                flaw(format!("{at}/unit"), "at most 40 characters".to_owned());
            }
        }
        Content::Figure { spec, .. } => {
            if let FigureSpec::Histogram {
                bins: Some(bins), ..
            } = spec
                && !(1..=500).contains(bins)
            {
                flaw(format!("{at}/spec/bins"), "1 to 500 bins".to_owned());
            }
            if let FigureSpec::Scatter {
                opacity: Some(opacity),
                ..
            } = spec
                && !(0.0..=1.0).contains(opacity)
            {
                flaw(format!("{at}/spec/opacity"), "from 0 to 1".to_owned());
            }
        }
        Content::Code { code, .. } => {
            if code.len() as u64 > code_bytes_max {
                flaw(
                    format!("{at}/code"),
                    format!("at most {code_bytes_max} bytes of code"),
                );
            }
        }
        Content::Table { page_size, .. } => {
            let most = limits.page_rows_max;
            if page_size.is_some_and(|rows| rows == 0 || rows > most) {
                flaw(format!("{at}/page_size"), format!("1 to {most} rows"));
            }
        }
        Content::Text { markdown } => {
            if let Err(error) = name::text(markdown, limits.markdown_chars_max) {
                flaw(format!("{at}/markdown"), error.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tab(json: &str) -> Vec<Tab> {
        vec![serde_json::from_str(json).unwrap()]
    }

    fn pointers(json: &str) -> Vec<String> {
        flaws(&tab(json), &RequestLimits::default(), 50_000)
            .into_iter()
            .map(|flaw| flaw.pointer)
            .collect()
    }

    #[test]
    fn a_good_tab_has_no_flaws() {
        let json = r#"{"id":"a","title":"A","components":[{"id":"t","layout":{"x":0,"y":0,"w":12,"h":2},
            "content":{"kind":"text","markdown":"words"}}]}"#;
        assert_eq!(pointers(json), Vec::<String>::new());
    }

    #[test]
    fn each_flaw_names_its_place() {
        let json = r#"{"id":"a b","title":"","components":[
            {"id":"t","layout":{"x":6,"y":0,"w":7,"h":2},"content":{"kind":"text","markdown":""}},
            {"id":"t","layout":{"x":0,"y":0,"w":1,"h":1},"content":{"kind":"card",
             "collection":"col_00000000000000000000000000000000","aggregate":"sum"}}]}"#;
        assert_eq!(
            pointers(json),
            [
                "/tabs/0/id",
                "/tabs/0/title",
                "/tabs/0/components/0/layout",
                "/tabs/0/components/1/id",
                "/tabs/0/components/1/content/column"
            ]
        );
    }
}
