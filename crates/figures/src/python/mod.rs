//! The Python that draws what a form describes, for people who want to go on from there.
//!
//! It reads `df` and leaves `fig`, with only the imports Code Mode allows, and in plain statements
//! that its guard accepts. Counting and averaging follow the engine's rules (rows without a value
//! are their own category, quartiles by linear interpolation, whiskers after Tukey), so the figure
//! shows the same numbers.

mod charts;
mod distributions;
mod literal;

use crate::palette::COLORS;
use crate::plan::kind_of;
use domain::figure::FigureSpec;
use domain::{Column, ColumnType};
pub(crate) use literal::literal;

/// The Python equivalent of a form. It is complete: what it needs it imports and defines.
#[must_use]
pub fn to_python(spec: &FigureSpec, columns: &[Column]) -> String {
    let mut script = Script {
        columns,
        lines: Vec::new(),
    };
    match spec {
        FigureSpec::Scatter { .. } => charts::scatter(&mut script, spec),
        FigureSpec::Line { .. } | FigureSpec::Bar { .. } => charts::bars(&mut script, spec),
        FigureSpec::Histogram { .. } => distributions::histogram(&mut script, spec),
        FigureSpec::Box { .. } => distributions::boxes(&mut script, spec),
    }
    script.finish()
}

/// A script in the making.
struct Script<'a> {
    columns: &'a [Column],
    lines: Vec<String>,
}

impl Script<'_> {
    fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    fn kind(&self, name: &str) -> ColumnType {
        kind_of(self.columns, name)
    }

    /// A name that no column has.
    fn fresh(&self, wish: &str) -> String {
        let mut name = wish.to_owned();
        while self.columns.iter().any(|column| column.name == name) {
            name.push('_');
        }
        name
    }

    /// Turns a column into categories, as text, with a category for what is missing.
    fn categories(&mut self, name: &str) {
        let column = literal(name);
        let values = match self.kind(name) {
            ColumnType::Bool => format!("df[{column}].map({{True: \"true\", False: \"false\"}})"),
            // A whole-number column with gaps arrives as floats: "2007", not "2007.0".
            ColumnType::Int64 => format!("df[{column}].astype(\"Int64\").astype(\"string\")"),
            _ => format!("df[{column}].astype(\"string\")"),
        };
        self.line(format!("df[{column}] = {values}.fillna(\"missing\")"));
    }

    /// Makes categories of a column that stands on an axis, unless it is numbers or times.
    fn axis_categories(&mut self, name: &str) {
        let kind = self.kind(name);
        if !kind.is_number() && !kind.is_time() {
            self.categories(name);
        }
    }

    fn colors(&mut self) {
        let colors: Vec<String> = COLORS.iter().map(|color| literal(color)).collect();
        self.line(format!("colors = [{}]", colors.join(", ")));
    }

    fn finish(self) -> String {
        let body = self.lines.join("\n");
        let mut script = String::new();
        for (module, name) in [
            ("numpy", "np"),
            ("pandas", "pd"),
            ("plotly.express", "px"),
            ("plotly.graph_objects", "go"),
        ] {
            // Quoted text cannot be mistaken for a use: a superfluous import does no harm.
            if body.contains(&format!("{name}.")) {
                script.push_str(&format!("import {module} as {name}\n"));
            }
        }
        format!("{script}\n{body}\n")
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
