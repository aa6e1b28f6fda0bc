//! Each format becomes a version, and its types are guessed as a person would.

use crate::support::*;
use domain::ColumnType;
use serde_json::json;
use tables::Mode;

const PENGUINS: &str = "species,island,bill (mm),mass,sex,seen,at,zip,ok\n\
    Adelie,Torgersen,39.1,3750,male,2007-11-11,2007-11-11T10:00:00Z,007,true\n\
    Adelie,Dream,NA,3800,,2007-11-12,2007-11-12T10:00:00+02:00,012,false\n\
    Gentoo,\"Biscoe, north\",46.5,NA,female,,,100,\n";

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
    let _ = ColumnType::Date;
    let again = world
        .upload("more.csv", PENGUINS.as_bytes(), Mode::Append)
        .await
        .unwrap();
    assert_eq!((again.version, again.rows, again.total_rows), (2, 3, 6));
}
