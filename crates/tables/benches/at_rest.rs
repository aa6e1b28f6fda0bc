//! What sealing costs a table: Parquet written and read as tables write and read it, sealed and plain, on the disk of the
//! temporary folder. Prints a table of `docs/SPECIFICATION.md`.

use bytes::Bytes;
use deltalake::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use deltalake::parquet::arrow::arrow_reader::ArrowReaderOptions;
use deltalake::parquet::arrow::async_reader::AsyncFileReader;
use deltalake::parquet::arrow::{AsyncArrowWriter, ParquetRecordBatchStreamBuilder};
use deltalake::parquet::basic::{Compression, ZstdLevel};
use deltalake::parquet::errors::{ParquetError, Result as ParquetResult};
use deltalake::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use deltalake::parquet::file::properties::WriterProperties;
use deltalake::parquet::schema::types::ColumnPath;
use futures::future::BoxFuture;
use futures::{FutureExt as _, TryFutureExt as _, TryStreamExt as _};
use keys::{DataKey, SystemRng};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use objects::{Sealed, SealingKeys};
use std::error::Error;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Of one file, as tables have them.
const ROWS: i64 = 512 * 1024;
const FILES: usize = 2;
/// Rounds in turn, the first one of which does not count; the middle one of each kind counts.
const ROUNDS: usize = 31;

struct File {
    store: Arc<dyn ObjectStore>,
    path: Path,
    bytes: u64,
}

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl AsyncFileReader for File {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<Bytes>> {
        let read = async move { self.store.get_range(&self.path, range).await };
        read.map_err(external).boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, ParquetResult<Vec<Bytes>>> {
        let read = async move { self.store.get_ranges(&self.path, &ranges).await };
        read.map_err(external).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        let bytes = self.bytes;
        let read = ParquetMetaDataReader::new().load_and_finish(self, bytes);
        read.map_ok(Arc::new).boxed()
    }
}

#[tokio::main]
async fn main() -> Fallible<()> {
    let folder = tempfile::tempdir()?;
    let plain = objects::local(folder.path().to_owned())?;
    let key = SealingKeys::new(DataKey::generate(&SystemRng));
    let sealed = Sealed::new(Arc::clone(&plain), key);
    let rows = rows()?;
    let (mut without, mut with) = (Times::default(), Times::default());
    for round in 0..ROUNDS {
        // Each kind goes first every other time.
        let mut turns = [(&plain, &mut without), (&sealed, &mut with)];
        if round % 2 == 1 {
            turns.reverse();
        }
        for (store, times) in turns {
            let (write, read) = measure(store, &rows).await?;
            if round > 0 {
                times.write.push(write);
                times.read.push(read);
            }
        }
    }
    println!(
        "\n| million rows of seven columns a second, as Parquet | plain | sealed | sealed / plain |\n|---|---:|---:|---:|"
    );
    for (what, without, with) in [
        ("encoded and written", &mut without.write, &mut with.write),
        (
            "read from the system's cache and decoded",
            &mut without.read,
            &mut with.read,
        ),
    ] {
        let (plain, sealed) = (rate(without), rate(with));
        println!(
            "| {what} | {plain:.2} | {sealed:.2} | {:.2} |",
            sealed / plain
        );
    }
    Ok(())
}

#[derive(Default)]
struct Times {
    write: Vec<Duration>,
    read: Vec<Duration>,
}

/// Writes all files and reads all of their columns again.
async fn measure(
    store: &Arc<dyn ObjectStore>,
    rows: &RecordBatch,
) -> Fallible<(Duration, Duration)> {
    let paths: Vec<Path> = (0..FILES)
        .map(|n| Path::from(format!("file-{n}")))
        .collect();
    let began = Instant::now();
    for path in &paths {
        let object = BufWriter::new(Arc::clone(store), path.clone());
        let mut writer = AsyncArrowWriter::try_new(object, rows.schema(), Some(properties()?))?;
        writer.write(rows).await?;
        writer.close().await?;
    }
    let written = began.elapsed();
    let began = Instant::now();
    for path in &paths {
        let file = File {
            store: Arc::clone(store),
            path: path.clone(),
            bytes: store.head(path).await?.size,
        };
        let reader = ParquetRecordBatchStreamBuilder::new(file).await?;
        let batches: Vec<RecordBatch> = reader.build()?.try_collect().await?;
        let read: usize = batches.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(read, rows.num_rows(), "all rows");
    }
    let read = began.elapsed();
    for path in &paths {
        store.delete(path).await?;
    }
    Ok((written, read))
}

/// As tables store such columns: numbers that never repeat are not packed.
fn properties() -> Fallible<WriterProperties> {
    let mut properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(128 * 1024))
        .set_compression(Compression::ZSTD(ZstdLevel::default()));
    for column in ["x", "y"] {
        let path = ColumnPath::new(vec![column.to_owned()]);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_compression(path, Compression::UNCOMPRESSED);
    }
    Ok(properties.build())
}

/// Rows as those of an expression table: samples, genes, words of a few, numbers.
fn rows() -> Fallible<RecordBatch> {
    let spread = |i: i64| (i.wrapping_mul(6_364_136_223_846_793_005) >> 33).rem_euclid(1 << 30);
    #[expect(clippy::cast_precision_loss, reason = "a bench's numbers")]
    let number = |i: i64, scale: f64| spread(i) as f64 / scale;
    let text = |of: fn(i64) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values((0..ROWS).map(of)))
    };
    let floats = |scale: f64, add: i64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(
            (0..ROWS).map(|i| number(i + add, scale)),
        ))
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("sample", text(|i| format!("SAMPLE_{:05}", i / 24_022))),
        ("feature", text(|i| format!("FEAT_{:06}", i % 24_022))),
        (
            "class",
            text(|i| if i % 2 == 0 { "coding" } else { "pseudogene" }.to_owned()),
        ),
        ("x", floats(1e6, 0)),
        ("y", floats(3e8, 7)),
        (
            "rounded",
            Arc::new(Float64Array::from_iter_values(
                (0..ROWS).map(|i| number(i, 1e6).round()),
            )),
        ),
        (
            "position",
            Arc::new(Int64Array::from_iter_values((0..ROWS).map(spread))),
        ),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

/// Million rows a second of the middle round.
fn rate(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "some million")]
    let rows = ROWS as f64 * FILES as f64;
    rows / 1e6 / middle.as_secs_f64()
}
