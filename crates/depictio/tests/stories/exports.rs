//! Rows as files: whole, in each format, harmless in a spreadsheet, and never half of one that looks whole.

use crate::client::Client;
use crate::server::Server;
use serde_json::json;
use std::time::Duration;
use tables::arrow::array::AsArray as _;
use tables::arrow::datatypes::{Float64Type, Int64Type};
use tables::arrow::ipc::reader::StreamReader;

const CSV: &str = "n,name,size,day,seen,ok\n1,ash,1.5,2024-01-01,2024-01-01T12:00:00,true\n\
                  2,\"oak, \"\"red\"\"\",,2024-02-01,,\n3,=1+1,1e300,,2024-03-01T00:00:00.5,false\n\
                  4,+,-0.1,,,\n5,-cmd|' /C calc'!A0,2.0,,,\n6,-5,,,,\n";

async fn table(admin: &Client) -> String {
    let project = admin.project("Exports").await;
    admin.collection(&project, "Bäume & \"mehr\"", CSV).await.0
}

fn accepting(client: &Client, media: &str) -> Client {
    let mut client = client.clone();
    client.headers.push(("accept", media.to_owned()));
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_as_a_file_that_can_be_uploaded_again() {
    let admin = Client::admin(Server::shared()).await;
    let path = table(&admin).await;
    let kept = admin
        .get(&format!("{path}/export?formulas=keep"))
        .await
        .is(200);
    assert_eq!(
        kept.text(),
        "n,name,size,day,seen,ok\r\n1,ash,1.5,2024-01-01,2024-01-01T12:00:00Z,true\r\n\
         2,\"oak, \"\"red\"\"\",,2024-02-01,,\r\n3,=1+1,1e300,,2024-03-01T00:00:00.500Z,false\r\n\
         4,+,-0.1,,,\r\n5,-cmd|' /C calc'!A0,2.0,,,\r\n6,-5,,,,\r\n"
    );
    let header = |name: &str| kept.headers[name].to_str().unwrap().to_owned();
    assert_eq!(
        header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(header("x-version"), "1");
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"B_ume____mehr__v1.csv\"; filename*=UTF-8''B%C3%A4ume%20%26%20%22mehr%22%20v1.csv"
    );
    let project = admin.project("Exports, taken in again").await;
    let (again, _) = admin.collection(&project, "Trees", &kept.text()).await;
    let rows = async |path: &str| {
        admin
            .post(&format!("{path}/query"), &json!({}))
            .await
            .is(200)
            .json()["rows"]
            .clone()
    };
    let (first, second) = (rows(&path).await, rows(&again).await);
    for column in ["n", "name", "size", "day", "ok"] {
        for (one, other) in first
            .as_array()
            .unwrap()
            .iter()
            .zip(second.as_array().unwrap())
        {
            assert_eq!(one[column], other[column]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_computes_nothing_of_what_was_uploaded() {
    let admin = Client::admin(Server::shared()).await;
    let path = table(&admin).await;
    let names = |text: &str| -> Vec<String> {
        let lines = text.lines().skip(1);
        lines
            .map(|line| line.split(',').nth(1).unwrap().to_owned())
            .collect()
    };
    let guarded = admin
        .get(&format!("{path}/export?filter=n%3E2"))
        .await
        .is(200)
        .text();
    assert_eq!(
        names(&guarded),
        ["'=1+1", "+", "'-cmd|' /C calc'!A0", "-5"],
        "{guarded}"
    );
    let kept = admin
        .get(&format!("{path}/export?filter=n%3E2&formulas=keep"))
        .await
        .is(200)
        .text();
    assert_eq!(names(&kept)[0], "=1+1", "a program gets what was uploaded");
    // Names of columns stand in cells too.
    let project = admin.project("Formulas").await;
    let (path, _) = admin
        .collection(&project, "Names", "\"=HYPERLINK(1)\",b\n\"@x;y\",1\n")
        .await;
    let text = admin.get(&format!("{path}/export")).await.is(200).text();
    assert_eq!(text, "'=HYPERLINK(1),b\r\n\"'@x;y\",1\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_format_holds_the_same_rows() {
    let admin = Client::admin(Server::shared()).await;
    let path = table(&admin).await;
    let url = format!("{path}/export?filter=n%20in%20(1,3)&columns=%5B%22size%22,%22n%22%5D");
    let csv = admin.get(&url).await.is(200).text();
    assert_eq!(csv, "size,n\r\n1.5,1\r\n1e300,3\r\n");
    let lines = admin.get(&format!("{url}&format=jsonl")).await.is(200);
    assert_eq!(lines.headers["content-type"], "application/x-ndjson");
    assert_eq!(
        lines.lines(),
        [
            json!({ "size": 1.5, "n": 1 }),
            json!({ "size": 1e300, "n": 3 })
        ]
    );

    let arrow = accepting(&admin, "application/vnd.apache.arrow.stream")
        .get(&url)
        .await
        .is(200);
    let batches: Vec<_> = StreamReader::try_new(arrow.bytes.as_ref(), None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let sizes: Vec<f64> = batches
        .iter()
        .flat_map(|b| b.column(0).as_primitive::<Float64Type>().values().to_vec())
        .collect();
    let numbers: Vec<i64> = batches
        .iter()
        .flat_map(|b| b.column(1).as_primitive::<Int64Type>().values().to_vec())
        .collect();
    assert_eq!((sizes, numbers), (vec![1.5, 1e300], vec![1, 3]));
    assert_eq!(batches[0].schema().field(1).name(), "n");

    let parquet = admin.get(&format!("{url}&format=parquet")).await.is(200);
    assert_eq!(
        parquet.headers["content-type"],
        "application/vnd.apache.parquet"
    );
    let project = admin.project("Exports as Parquet").await;
    let (again, _) = admin.collection(&project, "Again", "n,size\n0,0.5\n").await;
    let files: [(&str, &[u8]); 1] = [("again.parquet", &parquet.bytes)];
    admin
        .upload(&format!("{again}/uploads?mode=overwrite"), &files)
        .await
        .is(201);
    let rows = admin
        .post(
            &format!("{again}/query"),
            &json!({ "columns": ["n", "size"] }),
        )
        .await
        .is(200)
        .json();
    assert_eq!(
        rows["rows"],
        json!([{ "n": 1, "size": 1.5 }, { "n": 3, "size": 1e300 }])
    );

    // No row at all is a file all the same.
    for (format, text) in [("csv", "size,n\r\n"), ("jsonl", "")] {
        let none =
            format!("{path}/export?filter=n%3E9&columns=%5B%22size%22,%22n%22%5D&format={format}");
        assert_eq!(admin.get(&none).await.is(200).text(), text);
    }
    let none = admin
        .get(&format!("{path}/export?filter=n%3E9&format=parquet"))
        .await
        .is(200);
    assert!(none.bytes.starts_with(b"PAR1") && none.bytes.ends_with(b"PAR1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_exported_is_refused_before_a_byte_is_sent() {
    let admin = Client::admin(Server::shared()).await;
    let path = table(&admin).await;
    for (query, status, code) in [
        ("filter=m%3E2", 422, "invalid_filter"),
        ("filter=", 422, "invalid_filter"),
        (
            "filters=%5B%7B%22column%22:%22m%22,%22op%22:%22is_null%22%7D%5D",
            422,
            "unknown_column",
        ),
        ("filters=no", 422, "invalid"),
        ("columns=%5B%22m%22%5D", 422, "unknown_column"),
        ("columns=%5B%5D", 422, "invalid"),
        ("columns=n", 422, "invalid"),
        ("version=9", 422, "no_such_version"),
        ("format=xlsx", 422, "invalid"),
        ("formula=keep", 422, "invalid"),
    ] {
        let answer = admin
            .get(&format!("{path}/export?{query}"))
            .await
            .is(status);
        assert_eq!(answer.code(), code, "{query}: {}", answer.text());
    }
    let odd = accepting(&admin, "image/png")
        .get(&format!("{path}/export"))
        .await
        .is(406);
    assert_eq!(odd.code(), "not_acceptable");
    let project = admin.project("Exports of nothing").await;
    let (empty, _) = admin.collection(&project, "Empty", "").await;
    admin.get(&format!("{empty}/export")).await.is(422);

    let server = Server::shared();
    let (stranger, _) = admin.person(server, "export-stranger", "user").await;
    let hidden = stranger.get(&format!("{path}/export")).await.is(404);
    assert_eq!(hidden.code(), "not_found");
    Client::anyone(server)
        .get(&format!("{path}/export"))
        .await
        .is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_recorded_and_may_be_larger_than_a_query() {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Large exports").await;
    let numbers: String = (0..60_000).map(|n| format!("{n},{}\n", n % 7)).collect();
    let (path, id) = admin
        .collection(&project, "Numbers", &format!("n,m\n{numbers}"))
        .await;
    let text = admin
        .get(&format!("{path}/export?filter=m!=3"))
        .await
        .is(200)
        .text();
    let expected: String = (0..60_000)
        .filter(|n| n % 7 != 3)
        .map(|n| format!("{n},{}\r\n", n % 7))
        .collect();
    assert_eq!(
        text,
        format!("n,m\r\n{expected}"),
        "in the order of upload, each row once"
    );
    // Reads are written within 50 ms.
    tokio::time::sleep(Duration::from_millis(150)).await;
    let events = admin
        .get("/api/v1/audit/events?type=data.export&limit=200")
        .await
        .is(200)
        .json();
    let found = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["target"]["id"] == json!(id));
    let found = found.unwrap_or_else(|| panic!("{events}"));
    assert_eq!(
        found["details"],
        json!({ "of": "export", "version": 1, "format": "csv", "filters": 1 })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_answered_in_the_format_that_is_accepted() {
    let admin = Client::admin(Server::shared()).await;
    let path = format!("{}/query", table(&admin).await);
    let page =
        json!({ "columns": ["n"], "sort": [{ "column": "n", "descending": true }], "limit": 2 });
    let json = admin.post(&path, &page).await.is(200).json();
    let all = json["total_rows"].to_string();
    let csv = accepting(&admin, "text/html, text/csv;q=0.9")
        .post(&path, &page)
        .await
        .is(200);
    let rows: Vec<String> = json["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["n"].to_string())
        .collect();
    assert_eq!(csv.text(), format!("n\r\n{}\r\n{}\r\n", rows[0], rows[1]));
    for (name, value) in [
        ("x-version", json["version"].to_string()),
        ("x-total-rows", all),
        (
            "x-next-cursor",
            json["next_cursor"].as_str().unwrap().to_owned(),
        ),
    ] {
        assert_eq!(csv.headers[name], value, "{name}");
    }
    let lines = accepting(&admin, "application/x-ndjson")
        .post(&path, &page)
        .await
        .is(200);
    assert_eq!(json!(lines.lines()), json["rows"]);
    let parquet = accepting(&admin, "application/vnd.apache.parquet")
        .post(&path, &page)
        .await
        .is(200);
    assert!(parquet.bytes.starts_with(b"PAR1") && parquet.bytes.ends_with(b"PAR1"));
    let arrow = accepting(&admin, "application/vnd.apache.arrow.stream")
        .post(&path, &page)
        .await
        .is(200);
    let rows = StreamReader::try_new(arrow.bytes.as_ref(), None)
        .unwrap()
        .map(|batch| batch.unwrap().num_rows());
    assert_eq!(rows.sum::<usize>(), 2);
    let picture = accepting(&admin, "image/png")
        .post(&path, &page)
        .await
        .is(406);
    assert_eq!(picture.code(), "not_acceptable");
    // Rows that nobody has are a file all the same.
    let none = json!({ "columns": ["n"], "filters": [{ "column": "n", "op": "lt", "value": -1_000_000_000 }] });
    let csv = accepting(&admin, "text/csv")
        .post(&path, &none)
        .await
        .is(200);
    assert_eq!(csv.text(), "n\r\n");
}
