//! Scripts of figures that plotly express draws from rows and groups.

use super::{Script, literal};
use crate::plan::{measure, measure_name};
use domain::figure::{BarMode, FigureSpec};
use domain::query::{Aggregate, Measure};

/// Arguments of a call, each on a line of its own.
fn call(target: &str, arguments: &[Option<String>]) -> String {
    let arguments: Vec<String> = arguments
        .iter()
        .flatten()
        .map(|argument| format!("    {argument},\n"))
        .collect();
    format!("{target}(\n{})", arguments.concat())
}

fn named(name: &str, value: Option<&String>) -> Option<String> {
    value.map(|value| format!("{name}={}", literal(value)))
}

pub(super) fn titles(script: &mut Script, x: Option<&String>, y: Option<&String>) {
    let titles: Vec<String> = [named("xaxis_title", x), named("yaxis_title", y)]
        .into_iter()
        .flatten()
        .collect();
    if !titles.is_empty() {
        script.line(format!("fig.update_layout({})", titles.join(", ")));
    }
}

pub(super) fn scatter(script: &mut Script, spec: &FigureSpec) {
    let FigureSpec::Scatter {
        x,
        y,
        color,
        size,
        opacity,
        x_title,
        y_title,
    } = spec
    else {
        return;
    };
    if let Some(size) = size {
        let size = literal(size);
        script.line(format!("df = df[df[{size}] >= 0]"));
    }
    let scale = color
        .as_deref()
        .is_some_and(|name| script.kind(name).is_number());
    for name in [x, y] {
        script.axis_categories(name);
    }
    if let Some(color) = color
        && !scale
        && color != x
        && color != y
    {
        script.categories(color);
    }
    script.colors();
    script.line(call(
        "fig = px.scatter",
        &[
            Some("df".to_owned()),
            Some(format!("x={}", literal(x))),
            Some(format!("y={}", literal(y))),
            named("color", color.as_ref()),
            named("size", size.as_ref()),
            Some(format!("opacity={}", opacity.unwrap_or(0.8))),
            sorted_colors(color.as_ref().filter(|_| !scale), "df"),
            Some("color_discrete_sequence=colors".to_owned()),
            scale.then(|| "color_continuous_scale=\"Viridis\"".to_owned()),
        ],
    ));
    titles(script, x_title.as_ref(), y_title.as_ref());
}

/// The column that colours, as categories. When the same column is also the position and stays
/// numbers or times there, the colours get a copy: px would make a scale of them.
pub(super) fn categories_beside(script: &mut Script, x: &str, color: &str) -> String {
    let kind = script.kind(color);
    if color != x {
        script.categories(color);
        return color.to_owned();
    }
    if !kind.is_number() && !kind.is_time() {
        return color.to_owned();
    }
    let copy = script.fresh(&format!("{color} (colour)"));
    script.line(format!(
        "df[{}] = df[{}].astype(\"string\")",
        literal(&copy),
        literal(color)
    ));
    copy
}

/// Colours go by the order of all values, not by which comes first in the table.
fn sorted_colors(color: Option<&String>, frame: &str) -> Option<String> {
    color.map(|color| {
        let color = literal(color);
        format!("category_orders={{{color}: sorted({frame}[{color}].unique())}}")
    })
}

pub(super) fn bars(script: &mut Script, spec: &FigureSpec) {
    let (FigureSpec::Line {
        x,
        color,
        x_title,
        y_title,
        ..
    }
    | FigureSpec::Bar {
        x,
        color,
        x_title,
        y_title,
        ..
    }) = spec
    else {
        return;
    };
    let Some(measure) = measure(spec) else {
        return;
    };
    // The measured column is kept as it is when it also makes the groups.
    let source = measure.column.clone().map(|column| {
        if column != *x && Some(&column) != color.as_ref() {
            return column;
        }
        let kept = script.fresh(&format!("{column} (values)"));
        script.line(format!("df[{}] = df[{}]", literal(&kept), literal(&column)));
        kept
    });
    script.axis_categories(x);
    let color = color
        .as_ref()
        .map(|color| categories_beside(script, x, color));
    let value = script.fresh(&measure_name(&measure));
    let mut groups = vec![literal(x)];
    groups.extend(
        color
            .as_ref()
            .filter(|color| *color != x)
            .map(|c| literal(c)),
    );
    script.line(format!("groups = df.groupby([{}])", groups.join(", ")));
    script.line(format!(
        "data = {}.reset_index(name={})",
        aggregated(&measure, source.as_deref()),
        literal(&value)
    ));
    script.colors();
    let horizontal = matches!(
        spec,
        FigureSpec::Bar {
            horizontal: Some(true),
            ..
        }
    );
    let (across, up) = if horizontal { ("y", "x") } else { ("x", "y") };
    let mut arguments = vec![
        Some("data".to_owned()),
        Some(format!("{across}={}", literal(x))),
        Some(format!("{up}={}", literal(&value))),
        named("color", color.as_ref()),
        sorted_colors(color.as_ref(), "data"),
        Some("color_discrete_sequence=colors".to_owned()),
    ];
    let target = match spec {
        FigureSpec::Bar { mode, .. } => {
            let stacked = mode.unwrap_or_default() == BarMode::Stack;
            arguments.push(horizontal.then(|| "orientation=\"h\"".to_owned()));
            arguments.push(Some(format!(
                "barmode=\"{}\"",
                if stacked { "relative" } else { "group" }
            )));
            "fig = px.bar"
        }
        _ => {
            arguments.push(Some("markers=len(data) <= 60".to_owned()));
            "fig = px.line"
        }
    };
    script.line(call(target, &arguments));
    let kind = script.kind(x);
    if !kind.is_number() && !kind.is_time() {
        let axis = if horizontal { "yaxes" } else { "xaxes" };
        let reversed = if horizontal {
            ", autorange=\"reversed\""
        } else {
            ""
        };
        script.line(format!(
            "fig.update_{axis}(type=\"category\", categoryorder=\"category ascending\"{reversed})"
        ));
    }
    titles(script, x_title.as_ref(), y_title.as_ref());
}

fn aggregated(measure: &Measure, source: Option<&str>) -> String {
    let Some(source) = source else {
        return "groups.size()".to_owned();
    };
    let method = match measure.aggregate {
        Aggregate::Count => "count()",
        Aggregate::Distinct => "nunique()",
        // A sum of no values is missing, not 0.
        Aggregate::Sum => "sum(min_count=1)",
        Aggregate::Mean => "mean()",
        Aggregate::Median => "median()",
        Aggregate::Min => "min()",
        Aggregate::Max => "max()",
        Aggregate::Std => "std()",
    };
    format!("groups[{}].{method}", literal(source))
}
