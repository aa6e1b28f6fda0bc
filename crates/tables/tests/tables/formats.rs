//! Each format becomes a version, and its types are guessed as a person would.

use crate::support::*;
use deltalake::arrow::array::*;
use deltalake::arrow::datatypes::*;
use deltalake::parquet::arrow::ArrowWriter;
use domain::ColumnType::*;
use serde_json::json;
use std::sync::Arc;
use tables::{Mode, NewVersion};

const PENGUINS: &str = "species,island,bill (mm),mass,sex,seen,at,zip,ok\n\
    Adelie,Torgersen,39.1,3750,male,2007-11-11,2007-11-11T10:00:00Z,007,true\n\
    Adelie,Dream,NA,3800,,2007-11-12,2007-11-12T10:00:00+02:00,012,false\n\
    Gentoo,\"Biscoe, north\",46.5,NA,female,,,100,\n";

pub fn parquet(batch: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_becomes_version_one_and_its_rows_come_back() {
    let world = world();
    assert_eq!(world.tables.latest(&world.place).await.unwrap(), None);
    let made = world.csv(PENGUINS).await.unwrap();
    assert_eq!((made.version, made.rows, made.total_rows), (1, 3, 3));
    assert_eq!(
        kinds(&made.columns),
        "species:string island:string bill (mm):float64 mass:int64 sex:string seen:date \
         at:timestamp_tz zip:string ok:bool"
    );
    let all = world.all().await;
    assert_eq!(
        serde_json::to_value(&all[1]).unwrap(),
        json!({"species": "Adelie", "island": "Dream", "bill (mm)": null, "mass": 3800,
               "sex": null, "seen": "2007-11-12", "at": "2007-11-12T08:00:00Z", "zip": "012",
               "ok": false})
    );
    assert_eq!(all[2]["island"], "Biscoe, north");
    let latest = world.tables.latest(&world.place).await.unwrap().unwrap();
    assert_eq!((latest.version, latest.rows), (1, 3));
    assert_eq!(latest.columns, made.columns);
    assert!(latest.bytes > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tsv_semicolons_windows_lines_marks_and_compression_are_read() {
    let world = world();
    let gz = include_bytes!("data/two.csv.gz");
    let zst = include_bytes!("data/two.csv.zst");
    let files: [(&str, &[u8]); 7] = [
        ("a.tsv", b"x\ty\n1\ta\n2\tb\n"),
        ("a.csv", b"x;y\n1;a\n2;b\n"),
        ("a.txt", b"x|y\r\n1|a\r\n2|b\r\n"),
        ("bom.CSV", b"\xef\xbb\xbfx,y\n1,a\n2,b"),
        ("mac.csv", b"x,y\r1,a\r2,b\r"),
        ("a.csv.gz", gz),
        ("a.csv.zst", zst),
    ];
    for (name, bytes) in files {
        let made = world.upload(name, bytes, Mode::Overwrite).await.unwrap();
        assert_eq!(kinds(&made.columns), "x:int64 y:string", "{name}");
        let answer = world.query(&rows_query()).await.unwrap();
        assert_eq!(lines(&answer), ["1 \"a\"", "2 \"b\""], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quoted_cells_hold_delimiters_lines_and_quotes() {
    let world = world();
    world
        .csv("a,b\n\"x, y\",\"line 1\nline 2\"\n\"say \"\"hi\"\"\",5\" pipe\n")
        .await
        .unwrap();
    assert_eq!(
        world.column("a").await,
        [json!("x, y"), json!("say \"hi\"")]
    );
    assert_eq!(
        world.column("b").await,
        [json!("line 1\nline 2"), json!("5\" pipe")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn types_are_the_narrowest_that_lose_nothing() {
    let cases = [
        ("1|2|-3", Int64),
        ("1|2.5|NA", Float64),
        ("1|1e3|inf", Float64),
        ("007|8", String),
        ("+49301234|1", String),
        ("12345678901234567890|1", String),
        ("9223372036854775807|1", Int64),
        ("true|FALSE|", Bool),
        ("yes|no", String),
        ("2024-02-29|NA", Date),
        ("2023-02-29|2023-03-01", String),
        ("2024-02-29|2024-02-29T12:30", Timestamp),
        ("2024-02-29 12:30:00.25|2024-03-01T00:00:00", Timestamp),
        ("2024-02-29T12:30:00Z|2024-02-29T12:30:00-0500", TimestampTz),
        ("2024-02-29T12:30:00Z|2024-02-29T12:30:00", String),
        ("NA|NaN", String),
        ("a|1", String),
        (" 1| 2", Int64),
    ];
    for (cells, kind) in cases {
        let world = world();
        let text = format!(
            "id|x\n{}\n",
            cells
                .split('|')
                .map(|c| format!("k|{c}"))
                .collect::<Vec<_>>()
                .join("\n")
        );
        let made = world.csv(&text).await.unwrap();
        assert_eq!(made.columns[1].kind, kind, "{cells}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guess_that_fails_far_down_is_widened_and_no_row_is_lost() {
    let world = world();
    let mut text = "a,b,c\n".to_owned();
    for i in 0..25_000 {
        text.push_str(&format!("{i},{i},2024-01-01\n"));
    }
    text.push_str("x1,2.5,2024-01-01T06:00:00\n");
    let made = world.csv(&text).await.unwrap();
    assert_eq!(kinds(&made.columns), "a:string b:float64 c:timestamp");
    assert_eq!(made.rows, 25_001);
    let objects = world
        .disk()
        .into_iter()
        .filter(|(name, _)| name.ends_with(".parquet"));
    assert_eq!(objects.count(), 1, "the first try left nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stated_schema_is_kept_and_a_category_comes_back_as_one() {
    let world = world();
    let stated = vec![
        column("zip", Int64),
        column("kind", Category),
        column("n", String),
    ];
    let made = world
        .upload_as(
            "a.csv",
            b"kind,zip,n\nred,007,1\nblue,8,2\nred,9,\n",
            Mode::Append,
            Some(stated.clone()),
        )
        .await
        .unwrap();
    assert_eq!(made.columns, stated);
    let snapshot = world
        .tables
        .snapshot(&world.place, Some(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(snapshot.columns, stated);
    assert_eq!(world.column("zip").await, [json!(7), json!(8), json!(9)]);
    let refused = world
        .upload_as(
            "b.csv",
            b"zip,kind,n\n1,a,b\nx,a,b\n",
            Mode::Overwrite,
            Some(stated),
        )
        .await
        .unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("b.csv, line 3, column \"zip\""), "{text}");
    assert!(
        text.contains("\"x\" is not a value of type int64"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn parquet_of_every_type_is_cast_to_ours() {
    let world = world();
    let words: DictionaryArray<Int32Type> = vec![Some("u"), None, Some("v")].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "small",
            Arc::new(Int8Array::from(vec![Some(1), None, Some(-3)])),
        ),
        ("f", Arc::new(Float32Array::from(vec![0.5, f32::NAN, -0.0]))),
        ("word", Arc::new(words)),
        ("day", Arc::new(Date32Array::from(vec![0, 1, 19_000]))),
        (
            "nano",
            Arc::new(TimestampNanosecondArray::from(vec![1_500, 0, 0])),
        ),
        (
            "zoned",
            Arc::new(TimestampMillisecondArray::from(vec![0, 1, 2]).with_timezone("Europe/Berlin")),
        ),
        ("b", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("big", Arc::new(LargeStringArray::from(vec!["x", "y", "z"]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let made = world
        .upload("a.parquet", &parquet(&batch), Mode::Append)
        .await
        .unwrap();
    assert_eq!(
        kinds(&made.columns),
        "small:int64 f:float64 word:category day:date nano:timestamp zoned:timestamp_tz b:bool big:string"
    );
    assert_eq!(
        world.column("f").await,
        [json!(0.5), json!(null), json!(0.0)]
    );
    assert_eq!(
        world.column("word").await,
        [json!("u"), json!(null), json!("v")]
    );
    assert_eq!(world.column("nano").await[0], "1970-01-01T00:00:00.000001Z");
    assert_eq!(world.column("zoned").await[1], "1970-01-01T00:00:00.001Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_files_are_one_version_in_their_order_and_agree_on_types() {
    let world = world();
    let files = vec![
        world.file("1.csv", b"a,b\n1,x\n").await,
        world.file("2.csv", b"b,a\ny,2.5\n").await,
    ];
    let made = world
        .tables
        .ingest(
            &world.place,
            NewVersion::new(files, Mode::Append),
            "usr_tester",
            None,
        )
        .await
        .unwrap();
    assert_eq!(kinds(&made.columns), "a:float64 b:string");
    assert_eq!((made.version, made.rows), (1, 2));
    assert_eq!(
        lines(&world.query(&rows_query()).await.unwrap()),
        ["1.0 \"x\"", "2.5 \"y\""]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inspection_shows_what_would_come_and_writes_nothing() {
    let world = world();
    let mut text = "a,b\n".to_owned();
    (0..250).for_each(|i| text.push_str(&format!("{i},v{i}\n")));
    let file = world.file("x.csv", text.as_bytes()).await;
    let seen = world
        .tables
        .inspect(NewVersion::new(vec![file], Mode::Append))
        .await
        .unwrap();
    assert_eq!(kinds(&seen.columns), "a:int64 b:string");
    assert_eq!((seen.rows.num_rows(), seen.rows_seen), (100, 250));
    let rows = tables::json::rows(&[seen.rows]);
    assert_eq!(
        serde_json::to_value(&rows[99]).unwrap(),
        json!({"a": 99, "b": "v99"})
    );
    assert!(world.disk().is_empty());
    assert_eq!(world.tables.latest(&world.place).await.unwrap(), None);
}
