//! The one value that everything above holds: all tables of the installation.

use crate::copies::{self, Due, Lists, Sorted, WishList, Wishes};
use crate::engine::Engine;
use crate::error::TableError;
use crate::file::FileFormat;
use crate::ingest::{self, IngestError, Ingested, NewVersion, Preview, Upload};
use crate::log::{TableLog, TableVersion, VersionInfo};
use crate::place::Place;
use crate::query::{
    self, Answer, Ask, Costs, Diff, Export, Frame, QueryError, QueryLoad, Remembered, Selection,
};
use crate::spool::{Budget, Spool};
use crate::sweep::{self, Swept};
use domain::limits::RequestLimits;
use domain::{Clock, CollectionId, Column, ProjectId, Query};
use futures::{StreamExt as _, TryStreamExt as _};
use moka::future::Cache;
use object_store::ObjectStore;
use object_store::path::Path;
use objects::{Sealed, SealingKeys};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Versions whose list of files is remembered.
const VERSIONS_MAX: u64 = 512;

/// What tables stand on.
pub struct TablesSettings {
    /// Where objects lie. Not sealed: each project's objects are sealed under its own key.
    pub store: Arc<dyn ObjectStore>,
    /// Where uploads lie, nameless, while they arrive.
    pub spool_dir: PathBuf,
    /// Threads that queries are computed on.
    pub threads: usize,
    /// Memory that the queries running at one time may use together.
    pub memory_bytes: usize,
    /// What one request may carry.
    pub limits: RequestLimits,
    /// Free space that uploads leave on the disk of the spool.
    pub disk_reserve_bytes: u64,
    /// Memory for answers that are remembered.
    pub cache_bytes: u64,
    /// Rows from which on a table gets copies sorted by the columns that people filter by; 0: none does.
    pub sorted_rows_min: u64,
    /// Where the present comes from.
    pub clock: Arc<dyn Clock>,
}

/// All tables of the installation. Cloning it is cheap, and all clones are one.
#[derive(Clone)]
pub struct Tables {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn ObjectStore>,
    spool_dir: PathBuf,
    pub(crate) limits: RequestLimits,
    disk_reserve_bytes: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) engine: Engine,
    pub(crate) remembered: Remembered,
    pub(crate) costs: Arc<Costs>,
    pub(crate) copies: Lists,
    pub(crate) wishes: Arc<Wishes>,
    versions: Cache<(CollectionId, u64), Arc<TableVersion>>,
    /// The highest version known of each collection. There may be a higher one.
    known: Mutex<HashMap<CollectionId, u64>>,
    /// Collections that were swept since the start.
    pub(crate) swept: Mutex<HashSet<CollectionId>>,
}

/// What one version holds, without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its number.
    pub version: u64,
    /// How many rows it has.
    pub rows: u64,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Bytes of its files, as they would be unsealed.
    pub bytes: u64,
}

/// A version was asked for that is not there.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// There is no such version.
    #[error("there is no version {version}")]
    NoSuchVersion {
        /// The version asked for.
        version: u64,
    },
    /// The server failed.
    #[error(transparent)]
    Failed(#[from] TableError),
}

impl Tables {
    /// Opens the tables.
    ///
    /// # Errors
    /// When the engine's threads cannot be started.
    pub fn new(settings: TablesSettings) -> Result<Self, TableError> {
        let engine = Engine::new(settings.threads, settings.memory_bytes)?;
        Ok(Self {
            inner: Arc::new(Inner {
                store: settings.store,
                spool_dir: settings.spool_dir,
                limits: settings.limits,
                disk_reserve_bytes: settings.disk_reserve_bytes,
                memory_bytes: settings.memory_bytes as u64,
                clock: settings.clock,
                engine,
                remembered: Remembered::new(settings.cache_bytes),
                costs: Arc::default(),
                copies: Lists::new(),
                wishes: Arc::new(Wishes::new(settings.sorted_rows_min)),
                versions: Cache::new(VERSIONS_MAX),
                known: Mutex::default(),
                swept: Mutex::default(),
            }),
        })
    }

    /// Where the first file of an upload is received; [`Spool::another`] gives the next one's.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn spool(&self) -> Result<Spool, TableError> {
        let budget = Budget::new(
            self.inner.limits.upload_bytes_max,
            self.inner.disk_reserve_bytes,
        );
        Spool::new(&self.inner.spool_dir, budget)
    }

    /// Makes the files of an upload one new version. Once begun it runs to its end, whether or not
    /// the caller still waits.
    ///
    /// `by` is the id of who does it, `note` what they say of it.
    ///
    /// # Errors
    /// When a file is bad or does not fit; nothing is then left of the upload.
    pub async fn ingest(
        &self,
        place: &Place,
        new: NewVersion,
        by: &str,
        note: Option<String>,
    ) -> Result<Ingested, IngestError> {
        let by = by.to_owned();
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let work = async move {
            let upload = Upload { new, by, note };
            let made = ingest::ingest(Arc::clone(&inner), place.clone(), upload).await?;
            inner.made(&place, made.total_rows).await;
            Ok(made)
        };
        self.inner.engine.run_to_end(work).await?
    }

    /// What an upload would become. Nothing is written.
    ///
    /// # Errors
    /// When a file is bad.
    pub async fn inspect(&self, new: NewVersion) -> Result<Preview, IngestError> {
        let limits = self.inner.limits;
        let work = async move {
            let (mut files, mut schema, reading) = (new.files, new.schema, new.reading);
            if let Some(more) = new.more {
                let more = more.await.map_err(|_| IngestError::Cut)?;
                files.extend(more.files);
                schema = more.schema.or(schema);
            }
            let sources = ingest::open(files, limits, reading.clone()).await?;
            ingest::blocking(move || ingest::preview(&sources, schema, &reading, limits)).await
        };
        self.inner.engine.run(work).await?
    }

    /// The rows that the upload of a version set aside, as a report in CSV; `None` when there are none.
    ///
    /// # Errors
    /// When there is no such version.
    pub async fn set_aside(
        &self,
        place: &Place,
        version: u64,
    ) -> Result<Option<String>, SnapshotError> {
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let work = async move {
            if version == 0 || version > inner.latest_number(&place).await? {
                return Err(SnapshotError::NoSuchVersion { version });
            }
            let log = TableLog::new(inner.sealed(&place), &place)?;
            Ok(log.report(version).await?)
        };
        self.inner.engine.run(work).await?
    }

    /// Makes an earlier version the latest again, as a new version.
    ///
    /// # Errors
    /// When there is no such version.
    pub async fn restore(
        &self,
        place: &Place,
        version: u64,
        by: &str,
    ) -> Result<Ingested, IngestError> {
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let by = by.to_owned();
        let work = async move {
            let made = ingest::restore(Arc::clone(&inner), place.clone(), version, by).await?;
            inner.made(&place, made.total_rows).await;
            Ok(made)
        };
        self.inner.engine.run_to_end(work).await?
    }

    /// All versions of a table, newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn versions(&self, place: &Place) -> Result<Vec<VersionInfo>, TableError> {
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let work = async move {
            let log = TableLog::new(inner.sealed(&place), &place)?;
            log.versions(inner.latest_number(&place).await?).await
        };
        self.inner.engine.run(work).await?
    }

    /// The latest version; `None` while the table has none.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn latest(&self, place: &Place) -> Result<Option<Snapshot>, TableError> {
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let work = async move { inner.latest(&place).await };
        let found = self.inner.engine.run(work).await??;
        Ok(found.map(|version| snapshot(&version)))
    }

    /// A version; the latest one when none is named. `None` while the table has none.
    ///
    /// # Errors
    /// When there is no such version.
    pub async fn snapshot(
        &self,
        place: &Place,
        version: Option<u64>,
    ) -> Result<Option<Snapshot>, SnapshotError> {
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let work = async move { inner.resolve(&place, version).await };
        let found = self.inner.engine.run(work).await??;
        Ok(found.map(|version| snapshot(&version)))
    }

    /// What differs between two versions; with a key, which rows too.
    ///
    /// # Errors
    /// When there is no such version, the key is none, or too many rows differ.
    pub async fn diff(
        &self,
        place: &Place,
        (from, to): (u64, u64),
        key: Option<&str>,
        ask: Ask<'_>,
    ) -> Result<Diff, QueryError> {
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let key = key.map(str::to_owned);
        let wall_ms_max = ask.wall_ms_max.min(inner.limits.query_wall_ms_max);
        let turn = inner.engine.turn(ask.fairness).await?;
        let work = async move {
            let _turn = turn;
            let (mut found, missing) = (Vec::new(), |version| SnapshotError::NoSuchVersion {
                version,
            });
            for version in [from, to] {
                let resolved = inner.resolve(&place, Some(version)).await?;
                found.push(resolved.ok_or_else(|| missing(version))?);
            }
            match found.as_slice() {
                [from, to] => query::diff(&inner, &place, from, to, key.as_deref()).await,
                _ => Err(missing(from).into()),
            }
        };
        let limit = std::time::Duration::from_millis(wall_ms_max);
        match tokio::time::timeout(limit, self.inner.engine.run(work)).await {
            Ok(done) => done?,
            Err(_) => Err(QueryError::Deadline { wall_ms_max }),
        }
    }

    /// Answers a question to a version, the latest one when none is named. A table without a
    /// version answers with no columns and no rows. Dropping the future ends the work.
    ///
    /// # Errors
    /// When the question cannot be asked of this table, or takes more than it may.
    pub async fn query(
        &self,
        place: &Place,
        version: Option<u64>,
        query: &Query,
        ask: Ask<'_>,
    ) -> Result<Answer, QueryError> {
        query::query(Arc::clone(&self.inner), place, version, query, ask).await
    }

    /// Rows in the order of upload, for Code Mode.
    ///
    /// # Errors
    /// [`QueryError::TooLarge`] when they need more than `bytes_max` of memory; else as [`Self::query`].
    pub async fn frame(
        &self,
        place: &Place,
        selection: Selection,
        bytes_max: u64,
        ask: Ask<'_>,
    ) -> Result<Frame, QueryError> {
        query::frame(Arc::clone(&self.inner), place, selection, bytes_max, ask).await
    }

    /// Rows in the order of upload, as a file that is made while it is read. Dropping it ends the work.
    ///
    /// # Errors
    /// When the table has no version, or as [`Self::query`]; what fails later is an error among the bytes.
    pub async fn export(
        &self,
        place: &Place,
        selection: Selection,
        format: FileFormat,
        fairness: &str,
    ) -> Result<Export, QueryError> {
        query::export(Arc::clone(&self.inner), place, selection, format, fairness).await
    }

    /// Removes the files that only versions have which are not offered.
    ///
    /// # Errors
    /// When the store fails; what is left is removed by calling again.
    pub async fn remove_unoffered(
        &self,
        place: &Place,
        offers: impl Fn(u64) -> bool + Send + Sync + 'static,
    ) -> Result<Swept, TableError> {
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let work = async move { sweep::remove_unoffered(&inner, &place, offers).await };
        self.inner.engine.run_to_end(work).await?
    }

    /// What questions have cost since the start.
    #[must_use]
    pub fn load(&self) -> QueryLoad {
        let answers = &self.inner.remembered.answers;
        let (held, held_bytes) = (answers.entry_count(), answers.weighted_size());
        self.inner.costs.load(held, held_bytes)
    }

    /// All wishes for sorted copies from now on; `None` when someone has asked for them before.
    #[must_use]
    pub fn wishes(&self) -> Option<WishList> {
        self.inner.wishes.list()
    }

    /// Makes sorted copies that are due.
    ///
    /// # Errors
    /// When the store fails; copies made so far stay.
    pub async fn sort(&self, place: &Place, due: Due) -> Result<Sorted, IngestError> {
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let work = async move { copies::sort(&inner, &place, &due).await };
        self.inner.engine.run_to_end(work).await?
    }

    /// The sorted copies that a table should have and has not; `None` when there is nothing to do.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due(&self, place: &Place) -> Result<Option<Due>, TableError> {
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let work = async move { copies::due(&inner, &place).await };
        self.inner.engine.run(work).await?
    }

    /// Removes a table with all its versions.
    ///
    /// # Errors
    /// When the store fails; what is left is removed by calling again.
    pub async fn drop_collection(&self, place: &Place) -> Result<(), TableError> {
        let (inner, place) = (Arc::clone(&self.inner), place.clone());
        let work = async move {
            inner.forget(&place.collection).await;
            inner.remove_all(place.folder()).await
        };
        self.inner.engine.run_to_end(work).await?
    }

    /// Removes all tables of a project.
    ///
    /// # Errors
    /// When the store fails; what is left is removed by calling again.
    pub async fn drop_project(&self, project: &ProjectId) -> Result<(), TableError> {
        let (inner, project) = (Arc::clone(&self.inner), project.clone());
        let work = async move { inner.remove_all(Path::from(project.as_str())).await };
        self.inner.engine.run_to_end(work).await?
    }
}

fn snapshot(version: &TableVersion) -> Snapshot {
    Snapshot {
        version: version.version,
        rows: version.rows(),
        columns: version.schema.columns.clone(),
        bytes: version.bytes(),
    }
}

impl Inner {
    /// The store as one project sees it.
    pub(crate) fn sealed(&self, place: &Place) -> Arc<dyn ObjectStore> {
        Sealed::new(Arc::clone(&self.store), SealingKeys::from(&place.keys))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<CollectionId, u64>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a version exists.
    pub(crate) fn landed(&self, place: &Place, version: u64) {
        let mut known = self.known();
        let held = known.entry(place.collection.clone()).or_default();
        *held = version.max(*held);
    }

    /// A version was made that has so many rows: where other files have copies, new ones should.
    async fn made(&self, place: &Place, rows: u64) {
        if !self.wishes.covers(rows) {
            return;
        }
        match self.copies(place).await {
            Ok(copies) if copies.is_empty() => {}
            Ok(_) => self.wishes.wish(place),
            Err(error) => tracing::warn!(%error, "new files are not sorted yet"),
        }
    }

    /// Whether the disk has more room than uploads leave on it.
    pub(crate) fn has_room_for_copies(&self) -> bool {
        let budget = Budget::new(u64::MAX, self.disk_reserve_bytes.saturating_mul(2));
        budget.check_disk(&self.spool_dir).is_ok()
    }

    /// Whether a table that was there is no more.
    pub(crate) async fn is_gone(&self, place: &Place) -> Result<bool, TableError> {
        let log = TableLog::new(self.sealed(place), place)?;
        Ok(log.latest(0).await? == 0)
    }

    async fn forget(&self, collection: &CollectionId) {
        self.known().remove(collection);
        self.wishes.forget(collection);
        self.copies.forget(collection).await;
        self.remembered.forget(collection);
    }

    /// The number of the latest version, 0 when there is none.
    pub(crate) async fn latest_number(&self, place: &Place) -> Result<u64, TableError> {
        let known = self.known().get(&place.collection).copied().unwrap_or(0);
        let log = TableLog::new(self.sealed(place), place)?;
        let latest = log.latest(known).await?;
        if known == 0 {
            log.check_whole(latest).await?;
        }
        if latest > 0 {
            self.landed(place, latest);
        }
        Ok(latest)
    }

    pub(crate) async fn latest(
        &self,
        place: &Place,
    ) -> Result<Option<Arc<TableVersion>>, TableError> {
        match self.latest_number(place).await? {
            0 => Ok(None),
            latest => Ok(Some(self.version(place, latest).await?)),
        }
    }

    /// A version that exists.
    pub(crate) async fn version(
        &self,
        place: &Place,
        version: u64,
    ) -> Result<Arc<TableVersion>, TableError> {
        let key = (place.collection.clone(), version);
        if let Some(known) = self.versions.get(&key).await {
            return Ok(known);
        }
        let log = TableLog::new(self.sealed(place), place)?;
        let read = Arc::new(log.read(version).await?);
        self.versions.insert(key, Arc::clone(&read)).await;
        Ok(read)
    }

    /// A version by number, or the latest; `None` when none is named and there is none.
    pub(crate) async fn resolve(
        &self,
        place: &Place,
        version: Option<u64>,
    ) -> Result<Option<Arc<TableVersion>>, SnapshotError> {
        let Some(version) = version else {
            return Ok(self.latest(place).await?);
        };
        if version == 0 || version > self.latest_number(place).await? {
            return Err(SnapshotError::NoSuchVersion { version });
        }
        Ok(Some(self.version(place, version).await?))
    }

    pub(crate) async fn remove_all(&self, folder: Path) -> Result<(), TableError> {
        let listed = self.store.list(Some(&folder));
        let paths = listed.map_ok(|meta| meta.location).boxed();
        let removed = self.store.delete_stream(paths);
        removed.try_for_each(|_| async { Ok(()) }).await?;
        Ok(())
    }
}
