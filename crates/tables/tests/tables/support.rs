//! What the stories stand on.

use async_compression::tokio::write::{GzipEncoder, ZstdEncoder};
use domain::limits::RequestLimits;
use domain::query::{Aggregate, Measure};
use domain::time::{CountingRng, ManualClock};
use domain::{CollectionId, Column, ColumnType, Filter, ProjectId, Query, Shape, Sort};
use keys::{DataKey, SystemRng};
use serde_json::{Map, Value};
use std::sync::Arc;
use tables::{
    Answer, Ask, BadRows, IngestError, Ingested, Mode, NewVersion, Place, Preview, QueryError,
    Reading, SourceFile, Tables, TablesSettings,
};
use tokio::io::AsyncWriteExt as _;

pub struct World {
    pub folder: tempfile::TempDir,
    pub tables: Tables,
    pub project: ProjectId,
    pub place: Place,
    pub rng: CountingRng,
    pub clock: Arc<ManualClock>,
}

pub fn open(
    folder: &std::path::Path,
    clock: &Arc<ManualClock>,
    threads: usize,
    limits: RequestLimits,
) -> Tables {
    Tables::new(settings(folder, clock, threads, limits)).unwrap()
}

pub fn settings(
    folder: &std::path::Path,
    clock: &Arc<ManualClock>,
    threads: usize,
    limits: RequestLimits,
) -> TablesSettings {
    TablesSettings {
        store: objects::local(folder.join("objects")).unwrap(),
        spool_dir: folder.join("spool"),
        threads,
        memory_bytes: 1 << 30,
        limits,
        disk_reserve_bytes: 0,
        cache_bytes: 16 << 20,
        sorted_rows_min: 0,
        clock: Arc::clone(clock) as Arc<dyn domain::Clock>,
    }
}

pub fn world() -> World {
    world_with(2, RequestLimits::default())
}

pub fn world_with(threads: usize, limits: RequestLimits) -> World {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::default());
    let tables = open(folder.path(), &clock, threads, limits);
    let rng = CountingRng::default();
    let project = ProjectId::generate(&*clock, &rng);
    let place = Place::new(
        project.clone(),
        CollectionId::generate(&*clock, &rng),
        DataKey::generate(&SystemRng),
    );
    World {
        folder,
        tables,
        project,
        place,
        rng,
        clock,
    }
}

pub fn ask() -> Ask<'static> {
    Ask {
        fairness: "usr_1",
        wall_ms_max: 60_000,
    }
}

pub fn column(name: &str, kind: ColumnType) -> Column {
    Column {
        name: name.to_owned(),
        kind,
    }
}

pub fn filter(json: Value) -> Filter {
    serde_json::from_value(json).unwrap()
}

pub fn rows_query() -> Query {
    Query {
        filters: Vec::new(),
        filter: None,
        shape: Shape::Rows {
            columns: None,
            sort: Vec::new(),
            limit: 1_000_000,
            offset: 0,
        },
    }
}

pub fn sort(column: &str, descending: bool) -> Sort {
    Sort {
        column: column.to_owned(),
        descending,
    }
}

pub fn measure(aggregate: Aggregate, column: Option<&str>) -> Measure {
    Measure {
        aggregate,
        column: column.map(str::to_owned),
    }
}

impl World {
    pub async fn file(&self, name: &str, bytes: &[u8]) -> SourceFile {
        let mut spool = self.tables.spool().unwrap();
        for chunk in bytes.chunks(100_000) {
            spool.write(chunk).await.unwrap();
        }
        spool.finish(name).await.unwrap()
    }

    pub async fn upload(
        &self,
        name: &str,
        bytes: &[u8],
        mode: Mode,
    ) -> Result<Ingested, IngestError> {
        self.upload_as(name, bytes, mode, None).await
    }

    pub async fn upload_as(
        &self,
        name: &str,
        bytes: &[u8],
        mode: Mode,
        schema: Option<Vec<Column>>,
    ) -> Result<Ingested, IngestError> {
        let file = self.file(name, bytes).await;
        let new = NewVersion {
            schema,
            ..NewVersion::new(vec![file], mode)
        };
        self.tables
            .ingest(&self.place, new, "usr_tester", None)
            .await
    }

    pub async fn csv(&self, text: &str) -> Result<Ingested, IngestError> {
        self.upload("data.csv", text.as_bytes(), Mode::Append).await
    }

    pub async fn query(&self, query: &Query) -> Result<Answer, QueryError> {
        self.tables.query(&self.place, None, query, ask()).await
    }

    pub async fn shape(&self, shape: Shape) -> Result<Answer, QueryError> {
        self.query(&Query {
            filters: Vec::new(),
            filter: None,
            shape,
        })
        .await
    }

    /// Everything in the latest version, in the order of upload.
    pub async fn all(&self) -> Vec<Map<String, Value>> {
        rows(&self.query(&rows_query()).await.unwrap())
    }

    pub async fn column(&self, name: &str) -> Vec<Value> {
        let all = self.all().await;
        all.into_iter().map(|row| row[name].clone()).collect()
    }

    /// Every file on disk, spool included, with its bytes.
    pub fn disk(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.folder.path()).unwrap();
                    found.push((name.display().to_string(), std::fs::read(&path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }
}

pub fn rows(answer: &Answer) -> Vec<Map<String, Value>> {
    tables::json::rows(&answer.batches)
}

/// Rows as compact JSON lines, columns in the order of the answer.
pub fn lines(answer: &Answer) -> Vec<String> {
    rows(answer)
        .iter()
        .map(|row| {
            let values = answer
                .columns
                .iter()
                .map(|column| row[&column.name].to_string());
            values.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

pub fn kinds(columns: &[Column]) -> String {
    let kinds = columns
        .iter()
        .map(|column| format!("{}:{}", column.name, column.kind.as_str()));
    kinds.collect::<Vec<_>>().join(" ")
}

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

impl World {
    pub async fn inspect(&self, name: &str, bytes: &[u8], reading: Reading) -> Preview {
        let file = self.file(name, bytes).await;
        let new = NewVersion {
            reading,
            ..NewVersion::new(vec![file], Mode::Append)
        };
        self.tables.inspect(new).await.unwrap()
    }

    pub async fn read(
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

/// Rows that do not fit are set aside.
pub fn aside() -> Reading {
    Reading {
        bad_rows: BadRows::SetAside,
        ..Reading::default()
    }
}
