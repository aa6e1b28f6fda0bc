//! Frames for Code Mode: whole columns in the order of upload.

use crate::support::*;
use domain::ColumnType::*;
use serde_json::json;
use tables::arrow::array::AsArray as _;
use tables::arrow::datatypes::{DataType, Int32Type};
use tables::{Mode, QueryError, Selection};

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_has_the_rows_in_order_and_a_category_as_a_dictionary() {
    let world = world();
    let stated = vec![
        column("k", Category),
        column("n", Int64),
        column("t", Timestamp),
    ];
    world
        .upload_as(
            "a.csv",
            b"k,n,t\nred,1,2024-01-01T10:00:00\nblue,2,\n",
            Mode::Append,
            Some(stated),
        )
        .await
        .unwrap();
    world.csv("k,n,t\nred,3,2024-01-02\n").await.unwrap();
    let frame = world
        .tables
        .frame(&world.place, Selection::default(), 1 << 20, ask())
        .await
        .unwrap();
    assert_eq!((frame.rows, frame.version), (3, Some(2)));
    let names: Vec<_> = frame
        .schema
        .fields()
        .iter()
        .map(|f| f.name().as_str())
        .collect();
    assert_eq!(names, ["k", "n", "t"]);
    let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    assert_eq!(frame.schema.field(0).data_type(), &kind);
    let mut words = Vec::new();
    for batch in &frame.batches {
        assert_eq!(batch.schema(), frame.schema);
        let keys = batch.column(0).as_dictionary::<Int32Type>();
        let values = keys
            .downcast_dict::<tables::arrow::array::StringArray>()
            .unwrap();
        words.extend(values.into_iter().map(|word| word.unwrap().to_owned()));
    }
    assert_eq!(words, ["red", "blue", "red"]);
    let some = world
        .tables
        .frame(
            &world.place,
            Selection {
                version: Some(1),
                columns: Some(vec!["n".to_owned()]),
                filters: vec![filter(json!({"column": "k", "op": "eq", "value": "blue"}))],
                filter: Some("n is null or n > 1".to_owned()),
            },
            1 << 20,
            ask(),
        )
        .await
        .unwrap();
    assert_eq!((some.rows, some.schema.fields().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_larger_than_allowed_is_refused_and_never_cut() {
    let world = world();
    let mut text = "a\n".to_owned();
    (0..20_000).for_each(|i| text.push_str(&format!("{i}\n")));
    world.csv(&text).await.unwrap();
    let frame = |bytes_max| {
        world
            .tables
            .frame(&world.place, Selection::default(), bytes_max, ask())
    };
    let refused = frame(50_000).await;
    assert!(
        matches!(refused, Err(QueryError::TooLarge { bytes_max: 50_000 })),
        "{refused:?}"
    );
    assert_eq!(frame(1 << 20).await.unwrap().rows, 20_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_a_table_without_versions_is_empty() {
    let world = world();
    let frame = world
        .tables
        .frame(&world.place, Selection::default(), 1, ask())
        .await
        .unwrap();
    assert_eq!(
        (frame.rows, frame.version, frame.batches.len()),
        (0, None, 0)
    );
}
