//! Lines and bars: one measure a position and colour.

use super::parts::parts;
use super::{Answer, Drawing, hover};
use crate::axis::{Scale, merge};
use crate::plan::{measure, measure_name};
use crate::read::DrawError;
use crate::text;
use domain::ColumnType;
use domain::figure::{BarMode, FigureSpec};
use domain::query::Aggregate;
use serde_json::{Value, json};

/// A line with so few points shows where they are.
const MARKED_POINTS_MAX: usize = 60;
/// Dashes for values whose colour another value has already.
const DASHES: [&str; 6] = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];

pub(super) fn draw(answer: &Answer) -> Result<Drawing, DrawError> {
    let (FigureSpec::Line { x, color, .. } | FigureSpec::Bar { x, color, .. }) = answer.spec else {
        return Err(DrawError::NoColumn { position: 0 });
    };
    let xs = answer.series(x)?;
    let colors = color
        .as_deref()
        .map(|name| answer.series(name))
        .transpose()?;
    let values = answer.after_names(0)?;
    let x_scale = Scale::of(answer.kind(x), &xs);
    let y_scale = Scale::of(ColumnType::Float64, &values);
    let measure = measure(answer.spec);
    let y_title = measure
        .as_ref()
        .map(|measure| text::title(&measure_name(measure)))
        .unwrap_or_default();
    let counts = measure
        .is_none_or(|measure| matches!(measure.aggregate, Aggregate::Count | Aggregate::Distinct));
    // Groups whose position is missing have no place on an axis of numbers or times.
    let drawn: Vec<usize> = (0..xs.len())
        .filter(|row| {
            xs.get(*row)
                .is_some_and(|cell| !x_scale.position(cell).is_null())
        })
        .collect();
    let not_drawn = super::count(xs.len() - drawn.len());
    let drawn_len = drawn.len();
    let legend = color.as_deref().map(|name| answer.title(name));
    let x_title = answer.title(x);
    let horizontal = matches!(
        answer.spec,
        FigureSpec::Bar {
            horizontal: Some(true),
            ..
        }
    );
    let data = parts(colors.as_deref(), drawn.into_iter(), answer.palette, None)
        .into_iter()
        .map(|part| {
            let at: Vec<Value> = part
                .rows
                .iter()
                .filter_map(|row| xs.get(*row).map(|cell| x_scale.position(cell)))
                .collect();
            let long: Vec<Value> = part
                .rows
                .iter()
                .filter_map(|row| values.get(*row).map(|cell| y_scale.position(cell)))
                .collect();
            let (across, up) = if horizontal { ("y", "x") } else { ("x", "y") };
            let (at_value, long_value) = (format!("%{{{across}}}"), format!("%{{{up}}}"));
            let mut lines = vec![
                (x_title.as_str(), at_value.as_str()),
                (y_title.as_str(), long_value.as_str()),
            ];
            let label = text::in_template(&part.label);
            if let Some(legend) = &legend {
                lines.push((legend.as_str(), label.as_str()));
            }
            let mut trace = json!({"name": part.label, "hovertemplate": hover(&lines)});
            if let Value::Object(trace) = &mut trace {
                trace.insert(across.to_owned(), Value::from(at));
                trace.insert(up.to_owned(), Value::from(long));
            }
            merge(
                &mut trace,
                match answer.spec {
                    FigureSpec::Line { .. } => {
                        let dash = DASHES.get(part.round % DASHES.len()).copied();
                        json!({
                            "type": "scatter",
                            "mode": if drawn_len <= MARKED_POINTS_MAX { "lines+markers" } else { "lines" },
                            "line": {"color": part.color, "dash": dash.unwrap_or("solid"), "width": 2},
                        })
                    }
                    _ => json!({
                        "type": "bar",
                        "orientation": if horizontal { "h" } else { "v" },
                        "marker": {"color": part.color},
                    }),
                },
            );
            trace
        })
        .collect();
    let mut layout = json!({});
    if let FigureSpec::Bar { mode, .. } = answer.spec {
        let stacked = mode.unwrap_or_default() == BarMode::Stack;
        merge(
            &mut layout,
            json!({"barmode": if stacked { "stack" } else { "group" }}),
        );
    }
    let measured = if counts || matches!(answer.spec, FigureSpec::Bar { .. }) {
        json!({"rangemode": "tozero"})
    } else {
        json!({})
    };
    let (named, measured_at) = ((x_scale, x_title), (y_scale, y_title));
    let (x_axis, y_axis) = if horizontal {
        let first_on_top = matches!(named.0, Scale::Category(_));
        merge(
            &mut layout,
            json!({
                "x": {"rangemode": "tozero", "showgrid": true},
                "y": if first_on_top {
                    json!({"autorange": "reversed", "showgrid": false})
                } else {
                    json!({"showgrid": false})
                },
            }),
        );
        (measured_at, named)
    } else {
        merge(&mut layout, json!({"y": measured}));
        (named, measured_at)
    };
    Ok(Drawing {
        data,
        x: x_axis,
        y: y_axis,
        legend,
        layout,
        not_drawn,
    })
}
