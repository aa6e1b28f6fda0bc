//! Scripts of histograms and boxes: counted and summarised in the script, so that the figure carries
//! a few numbers instead of all rows, and the same numbers as the server's.

use super::charts::{categories_beside, titles};
use super::{Script, literal};
use crate::plan::BINS_DEFAULT;
use domain::figure::FigureSpec;

pub(super) fn histogram(script: &mut Script, spec: &FigureSpec) {
    let FigureSpec::Histogram {
        x,
        color,
        bins,
        x_title,
        y_title,
    } = spec
    else {
        return;
    };
    let time = script.kind(x).is_time();
    let column = literal(x);
    script.line(format!("df = df.dropna(subset=[{column}])"));
    if time {
        script.line(format!(
            "values = pd.to_datetime(df[{column}], utc=True).dt.tz_localize(None)"
        ));
        script.line("values = values.astype(\"datetime64[us]\").astype(\"int64\")");
    } else {
        script.line(format!("values = df[{column}]"));
    }
    let bins = bins.unwrap_or(BINS_DEFAULT);
    script.line(format!(
        "edges = np.histogram_bin_edges(values, bins={bins})"
    ));
    script.line("middles = (edges[:-1] + edges[1:]) / 2");
    script.line("widths = edges[1:] - edges[:-1]");
    if time {
        script.line("middles = pd.to_datetime(middles, unit=\"us\")");
        // Widths of bars on an axis of times are in milliseconds.
        script.line("widths = widths / 1000");
    }
    if let Some(color) = color {
        script.categories(color);
    }
    script.colors();
    script.line("fig = go.Figure()");
    let bar = |values: &str, indent: &str, rest: &str| {
        format!(
            "{indent}counts, bounds = np.histogram({values}, bins=edges)\n\
             {indent}fig.add_bar(x=middles, y=counts, width=widths, {rest})"
        )
    };
    if let Some(color) = color {
        let color = literal(color);
        script.line(format!(
            "for index, name in enumerate(sorted(df[{color}].unique())):"
        ));
        script.line(bar(
            &format!("values[df[{color}] == name]"),
            "    ",
            "name=name, marker_color=colors[index % len(colors)]",
        ));
    } else {
        script.line(bar("values", "", "marker_color=colors[0]"));
    }
    script.line("fig.update_layout(barmode=\"stack\", bargap=0)");
    let count = "count".to_owned();
    titles(
        script,
        Some(x_title.as_ref().unwrap_or(x)),
        Some(y_title.as_ref().unwrap_or(&count)),
    );
}

/// Median, quartiles and whiskers as the server computes them.
const SUMMARY: &str = "\
def summary(values):
    q1, median, q3 = values.quantile([0.25, 0.5, 0.75])
    reach = 1.5 * (q3 - q1)
    inside = values[(values >= q1 - reach) & (values <= q3 + reach)]
    return [q1, median, q3, inside.min(), inside.max(), values.mean()]
";

pub(super) fn boxes(script: &mut Script, spec: &FigureSpec) {
    let FigureSpec::Box {
        y,
        x,
        color,
        x_title,
        y_title,
    } = spec
    else {
        return;
    };
    script.line(SUMMARY);
    let value = literal(y);
    script.line(format!("df = df.dropna(subset=[{value}])"));
    let number = script.fresh(&format!("{y} (values)"));
    let kept = [x, color].into_iter().flatten().any(|name| name == y);
    let measured = if kept {
        script.line(format!("df[{}] = df[{value}]", literal(&number)));
        literal(&number)
    } else {
        value
    };
    if let Some(x) = x {
        script.axis_categories(x);
    }
    let color = color.as_ref().map(|color| match x {
        Some(x) => categories_beside(script, x, color),
        None => {
            script.categories(color);
            color.clone()
        }
    });
    script.colors();
    script.line("fig = go.Figure()");
    let mut indent = String::new();
    let mut part = "df".to_owned();
    let mut rest = "marker_color=colors[0]".to_owned();
    if let Some(color) = &color {
        let color = literal(color);
        script.line(format!(
            "for index, name in enumerate(sorted(df[{color}].unique())):"
        ));
        script.line(format!("    part = df[df[{color}] == name]"));
        "    ".clone_into(&mut indent);
        "part".clone_into(&mut part);
        "name=str(name), marker_color=colors[index % len(colors)]".clone_into(&mut rest);
    }
    let places = match x {
        Some(x) => {
            let x = literal(x);
            script.line(format!(
                "{indent}places = sorted({part}[{x}].dropna().unique())"
            ));
            script.line(format!(
                "{indent}rows = [summary({part}[{part}[{x}] == place][{measured}]) for place in places]"
            ));
            "places".to_owned()
        }
        None => {
            script.line(format!("{indent}rows = [summary({part}[{measured}])]"));
            "[\"\"]".to_owned()
        }
    };
    script.line(format!(
        "{indent}boxes = pd.DataFrame(rows, columns=[\"q1\", \"median\", \"q3\", \"low\", \"high\", \"mean\"])"
    ));
    script.line(format!(
        "{indent}fig.add_box(x={places}, q1=boxes[\"q1\"], median=boxes[\"median\"], q3=boxes[\"q3\"],\n\
         {indent}            lowerfence=boxes[\"low\"], upperfence=boxes[\"high\"], mean=boxes[\"mean\"],\n\
         {indent}            boxmean=True, {rest})"
    ));
    let grouped = x.is_some() && color.is_some() && *x != color;
    let mode = if grouped || x.is_none() {
        "group"
    } else {
        "overlay"
    };
    script.line(format!("fig.update_layout(boxmode=\"{mode}\")"));
    if let Some(x) = x {
        let kind = script.kind(x);
        if !kind.is_number() && !kind.is_time() {
            script
                .line("fig.update_xaxes(type=\"category\", categoryorder=\"category ascending\")");
        }
    } else {
        script.line("fig.update_xaxes(type=\"category\", showticklabels=False)");
    }
    let x_title = x_title.as_ref().or(x.as_ref());
    titles(script, x_title, Some(y_title.as_ref().unwrap_or(y)));
}
