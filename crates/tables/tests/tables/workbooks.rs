//! Excel workbooks, Arrow files and streams, and rows that are set aside. The files are made here.

use crate::formats::parquet;
use crate::support::*;
use async_compression::tokio::write::{GzipEncoder, ZstdEncoder};
use deltalake::arrow::array::*;
use deltalake::arrow::datatypes::*;
use deltalake::arrow::ipc::CompressionType;
use deltalake::arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use domain::ColumnType::{self, Category, Date, Int64};
use domain::limits::RequestLimits;
use serde_json::json;
use std::sync::Arc;
use tables::{BadRows, IngestError, Mode, NewVersion, Preview, Reading};
use tokio::io::AsyncWriteExt as _;

pub async fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(bytes).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

pub async fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZstdEncoder::new(Vec::new());
    encoder.write_all(bytes).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

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

impl World {
    async fn inspect(&self, name: &str, bytes: &[u8], reading: Reading) -> Preview {
        let file = self.file(name, bytes).await;
        let new = NewVersion {
            reading,
            ..NewVersion::new(vec![file], Mode::Append)
        };
        self.tables.inspect(new).await.unwrap()
    }

    async fn read(
        &self,
        name: &str,
        bytes: &[u8],
        schema: Option<Vec<domain::Column>>,
        reading: Reading,
    ) -> Result<tables::Ingested, IngestError> {
        let file = self.file(name, bytes).await;
        let new = NewVersion {
            schema,
            reading,
            ..NewVersion::new(vec![file], Mode::Overwrite)
        };
        self.tables.ingest(&self.place, new, "usr_1", None).await
    }
}

fn aside() -> Reading {
    Reading {
        bad_rows: BadRows::SetAside,
        ..Reading::default()
    }
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

fn batch() -> RecordBatch {
    let words: DictionaryArray<Int32Type> = vec![Some("u"), None, Some("v")].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "n",
            Arc::new(Int32Array::from(vec![Some(1), None, Some(-3)])),
        ),
        ("word", Arc::new(words)),
        ("nothing", Arc::new(NullArray::new(3))),
        (
            "long",
            Arc::new(StringViewArray::from(vec![
                "x",
                "y",
                "a text of more than twelve bytes",
            ])),
        ),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

pub fn arrow(batches: &[RecordBatch], stream: bool, codec: Option<CompressionType>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = IpcWriteOptions::default()
        .try_with_compression(codec)
        .unwrap();
    let schema = batches[0].schema();
    if stream {
        let mut writer = StreamWriter::try_new_with_options(&mut bytes, &schema, options).unwrap();
        batches
            .iter()
            .for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap();
    } else {
        let mut writer = FileWriter::try_new_with_options(&mut bytes, &schema, options).unwrap();
        batches
            .iter()
            .for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap();
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn arrow_files_and_streams_are_read_packed_or_not() {
    let world = world();
    let batches = [batch(), batch()];
    let codecs = [
        None,
        Some(CompressionType::LZ4_FRAME),
        Some(CompressionType::ZSTD),
    ];
    for (codec, stream) in codecs
        .iter()
        .flat_map(|codec| [(codec, false), (codec, true)])
    {
        let bytes = arrow(&batches, stream, *codec);
        let name = if stream { "a.arrows" } else { "a.feather" };
        let made = world.upload(name, &bytes, Mode::Overwrite).await.unwrap();
        assert_eq!(
            kinds(&made.columns),
            "n:int64 word:category nothing:string long:string",
            "{codec:?} {stream}"
        );
        let rows = world.all().await;
        assert_eq!(rows.len(), 6);
        assert_eq!(
            serde_json::to_value(&rows[5]).unwrap(),
            json!({"n": -3, "word": "v", "nothing": null, "long": "a text of more than twelve bytes"})
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_arrow_file_that_lies_about_its_size_is_refused_before_memory_is_taken() {
    let limits = RequestLimits {
        arrow_batch_bytes_max: 1 << 20,
        ..RequestLimits::default()
    };
    let world = world_with(2, limits);
    let texts = StringArray::from(vec!["a text that packs well ".repeat(40); 1_000]);
    let batch = RecordBatch::try_from_iter(vec![("t", Arc::new(texts) as ArrayRef)]).unwrap();
    for codec in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        let bytes = arrow(std::slice::from_ref(&batch), false, Some(codec));
        assert_eq!(
            world
                .upload("a.arrow", &bytes, Mode::Overwrite)
                .await
                .unwrap()
                .rows,
            1_000
        );
        // The length that the second buffer claims to unpack to, which is that of all texts.
        let size = u64::try_from(1_000 * 40 * 23).unwrap().to_le_bytes();
        let at = bytes.windows(8).rposition(|window| window == size).unwrap();
        let mut lying = bytes.clone();
        lying[at..at + 8].copy_from_slice(&(1_u64 << 40).to_le_bytes());
        let refused = world
            .upload("a.arrow", &lying, Mode::Append)
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("more than 1048576 bytes"),
            "{refused}"
        );
    }
    let bytes = arrow(&[batch.clone(), batch], true, None);
    for cut in [9, 40, 200, bytes.len() / 2] {
        let refused = world
            .upload("a.arrow", &bytes[..cut], Mode::Append)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, IngestError::BadFile { .. }),
            "{cut}: {refused:?}"
        );
    }
    // Any byte of what a message says of itself may be another one: never a crash, never a guess.
    for at in 8..400 {
        let mut changed = bytes.clone();
        changed[at] ^= 0x81;
        let _ = world.upload("a.arrow", &changed, Mode::Overwrite).await;
    }
    let old = world
        .upload("a.feather", b"FEA1....FEA1", Mode::Append)
        .await
        .unwrap_err();
    assert!(old.to_string().contains("version 1"), "{old}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parquet_that_repeats_a_long_text_is_counted_as_it_unpacks() {
    let limits = RequestLimits {
        upload_unpacked_bytes_max: 40_000_000,
        ..RequestLimits::default()
    };
    let world = world_with(2, limits);
    let long = "x".repeat(50_000);
    let texts: StringArray = (0..1_000).map(|_| Some(long.as_str())).collect();
    let batch = RecordBatch::try_from_iter(vec![("t", Arc::new(texts) as ArrayRef)]).unwrap();
    let bomb = parquet(&batch);
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    let refused = world
        .upload("a.parquet", &bomb, Mode::Append)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, IngestError::TooLarge { .. }),
        "{refused:?}"
    );
    let half = parquet(&batch.slice(0, 500));
    assert_eq!(
        world
            .upload("a.parquet", &half, Mode::Append)
            .await
            .unwrap()
            .rows,
        500
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_format_is_read_packed_by_either_packer() {
    let world = world();
    for (name, text) in [
        ("a.csv", "x,y\n1,a\n"),
        ("a.tsv", "x\ty\n1\ta\n"),
        ("a.txt", "x|y\n1|a\n"),
    ] {
        for (ending, bytes) in [
            ("gz", gzip(text.as_bytes()).await),
            ("zst", zstd(text.as_bytes()).await),
        ] {
            let name = format!("{name}.{ending}");
            world.upload(&name, &bytes, Mode::Overwrite).await.unwrap();
            let answer = world.query(&rows_query()).await.unwrap();
            assert_eq!(lines(&answer), ["1 \"a\""], "{name}");
        }
    }
}

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
