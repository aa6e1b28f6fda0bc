//! Arrow files and streams, Parquet that unpacks to much, and text that is packed. The files are made here.

use crate::formats::parquet;
use crate::support::*;
use deltalake::arrow::array::*;
use deltalake::arrow::datatypes::*;
use deltalake::arrow::ipc::CompressionType;
use deltalake::arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use domain::limits::RequestLimits;
use serde_json::json;
use std::sync::Arc;
use tables::{IngestError, Mode};

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
