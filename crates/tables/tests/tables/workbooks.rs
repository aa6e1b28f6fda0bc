//! Excel workbooks, made here.

use crate::support::*;
use domain::limits::RequestLimits;
use serde_json::json;
use tables::{IngestError, Mode, Reading};

/// A ZIP archive, deflated; `lie` is added to the size that the list of parts claims.
async fn zip(parts: &[(&str, &str)], lie: u32) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, text) in parts {
        let packed = gzip(text.as_bytes()).await;
        let tail = packed.len() - 8;
        let crc = packed[tail..tail + 4].to_vec();
        let deflated = &packed[10..tail];
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0];
        common.extend(&crc);
        common.extend(u32::try_from(deflated.len()).unwrap().to_le_bytes());
        common.extend((u32::try_from(text.len()).unwrap() + lie).to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        let at = u32::try_from(out.len()).unwrap();
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(deflated);
        list.extend(b"PK\x01\x02\x14\0");
        list.extend(&common);
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let start = u32::try_from(out.len()).unwrap();
    let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
    out.extend(&list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(u32::try_from(list.len()).unwrap().to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// A workbook of these sheets, each given as its rows in XML. Style 1 is a date, 2 a moment, 3 hours.
async fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut names = String::new();
    let mut relations = String::new();
    let mut parts = Vec::new();
    for (index, (name, rows)) in sheets.iter().enumerate() {
        let id = index + 1;
        names.push_str(&format!(
            "<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"/>"
        ));
        relations.push_str(&format!(
            "<Relationship Id=\"rId{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/\
             2006/relationships/worksheet\" Target=\"worksheets/sheet{id}.xml\"/>"
        ));
        let xml = format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
             <sheetData>{rows}</sheetData></worksheet>"
        );
        parts.push((format!("xl/worksheets/sheet{id}.xml"), xml));
    }
    let head = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
                xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
    parts.push((
        "xl/workbook.xml".to_owned(),
        format!("<workbook {head}><sheets>{names}</sheets></workbook>"),
    ));
    let package = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!(
            "<Relationships {package}>{relations}<Relationship Id=\"rId90\" \
             Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" \
             Target=\"styles.xml\"/><Relationship Id=\"rId91\" Type=\"http://schemas.\
             openxmlformats.org/officeDocument/2006/relationships/sharedStrings\" \
             Target=\"sharedStrings.xml\"/></Relationships>"
        ),
    ));
    parts.push((
        "_rels/.rels".to_owned(),
        format!(
            "<Relationships {package}><Relationship Id=\"rId1\" Type=\"http://schemas.\
             openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
             Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    ));
    parts.push((
        "xl/styles.xml".to_owned(),
        format!(
            "<styleSheet {head}><cellXfs count=\"4\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
             <xf numFmtId=\"22\"/><xf numFmtId=\"46\"/></cellXfs></styleSheet>"
        ),
    ));
    parts.push((
        "xl/sharedStrings.xml".to_owned(),
        format!("<sst {head}><si><t>shared &amp; text</t></si><si><r><t>rich</t></r><r><t xml:space=\"preserve\"> text</t></r></si></sst>"),
    ));
    let parts: Vec<(&str, &str)> = parts
        .iter()
        .map(|(n, x)| (n.as_str(), x.as_str()))
        .collect();
    zip(&parts, 0).await
}

/// A cell that holds its text itself.
fn text(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn value(at: &str, kind: &str, style: u32, value: &str) -> String {
    format!("<c r=\"{at}\" t=\"{kind}\" s=\"{style}\"><v>{value}</v></c>")
}

fn row(number: u32, cells: &[String]) -> String {
    format!("<row r=\"{number}\">{}</row>", cells.concat())
}

fn header(names: &[&str]) -> String {
    let cells: Vec<String> = names
        .iter()
        .zip("ABCDEFGHIJ".chars())
        .map(|(name, letter)| text(&format!("{letter}1"), name))
        .collect();
    row(1, &cells)
}

/// A workbook of one sheet with a column of each kind.
pub async fn sheet() -> Vec<u8> {
    let mut rows = header(&["name", "n", "day"]);
    for number in 2..30_u32 {
        let cells = [
            text(&format!("A{number}"), &format!("row {number}")),
            value(&format!("B{number}"), "n", 0, &number.to_string()),
            value(
                &format!("C{number}"),
                "n",
                1,
                &(45_000 + number).to_string(),
            ),
        ];
        rows.push_str(&row(number, &cells));
    }
    workbook(&[("Data", &rows)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_read_as_excel_shows_it() {
    let world = world();
    let rows = [
        header(&[
            "name", "n", "share", "day", "at", "span", "ok", "code", "fault",
        ]),
        row(
            2,
            &[
                value("A2", "s", 0, "0"),
                value("B2", "n", 0, "3"),
                value("C2", "n", 0, "0.5"),
                value("D2", "n", 1, "45351"),
                value("E2", "n", 2, "45351.5"),
                value("F2", "n", 3, "1.5"),
                value("G2", "b", 0, "1"),
                text("H2", "007"),
                value("I2", "e", 0, "#DIV/0!"),
            ],
        ),
        // Row 3 is blank, and row 4 has blank cells between.
        row(3, &[value("A3", "n", 1, "")]),
        row(
            4,
            &[
                value("A4", "s", 0, "1"),
                value("B4", "n", 0, "-4"),
                value("C4", "n", 0, "1e300"),
                value("D4", "n", 1, "1"),
                value("G4", "b", 0, "0"),
                text("H4", "12"),
                value("I4", "n", 0, "7"),
            ],
        ),
    ];
    let second = [header(&["other"]), row(2, &[value("A2", "n", 0, "9")])].concat();
    let book = workbook(&[("First", &rows.concat()), ("Second", &second)]).await;
    let seen = world.inspect("b.xlsx", &book, Reading::default()).await;
    assert_eq!(seen.sheets, ["First", "Second"]);
    assert_eq!(seen.sheet.as_deref(), Some("First"));
    let made = world.upload("b.xlsx", &book, Mode::Append).await.unwrap();
    assert_eq!(
        kinds(&made.columns),
        "name:string n:int64 share:float64 day:date at:timestamp span:string ok:bool code:string \
         fault:int64"
    );
    assert_eq!(
        serde_json::to_value(world.all().await).unwrap(),
        json!([
            {"name": "shared & text", "n": 3, "share": 0.5, "day": "2024-02-29",
             "at": "2024-02-29T12:00:00Z", "span": "36:00:00", "ok": true, "code": "007",
             "fault": null},
            {"name": "rich text", "n": -4, "share": 1e300, "day": "1900-01-01", "at": null,
             "span": null, "ok": false, "code": "12", "fault": 7},
        ])
    );
    let chosen = Reading {
        sheet: Some("Second".to_owned()),
        ..Reading::default()
    };
    let made = world.read("b.xlsx", &book, None, chosen).await.unwrap();
    assert_eq!(kinds(&made.columns), "other:int64");
    let unknown = Reading {
        sheet: Some("Third".to_owned()),
        ..Reading::default()
    };
    let refused = world
        .read("b.xlsx", &book, None, unknown)
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("\"First\", \"Second\""),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_sheet_is_told_with_its_row() {
    let world = world();
    let beside = [
        header(&["a", "b"]),
        row(2, &[value("A2", "n", 0, "1"), value("B2", "n", 0, "1")]),
        row(3, &[value("A3", "n", 0, "1"), value("D3", "n", 0, "1")]),
    ];
    let unnamed = [
        row(1, &[text("A1", "a"), text("C1", "c")]),
        row(2, &[value("A2", "n", 0, "1")]),
    ];
    let twice = [row(1, &[text("A1", "a")]), row(1, &[text("A1", "b")])];
    let cases: [(Vec<u8>, &[&str]); 6] = [
        (
            workbook(&[("S", &beside.concat())]).await,
            &["line 3", "column D"],
        ),
        (
            workbook(&[("S", &unnamed.concat())]).await,
            &["line 1", "column B", "no name"],
        ),
        (workbook(&[("S", &twice.concat())]).await, &["order"]),
        (workbook(&[("S", "")]).await, &["no rows"]),
        (workbook(&[("S", &header(&["a", "b"]))]).await, &["no rows"]),
        (
            zip(&[("word/document.xml", "<a/>")], 0).await,
            &["not a readable Excel workbook"],
        ),
    ];
    for (bytes, words) in cases {
        let refused = world
            .upload("b.xlsx", &bytes, Mode::Append)
            .await
            .unwrap_err();
        for word in words {
            assert!(refused.to_string().contains(word), "{refused}");
        }
        assert!(world.disk().is_empty());
    }
    let made = world
        .read(
            "b.xlsx",
            &workbook(&[("S", &beside.concat())]).await,
            None,
            aside(),
        )
        .await
        .unwrap();
    assert_eq!((made.rows, made.set_aside), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_that_lies_or_unpacks_to_too_much_is_refused() {
    let limits = RequestLimits {
        excel_bytes_max: 100_000,
        excel_unpacked_bytes_max: 2_000_000,
        excel_strings_bytes_max: 50_000,
        ..RequestLimits::default()
    };
    let world = world_with(2, limits);
    let rows = |count: usize| header(&["a"]) + &"<row><c><v>1</v></c></row>".repeat(count);
    let fits = workbook(&[("S", &rows(1_000))]).await;
    assert_eq!(
        world
            .upload("b.xlsx", &fits, Mode::Append)
            .await
            .unwrap()
            .rows,
        1_000
    );
    let before = world.disk();

    let bomb = workbook(&[("S", &rows(100_000))]).await;
    assert!((bomb.len() as u64) < limits.excel_bytes_max);
    let refused = world
        .upload("b.xlsx", &bomb, Mode::Append)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, IngestError::ExcelTooLarge { unpacked: true, .. }),
        "{refused:?}"
    );
    let long = format!("<sst>{}</sst>", "<si/>".repeat(20_000));
    let texts = zip(&[("xl/sharedStrings.xml", &long)], 0).await;
    let refused = world
        .upload("b.xlsx", &texts, Mode::Append)
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            IngestError::ExcelTooLarge {
                bytes_max: 50_000,
                unpacked: true,
                ..
            }
        ),
        "{refused:?}"
    );
    let refused = world.upload("b.xlsx", b"", Mode::Append).await.unwrap_err();
    assert!(matches!(refused, IngestError::Empty { .. }));
    let mut large = fits.clone();
    large.resize(100_001, 0);
    let refused = world
        .upload("b.xlsx", &large, Mode::Append)
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            IngestError::ExcelTooLarge {
                unpacked: false,
                ..
            }
        ),
        "{refused:?}"
    );

    // Another size than the one claimed, a part twice, a cut archive, changed bytes.
    let lying = zip(&[("xl/workbook.xml", "<workbook/>")], 1).await;
    let twice = zip(&[("xl/A.xml", "<a/>"), ("xl/a.xml", "<a/>")], 0).await;
    let mut changed = fits.clone();
    changed[60] ^= 0xff;
    for (what, bytes) in [
        ("damaged", lying),
        ("one name", twice),
        ("damaged", fits[..fits.len() - 30].to_vec()),
        ("damaged", changed),
        ("damaged", b"PK\x03\x04 and no more of it".to_vec()),
    ] {
        let refused = world
            .upload("b.xlsx", &bytes, Mode::Append)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains(what), "{refused}");
    }
    assert!(world.disk() == before);
}
