//! From an answer to a Plotly figure: `{data, layout}` as JSON.

mod bars;
mod boxes;
mod histogram;
mod parts;
mod scatter;

use crate::axis::{Scale, merge};
use crate::palette::Palette;
use crate::plan::{kind_of, names};
use crate::read::{Cell, DrawError, series};
use crate::text;
use arrow_array::RecordBatch;
use domain::figure::FigureSpec;
use domain::{Column, ColumnType};
use serde_json::{Value, json};

/// Draws the answer to the question that [`plan`](crate::plan()) made of the same specification.
///
/// `layout.meta` says what a reader must know: `truncated` (the answer was cut or sampled) and
/// `not_drawn` (rows without a value on one of the axes).
///
/// # Errors
/// When the answer does not have the shape the plan asked for.
pub fn draw(
    spec: &FigureSpec,
    columns: &[Column],
    batches: &[RecordBatch],
    palette: &Palette,
    truncated: bool,
) -> Result<Value, DrawError> {
    let answer = Answer {
        spec,
        columns,
        batches,
        palette,
        names: names(spec),
    };
    let drawing = match spec {
        FigureSpec::Scatter { .. } => scatter::draw(&answer)?,
        FigureSpec::Line { .. } | FigureSpec::Bar { .. } => bars::draw(&answer)?,
        FigureSpec::Histogram { .. } => histogram::draw(&answer)?,
        FigureSpec::Box { .. } => boxes::draw(&answer)?,
    };
    Ok(drawing.finish(spec, truncated))
}

/// What is drawn, and from what.
struct Answer<'a> {
    spec: &'a FigureSpec,
    columns: &'a [Column],
    batches: &'a [RecordBatch],
    palette: &'a Palette,
    names: Vec<String>,
}

impl Answer<'_> {
    /// The values of one of the columns the answer begins with. Found by place: a table may have
    /// a column that is called like a measure.
    fn series(&self, name: &str) -> Result<Vec<Cell>, DrawError> {
        let position = self
            .names
            .iter()
            .position(|other| other == name)
            .unwrap_or(usize::MAX);
        series(self.batches, position)
    }

    /// The values of a column behind those.
    fn after_names(&self, offset: usize) -> Result<Vec<Cell>, DrawError> {
        series(self.batches, self.names.len() + offset)
    }

    fn kind(&self, name: &str) -> ColumnType {
        kind_of(self.columns, name)
    }

    /// A column's name as an axis title, with its zone when it has one.
    fn title(&self, name: &str) -> String {
        let title = text::title(name);
        if self.kind(name) == ColumnType::TimestampTz {
            format!("{title} (UTC)")
        } else {
            title
        }
    }
}

/// A figure in the making. Titles are escaped.
struct Drawing {
    data: Vec<Value>,
    x: (Scale, String),
    y: (Scale, String),
    legend: Option<String>,
    layout: Value,
    not_drawn: u64,
}

impl Drawing {
    fn finish(self, spec: &FigureSpec, truncated: bool) -> Value {
        let (x_title, y_title) = given_titles(spec);
        let title =
            |given: Option<&String>, own: String| given.map_or(own, |name| text::title(name));
        let mut x_axis = self.x.0.axis(&title(x_title, self.x.1));
        let mut y_axis = self.y.0.axis(&title(y_title, self.y.1));
        let mut layout = self.layout;
        // Faint lines along what is measured; none along what is named.
        merge(&mut x_axis, json!({"showgrid": false}));
        merge(&mut y_axis, json!({"showgrid": true}));
        for (axis, key) in [(&mut x_axis, "x"), (&mut y_axis, "y")] {
            if let Some(more) = layout.as_object_mut().and_then(|map| map.remove(key)) {
                merge(axis, more);
            }
        }
        merge(
            &mut layout,
            json!({
                "paper_bgcolor": "rgba(0,0,0,0)",
                "plot_bgcolor": "rgba(0,0,0,0)",
                "separators": ".,",
                "hovermode": "closest",
                // A name cut in the middle of an entity would show the entity.
                "hoverlabel": {"namelength": -1},
                "showlegend": self.legend.is_some() && self.data.len() > 1,
                "xaxis": x_axis,
                "yaxis": y_axis,
                "meta": {"truncated": truncated, "not_drawn": self.not_drawn},
            }),
        );
        if let Some(legend) = self.legend {
            merge(&mut layout, json!({"legend": {"title": {"text": legend}}}));
        }
        json!({"data": self.data, "layout": layout})
    }
}

fn given_titles(spec: &FigureSpec) -> (Option<&String>, Option<&String>) {
    match spec {
        FigureSpec::Scatter {
            x_title, y_title, ..
        }
        | FigureSpec::Line {
            x_title, y_title, ..
        }
        | FigureSpec::Bar {
            x_title, y_title, ..
        }
        | FigureSpec::Histogram {
            x_title, y_title, ..
        }
        | FigureSpec::Box {
            x_title, y_title, ..
        } => (x_title.as_ref(), y_title.as_ref()),
    }
}

/// A hover text: one line a pair of title and template, all titles already escaped.
fn hover(lines: &[(&str, &str)]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|(title, value)| format!("{}: {value}", text::in_template(title)))
        .collect();
    // Without an empty <extra> Plotly adds the trace's name in a box of its own.
    format!("{}<extra></extra>", lines.join("<br>"))
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
