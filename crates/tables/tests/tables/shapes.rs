//! Every shape of a question answers exactly the columns its description names.

use crate::support::*;
use domain::ColumnType::*;
use domain::query::Aggregate;
use domain::{Filter, Query, Shape};
use serde_json::json;
use tables::{Mode, QueryError};

const ROWS: &str = "g,x,n,d\n\
    b,1.5,1,2024-01-01\n\
    a,2.5,2,2024-01-02\n\
    b,,3,\n\
    ,4.5,NA,2024-01-04\n\
    a,0.5,5,2024-01-05\n";

async fn small() -> World {
    let world = world();
    world.csv(ROWS).await.unwrap();
    world
}

fn page(columns: &[&str], sorted: &[(&str, bool)], limit: u64, offset: u64) -> Shape {
    Shape::Rows {
        columns: Some(columns.iter().map(|c| (*c).to_owned()).collect()),
        sort: sorted
            .iter()
            .map(|(c, descending)| sort(c, *descending))
            .collect(),
        limit,
        offset,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_projected_sorted_and_paged() {
    let world = small().await;
    let answer = world.shape(page(&["n", "g"], &[], 2, 1)).await.unwrap();
    assert_eq!(kinds(&answer.columns), "n:int64 g:string");
    assert_eq!(lines(&answer), ["2 \"a\"", "3 \"b\""]);
    assert_eq!((answer.total_rows, answer.truncated), (5, true));
    let answer = world
        .shape(page(&["n"], &[("g", false), ("x", true)], 10, 0))
        .await
        .unwrap();
    // Missing values come last in both directions.
    assert_eq!(lines(&answer), ["2", "5", "1", "3", "null"]);
    assert!(!answer.truncated);
    let answer = world
        .shape(page(&["g"], &[("g", true)], 10, 0))
        .await
        .unwrap();
    assert_eq!(lines(&answer), ["\"b\"", "\"b\"", "\"a\"", "\"a\"", "null"]);
    let answer = world
        .shape(page(&["x"], &[("n", true)], 2, 1))
        .await
        .unwrap();
    assert_eq!(lines(&answer), ["null", "2.5"]);
    for beyond in [
        page(&["x"], &[], 10, 9),
        page(&["x"], &[("x", false)], 10, 9),
    ] {
        let answer = world.shape(beyond).await.unwrap();
        assert_eq!((answer.rows(), answer.total_rows), (0, 5));
    }
    let filtered = Query {
        filters: vec![filter(json!({"column": "g", "op": "eq", "value": "a"}))],
        filter: None,
        shape: page(&["n"], &[("n", true)], 1, 0),
    };
    let answer = world.query(&filtered).await.unwrap();
    assert_eq!(
        (lines(&answer), answer.total_rows, answer.truncated),
        (vec!["5".to_owned()], 2, true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn aggregates_answer_groups_in_order_with_missing_last() {
    let world = small().await;
    let all = [
        (Aggregate::Count, None),
        (Aggregate::Count, Some("x")),
        (Aggregate::Distinct, Some("g")),
        (Aggregate::Sum, Some("n")),
        (Aggregate::Mean, Some("x")),
        (Aggregate::Median, Some("x")),
        (Aggregate::Min, Some("d")),
        (Aggregate::Max, Some("g")),
        (Aggregate::Std, Some("x")),
    ];
    let measures: Vec<_> = all.iter().map(|(a, c)| measure(*a, *c)).collect();
    let answer = world
        .shape(Shape::Aggregate {
            group_by: vec!["g".to_owned()],
            measures: measures.clone(),
            limit: None,
        })
        .await
        .unwrap();
    assert_eq!(
        kinds(&answer.columns),
        "g:string m0:int64 m1:int64 m2:int64 m3:int64 m4:float64 m5:float64 m6:date m7:string m8:float64"
    );
    let std = 2.0_f64.sqrt();
    assert_eq!(
        lines(&answer),
        [
            format!("\"a\" 2 2 1 7 1.5 1.5 \"2024-01-02\" \"a\" {std}"),
            "\"b\" 2 1 1 4 1.5 1.5 \"2024-01-01\" \"b\" null".to_owned(),
            "null 1 1 0 null 4.5 4.5 \"2024-01-04\" null null".to_owned(),
        ]
    );
    let one = world
        .shape(Shape::Aggregate {
            group_by: vec![],
            measures,
            limit: None,
        })
        .await
        .unwrap();
    let text = lines(&one);
    assert!(
        text[0].starts_with("5 4 2 11 2.25 2 \"2024-01-01\" \"b\"")
            || text[0].starts_with("5 4 2 11 2.25 2.0 \"2024-01-01\" \"b\""),
        "{text:?}"
    );
    let cut = world
        .shape(Shape::Aggregate {
            group_by: vec!["g".to_owned()],
            measures: vec![measure(Aggregate::Count, None)],
            limit: Some(2),
        })
        .await
        .unwrap();
    assert_eq!(lines(&cut), ["\"a\" 2", "\"b\" 2"]);
    assert_eq!((cut.total_rows, cut.truncated), (3, true));
    let none = Query {
        filters: vec![filter(json!({"column": "n", "op": "gt", "value": 99}))],
        filter: None,
        shape: Shape::Aggregate {
            group_by: vec![],
            measures: vec![
                measure(Aggregate::Count, None),
                measure(Aggregate::Sum, Some("x")),
            ],
            limit: None,
        },
    };
    assert_eq!(lines(&world.query(&none).await.unwrap()), ["0 null"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sum_of_whole_numbers_never_wraps_around() {
    let world = world();
    let max = i64::MAX;
    world.csv(&format!("n\n{max}\n{max}\n-1\n")).await.unwrap();
    let sum = Shape::Aggregate {
        group_by: vec![],
        measures: vec![measure(Aggregate::Sum, Some("n"))],
        limit: None,
    };
    let answer = world.shape(sum.clone()).await.unwrap();
    assert_eq!(answer.columns[0].kind, Float64);
    assert_eq!(rows(&answer)[0]["m0"], json!(18_446_744_073_709_551_613.0));
    world
        .upload(
            "n.csv",
            format!("n\n{max}\n-7\n").as_bytes(),
            Mode::Overwrite,
        )
        .await
        .unwrap();
    let answer = world.shape(sum).await.unwrap();
    assert_eq!(
        (answer.columns[0].kind, rows(&answer)[0]["m0"].clone()),
        (Int64, json!(max - 7))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bins_span_what_matches_and_leave_out_the_empty_ones() {
    let world = world();
    world
        .csv("k,x,t\na,0,2024-01-01\na,1,2024-01-02\nb,4,2024-01-02\nb,inf,\n,10,2024-01-05\n")
        .await
        .unwrap();
    let bins = |column: &str, bins, group: Option<&str>| Shape::Bins {
        column: column.to_owned(),
        bins,
        group_by: group.map(str::to_owned),
    };
    let answer = world.shape(bins("x", 5, None)).await.unwrap();
    assert_eq!(
        kinds(&answer.columns),
        "bin:int64 start:float64 end:float64 count:int64"
    );
    assert_eq!(
        lines(&answer),
        ["0 0.0 2.0 2", "2 4.0 6.0 1", "4 8.0 10.0 1"]
    );
    assert_eq!(answer.total_rows, 4);
    let answer = world.shape(bins("x", 2, Some("k"))).await.unwrap();
    assert_eq!(
        kinds(&answer.columns),
        "group:string bin:int64 start:float64 end:float64 count:int64"
    );
    assert_eq!(
        lines(&answer),
        [
            "\"a\" 0 0.0 5.0 2",
            "\"b\" 0 0.0 5.0 1",
            "null 1 5.0 10.0 1"
        ]
    );
    let answer = world.shape(bins("t", 4, None)).await.unwrap();
    let day = 86_400_000_000.0;
    let first = 19_723.0 * day;
    let told: Vec<_> = rows(&answer)
        .iter()
        .map(|r| {
            (
                r["bin"].clone(),
                r["start"].as_f64().unwrap(),
                r["count"].clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (json!(0), first, json!(1)),
            (json!(1), first + day, json!(2)),
            (json!(3), first + 3.0 * day, json!(1)),
        ]
    );
    let one = Query {
        filters: vec![filter(json!({"column": "x", "op": "eq", "value": 4}))],
        filter: None,
        shape: bins("x", 5, None),
    };
    assert_eq!(lines(&world.query(&one).await.unwrap()), ["0 4.0 4.0 1"]);
    let none = Query {
        filters: vec![filter(json!({"column": "x", "op": "eq", "value": 5}))],
        filter: None,
        shape: bins("x", 5, None),
    };
    assert_eq!(world.query(&none).await.unwrap().rows(), 0);
    for bad in [
        bins("k", 5, None),
        bins("x", 0, None),
        bins("x", 5, Some("kk")),
    ] {
        assert!(world.shape(bad).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spread_tells_quartiles_and_whiskers() {
    let world = world();
    let mut text = "g,x\n".to_owned();
    for x in [1, 2, 3, 4, 100] {
        text.push_str(&format!("a,{x}\n"));
    }
    text.push_str("b,7\nc,\n");
    world.csv(&text).await.unwrap();
    let answer = world
        .shape(Shape::Spread {
            column: "x".to_owned(),
            group_by: vec!["g".to_owned()],
            limit: 10,
        })
        .await
        .unwrap();
    assert_eq!(
        kinds(&answer.columns),
        "g:string min:float64 q1:float64 median:float64 q3:float64 max:float64 low:float64 \
         high:float64 mean:float64 count:int64"
    );
    assert_eq!(
        lines(&answer),
        [
            "\"a\" 1.0 2.0 3.0 4.0 100.0 1.0 4.0 22.0 5",
            "\"b\" 7.0 7.0 7.0 7.0 7.0 7.0 7.0 7.0 1",
            "\"c\" null null null null null null null null 0",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn distinct_values_come_most_frequent_first_and_can_be_searched() {
    let world = world();
    world
        .csv("k,n\nGentoo,1\nAdelie,2\nadelie x,1\nAdelie,1\nGentoo,3\nÄdel,1\n,1\n")
        .await
        .unwrap();
    let distinct = |column: &str, search: Option<&str>, limit| Shape::Distinct {
        column: column.to_owned(),
        search: search.map(str::to_owned),
        limit,
    };
    let answer = world.shape(distinct("k", None, 2)).await.unwrap();
    assert_eq!(kinds(&answer.columns), "value:string count:int64");
    assert_eq!(lines(&answer), ["\"Adelie\" 2", "\"Gentoo\" 2"]);
    assert_eq!((answer.total_rows, answer.truncated), (4, true));
    let answer = world.shape(distinct("k", Some("ADEL"), 9)).await.unwrap();
    assert_eq!(lines(&answer), ["\"Adelie\" 2", "\"adelie x\" 1"]);
    let answer = world.shape(distinct("k", Some("äd"), 9)).await.unwrap();
    assert_eq!(lines(&answer), ["\"Ädel\" 1"]);
    let answer = world.shape(distinct("n", None, 9)).await.unwrap();
    assert_eq!(kinds(&answer.columns), "value:int64 count:int64");
    assert_eq!(lines(&answer), ["1 5", "2 1", "3 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_in_the_columns_own_type() {
    let world = small().await;
    let range = |column: &str| Shape::Range {
        column: column.to_owned(),
    };
    let answer = world.shape(range("d")).await.unwrap();
    assert_eq!(kinds(&answer.columns), "min:date max:date count:int64");
    assert_eq!(lines(&answer), ["\"2024-01-01\" \"2024-01-05\" 4"]);
    assert_eq!(
        lines(&world.shape(range("x")).await.unwrap()),
        ["0.5 4.5 4"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_is_even_and_in_order() {
    let world = world();
    let mut text = "i,k\n".to_owned();
    (0..1_000).for_each(|i| text.push_str(&format!("{i},{}\n", i % 2)));
    world.csv(&text).await.unwrap();
    world.csv(&text).await.unwrap();
    let sample = |filters: Vec<Filter>, limit| Query {
        filters,
        filter: None,
        shape: Shape::Sample {
            columns: vec!["i".to_owned()],
            limit,
        },
    };
    let answer = world.query(&sample(vec![], 4)).await.unwrap();
    assert_eq!(lines(&answer), ["0", "500", "0", "500"]);
    assert_eq!((answer.total_rows, answer.truncated), (2_000, true));
    let odd = filter(json!({"column": "k", "op": "eq", "value": 1}));
    let answer = world.query(&sample(vec![odd.clone()], 4)).await.unwrap();
    assert_eq!(lines(&answer), ["1", "501", "1", "501"]);
    let few = filter(json!({"column": "i", "op": "lt", "value": 2}));
    let answer = world.query(&sample(vec![odd, few], 4)).await.unwrap();
    assert_eq!(
        (lines(&answer), answer.truncated),
        (vec!["1".to_owned(), "1".to_owned()], false)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_column_is_told_with_what_was_perhaps_meant() {
    let world = world();
    world
        .csv("species,bill_length,bill_depth\na,1,2\n")
        .await
        .unwrap();
    let name = "bill_lenght".to_owned();
    let shapes = [
        (page(&["bill_lenght"], &[], 1, 0), "/columns/0"),
        (
            page(&["species"], &[("bill_lenght", false)], 1, 0),
            "/sort/0/column",
        ),
        (
            Shape::Sample {
                columns: vec![name.clone()],
                limit: 1,
            },
            "/columns/0",
        ),
        (
            Shape::Range {
                column: name.clone(),
            },
            "/column",
        ),
        (
            Shape::Distinct {
                column: name.clone(),
                search: None,
                limit: 1,
            },
            "/column",
        ),
        (
            Shape::Bins {
                column: name.clone(),
                bins: 3,
                group_by: None,
            },
            "/column",
        ),
        (
            Shape::Spread {
                column: name.clone(),
                group_by: vec![],
                limit: 1,
            },
            "/column",
        ),
        (
            Shape::Aggregate {
                group_by: vec![],
                measures: vec![measure(Aggregate::Mean, Some("bill_lenght"))],
                limit: None,
            },
            "/measures/0/column",
        ),
    ];
    for (shape, at) in shapes {
        match world.shape(shape).await {
            Err(QueryError::UnknownColumn { pointer, near, .. }) => {
                assert_eq!(pointer, at);
                assert_eq!(near, ["bill_length"]);
            }
            other => panic!("{at}: {other:?}"),
        }
    }
    let text = Shape::Aggregate {
        group_by: vec![],
        measures: vec![measure(Aggregate::Mean, Some("species"))],
        limit: None,
    };
    let refused = world.shape(text).await.unwrap_err().to_string();
    assert!(refused.contains("needs numbers"), "{refused}");
    let twice = page(&["species", "species"], &[], 1, 0);
    assert!(matches!(
        world.shape(twice).await,
        Err(QueryError::Shape { .. })
    ));
}
