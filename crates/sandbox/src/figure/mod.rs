//! Reads a figure that came out of a worker as what it is: JSON from someone who may want to harm its viewers.
//!
//! Only `data`, `layout` and `frames` are kept, traces only of known types, every text only with the few tags that
//! charts use, links only to the web, pictures only as data, and nothing that would make a viewer's browser fetch.

mod text;
mod walk;

use serde_json::{Map, Value};

/// Traces, frames and depth of nesting that one figure may have.
const TRACES_MAX: usize = 2_000;
const FRAMES_MAX: usize = 2_000;

/// Trace types of plotly.js that draw from their own data alone. Those of map tiles draw on an empty ground.
const TRACE_TYPES: &[&str] = &[
    "bar",
    "barpolar",
    "box",
    "candlestick",
    "carpet",
    "choropleth",
    "choroplethmap",
    "cone",
    "contour",
    "contourcarpet",
    "densitymap",
    "funnel",
    "funnelarea",
    "heatmap",
    "histogram",
    "histogram2d",
    "histogram2dcontour",
    "icicle",
    "image",
    "indicator",
    "isosurface",
    "mesh3d",
    "ohlc",
    "parcats",
    "parcoords",
    "pie",
    "quiver",
    "sankey",
    "scatter",
    "scatter3d",
    "scattercarpet",
    "scattergeo",
    "scattergl",
    "scattermap",
    "scatterpolar",
    "scatterpolargl",
    "scattersmith",
    "scatterternary",
    "splom",
    "streamtube",
    "sunburst",
    "surface",
    "table",
    "treemap",
    "violin",
    "volume",
    "waterfall",
];

/// Why a figure cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SanitiseError {
    /// Not JSON, or nested deeper than any figure.
    #[error("The figure is not readable.")]
    Json,
    /// No list of traces, or a layout that is no object.
    #[error("The figure has not the form of a Plotly figure.")]
    Form,
    /// A trace type that we do not draw.
    #[error("Traces of type `{0}` are not available in Code Mode.")]
    TraceType(String),
    /// More traces or frames than a browser should be asked to draw.
    #[error("The figure has more than {0} {1}.")]
    TooMany(usize, &'static str),
}

/// The figure, cleaned: an object of `data`, `layout` and, when there are any, `frames`.
///
/// # Errors
/// See [`SanitiseError`].
pub fn sanitise(json: &[u8]) -> Result<Value, SanitiseError> {
    // serde_json refuses more than 128 levels by itself; no figure has half as many.
    let Ok(Value::Object(mut figure)) = serde_json::from_slice(json) else {
        return Err(SanitiseError::Json);
    };
    let mut clean = Map::new();
    let data = match figure.remove("data") {
        Some(Value::Array(traces)) => traces,
        None => Vec::new(),
        Some(_) => return Err(SanitiseError::Form),
    };
    clean.insert("data".to_owned(), traces(data)?);
    let layout = figure
        .remove("layout")
        .unwrap_or_else(|| Value::Object(Map::new()));
    clean.insert("layout".to_owned(), object(layout)?);
    if let Some(frames) = figure.remove("frames") {
        let Value::Array(frames) = frames else {
            return Err(SanitiseError::Form);
        };
        if frames.len() > FRAMES_MAX {
            return Err(SanitiseError::TooMany(FRAMES_MAX, "frames"));
        }
        if !frames.is_empty() {
            let frames: Result<Vec<Value>, _> = frames.into_iter().map(frame).collect();
            clean.insert("frames".to_owned(), Value::Array(frames?));
        }
    }
    Ok(Value::Object(clean))
}

fn traces(data: Vec<Value>) -> Result<Value, SanitiseError> {
    if data.len() > TRACES_MAX {
        return Err(SanitiseError::TooMany(TRACES_MAX, "traces"));
    }
    let traces: Result<Vec<Value>, _> = data.into_iter().map(trace).collect();
    Ok(Value::Array(traces?))
}

fn trace(trace: Value) -> Result<Value, SanitiseError> {
    match trace.get("type") {
        None => {}
        Some(Value::String(kind)) if TRACE_TYPES.contains(&kind.as_str()) => {}
        Some(kind) => {
            let kind: String = kind
                .as_str()
                .unwrap_or("?")
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .take(40)
                .collect();
            return Err(SanitiseError::TraceType(kind));
        }
    }
    object(trace)
}

fn object(value: Value) -> Result<Value, SanitiseError> {
    if value.is_object() {
        Ok(walk::clean(value))
    } else {
        Err(SanitiseError::Form)
    }
}

/// A frame of an animation: traces and layout of its own, and the names by which it is found.
fn frame(frame: Value) -> Result<Value, SanitiseError> {
    let Value::Object(mut frame) = frame else {
        return Err(SanitiseError::Form);
    };
    let mut clean = Map::new();
    for key in ["name", "group", "baseframe", "traces"] {
        if let Some(value) = frame.remove(key) {
            clean.insert(key.to_owned(), walk::clean(value));
        }
    }
    match frame.remove("data") {
        Some(Value::Array(data)) => drop(clean.insert("data".to_owned(), traces(data)?)),
        Some(Value::Null) | None => {}
        Some(_) => return Err(SanitiseError::Form),
    }
    match frame.remove("layout") {
        Some(Value::Null) | None => {}
        Some(layout) => drop(clean.insert("layout".to_owned(), object(layout)?)),
    }
    Ok(Value::Object(clean))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
