//! What the scripts look like, and that no name of a column can break out of them.

use super::*;
use proptest::prelude::*;

fn columns() -> Vec<Column> {
    [
        ("species", ColumnType::Category),
        ("mass", ColumnType::Float64),
        ("bill", ColumnType::Float64),
        ("year", ColumnType::Int64),
        ("day", ColumnType::Date),
        ("alive", ColumnType::Bool),
    ]
    .into_iter()
    .map(|(name, kind)| Column {
        name: name.to_owned(),
        kind,
    })
    .collect()
}

fn script(spec: serde_json::Value) -> String {
    to_python(&serde_json::from_value(spec).unwrap(), &columns())
}

#[test]
fn each_chart_has_its_script() {
    let specs = [
        (
            "scatter",
            serde_json::json!({"chart": "scatter", "x": "mass", "y": "bill", "color": "species", "size": "mass", "x_title": "Mass (g)"}),
        ),
        (
            "line",
            serde_json::json!({"chart": "line", "x": "day", "y": "mass", "color": "year"}),
        ),
        (
            "bar",
            serde_json::json!({"chart": "bar", "x": "species", "color": "alive", "mode": "stack", "horizontal": true}),
        ),
        (
            "histogram",
            serde_json::json!({"chart": "histogram", "x": "mass", "color": "species", "bins": 20}),
        ),
        (
            "histogram_of_days",
            serde_json::json!({"chart": "histogram", "x": "day"}),
        ),
        (
            "box",
            serde_json::json!({"chart": "box", "y": "mass", "x": "species", "color": "year"}),
        ),
    ];
    for (name, spec) in specs {
        insta::assert_snapshot!(format!("python_{name}"), script(spec));
    }
}

/// Every script a form can lead to.
fn any_spec(name: &str, other: &str) -> Vec<FigureSpec> {
    [
        serde_json::json!({"chart": "scatter", "x": name, "y": other, "color": name, "size": other, "x_title": name}),
        serde_json::json!({"chart": "line", "x": name, "y": other, "color": other, "y_title": name}),
        serde_json::json!({"chart": "bar", "x": name, "y": name, "aggregate": "distinct", "color": other}),
        serde_json::json!({"chart": "histogram", "x": other, "color": name}),
        serde_json::json!({"chart": "box", "y": other, "x": name, "color": name}),
        serde_json::json!({"chart": "box", "y": other, "color": name}),
    ]
    .into_iter()
    .map(|spec| serde_json::from_value(spec).unwrap())
    .collect()
}

proptest! {
    #[test]
    fn every_script_is_python_whatever_the_columns_are_called(name in any::<String>(), other in any::<String>()) {
        let columns = vec![
            Column { name: name.clone(), kind: ColumnType::String },
            Column { name: other.clone(), kind: ColumnType::Float64 },
        ];
        for spec in any_spec(&name, &other) {
            let source = to_python(&spec, &columns);
            let parsed = ruff_python_parser::parse_module(&source);
            prop_assert!(parsed.is_ok(), "{source}");
        }
    }

    #[test]
    fn a_name_adds_no_statement(name in ".*") {
        let plain = script_of("a");
        let nasty = script_of(&name);
        prop_assert_eq!(statements(&plain), statements(&nasty), "{}", nasty);
    }
}

fn script_of(name: &str) -> String {
    let spec = serde_json::json!({"chart": "scatter", "x": name, "y": name});
    let columns = [Column {
        name: name.to_owned(),
        kind: ColumnType::Float64,
    }];
    to_python(&serde_json::from_value(spec).unwrap(), &columns)
}

fn statements(source: &str) -> usize {
    ruff_python_parser::parse_module(source)
        .unwrap()
        .into_syntax()
        .body
        .iter()
        .filter(|statement| !statement.is_import_stmt())
        .count()
}
