//! Dry runs, and rows that are set aside.

use crate::support::*;
use domain::ColumnType::{self, Category, Date, Int64};
use domain::limits::RequestLimits;
use serde_json::json;
use tables::{IngestError, Reading};

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_is_missing_and_what_stands_in_the_way_of_a_type() {
    let world = world();
    let mut csv = "id,mass,day,sex\n".to_owned();
    for n in 0..40 {
        let mass = if n == 7 {
            "heavy".to_owned()
        } else {
            n.to_string()
        };
        let sex = ["male", "female", "NA", ""][n % 4];
        csv.push_str(&format!("s{n},{mass},2024-01-01,{sex}\n"));
    }
    csv.push_str("s40,-,?,male\n");
    let seen = world
        .inspect("a.csv", csv.as_bytes(), Reading::default())
        .await;
    assert_eq!(
        kinds(&seen.columns),
        "id:string mass:string day:string sex:string"
    );
    let mass = &seen.notes[1];
    assert_eq!(
        (mass.nearly, mass.odd_cells, mass.missing),
        (Some(Int64), 2, 0)
    );
    assert_eq!((mass.odd[0].line, mass.odd[0].text.as_str()), (9, "heavy"));
    assert_eq!(seen.notes[2].nearly, Some(Date));
    let sex = &seen.notes[3];
    assert_eq!(
        (sex.nearly, sex.values, sex.missing),
        (Some(Category), Some(2), 20)
    );
    assert_eq!(sex.markers, ["NA"]);
    assert_eq!((seen.notes[0].values, seen.notes[0].nearly), (None, None));

    // Naming the markers makes a day a day and leaves one cell in the way of a number.
    let marked = Reading {
        missing: vec!["-".to_owned(), "?".to_owned()],
        ..Reading::default()
    };
    let seen = world.inspect("a.csv", csv.as_bytes(), marked.clone()).await;
    assert_eq!(
        kinds(&seen.columns),
        "id:string mass:string day:date sex:string"
    );
    assert_eq!((seen.notes[1].missing, seen.notes[1].odd_cells), (1, 1));

    // A stated type reads days as people write them where only one reading is possible.
    let stated = vec![column("day", Date)];
    let local = b"day\n29.02.2024\n2024/3/1\n?\n2024-03-02\n";
    world
        .read("d.csv", local, Some(stated.clone()), marked)
        .await
        .unwrap();
    assert_eq!(
        world.column("day").await,
        [
            json!("2024-02-29"),
            json!("2024-03-01"),
            json!(null),
            json!("2024-03-02")
        ]
    );
    let refused = world
        .read(
            "d.csv",
            b"day\n03/04/2024\n",
            Some(stated),
            Reading::default(),
        )
        .await;
    assert!(refused.is_err(), "two different days");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_do_not_fit_are_set_aside_whole_and_the_report_names_each() {
    let world = world();
    let csv = "id,n\na,1\nb,many\nc,3\n=d,4,5\n\"e, f\",x\ng,7\n";
    let stated = || Some(vec![column("id", ColumnType::String), column("n", Int64)]);
    let refused = world
        .read("t.csv", csv.as_bytes(), stated(), Reading::default())
        .await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("t.csv, line 3, column \"n\": \"many\""),
        "{refused}"
    );
    assert!(world.disk().is_empty());

    let made = world
        .read("t.csv", csv.as_bytes(), stated(), aside())
        .await
        .unwrap();
    assert_eq!((made.rows, made.set_aside, made.total_rows), (3, 3, 3));
    let answer = world.query(&rows_query()).await.unwrap();
    assert_eq!(lines(&answer), ["\"a\" 1", "\"c\" 3", "\"g\" 7"]);
    let report = world
        .tables
        .set_aside(&world.place, 1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        report,
        "file,line,column,problem,row\n\
         \"t.csv\",\"3\",\"n\",\"\"\"many\"\" is not a value of type int64\",\"b,many\"\n\
         \"t.csv\",\"5\",\"\",\"the line has 3 cells, but the header names 2 columns\",\"'=d,4,5\"\n\
         \"t.csv\",\"6\",\"n\",\"\"\"x\"\" is not a value of type int64\",\"\"\"e, f\"\",x\"\n"
    );
    let versions = world.tables.versions(&world.place).await.unwrap();
    assert_eq!(versions[0].set_aside, 3);
    // Sealed like all else, and none when none was needed.
    assert!(
        world
            .disk()
            .iter()
            .all(|(_, bytes)| !bytes.windows(4).any(|part| part == b"many"))
    );
    world.csv("id,n\nh,8\n").await.unwrap();
    assert_eq!(world.tables.set_aside(&world.place, 2).await.unwrap(), None);
    assert!(world.tables.set_aside(&world.place, 3).await.is_err());

    // A quote that never closes is no row, so it still refuses the file.
    let open = world
        .read("t.csv", b"id,n\na,\"1\n", stated(), aside())
        .await;
    assert!(matches!(open, Err(IngestError::BadFile { .. })));
    let none = world.read("t.csv", b"id,n\na,x\n", stated(), aside()).await;
    assert!(matches!(none, Err(IngestError::Empty { .. })), "{none:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_bad_rows_than_can_be_set_aside_refuse_the_upload() {
    let limits = RequestLimits {
        upload_set_aside_rows_max: 5,
        ..RequestLimits::default()
    };
    let world = world_with(2, limits);
    let stated = || Some(vec![column("n", Int64)]);
    let bad = |count: usize| format!("n\n1\n{}", "x\n".repeat(count));
    let made = world
        .read("t.csv", bad(5).as_bytes(), stated(), aside())
        .await
        .unwrap();
    assert_eq!(made.set_aside, 5);
    let before = world.disk();
    let refused = world
        .read("t.csv", bad(6).as_bytes(), stated(), aside())
        .await;
    assert!(
        matches!(refused, Err(IngestError::TooManyBadRows { .. })),
        "{refused:?}"
    );
    assert!(world.disk() == before);
}
