//! The code equivalent of a form is code that Code Mode takes.

use domain::figure::FigureSpec;
use domain::{Column, ColumnType};
use serde_json::json;

#[test]
fn every_form_becomes_code_that_the_guard_accepts() {
    let columns: Vec<Column> = [
        ("species", ColumnType::Category),
        ("mass", ColumnType::Float64),
        ("year", ColumnType::Int64),
        ("day", ColumnType::Date),
        ("seen", ColumnType::TimestampTz),
        ("alive", ColumnType::Bool),
        ("__class__ \"\\\n' #", ColumnType::String),
    ]
    .into_iter()
    .map(|(name, kind)| Column {
        name: name.to_owned(),
        kind,
    })
    .collect();
    let odd = &columns[6].name;
    let specs = [
        json!({"chart": "scatter", "x": "mass", "y": "year", "color": "species", "size": "mass"}),
        json!({"chart": "scatter", "x": odd, "y": "mass", "color": "year"}),
        json!({"chart": "line", "x": "day", "y": "mass", "color": odd, "x_title": odd}),
        json!({"chart": "bar", "x": "species", "color": "alive", "mode": "stack", "horizontal": true}),
        json!({"chart": "bar", "x": "year", "y": "year", "aggregate": "sum", "color": "year"}),
        json!({"chart": "histogram", "x": "mass", "color": "species", "bins": 7}),
        json!({"chart": "histogram", "x": "seen"}),
        json!({"chart": "box", "y": "mass", "x": "species", "color": "year"}),
        json!({"chart": "box", "y": "mass"}),
    ];
    for spec in specs {
        let spec: FigureSpec = serde_json::from_value(spec).unwrap();
        let code = figures::to_python(&spec, &columns);
        let findings = sandbox::check(&code);
        assert!(findings.is_empty(), "{findings:?}\n{code}");
    }
    // The check does find what is wrong.
    assert!(!sandbox::check("import os").is_empty());
}
