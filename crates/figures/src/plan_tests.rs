//! Which question each form asks, and which forms are refused.

use super::*;

fn columns() -> Vec<Column> {
    [
        ("species", ColumnType::Category),
        ("mass", ColumnType::Float64),
        ("bill", ColumnType::Float64),
        ("year", ColumnType::Int64),
        ("day", ColumnType::Date),
    ]
    .into_iter()
    .map(|(name, kind)| Column {
        name: name.to_owned(),
        kind,
    })
    .collect()
}

fn planned(spec: serde_json::Value) -> Result<serde_json::Value, PlanError> {
    let spec: FigureSpec = serde_json::from_value(spec).unwrap();
    plan(&spec, &columns(), &RequestLimits::default())
        .map(|query| serde_json::to_value(query).unwrap())
}

#[test]
fn each_chart_asks_for_the_shape_it_draws() {
    let sample = planned(serde_json::json!(
        {"chart": "scatter", "x": "mass", "y": "bill", "color": "species", "size": "mass"}));
    assert_eq!(
        sample.unwrap(),
        serde_json::json!({"filters": [], "shape": "sample", "columns": ["mass", "bill", "species"], "limit": 20_000})
    );
    let line =
        planned(serde_json::json!({"chart": "line", "x": "day", "y": "mass", "color": "species"}));
    assert_eq!(
        line.unwrap(),
        serde_json::json!({"filters": [], "shape": "aggregate", "group_by": ["day", "species"],
            "measures": [{"aggregate": "mean", "column": "mass"}], "limit": 20_000})
    );
    let bar = planned(serde_json::json!({"chart": "bar", "x": "species", "color": "species"}));
    assert_eq!(
        bar.unwrap(),
        serde_json::json!({"filters": [], "shape": "aggregate", "group_by": ["species"],
            "measures": [{"aggregate": "count", "column": null}], "limit": 1_000})
    );
    let histogram = planned(serde_json::json!({"chart": "histogram", "x": "mass"}));
    assert_eq!(
        histogram.unwrap(),
        serde_json::json!({"filters": [], "shape": "bins", "column": "mass", "bins": 40, "group_by": null})
    );
    let boxes = planned(serde_json::json!({"chart": "box", "y": "mass", "x": "species"}));
    assert_eq!(
        boxes.unwrap(),
        serde_json::json!({"filters": [], "shape": "spread", "column": "mass", "group_by": ["species"], "limit": 1_000})
    );
}

#[test]
fn a_form_that_cannot_be_drawn_names_its_field() {
    let cases = [
        (
            serde_json::json!({"chart": "scatter", "x": "mas", "y": "bill"}),
            "/x",
        ),
        (
            serde_json::json!({"chart": "scatter", "x": "mass", "y": "bill", "size": "species"}),
            "/size",
        ),
        (
            serde_json::json!({"chart": "scatter", "x": "mass", "y": "bill", "opacity": 2.0}),
            "/opacity",
        ),
        (
            serde_json::json!({"chart": "line", "x": "day", "y": "species"}),
            "/y",
        ),
        (
            serde_json::json!({"chart": "bar", "x": "species", "aggregate": "sum"}),
            "/y",
        ),
        (
            serde_json::json!({"chart": "bar", "x": "species", "y": "day", "aggregate": "max"}),
            "/y",
        ),
        (
            serde_json::json!({"chart": "histogram", "x": "species"}),
            "/x",
        ),
        (
            serde_json::json!({"chart": "histogram", "x": "mass", "bins": 0}),
            "/bins",
        ),
        (
            serde_json::json!({"chart": "box", "y": "mass", "color": "none"}),
            "/color",
        ),
    ];
    for (spec, pointer) in cases {
        assert_eq!(
            planned(spec.clone()).unwrap_err().pointer,
            pointer,
            "{spec}"
        );
    }
}

#[test]
fn a_count_of_words_needs_no_number() {
    assert!(
        planned(serde_json::json!({"chart": "bar", "x": "year", "y": "species", "aggregate": "distinct"}))
            .is_ok()
    );
}
