//! The Delta log of a table: which files make up a version, and how a new version comes to be.
//!
//! Delta counts versions from 0, where the table is made together with its first rows; people count
//! from 1. A commit is one object, created under the next number: of two writers one is told, and
//! tries again on top of the other. Rows have an order, so files have one: a file's modification
//! time is set, when it is committed, after that of every file before it (the order is by time,
//! then by name). A restored file keeps its time, hence its place.

use crate::error::TableError;
use crate::ingest::Report;
use crate::place::Place;
use crate::schema::TableSchema;
use deltalake::DeltaTable;
use deltalake::kernel::EagerSnapshot;
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use domain::Timestamp;
use futures::TryStreamExt as _;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A checkpoint is written each time so many commits have been made, so that opening stays quick.
const CHECKPOINT_COMMITS: u64 = 20;

/// A data file of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataFile {
    /// Its name within the collection's folder.
    pub(crate) name: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Its place among the files: see the module's text.
    pub(crate) order: i64,
}

impl DataFile {
    /// Whether it stands in the place of other files: it has two names in its own.
    pub(crate) fn is_rewritten(&self) -> bool {
        self.name.matches('-').count() > 2
    }
}

/// All that is known of one version of a table.
#[derive(Debug, Clone)]
pub(crate) struct TableVersion {
    pub(crate) version: u64,
    pub(crate) schema: TableSchema,
    /// In the order of upload.
    pub(crate) files: Vec<DataFile>,
}

impl TableVersion {
    pub(crate) fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// What a commit did, as people name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// The first rows.
    Create,
    /// Rows added after those there were.
    Append,
    /// All rows replaced.
    Overwrite,
    /// An earlier version made the latest again.
    Restore,
    /// Rows added, or put in the place of those with the same key.
    Upsert,
}

/// Who commits what.
#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) operation: Operation,
    /// The id of who does it.
    pub(crate) by: String,
    pub(crate) note: Option<String>,
    pub(crate) at: Timestamp,
    /// Rows of this upload.
    pub(crate) rows: u64,
    /// Rows of it that took the place of others with the same key.
    pub(crate) updated: u64,
    /// The rows of it that did not fit.
    pub(crate) report: Option<Report>,
    /// Files that come and go without a change of rows, by name.
    pub(crate) moved: HashSet<String>,
}

/// What a version changed of the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Rows that were not there before.
    pub rows_added: u64,
    /// Rows that are there no longer.
    pub rows_removed: u64,
    /// Rows that took the place of others with the same key.
    pub rows_updated: u64,
    /// Bytes of all files of the version.
    pub bytes: u64,
}

impl Change {
    fn new(before: Option<&TableVersion>, next: &TableVersion, commit: &Commit) -> Self {
        let (rows_added, rows_removed) = match commit.operation {
            Operation::Create | Operation::Append => (commit.rows, 0),
            Operation::Overwrite => (commit.rows, before.map_or(0, TableVersion::rows)),
            Operation::Upsert => (commit.rows.saturating_sub(commit.updated), 0),
            Operation::Restore => {
                let held: &[DataFile] = before.map_or(&[], |before| &before.files);
                let beside = |files: &[DataFile], others: &[DataFile]| {
                    let alone = files.iter().filter(|file| !others.contains(file));
                    alone.map(|file| file.rows).sum::<u64>()
                };
                let (added, removed) = (beside(&next.files, held), beside(held, &next.files));
                // Rows that were written again are in both, under other names.
                let again = held.iter().chain(&next.files).any(DataFile::is_rewritten);
                let same = if again { added.min(removed) } else { 0 };
                (added - same, removed - same)
            }
        };
        Self {
            rows_added,
            rows_removed,
            rows_updated: commit.updated,
            bytes: next.bytes(),
        }
    }
}

/// What the log says of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionInfo {
    /// Its number, counted from 1.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// The id of who made it.
    pub created_by: String,
    /// How it came to be.
    pub operation: Operation,
    /// How many rows it has.
    pub rows: u64,
    /// What it changed; `None` for versions made before this was kept.
    pub change: Option<Change>,
    /// What its maker said of it.
    pub note: Option<String>,
    /// Rows of the upload that did not fit and were set aside.
    pub set_aside: u64,
    pub(crate) report: Option<Report>,
}

/// The files of a table by name.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Those of any version.
    pub(crate) all: HashSet<String>,
    /// Those of a version that is still offered.
    pub(crate) used: HashSet<String>,
}

/// The log of one table.
pub(crate) struct TableLog {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    /// The digits of the collection's id, which are a UUID.
    table_id: String,
    delta: LogStoreRef,
}

/// The fields of a commit's `commitInfo` that are ours.
#[derive(Serialize, Deserialize)]
struct Ours {
    operation: Operation,
    by: String,
    #[serde(default)]
    note: Option<String>,
    total_rows: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
}

impl TableLog {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, place: &Place) -> Result<Self, TableError> {
        let folder = place.folder();
        let url = url::Url::parse(&format!("memory:///{folder}"))
            .map_err(|e| TableError::Log(e.to_string()))?;
        let prefixed = Arc::new(PrefixStore::new(Arc::clone(&store), folder.clone()));
        let delta = default_logstore(
            prefixed,
            Arc::clone(&store),
            &url,
            &StorageConfig::default(),
        );
        let digits = place.collection.as_str().rsplit('_').next();
        let table_id = uuid::Uuid::parse_str(digits.unwrap_or_default())
            .map_err(|e| TableError::Log(e.to_string()))?
            .to_string();
        Ok(Self {
            store,
            folder,
            table_id,
            delta,
        })
    }

    fn commit_path(&self, delta_version: u64) -> Path {
        self.folder
            .clone()
            .join("_delta_log")
            .join(format!("{delta_version:020}.json"))
    }

    /// The latest version, given one that is known to exist (0: none is known).
    pub(crate) async fn latest(&self, known: u64) -> Result<u64, TableError> {
        let mut latest = known;
        loop {
            match self.store.head(&self.commit_path(latest)).await {
                Ok(_) => latest += 1,
                Err(object_store::Error::NotFound { .. }) => return Ok(latest),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Checks that nothing lies behind the latest version found: a commit that is gone would make an
    /// older version the latest, and the next upload would be put in the gap.
    pub(crate) async fn check_whole(&self, latest: u64) -> Result<(), TableError> {
        let folder = self.folder.clone().join("_delta_log");
        let listed = self.store.list_with_delimiter(Some(&folder)).await?;
        let numbers = listed.objects.iter().filter_map(|object| {
            let digits = object.location.filename()?.strip_suffix(".json")?;
            (digits.len() == 20).then(|| digits.parse::<u64>().ok())?
        });
        if numbers.max().is_none_or(|last| last < latest) {
            return Ok(());
        }
        match self.store.head(&self.commit_path(latest)).await {
            // Made between the two looks.
            Ok(_) => Ok(()),
            Err(_) => Err(TableError::Log(format!(
                "commit {latest} is missing, and later ones are there: put it back from your backup"
            ))),
        }
    }

    /// Reads a version that exists.
    pub(crate) async fn read(&self, version: u64) -> Result<TableVersion, TableError> {
        let delta_version = version
            .checked_sub(1)
            .ok_or_else(|| TableError::Log("there is no version 0".to_owned()))?;
        let snapshot = EagerSnapshot::try_new(self.delta.as_ref(), Some(delta_version)).await?;
        let metadata = serde_json::to_value(snapshot.metadata())?;
        let text = metadata
            .get("schemaString")
            .and_then(Value::as_str)
            .ok_or_else(|| TableError::Log("a table without a schema".to_owned()))?;
        let views: Vec<_> = snapshot
            .file_views(self.delta.as_ref(), None)
            .try_collect()
            .await?;
        let mut files = Vec::with_capacity(views.len());
        for view in views {
            let stats = view.stats().unwrap_or_default();
            let stats: Value = serde_json::from_str(&stats)?;
            let rows = stats.get("numRecords").and_then(Value::as_u64);
            files.push(DataFile {
                name: view.path().into_owned(),
                rows: rows.ok_or_else(|| TableError::Log("a file without a count".to_owned()))?,
                bytes: u64::try_from(view.size()).unwrap_or(0),
                order: view.modification_time(),
            });
        }
        files.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
        Ok(TableVersion {
            version,
            schema: TableSchema::from_delta(text)?,
            files,
        })
    }

    /// Makes `next` the version after `before`.
    ///
    /// `None` when someone else has made that version meanwhile.
    pub(crate) async fn commit(
        &self,
        before: Option<&TableVersion>,
        next: &TableVersion,
        commit: &Commit,
    ) -> Result<Option<u64>, TableError> {
        let bytes = lines(before, next, commit, &self.table_id)?;
        let path = self.commit_path(next.version.saturating_sub(1));
        let put = self
            .store
            .put_opts(&path, bytes.clone().into(), PutMode::Create.into())
            .await;
        if let Err(error) = put
            && !self.is_there(&path, bytes.as_bytes(), error).await?
        {
            return Ok(None);
        }
        if next.version.is_multiple_of(CHECKPOINT_COMMITS) {
            // A missing checkpoint only makes opening slower, so its failure undoes nothing.
            if let Err(error) = self.checkpoint(next.version - 1).await {
                tracing::warn!(%error, "no checkpoint was written");
            }
        }
        Ok(Some(next.version))
    }

    /// After a write that is said to have failed: whether the commit is there all the same, as when only the answer
    /// was lost, or a second try found the first one's object. `false` when another writer's is there.
    async fn is_there(
        &self,
        path: &Path,
        commit: &[u8],
        error: object_store::Error,
    ) -> Result<bool, TableError> {
        let there = async { self.store.get(path).await?.bytes().await };
        match there.await {
            Ok(there) => Ok(there == commit),
            Err(object_store::Error::NotFound { .. }) => Err(error.into()),
            Err(_) => Err(TableError::Unknown(error)),
        }
    }

    async fn checkpoint(&self, delta_version: u64) -> Result<(), TableError> {
        let mut table = DeltaTable::new(Arc::clone(&self.delta));
        table.load_version(delta_version).await?;
        deltalake::checkpoints::create_checkpoint(&table, None).await?;
        Ok(())
    }

    /// What the log says of the versions up to `latest`, newest first.
    pub(crate) async fn versions(&self, latest: u64) -> Result<Vec<VersionInfo>, TableError> {
        let mut found = Vec::new();
        for version in (1..=latest).rev() {
            found.push(self.info(version).await?);
        }
        Ok(found)
    }

    /// The names of the files that versions up to `latest` were given.
    pub(crate) async fn names(
        &self,
        latest: u64,
        offers: impl Fn(u64) -> bool,
    ) -> Result<Names, TableError> {
        let mut names = Names::default();
        // How many versions up to each one are offered, and since which version a file has been there.
        let mut offered = vec![0_u64];
        let mut there: HashMap<String, u64> = HashMap::new();
        let between = |offered: &[u64], from: u64, to: u64| {
            let until = |version: u64| usize::try_from(version).ok().and_then(|at| offered.get(at));
            until(to) > until(from.saturating_sub(1))
        };
        for version in 1..=latest {
            let before = offered.last().copied().unwrap_or(0);
            offered.push(before + u64::from(offers(version)));
            let read = self.store.get(&self.commit_path(version - 1)).await?;
            let bytes = read.bytes().await?;
            for line in bytes.split(|byte| *byte == b'\n') {
                let action: Value = serde_json::from_slice(line)?;
                let named = |pointer: &str| action.pointer(pointer)?.as_str().map(str::to_owned);
                if let Some(report) = named("/commitInfo/depictio/report/name") {
                    if offers(version) {
                        names.used.insert(report.clone());
                    }
                    names.all.insert(report);
                }
                if let Some(added) = named("/add/path") {
                    there.insert(added.clone(), version);
                    names.all.insert(added);
                }
                if let Some(removed) = named("/remove/path") {
                    let since = there.remove(&removed);
                    if since.is_some_and(|since| between(&offered, since, version - 1)) {
                        names.used.insert(removed);
                    }
                }
            }
        }
        let still = there.into_iter();
        let still = still.filter(|(_, since)| between(&offered, *since, latest));
        names.used.extend(still.map(|(name, _)| name));
        Ok(names)
    }

    /// What the log says of a version that exists.
    pub(crate) async fn info(&self, version: u64) -> Result<VersionInfo, TableError> {
        let read = self.store.get(&self.commit_path(version - 1)).await?;
        let bytes = read.bytes().await?;
        let first = bytes.split(|byte| *byte == b'\n').next();
        let info: Value = serde_json::from_slice(first.unwrap_or_default())?;
        version_info(version, &info)
    }

    /// The report of the rows that the upload of a version set aside.
    pub(crate) async fn report(&self, version: u64) -> Result<Option<String>, TableError> {
        let Some(report) = self.info(version).await?.report else {
            return Ok(None);
        };
        let path = self.folder.clone().join(report.name.as_str());
        let bytes = self.store.get(&path).await?.bytes().await?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

fn version_info(version: u64, line: &Value) -> Result<VersionInfo, TableError> {
    let unknown = || TableError::Log("a commit that is not one of ours".to_owned());
    let info = line.get("commitInfo").ok_or_else(unknown)?;
    let ours: Ours = serde_json::from_value(info.get("depictio").cloned().ok_or_else(unknown)?)?;
    let at = info.get("timestamp").and_then(Value::as_i64);
    Ok(VersionInfo {
        version,
        created_at: at
            .and_then(domain::Timestamp::from_timestamp_millis)
            .ok_or_else(unknown)?,
        created_by: ours.by,
        operation: ours.operation,
        rows: ours.total_rows,
        change: ours.change,
        note: ours.note,
        set_aside: ours.report.as_ref().map_or(0, |report| report.rows),
        report: ours.report,
    })
}

/// The actions that lead from one version to the next, one JSON object a line.
fn lines(
    before: Option<&TableVersion>,
    next: &TableVersion,
    commit: &Commit,
    table_id: &str,
) -> Result<String, TableError> {
    let at = commit.at.timestamp_millis();
    let (name, mode) = match commit.operation {
        Operation::Create | Operation::Append => ("WRITE", "Append"),
        Operation::Overwrite => ("WRITE", "Overwrite"),
        Operation::Restore => ("RESTORE", "Overwrite"),
        Operation::Upsert => ("MERGE", "Append"),
    };
    let ours = Ours {
        operation: commit.operation,
        by: commit.by.clone(),
        note: commit.note.clone(),
        total_rows: next.rows(),
        report: commit.report.clone(),
        change: Some(Change::new(before, next, commit)),
    };
    let mut actions = vec![json!({"commitInfo": {
        "timestamp": at,
        "operation": name,
        "operationParameters": {"mode": mode},
        "operationMetrics": {"numOutputRows": commit.rows.to_string()},
        "engineInfo": concat!("depictio/", env!("CARGO_PKG_VERSION")),
        "depictio": ours,
    }})];
    if before.is_none() {
        let features = json!(["columnMapping", "timestampNtz"]);
        actions.push(json!({"protocol": {
            "minReaderVersion": 3, "minWriterVersion": 7,
            "readerFeatures": features, "writerFeatures": features,
        }}));
    }
    if before.is_none_or(|before| before.schema != next.schema) {
        let highest = next.schema.columns.len().to_string();
        actions.push(json!({"metaData": {
            "id": table_id,
            "format": {"provider": "parquet", "options": {}},
            "schemaString": next.schema.to_delta()?,
            "partitionColumns": [],
            "configuration": {
                "delta.columnMapping.mode": "name",
                "delta.columnMapping.maxColumnId": highest,
            },
            "createdTime": at,
        }}));
    }
    let held: &[DataFile] = before.map_or(&[], |before| &before.files);
    let changes = |file: &DataFile| !commit.moved.contains(&file.name);
    for file in held.iter().filter(|file| !next.files.contains(file)) {
        actions.push(json!({"remove": {
            "path": file.name, "deletionTimestamp": at, "dataChange": changes(file),
            "extendedFileMetadata": true, "partitionValues": {}, "size": file.bytes,
        }}));
    }
    for file in next.files.iter().filter(|file| !held.contains(file)) {
        actions.push(json!({"add": {
            "path": file.name, "partitionValues": {}, "size": file.bytes,
            "modificationTime": file.order, "dataChange": changes(file),
            "stats": json!({"numRecords": file.rows}).to_string(),
        }}));
    }
    let texts: Vec<String> = actions.iter().map(Value::to_string).collect();
    Ok(texts.join("\n"))
}
