//! Figures as the page gets them, and texts that try to be more than text.

use super::*;
use arrow_array::{ArrayRef, Date32Array, Float64Array, Int64Array, StringArray};
use proptest::prelude::*;
use std::sync::Arc;

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

fn palette() -> Palette {
    Palette::of(["Adelie", "Chinstrap", "Gentoo"].map(str::to_owned))
}

fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn numbers(values: &[Option<f64>]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn whole(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> Vec<RecordBatch> {
    vec![
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
            .unwrap(),
    ]
}

fn drawn(spec: serde_json::Value, batches: &[RecordBatch]) -> Value {
    let spec = serde_json::from_value(spec).unwrap();
    draw(&spec, &columns(), batches, &palette(), false).unwrap()
}

fn points() -> Vec<RecordBatch> {
    batch(vec![
        (
            "mass",
            numbers(&[Some(3750.0), Some(5000.5), None, Some(4100.0)]),
        ),
        (
            "bill",
            numbers(&[Some(39.1), Some(47.0), Some(40.0), Some(38.0)]),
        ),
        (
            "species",
            text(&[Some("Adelie"), Some("Gentoo"), Some("Adelie"), None]),
        ),
    ])
}

#[test]
fn a_scatter_by_species() {
    let spec = serde_json::json!({"chart": "scatter", "x": "mass", "y": "bill", "color": "species", "x_title": "Mass (g)"});
    insta::assert_json_snapshot!(drawn(spec, &points()));
}

#[test]
fn a_scatter_by_number_and_size() {
    let spec = serde_json::json!({"chart": "scatter", "x": "mass", "y": "bill", "color": "mass", "size": "bill"});
    insta::assert_json_snapshot!(drawn(spec, &points()));
}

#[test]
fn a_line_of_means_by_day() {
    let batches = batch(vec![
        (
            "day",
            Arc::new(Date32Array::from(vec![Some(13_879), Some(13_880), None])) as ArrayRef,
        ),
        (
            "species",
            text(&[Some("Gentoo"), Some("Gentoo"), Some("Gentoo")]),
        ),
        ("m0", numbers(&[Some(1_234_567.25), None, Some(3.0)])),
    ]);
    let spec = serde_json::json!({"chart": "line", "x": "day", "y": "mass", "color": "species"});
    insta::assert_json_snapshot!(drawn(spec, &batches));
}

#[test]
fn a_stack_of_bars_from_left_to_right() {
    let batches = batch(vec![
        ("species", text(&[Some("Adelie"), Some("Gentoo"), None])),
        ("year", whole(&[2007, 2008, 2008])),
        ("m0", whole(&[50, 46, 2])),
    ]);
    let spec = serde_json::json!({"chart": "bar", "x": "species", "color": "year", "mode": "stack", "horizontal": true});
    insta::assert_json_snapshot!(drawn(spec, &batches));
}

#[test]
fn a_histogram_by_species() {
    let batches = batch(vec![
        (
            "group",
            text(&[Some("Adelie"), Some("Adelie"), Some("Gentoo")]),
        ),
        ("bin", whole(&[0, 2, 2])),
        ("start", numbers(&[Some(0.0), Some(1.0), Some(1.0)])),
        ("end", numbers(&[Some(0.5), Some(1.5), Some(1.5)])),
        ("count", whole(&[3, 1, 4])),
    ]);
    let spec =
        serde_json::json!({"chart": "histogram", "x": "mass", "color": "species", "bins": 3});
    insta::assert_json_snapshot!(drawn(spec, &batches));
}

#[test]
fn a_histogram_of_days_has_widths_in_milliseconds() {
    let day = 86_400_000_000.0;
    let batches = batch(vec![
        ("bin", whole(&[0])),
        ("start", numbers(&[Some(0.0)])),
        ("end", numbers(&[Some(2.0 * day)])),
        ("count", whole(&[3])),
    ]);
    let figure = drawn(
        serde_json::json!({"chart": "histogram", "x": "day"}),
        &batches,
    );
    assert_eq!(figure["data"][0]["x"][0], "1970-01-02 00:00:00");
    assert_eq!(figure["data"][0]["width"][0], 172_800_000.0);
    assert_eq!(figure["layout"]["xaxis"]["type"], "date");
}

fn spread(place: &str) -> Vec<RecordBatch> {
    let one = |value: f64| numbers(&[Some(value), None]);
    batch(vec![
        ("species", text(&[Some(place), None])),
        ("min", one(1.0)),
        ("q1", one(2.0)),
        ("median", one(3.0)),
        ("q3", one(4.0)),
        ("max", one(9.0)),
        ("low", one(1.5)),
        ("high", one(7.0)),
        ("mean", one(3.5)),
        ("count", whole(&[10, 0])),
    ])
}

#[test]
fn boxes_by_species() {
    let spec = serde_json::json!({"chart": "box", "y": "mass", "x": "species"});
    insta::assert_json_snapshot!(drawn(spec, &spread("Adelie")));
}

#[test]
fn no_rows_make_an_empty_figure_not_an_error() {
    for spec in all_specs("species", "mass") {
        let figure = draw(&spec, &columns(), &[], &Palette::default(), false).unwrap();
        assert!(figure["data"].is_array());
    }
}

#[test]
fn a_cut_is_said() {
    let spec =
        serde_json::from_value(serde_json::json!({"chart": "scatter", "x": "mass", "y": "bill"}))
            .unwrap();
    let figure = draw(&spec, &columns(), &points(), &palette(), true).unwrap();
    assert_eq!(
        figure["layout"]["meta"],
        serde_json::json!({"truncated": true, "not_drawn": 1})
    );
}

#[test]
fn a_column_called_like_a_measure_is_not_confused_with_it() {
    let columns = [Column {
        name: "m0".to_owned(),
        kind: ColumnType::String,
    }];
    let spec = serde_json::from_value(serde_json::json!({"chart": "bar", "x": "m0"})).unwrap();
    let schema = arrow_schema::Schema::new(vec![
        arrow_schema::Field::new("m0", arrow_schema::DataType::Utf8, true),
        arrow_schema::Field::new("m0", arrow_schema::DataType::Int64, true),
    ]);
    let batch =
        RecordBatch::try_new(Arc::new(schema), vec![text(&[Some("a")]), whole(&[7])]).unwrap();
    let figure = draw(&spec, &columns, &[batch], &Palette::default(), false).unwrap();
    assert_eq!(figure["data"][0]["x"][0], "a");
    assert_eq!(figure["data"][0]["y"][0], 7);
}

#[test]
fn many_colours_of_points_are_drawn_as_one_that_says_so() {
    let names: Vec<String> = (0..200).map(|n| format!("v{n}")).collect();
    let batches = batch(vec![
        ("mass", numbers(&vec![Some(1.0); 200])),
        ("bill", numbers(&vec![Some(1.0); 200])),
        ("species", Arc::new(StringArray::from(names)) as ArrayRef),
    ]);
    let figure = drawn(
        serde_json::json!({"chart": "scatter", "x": "mass", "y": "bill", "color": "species"}),
        &batches,
    );
    let data = figure["data"].as_array().unwrap();
    assert_eq!(data.len(), 48);
    assert_eq!(data[47]["name"], "153 other values");
    assert_eq!(data[47]["x"].as_array().unwrap().len(), 153);
}

fn all_specs(name: &str, number: &str) -> Vec<FigureSpec> {
    [
        serde_json::json!({"chart": "scatter", "x": name, "y": number, "color": name, "size": number, "x_title": name, "y_title": name}),
        serde_json::json!({"chart": "scatter", "x": number, "y": name, "color": number}),
        serde_json::json!({"chart": "line", "x": name, "y": number, "color": name}),
        serde_json::json!({"chart": "bar", "x": name, "y": number, "aggregate": "mean", "horizontal": true}),
        serde_json::json!({"chart": "histogram", "x": number, "color": name}),
        serde_json::json!({"chart": "box", "y": number, "x": name, "color": name}),
        serde_json::json!({"chart": "box", "y": number}),
    ]
    .into_iter()
    .map(|spec| serde_json::from_value(spec).unwrap())
    .collect()
}

/// Every text in a figure.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(map) => map.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

/// What is left when our own two tags are taken away has no tag, and every ampersand begins one of
/// the entities that we write.
fn is_plain(text: &str) -> bool {
    let own = text.replace("<extra></extra>", "").replace("<br>", "");
    let mut rest = own.as_str();
    while let Some(at) = rest.find('&') {
        rest = &rest[at + 1..];
        if !["amp;", "lt;", "gt;", "#37;"]
            .iter()
            .any(|entity| rest.starts_with(entity))
        {
            return false;
        }
    }
    !own.contains(['<', '>'])
}

/// The templates in a hover text must be ours.
fn templates_are_ours(text: &str) -> bool {
    text.match_indices("%{").all(|(at, _)| {
        [
            "%{x}",
            "%{y}",
            "%{marker.size:",
            "%{marker.color:",
            "%{customdata[0]",
            "%{customdata[1]",
        ]
        .iter()
        .any(|ours| text[at..].starts_with(ours))
    })
}

fn check(name: &str, value: &str, number: f64) {
    const NUMBER: &str = "a number";
    let columns = [
        Column {
            name: name.to_owned(),
            kind: ColumnType::String,
        },
        Column {
            name: NUMBER.to_owned(),
            kind: ColumnType::Float64,
        },
    ];
    let palette = Palette::of([value.to_owned()]);
    let named = text(&[Some(value), None]);
    let ns = numbers(&[Some(number), None]);
    for spec in all_specs(name, NUMBER) {
        let columns_of_answer: Vec<ArrayRef> = match &spec {
            FigureSpec::Scatter { color: Some(c), .. } if c == NUMBER => {
                vec![ns.clone(), named.clone()]
            }
            FigureSpec::Scatter { .. } | FigureSpec::Line { .. } | FigureSpec::Bar { .. } => {
                vec![named.clone(), ns.clone()]
            }
            FigureSpec::Histogram { .. } => vec![
                named.clone(),
                whole(&[0, 1]),
                ns.clone(),
                ns.clone(),
                whole(&[1, 2]),
            ],
            FigureSpec::Box { x, .. } => {
                let mut all = vec![ns.clone(); 8];
                if x.is_some() {
                    all.insert(0, named.clone());
                }
                all
            }
        };
        let names: Vec<String> = (0..columns_of_answer.len())
            .map(|n| n.to_string())
            .collect();
        let batch = RecordBatch::try_from_iter(names.iter().zip(columns_of_answer)).unwrap();
        let figure = draw(&spec, &columns, &[batch], &palette, false).unwrap();
        let mut found = Vec::new();
        texts(&figure, &mut found);
        for text in found {
            assert!(is_plain(text), "{text:?} in {figure}");
        }
        for trace in figure["data"].as_array().unwrap() {
            let hover = trace["hovertemplate"].as_str().unwrap_or_default();
            assert!(templates_are_ours(hover), "{hover:?}");
        }
    }
}

#[test]
fn markup_in_names_and_values_is_shown_as_text() {
    for text in [
        "<img src=x onerror=alert(1)>",
        "<b>bold</b>",
        "%{x}",
        "<a href=\"javascript:alert(1)\">x</a>",
        "&lt;b&gt; &amp; &#60;",
        "<extra>gone</extra>",
        "a<br>b",
        "50 %{customdata[0]}",
    ] {
        check(text, text, 1.0);
    }
    let spec = serde_json::json!({"chart": "bar", "x": "species"});
    let batches = batch(vec![
        ("species", text(&[Some("<b>%{x}")])),
        ("m0", whole(&[1])),
    ]);
    let figure = drawn(spec, &batches);
    assert_eq!(figure["data"][0]["x"][0], "&lt;b&gt;%{x}");
}

proptest! {
    #[test]
    fn every_text_is_plain_and_nothing_panics(name in any::<String>(), value in "[<>&%{}a-z;#]{0,12}", number in any::<f64>()) {
        check(&name, &value, number);
    }

    #[test]
    fn any_answer_of_any_shape_is_drawn_or_refused(
        rows in 0_usize..4, width in 0_usize..12, seed in any::<u64>(),
    ) {
        let kinds: [ArrayRef; 4] = [
            Arc::new(StringArray::from(vec![Some("a"); rows])),
            Arc::new(Float64Array::from(vec![f64::NAN; rows])),
            Arc::new(Int64Array::from(vec![i64::MIN; rows])),
            Arc::new(Date32Array::from(vec![i32::MIN; rows])),
        ];
        let fields: Vec<(String, ArrayRef)> = (0..width)
            .map(|n| (n.to_string(), kinds[((seed >> (2 * n)) & 3) as usize].clone()))
            .collect();
        if let Ok(batch) = RecordBatch::try_from_iter(fields) {
            for spec in all_specs("species", "mass") {
                let _ = draw(&spec, &columns(), std::slice::from_ref(&batch), &palette(), false);
            }
        }
    }
}
