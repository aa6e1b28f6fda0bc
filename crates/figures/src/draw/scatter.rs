//! Points: one a row.

use super::parts::{Part, parts};
use super::{Answer, Drawing, count, hover};
use crate::axis::{Scale, merge, number_format};
use crate::palette::MISSING_COLOR;
use crate::read::{Cell, DrawError};
use domain::figure::FigureSpec;
use serde_json::{Value, json};

/// More points than this are drawn by WebGL. A page has few WebGL contexts, so small figures,
/// which SVG draws at once, leave them to large ones.
const SVG_POINTS_MAX: usize = 3_000;
/// Diameter of the largest point when size means something, in pixels.
const SIZE_PX_MAX: f64 = 20.0;
const OPACITY_DEFAULT: f64 = 0.8;
/// Colours of one scatter; further values are drawn as one.
const PARTS_MAX: usize = 48;
/// Shapes for values whose colour another value has already.
const SYMBOLS: [&str; 6] = ["circle", "diamond", "square", "x", "triangle-up", "cross"];

pub(super) fn draw(answer: &Answer) -> Result<Drawing, DrawError> {
    let FigureSpec::Scatter {
        x,
        y,
        color,
        size,
        opacity,
        ..
    } = answer.spec
    else {
        return Err(DrawError::NoColumn { position: 0 });
    };
    let optional =
        |name: &Option<String>| name.as_deref().map(|name| answer.series(name)).transpose();
    let (xs, ys) = (answer.series(x)?, answer.series(y)?);
    let (colors, sizes) = (optional(color)?, optional(size)?);
    let (x_scale, y_scale) = (
        Scale::of(answer.kind(x), &xs),
        Scale::of(answer.kind(y), &ys),
    );
    let mut points = Points {
        x: positions(&x_scale, &xs),
        y: positions(&y_scale, &ys),
        sizes: sizes.as_deref().map(areas),
        kind: "scatter",
        opacity: opacity.unwrap_or(OPACITY_DEFAULT),
        hover: Vec::new(),
    };
    let shown: Vec<usize> = (0..xs.len()).filter(|row| points.can_show(*row)).collect();
    if shown.len() > SVG_POINTS_MAX {
        points.kind = "scattergl";
    }
    points.hover = vec![
        (answer.title(x), "%{x}".to_owned()),
        (answer.title(y), "%{y}".to_owned()),
    ];
    if let (Some(size), Some(areas)) = (size, &points.sizes) {
        let format = number_format(areas.iter().copied().flatten());
        points
            .hover
            .push((answer.title(size), format!("%{{marker.size:{format}}}")));
    }
    let not_drawn = count(xs.len() - shown.len());
    let continuous = color
        .as_ref()
        .zip(colors.as_deref())
        .filter(|(name, _)| answer.kind(name).is_number());
    let (data, legend) = match continuous {
        Some((name, cells)) => (points.by_number(&answer.title(name), cells, &shown), None),
        None => {
            let parts = parts(
                colors.as_deref(),
                shown.into_iter(),
                answer.palette,
                Some(PARTS_MAX),
            );
            let legend = color.as_deref().map(|name| answer.title(name));
            (points.by_part(legend.as_deref(), &parts), legend)
        }
    };
    Ok(Drawing {
        data,
        x: (x_scale, answer.title(x)),
        y: (y_scale, answer.title(y)),
        legend,
        layout: json!({}),
        not_drawn,
    })
}

fn positions(scale: &Scale, cells: &[Cell]) -> Vec<Value> {
    cells.iter().map(|cell| scale.position(cell)).collect()
}

/// Areas cannot be negative; a row without one is not drawn.
fn areas(cells: &[Cell]) -> Vec<Option<f64>> {
    cells
        .iter()
        .map(|cell| cell.number().filter(|area| *area >= 0.0))
        .collect()
}

struct Points {
    x: Vec<Value>,
    y: Vec<Value>,
    sizes: Option<Vec<Option<f64>>>,
    kind: &'static str,
    opacity: f64,
    hover: Vec<(String, String)>,
}

impl Points {
    fn can_show(&self, row: usize) -> bool {
        let there = |values: &[Value]| values.get(row).is_some_and(|value| !value.is_null());
        there(&self.x)
            && there(&self.y)
            && self
                .sizes
                .as_ref()
                .is_none_or(|areas| areas.get(row).copied().flatten().is_some())
    }

    fn trace(&self, rows: &[usize], mut marker: Value, extra_hover: Option<(&str, &str)>) -> Value {
        let at = |values: &[Value]| -> Vec<Value> {
            rows.iter()
                .filter_map(|row| values.get(*row).cloned())
                .collect()
        };
        merge(&mut marker, json!({"opacity": self.opacity}));
        if let Some(areas) = &self.sizes {
            let largest = areas.iter().copied().flatten().fold(0.0_f64, f64::max);
            let size: Vec<f64> = rows
                .iter()
                .filter_map(|row| areas.get(*row).copied().flatten())
                .collect();
            // Plotly's rule for areas: the largest gets the diameter SIZE_PX_MAX.
            let reference = if largest > 0.0 {
                largest / (SIZE_PX_MAX * SIZE_PX_MAX)
            } else {
                1.0
            };
            merge(
                &mut marker,
                json!({"size": size, "sizemode": "area", "sizeref": reference, "sizemin": 2}),
            );
        }
        let mut lines: Vec<(&str, &str)> = self
            .hover
            .iter()
            .map(|(title, value)| (title.as_str(), value.as_str()))
            .collect();
        lines.extend(extra_hover);
        json!({
            "type": self.kind,
            "mode": "markers",
            "x": at(&self.x),
            "y": at(&self.y),
            "marker": marker,
            "hovertemplate": hover(&lines),
        })
    }

    fn by_part(&self, title: Option<&str>, parts: &[Part]) -> Vec<Value> {
        parts
            .iter()
            .map(|part| {
                let symbol = SYMBOLS
                    .get(part.round % SYMBOLS.len())
                    .copied()
                    .unwrap_or("circle");
                let label = crate::text::in_template(&part.label);
                let mut trace = self.trace(
                    &part.rows,
                    json!({"color": part.color, "symbol": symbol}),
                    title.map(|title| (title, label.as_str())),
                );
                merge(&mut trace, json!({"name": part.label}));
                trace
            })
            .collect()
    }

    /// Coloured by a scale; rows without a number make a grey trace that says so.
    fn by_number(&self, title: &str, cells: &[Cell], shown: &[usize]) -> Vec<Value> {
        let number = |row: usize| cells.get(row).and_then(Cell::number);
        let (known, missing): (Vec<usize>, Vec<usize>) =
            shown.iter().partition(|row| number(**row).is_some());
        let values: Vec<f64> = known.iter().filter_map(|row| number(*row)).collect();
        let format = number_format(values.iter().copied());
        let mut trace = self.trace(
            &known,
            json!({
                "color": values,
                "colorscale": "Viridis",
                "showscale": true,
                "colorbar": {
                    "title": {"text": title},
                    "thickness": 12,
                    "outlinewidth": 0,
                    "separatethousands": true,
                    "exponentformat": "power",
                    "minexponent": 6,
                },
            }),
            Some((title, &format!("%{{marker.color:{format}}}"))),
        );
        merge(&mut trace, json!({"name": title, "showlegend": false}));
        let mut traces = vec![trace];
        if !missing.is_empty() {
            let mut trace = self.trace(
                &missing,
                json!({"color": MISSING_COLOR}),
                Some((title, "missing")),
            );
            merge(&mut trace, json!({"name": "missing", "showlegend": true}));
            traces.push(trace);
        }
        traces
    }
}
