//! Boxes whose five numbers the engine has computed: the rows themselves never leave the table.

use super::parts::parts;
use super::{Answer, Drawing};
use crate::axis::{Scale, merge};
use crate::read::{Cell, DrawError};
use domain::ColumnType;
use domain::figure::FigureSpec;
use serde_json::{Value, json};

/// Where each of Plotly's fields stands behind the group's columns: `min`, `q1`, `median`, `q3`,
/// `max`, `low`, `high`, `mean`, `count`.
const FIELDS: [(&str, usize); 6] = [
    ("q1", 1),
    ("median", 2),
    ("q3", 3),
    ("lowerfence", 5),
    ("upperfence", 6),
    ("mean", 7),
];

pub(super) fn draw(answer: &Answer) -> Result<Drawing, DrawError> {
    let FigureSpec::Box { y, x, color, .. } = answer.spec else {
        return Err(DrawError::NoColumn { position: 0 });
    };
    let optional =
        |name: &Option<String>| name.as_deref().map(|name| answer.series(name)).transpose();
    let (xs, colors) = (optional(x)?, optional(color)?);
    let mut fields = Vec::with_capacity(FIELDS.len());
    for (name, offset) in FIELDS {
        fields.push((name, answer.after_names(offset)?));
    }
    let (lowest, highest) = (answer.after_names(0)?, answer.after_names(4)?);
    let y_title = answer.title(y);
    let rows = lowest.len();
    // Without groups all boxes stand at one place, which needs no label.
    let nowhere = vec![Cell::Text(String::new()); rows];
    let places = xs.as_deref().unwrap_or(&nowhere);
    let x_scale = Scale::of(
        x.as_deref()
            .map_or(ColumnType::String, |name| answer.kind(name)),
        places,
    );
    // A group whose values are all missing has no box.
    let drawn = (0..rows).filter(|row| {
        let known = lowest.get(*row).is_some_and(|cell| *cell != Cell::Missing);
        known
            && places
                .get(*row)
                .is_some_and(|cell| !x_scale.position(cell).is_null())
    });
    let drawn: Vec<usize> = drawn.collect();
    let not_drawn = super::count(rows - drawn.len());
    let legend = color.as_deref().map(|name| answer.title(name));
    let data = parts(colors.as_deref(), drawn.into_iter(), answer.palette, None)
        .into_iter()
        .map(|part| {
            let pick = |cells: &[Cell], scale: &Scale| -> Vec<Value> {
                part.rows
                    .iter()
                    .filter_map(|row| cells.get(*row).map(|cell| scale.position(cell)))
                    .collect()
            };
            let name = if part.label.is_empty() {
                y_title.clone()
            } else {
                part.label.clone()
            };
            let mut trace = json!({
                "type": "box",
                "name": name,
                "orientation": "v",
                "x": pick(places, &x_scale),
                "boxmean": true,
                "marker": {"color": part.color},
                "line": {"width": 1.5},
                "offsetgroup": part.label,
            });
            for (field, cells) in &fields {
                let values: Vec<Value> = pick(cells, &Scale::Number(""));
                merge(&mut trace, json!({*field: values}));
            }
            trace
        })
        .collect();
    let extremes: Vec<Cell> = lowest.into_iter().chain(highest).collect();
    let grouped = xs.is_some() && colors.is_some() && x != color;
    let mut layout = json!({"boxmode": if grouped || xs.is_none() { "group" } else { "overlay" }});
    if xs.is_none() {
        merge(&mut layout, json!({"x": {"showticklabels": false}}));
    }
    Ok(Drawing {
        data,
        x: (
            x_scale,
            x.as_deref()
                .map(|name| answer.title(name))
                .unwrap_or_default(),
        ),
        y: (Scale::of(answer.kind(y), &extremes), y_title),
        legend,
        layout,
        not_drawn,
    })
}
