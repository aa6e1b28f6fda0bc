//! Files of other kinds than CSV, rows that do not fit, and what a dry run says of a column.

use crate::client::{Client, multipart};
use crate::server::Server;
use hyper::Method;
use serde_json::json;

/// CRC-32 as ZIP wants it (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// A ZIP archive without compression.
fn zip(parts: &[(&str, String)]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, text) in parts {
        let size = u32::try_from(text.len()).unwrap().to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc(text.as_bytes()).to_le_bytes());
        common.extend([size, size].concat());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        let at = u32::try_from(out.len()).unwrap().to_le_bytes();
        out.extend([b"PK\x03\x04", &common[..], name.as_bytes(), text.as_bytes()].concat());
        list.extend(
            [
                b"PK\x01\x02\x14\0",
                &common[..],
                &[0; 10],
                &at,
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let start = u32::try_from(out.len()).unwrap().to_le_bytes();
    let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
    let length = u32::try_from(list.len()).unwrap().to_le_bytes();
    out.extend(list);
    out.extend(
        [
            b"PK\x05\x06\0\0\0\0",
            &count[..],
            &count,
            &length,
            &start,
            &[0, 0],
        ]
        .concat(),
    );
    out
}

/// A workbook of two sheets, made of the least that Excel opens.
fn workbook() -> Vec<u8> {
    let sheet = |rows: &str| format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let text = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let number = |text: &str| format!("<c><v>{text}</v></c>");
    let row = |cells: [String; 2]| format!("<row>{}</row>", cells.concat());
    let first = [
        row([text("well"), text("signal")]),
        row([text("A1"), number("0.25")]),
    ];
    let second = [
        row([text("well"), text("dye")]),
        row([text("A1"), text("FAM")]),
    ];
    let types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{types}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |all: &[String]| format!("<Relationships>{}</Relationships>", all.concat());
    zip(&[
        (
            "_rels/.rels",
            relations(&[relation("r1", "officeDocument", "xl/workbook.xml")]),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns:r=\"{types}\"><sheets><sheet name=\"Plate\" sheetId=\"1\" r:id=\"r1\"/>\
                 <sheet name=\"Dyes\" sheetId=\"2\" r:id=\"r2\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relations(&[
                relation("r1", "worksheet", "worksheets/sheet1.xml"),
                relation("r2", "worksheet", "worksheets/sheet2.xml"),
            ]),
        ),
        ("xl/worksheets/sheet1.xml", sheet(&first.concat())),
        ("xl/worksheets/sheet2.xml", sheet(&second.concat())),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_shows_its_sheets_and_the_chosen_one_becomes_a_version() {
    let admin = Client::admin(Server::shared()).await;
    let project = admin.project("Workbooks").await;
    let (path, _) = admin.collection(&project, "Plate", "").await;
    let book = workbook();
    let file: [(&str, &[u8]); 1] = [("plate.xlsx", &book)];
    let uploads = format!("{path}/uploads");
    let seen = admin
        .upload(&format!("{uploads}?dry_run=true"), &file)
        .await
        .is(200)
        .json();
    assert_eq!(seen["sheets"], json!(["Plate", "Dyes"]));
    assert_eq!(seen["sheet"], "Plate");
    assert_eq!(seen["rows"], json!([{ "well": "A1", "signal": 0.25 }]));
    let unknown = admin
        .upload(&format!("{uploads}?sheet=Dye"), &file)
        .await
        .is(422);
    assert_eq!(unknown.code(), "no_such_sheet");
    assert_eq!(unknown.json()["sheets"], json!(["Plate", "Dyes"]));
    let made = admin
        .upload(&format!("{uploads}?sheet=Dyes"), &file)
        .await
        .is(201)
        .json();
    assert_eq!(
        made["columns"][1],
        json!({ "name": "dye", "type": "string" })
    );
    let cut: [(&str, &[u8]); 1] = [("plate.xlsx", &book[..book.len() / 2])];
    assert_eq!(
        admin.upload(&uploads, &cut).await.is(422).code(),
        "bad_file"
    );
    assert_eq!(admin.get(&path).await.json()["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_set_aside_are_counted_on_the_version_and_given_to_who_may_export() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let project = admin.project("Slips").await;
    let (path, _) = admin.collection(&project, "Table", "").await;
    let csv: [(&str, &[u8]); 1] = [("t.csv", b"id,n\na,1\nb,=SUM(1)\nc,-\nd\n")];
    let uploads = format!("{path}/uploads?mode=overwrite");
    let seen = admin
        .upload(&format!("{uploads}&dry_run=true&missing=-"), &csv)
        .await;
    assert_eq!(
        seen.is(422).code(),
        "bad_file",
        "the last line has one cell"
    );
    let how = "&bad_rows=set_aside&missing=-";
    let stated = json!([{ "name": "id", "type": "string" }, { "name": "n", "type": "int64" }]);
    let (kind, body) = multipart(&csv, Some(&stated));
    let dry = format!("{uploads}{how}&dry_run=true");
    let seen = admin
        .send(Method::POST, &dry, Some(&kind), body.clone())
        .await
        .is(200)
        .json();
    assert_eq!(seen["set_aside"], 2);
    let note = &seen["notes"][1];
    assert_eq!(
        (&note["column"], &note["missing"]),
        (&json!("n"), &json!(1))
    );
    let to = format!("{uploads}{how}");
    let made = admin
        .send(Method::POST, &to, Some(&kind), body)
        .await
        .is(201)
        .json();
    assert_eq!((&made["rows"], &made["set_aside"]), (&json!(2), &json!(2)));
    let versions = admin.get(&format!("{path}/versions")).await.is(200).json();
    assert_eq!(versions["items"][0]["set_aside"], 2);

    let report = format!("{path}/versions/1/set_aside");
    let answer = admin.get(&report).await.is(200);
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let saved = answer.headers["content-disposition"].to_str().unwrap();
    assert!(saved.starts_with("attachment"), "{saved}");
    let lines: Vec<String> = answer.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[1].starts_with("\"t.csv\",\"3\",\"n\"") && lines[2].starts_with("\"t.csv\",\"5\"")
    );

    let (outsider, id) = admin.person(server, "slips", "user").await;
    outsider.get(&report).await.is(404);
    let member = format!("{project}/members/users/{id}");
    admin
        .put(&member, &json!({ "role": "viewer" }))
        .await
        .is(200);
    outsider.get(&report).await.is(200);
    for none in ["2", "0", "x"] {
        admin
            .get(&format!("{path}/versions/{none}/set_aside"))
            .await
            .is(404);
    }
    admin
        .upload(&format!("{path}/uploads"), &[("t.csv", b"id,n\nz,9\n")])
        .await
        .is(201);
    let none = admin.get(&format!("{path}/versions/2/set_aside")).await;
    assert_eq!(none.is(200).text().lines().count(), 1, "the header alone");
    let refused = admin
        .upload(&format!("{uploads}&bad_rows=guess"), &csv)
        .await;
    refused.is(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upsert_replaces_by_key_and_the_versions_say_what_changed() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let project = admin.project("Upserts").await;
    let (path, _) = admin
        .collection(&project, "Samples", "id,n\na,1\nb,2\n")
        .await;
    let csv: [(&str, &[u8]); 1] = [("u.csv", b"id,n\nb,20\nc,3\n")];
    let uploads = format!("{path}/uploads");
    for wrong in ["mode=upsert", "mode=append&key=id", "mode=upsert&key=no"] {
        let refused = admin
            .upload(&format!("{uploads}?{wrong}"), &csv)
            .await
            .is(422);
        assert_eq!(refused.code(), "invalid_key", "{wrong}");
    }
    let made = admin
        .upload(&format!("{uploads}?mode=upsert&key=id"), &csv)
        .await
        .is(201)
        .json();
    assert_eq!(
        (&made["version"], &made["rows_updated"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(made["total_rows"], 3);
    let versions = admin.get(&format!("{path}/versions")).await.is(200).json();
    let newest = &versions["items"][0];
    assert_eq!(newest["operation"], "upsert");
    let counts = [
        &newest["rows_added"],
        &newest["rows_removed"],
        &newest["rows_updated"],
    ];
    assert_eq!(counts, [&json!(1), &json!(0), &json!(1)]);
    assert!(newest["bytes"].as_u64().unwrap() > 0);
    let diff = format!("{path}/diff?from=1&to=2&key=id");
    let found = admin.get(&diff).await.is(200).json();
    assert_eq!(
        found["keys"]["added"],
        json!({ "rows": 1, "first": ["\"c\""] })
    );
    assert_eq!(found["keys"]["changed"]["rows"], 1);
    assert_eq!(found["from"], json!({ "version": 1, "rows": 2 }));
    admin.get(&format!("{path}/diff?from=1&to=7")).await.is(422);
    admin.get(&format!("{path}/diff?from=1")).await.is(422);
    let (other, _) = admin.person(server, "differ", "user").await;
    other.get(&diff).await.is(404);
    let listed = admin
        .get("/api/v1/audit/events?type=collection.write")
        .await
        .is(200)
        .text();
    assert!(listed.contains("\"upsert\""), "the record says how");
}
