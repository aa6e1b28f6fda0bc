//! From a form to the question it asks.
//!
//! Filters are not part of it: the caller adds them, so the same form under two filters is the same
//! plan.

use crate::lookup::{Need, PlanError, need};
use domain::figure::FigureSpec;
use domain::limits::RequestLimits;
use domain::query::{Aggregate, Measure, Query, Shape};
use domain::{Column, ColumnType};

/// Bins of a histogram that names no number.
pub(crate) const BINS_DEFAULT: u64 = 40;
/// Most bins of a histogram: more are narrower than a pixel.
const BINS_MAX: u64 = 500;

/// The question a figure asks, without filters.
///
/// # Errors
/// When a column does not exist or has a type that does not fit, or a number is out of its range;
/// the pointer is within the specification.
pub fn plan(
    spec: &FigureSpec,
    columns: &[Column],
    limits: &RequestLimits,
) -> Result<Query, PlanError> {
    check(spec, columns)?;
    let names = names(spec);
    let shape = match spec {
        FigureSpec::Scatter { .. } => Shape::Sample {
            columns: names,
            limit: limits.figure_points_max,
        },
        FigureSpec::Line { .. } => Shape::Aggregate {
            group_by: names,
            measures: measure(spec).into_iter().collect(),
            limit: Some(limits.figure_points_max),
        },
        FigureSpec::Bar { .. } => Shape::Aggregate {
            group_by: names,
            measures: measure(spec).into_iter().collect(),
            limit: Some(limits.figure_groups_max),
        },
        FigureSpec::Histogram { x, color, bins, .. } => Shape::Bins {
            column: x.clone(),
            bins: bins.unwrap_or(BINS_DEFAULT),
            group_by: color.clone(),
        },
        FigureSpec::Box { y, .. } => Shape::Spread {
            column: y.clone(),
            group_by: names,
            limit: limits.figure_groups_max,
        },
    };
    Ok(Query {
        filters: Vec::new(),
        filter: None,
        shape,
    })
}

/// The columns the answer begins with, in order, each once: those of the rows or of the groups.
pub(crate) fn names(spec: &FigureSpec) -> Vec<String> {
    let wanted = match spec {
        FigureSpec::Scatter {
            x, y, color, size, ..
        } => vec![Some(x), Some(y), color.as_ref(), size.as_ref()],
        // The position comes first, so that a cut by the limit shortens all colours alike.
        FigureSpec::Line { x, color, .. } | FigureSpec::Bar { x, color, .. } => {
            vec![Some(x), color.as_ref()]
        }
        FigureSpec::Box { x, color, .. } => vec![x.as_ref(), color.as_ref()],
        FigureSpec::Histogram { .. } => Vec::new(),
    };
    let mut names: Vec<String> = Vec::new();
    for name in wanted.into_iter().flatten() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// What a line or a bar measures.
pub(crate) fn measure(spec: &FigureSpec) -> Option<Measure> {
    match spec {
        FigureSpec::Line { y, aggregate, .. } => Some(Measure {
            aggregate: aggregate.unwrap_or(Aggregate::Mean),
            column: Some(y.clone()),
        }),
        FigureSpec::Bar { y, aggregate, .. } => Some(Measure {
            aggregate: aggregate.unwrap_or(Aggregate::Count),
            column: y.clone(),
        }),
        _ => None,
    }
}

/// What a measure is called on its axis.
pub(crate) fn measure_name(measure: &Measure) -> String {
    match &measure.column {
        Some(column) => format!("{column} ({})", measure.aggregate.as_str()),
        None => measure.aggregate.as_str().to_owned(),
    }
}

fn check(spec: &FigureSpec, columns: &[Column]) -> Result<(), PlanError> {
    let any = |name: &Option<String>, pointer| match name {
        Some(name) => need(columns, name, pointer, Need::Any).map(|_| ()),
        None => Ok(()),
    };
    match spec {
        FigureSpec::Scatter {
            x,
            y,
            color,
            size,
            opacity,
            ..
        } => {
            need(columns, x, "/x", Need::Any)?;
            need(columns, y, "/y", Need::Any)?;
            any(color, "/color")?;
            if let Some(size) = size {
                need(columns, size, "/size", Need::Number)?;
            }
            match opacity {
                Some(opacity) if !(0.0..=1.0).contains(opacity) => {
                    Err(PlanError::new("/opacity", "from 0 to 1"))
                }
                _ => Ok(()),
            }
        }
        FigureSpec::Line { x, color, .. } | FigureSpec::Bar { x, color, .. } => {
            need(columns, x, "/x", Need::Any)?;
            check_measure(spec, columns)?;
            any(color, "/color")
        }
        FigureSpec::Histogram { x, color, bins, .. } => {
            need(columns, x, "/x", Need::NumberOrTime)?;
            any(color, "/color")?;
            match bins {
                Some(bins) if !(1..=BINS_MAX).contains(bins) => Err(PlanError::new(
                    "/bins",
                    format!("from 1 to {BINS_MAX} bins"),
                )),
                _ => Ok(()),
            }
        }
        FigureSpec::Box { y, x, color, .. } => {
            need(columns, y, "/y", Need::Number)?;
            any(x, "/x")?;
            any(color, "/color")
        }
    }
}

fn check_measure(spec: &FigureSpec, columns: &[Column]) -> Result<(), PlanError> {
    let Some(measure) = measure(spec) else {
        return Ok(());
    };
    // A length is drawn, so what is measured must come out as a number.
    let wanted = match measure.aggregate {
        Aggregate::Count | Aggregate::Distinct => Need::Any,
        _ => Need::Number,
    };
    match &measure.column {
        Some(column) => need(columns, column, "/y", wanted).map(|_| ()),
        None if measure.aggregate == Aggregate::Count => Ok(()),
        None => Err(PlanError::new(
            "/y",
            format!(
                "choose the column whose {} is drawn",
                measure.aggregate.as_str()
            ),
        )),
    }
}

/// The type of a column the plan has already checked; text when it has gone since.
pub(crate) fn kind_of(columns: &[Column], name: &str) -> ColumnType {
    columns
        .iter()
        .find(|column| column.name == name)
        .map_or(ColumnType::String, |column| column.kind)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
