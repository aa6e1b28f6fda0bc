//! Histograms, as bars whose bins the engine has counted.

use super::parts::parts;
use super::{Answer, Drawing, hover};
use crate::axis::{Scale, number_format};
use crate::read::{Cell, DrawError, moment, series};
use crate::text;
use domain::ColumnType;
use domain::figure::FigureSpec;
use serde_json::{Value, json};

/// Colours of one histogram; further values are added up as one.
const PARTS_MAX: usize = 48;

pub(super) fn draw(answer: &Answer) -> Result<Drawing, DrawError> {
    let FigureSpec::Histogram { x, color, .. } = answer.spec else {
        return Err(DrawError::NoColumn { position: 0 });
    };
    // `group` (only when grouped), `bin`, `start`, `end`, `count`.
    let first = usize::from(color.is_some());
    let bins = Bins {
        index: series(answer.batches, first)?,
        start: series(answer.batches, first + 1)?,
        end: series(answer.batches, first + 2)?,
        count: series(answer.batches, first + 3)?,
        time: answer.kind(x).is_time(),
    };
    let groups = color
        .as_deref()
        .map(|name| -> Result<Vec<Cell>, DrawError> {
            let kind = answer.kind(name);
            let cells = series(answer.batches, 0)?;
            Ok(cells.into_iter().map(|cell| as_kind(cell, kind)).collect())
        })
        .transpose()?;
    let (title, legend) = (
        answer.title(x),
        color.as_deref().map(|name| answer.title(name)),
    );
    let rows = 0..bins.count.len();
    let parts = parts(groups.as_deref(), rows, answer.palette, Some(PARTS_MAX));
    let range = if bins.time {
        "%{customdata[0]} to %{customdata[1]}".to_owned()
    } else {
        let format = number_format(bins.edges());
        format!("%{{customdata[0]:{format}}} to %{{customdata[1]:{format}}}")
    };
    let data = parts
        .iter()
        .map(|part| {
            let bars = bins.bars(&part.rows);
            let label = text::in_template(&part.label);
            let mut lines = vec![(title.as_str(), range.as_str()), ("count", "%{y}")];
            if let Some(legend) = &legend {
                lines.push((legend.as_str(), label.as_str()));
            }
            json!({
                "type": "bar",
                "name": part.label,
                "x": bars.iter().map(|bar| bins.at(bar.middle())).collect::<Vec<_>>(),
                "width": bars.iter().map(|bar| bins.width(bar)).collect::<Vec<_>>(),
                "y": bars.iter().map(|bar| bar.count).collect::<Vec<_>>(),
                "customdata": bars
                    .iter()
                    .map(|bar| [bins.at(bar.start), bins.at(bar.end)])
                    .collect::<Vec<_>>(),
                "marker": {"color": part.color},
                "hovertemplate": hover(&lines),
            })
        })
        .collect();
    let x_scale = if bins.time {
        Scale::Time
    } else {
        Scale::Number(number_format(bins.edges()))
    };
    Ok(Drawing {
        data,
        x: (x_scale, title),
        y: (
            Scale::of(ColumnType::Int64, &bins.count),
            "count".to_owned(),
        ),
        legend,
        layout: json!({"barmode": "stack", "bargap": 0, "y": {"rangemode": "tozero"}}),
        not_drawn: 0,
    })
}

/// Groups come as text; numbers and truths get the form their palette has.
fn as_kind(cell: Cell, kind: ColumnType) -> Cell {
    match (kind, &cell) {
        (ColumnType::Float64, Cell::Text(text)) => text.parse().map_or(cell, Cell::Float),
        (ColumnType::Bool, Cell::Text(text)) => {
            text.to_lowercase().parse().map_or(cell, Cell::Bool)
        }
        (ColumnType::Timestamp | ColumnType::TimestampTz, Cell::Text(text)) => {
            Cell::Text(text.trim_end_matches('Z').replacen('T', " ", 1))
        }
        _ => cell,
    }
}

struct Bins {
    index: Vec<Cell>,
    start: Vec<Cell>,
    end: Vec<Cell>,
    count: Vec<Cell>,
    time: bool,
}

struct Bar {
    bin: i64,
    start: f64,
    end: f64,
    count: i64,
}

impl Bar {
    fn middle(&self) -> f64 {
        self.start + (self.end - self.start) / 2.0
    }
}

impl Bins {
    /// The bars of these rows in the order of bins; rows of one bin are added up.
    fn bars(&self, rows: &[usize]) -> Vec<Bar> {
        let mut bars: Vec<Bar> = rows
            .iter()
            .filter_map(|row| {
                let (Cell::Int(bin), Cell::Int(count)) =
                    (self.index.get(*row)?, self.count.get(*row)?)
                else {
                    return None;
                };
                Some(Bar {
                    bin: *bin,
                    start: self.start.get(*row)?.number()?,
                    end: self.end.get(*row)?.number()?,
                    count: *count,
                })
            })
            .collect();
        bars.sort_by_key(|bar| bar.bin);
        bars.dedup_by(|next, bar| {
            let same = next.bin == bar.bin;
            if same {
                bar.count = bar.count.saturating_add(next.count);
            }
            same
        });
        bars
    }

    fn edges(&self) -> impl Iterator<Item = f64> + '_ {
        self.start.iter().chain(&self.end).filter_map(Cell::number)
    }

    /// A place on the axis.
    fn at(&self, value: f64) -> Value {
        if !self.time {
            return Value::from(value);
        }
        #[expect(clippy::cast_possible_truncation, reason = "saturates beyond 64 bits")]
        moment(value.round() as i64).map_or(Value::Null, Value::from)
    }

    /// How wide a bar is: in units of the axis, which are milliseconds for times. A bar of no
    /// width (all values are equal) is still drawn.
    fn width(&self, bar: &Bar) -> f64 {
        let width = bar.end - bar.start;
        match (width > 0.0, self.time) {
            (true, true) => width / 1_000.0,
            (true, false) => width,
            (false, true) => 86_400_000.0,
            (false, false) => 1.0,
        }
    }
}
