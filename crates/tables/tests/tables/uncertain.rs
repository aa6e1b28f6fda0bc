//! A store that loses sight of a commit: what it says to have failed may be there.

use crate::support::{World, world};
use async_trait::async_trait;
use domain::limits::RequestLimits;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use std::sync::{Arc, Mutex};
use tables::{IngestError, Mode, TableError, Tables, TablesSettings};

/// What becomes of the next commit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Next {
    Well,
    /// It is not written.
    Refused,
    /// It is written, and the answer is lost.
    AnswerLost,
    /// The library tried again after a lost answer, and found its own object.
    Twice,
    /// It is written, the answer is lost, and the commit cannot be looked for either.
    Blind,
}

/// A real store that fails where it is told to.
#[derive(Debug)]
struct Losing {
    inner: Arc<dyn ObjectStore>,
    next: Arc<Mutex<Next>>,
}

impl std::fmt::Display for Losing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Losing")
    }
}

fn lost() -> Error {
    Error::Generic {
        store: "losing",
        source: "the connection was reset".into(),
    }
}

#[async_trait]
impl ObjectStore for Losing {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let next = match location.as_ref().contains("_delta_log") {
            true => *self.next.lock().unwrap(),
            false => Next::Well,
        };
        if next == Next::Refused {
            return Err(lost());
        }
        let put = self.inner.put_opts(location, payload, options).await?;
        match next {
            Next::Well | Next::Refused => Ok(put),
            Next::AnswerLost | Next::Blind => Err(lost()),
            Next::Twice => Err(Error::AlreadyExists {
                path: location.to_string(),
                source: "it exists".into(),
            }),
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let blind = *self.next.lock().unwrap() == Next::Blind;
        // What went before is known; only the last commit cannot be looked for.
        if blind && location.as_ref().ends_with("1.json") && !options.head {
            return Err(lost());
        }
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

fn losing_world() -> (World, Arc<Mutex<Next>>) {
    let mut world = world();
    let next = Arc::new(Mutex::new(Next::Well));
    let store = Losing {
        inner: objects::local(world.folder.path().join("objects")).unwrap(),
        next: Arc::clone(&next),
    };
    let settings = TablesSettings {
        store: Arc::new(store),
        spool_dir: world.folder.path().join("spool"),
        threads: 2,
        memory_bytes: 1 << 30,
        limits: RequestLimits::default(),
        disk_reserve_bytes: 0,
        cache_bytes: 16 << 20,
        sorted_rows_min: 0,
        clock: Arc::clone(&world.clock) as Arc<dyn domain::Clock>,
    };
    world.tables = Tables::new(settings).unwrap();
    (world, next)
}

fn data_files(world: &World) -> usize {
    let names = world.disk().into_iter();
    names.filter(|(name, _)| name.contains("part-")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_there_is_never_told_to_have_failed_and_never_loses_its_files() {
    let by_key = Mode::Upsert {
        key: "n".to_owned(),
    };
    for mode in [Mode::Append, by_key] {
        for how in [Next::AnswerLost, Next::Twice, Next::Blind, Next::Refused] {
            let (world, next) = losing_world();
            world.csv("n\n1\n").await.unwrap();
            *next.lock().unwrap() = how;
            let made = world.upload("d.csv", b"n\n2\n", mode.clone()).await;
            *next.lock().unwrap() = Next::Well;
            let there = how != Next::Refused;
            match how {
                Next::AnswerLost | Next::Twice => assert_eq!(made.unwrap().version, 2, "{how:?}"),
                Next::Blind => assert!(
                    matches!(made, Err(IngestError::Failed(TableError::Unknown(_)))),
                    "{made:?}"
                ),
                _ => assert!(
                    matches!(made, Err(IngestError::Failed(TableError::Store(_)))),
                    "{made:?}"
                ),
            }
            let latest = world.tables.latest(&world.place).await.unwrap().unwrap();
            assert_eq!(latest.version, 1 + u64::from(there), "{how:?}");
            let rows: Vec<_> = world.column("n").await;
            assert_eq!(rows.len(), 1 + usize::from(there), "{how:?}");
            assert_eq!(
                data_files(&world),
                rows.len(),
                "{how:?}: one file an upload"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_a_commit_of_somebody_else_goes_on_top_of_it() {
    let (world, _) = losing_world();
    world.csv("n\n0\n").await.unwrap();
    let uploads = (1..=8).map(|n| {
        let (world, text) = (&world, format!("n\n{n}\n"));
        async move { world.csv(&text).await }
    });
    let made = futures::future::join_all(uploads).await;
    let mut versions: Vec<u64> = made.into_iter().map(|made| made.unwrap().version).collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..=9).collect::<Vec<_>>());
    assert_eq!(world.all().await.len(), 9);
}
