//! A keyed upsert: rows whose key is there already take the place of the old ones, the others are
//! added, all in one version.
//!
//! A file without any of the keys stays as it is; the others are written again without the rows that
//! are replaced, in their place among the files. When somebody else commits meanwhile, that is done
//! again on top of theirs, so the version is always right for the one before it.

use super::Ingested;
use super::error::IngestError;
use super::land::{TRIES, attempt, data_files, next, next_order};
use super::merge::merged;
use super::write::{self, FileWriter, Written};
use crate::error::TableError;
use crate::keyed::{self, Keys};
use crate::log::{Commit, DataFile, Operation, TableLog, TableVersion};
use crate::place::Place;
use crate::room::Room;
use crate::schema::TableSchema;
use crate::tables::Inner;
use deltalake::arrow::array::BooleanArray;
use deltalake::arrow::compute::filter_record_batch;
use futures::TryStreamExt as _;
use object_store::ObjectStore;
use object_store::path::Path;
use std::collections::HashSet;
use std::sync::Arc;

/// What the upload brings: its files, and the keys of their rows.
struct Brought<'a> {
    written: &'a [Written],
    keys: HashSet<Box<[u8]>>,
    columns: Vec<usize>,
}

/// Finds the columns of a key. A name may have a comma in it, so the whole text is tried first.
pub(crate) fn key_columns(schema: &TableSchema, key: &str) -> Result<Vec<usize>, IngestError> {
    let find = |name: &str| {
        schema.position(name).ok_or_else(|| IngestError::Key {
            message: format!("there is no column \"{name}\" to be a key"),
        })
    };
    if let Some(column) = schema.position(key) {
        return Ok(vec![column]);
    }
    key.split(',').map(|name| find(name.trim())).collect()
}

/// Commits written files as an upsert, on top of what others commit at the same time.
pub(crate) async fn land(
    inner: &Inner,
    place: &Place,
    log: &TableLog,
    (schema, key): (&TableSchema, &str),
    written: &[Written],
    mut commit: Commit,
    room: Option<Room>,
) -> Result<Ingested, IngestError> {
    let store = inner.sealed(place);
    let columns = key_columns(schema, key)?;
    let new = Arc::new(TableVersion {
        version: 0,
        schema: schema.clone(),
        files: data_files(written, 0),
    });
    let keys = unique_keys(inner, place, &new, &columns).await?;
    let brought = Brought {
        written,
        keys,
        columns,
    };
    for _ in 0..TRIES {
        let before = inner.latest(place).await?;
        if before
            .as_deref()
            .is_some_and(|before| before.schema != *schema)
        {
            return Err(IngestError::Conflict);
        }
        let mut merged = merged(inner, place, before.as_ref()).await;
        commit.moved.clone_from(&merged.moved);
        let mut again = Vec::new();
        let base = merged.version.as_ref();
        let replaced = replace(inner, place, base, &brought, &mut again).await;
        let (mut files, updated) = match replaced {
            Ok(replaced) => replaced,
            Err(error) => {
                write::remove(&store, &place.folder(), &again).await;
                merged.discard(inner, place).await;
                return Err(error);
            }
        };
        if merged.discard_all_but(&files, inner, place).await {
            commit.moved.clear();
        }
        let order = next_order(before.as_deref(), &commit);
        files.extend(data_files(brought.written, order));
        let next = next(before.as_deref(), schema, files);
        commit.updated = updated;
        commit.operation = match &before {
            None => Operation::Create,
            Some(_) => Operation::Upsert,
        };
        let attempt = attempt(inner, place, log, (before.as_deref(), &next), &commit, room);
        let attempt = attempt.await;
        if attempt.leaves_nothing() {
            write::remove(&store, &place.folder(), &again).await;
            merged.discard(inner, place).await;
        }
        if let Some(ended) = attempt.ended() {
            return ended;
        }
    }
    Err(IngestError::Conflict)
}

/// The keys of the uploaded rows; each may stand there once.
async fn unique_keys(
    inner: &Inner,
    place: &Place,
    new: &Arc<TableVersion>,
    columns: &[usize],
) -> Result<HashSet<Box<[u8]>>, IngestError> {
    let rows_max = inner.limits.keyed_rows_max;
    if new.rows() > rows_max {
        return Err(IngestError::Key {
            message: format!("an upsert may have at most {rows_max} rows"),
        });
    }
    let mut found = HashSet::new();
    let keys = Keys::new(&new.schema, columns)?;
    for unit in 0..new.files.len() {
        let scan = keyed::scan(inner, place, new, columns.to_vec());
        let mut rows = scan.read(unit, None).await?;
        while let Some(batch) = rows.try_next().await? {
            for (row, key) in keys.of(&batch)?.into_iter().enumerate() {
                let Some(key) = key else {
                    return Err(IngestError::Key {
                        message: "a row of the upload has no value in its key".to_owned(),
                    });
                };
                if !found.insert(key) {
                    let shown = keyed::shown(&batch, row);
                    return Err(IngestError::Key {
                        message: format!("the key {shown} stands twice in the upload"),
                    });
                }
            }
        }
    }
    Ok(found)
}

/// The files of the version before without the rows whose key is uploaded, and how many those are.
/// Files written for it are noted in `again`.
async fn replace(
    inner: &Inner,
    place: &Place,
    before: Option<&Arc<TableVersion>>,
    brought: &Brought<'_>,
    again: &mut Vec<Written>,
) -> Result<(Vec<DataFile>, u64), IngestError> {
    let Some(before) = before else {
        return Ok((Vec::new(), 0));
    };
    let (mut files, mut updated) = (Vec::new(), 0);
    let keys = Keys::new(&before.schema, &brought.columns)?;
    for (unit, file) in before.files.iter().enumerate() {
        let scan = keyed::scan(inner, place, before, brought.columns.clone());
        let mut rows = scan.read(unit, None).await?;
        let mut kept: Vec<BooleanArray> = Vec::new();
        while let Some(batch) = rows.try_next().await? {
            let keys = keys.of(&batch)?.into_iter();
            let stays = keys.map(|key| key.is_none_or(|key| !brought.keys.contains(&key)));
            kept.push(stays.map(Some).collect());
        }
        let left: usize = kept.iter().map(BooleanArray::true_count).sum();
        let gone = file.rows.saturating_sub(left as u64);
        updated += gone;
        if gone == 0 {
            files.push(file.clone());
        } else if left > 0 {
            let store = inner.sealed(place);
            let one = rewrite(inner, place, before, unit, &kept, &store).await?;
            let name = one.name.clone();
            files.push(DataFile {
                name,
                rows: one.rows,
                bytes: one.bytes,
                order: file.order,
            });
            again.push(one);
        }
    }
    Ok((files, updated))
}

async fn rewrite(
    inner: &Inner,
    place: &Place,
    before: &Arc<TableVersion>,
    unit: usize,
    kept: &[BooleanArray],
    store: &Arc<dyn ObjectStore>,
) -> Result<Written, IngestError> {
    let all = (0..before.schema.columns.len()).collect();
    let mut rows = keyed::scan(inner, place, before, all)
        .read(unit, None)
        .await?;
    let file = before.files.get(unit);
    let stem = file.map_or("", |file| file.name.as_str());
    let folder: Path = place.folder();
    let mut writer =
        FileWriter::in_place_of(Arc::clone(store), folder, before.schema.clone(), stem);
    // The same file is read twice, in batches of the same size.
    for stays in kept {
        let batch = rows.try_next().await?;
        let batch = batch.ok_or_else(|| TableError::Log("a file that shrank".to_owned()))?;
        let batch = filter_record_batch(&batch, stays)?;
        if let Err(error) = writer.write(batch).await {
            writer.give_up().await;
            return Err(error);
        }
    }
    let mut written = writer.end().await?;
    let one = written.pop();
    if written.is_empty()
        && let Some(one) = one
    {
        return Ok(one);
    }
    Err(TableError::Log("one file became several".to_owned()).into())
}
