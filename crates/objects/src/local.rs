//! Objects as files under one folder, durable when a write returns.
//!
//! Two things differ from the plain local store: a list is sorted (the Delta kernel relies on it),
//! and a write is synced to the disk before its name appears, so that after a power cut an object
//! is whole or absent.

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions,
    Result, UploadPart,
};
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// A store on the local disk under `root`, which is made when it is missing.
///
/// # Errors
/// When the folder cannot be made or opened.
pub fn local(root: PathBuf) -> Result<Arc<dyn ObjectStore>> {
    std::fs::create_dir_all(&root).map_err(|e| failed(&root, e))?;
    let inner = LocalFileSystem::new_with_prefix(root)?;
    Ok(Arc::new(Local {
        inner: Arc::new(inner),
    }))
}

/// Removes the unfinished files that an earlier process left under `root`: those that were last written before this
/// one began. Answers how many.
///
/// Only the process that owns the folder may call it, and no list ever shows such a file.
///
/// # Errors
/// When a folder cannot be read or a file not be removed.
pub fn remove_unfinished(root: &FilePath, began: SystemTime) -> std::io::Result<u64> {
    let (mut removed, mut folders) = (0, vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if is_unfinished(&entry.file_name()) && entry.metadata()?.modified()? < began {
                std::fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}

/// Whether a name ends in `#` and digits, as no object's name does.
fn is_unfinished(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let digits = name.rsplit_once('#').map(|(_, digits)| digits);
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[derive(Debug, Clone)]
struct Local {
    inner: Arc<LocalFileSystem>,
}

impl std::fmt::Display for Local {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Local")
    }
}

fn failed(path: &FilePath, source: std::io::Error) -> Error {
    let path = path.display().to_string();
    match source.kind() {
        std::io::ErrorKind::NotFound => Error::NotFound {
            path,
            source: Box::new(source),
        },
        std::io::ErrorKind::AlreadyExists => Error::AlreadyExists {
            path,
            source: Box::new(source),
        },
        _ => Error::Generic {
            store: "local",
            source: Box::new(source),
        },
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}

/// The folder of a file: syncing it makes the names in it durable.
fn folder(path: &FilePath) -> std::io::Result<Option<std::fs::File>> {
    path.parent().map(std::fs::File::open).transpose()
}

/// A name beside the file's own that no other writer takes, in this process or another.
///
/// `#` and digits at the end of a name are the local store's mark of an unfinished file, which it
/// never lists.
fn staged_beside(path: &FilePath) -> std::io::Result<PathBuf> {
    let mut random = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut random)
        .map_err(|_| std::io::Error::other("the system gave no random bytes"))?;
    let mut staged = path.as_os_str().to_owned();
    staged.push(format!("#{}", u64::from_be_bytes(random)));
    Ok(staged.into())
}

fn write_whole(path: &FilePath, payload: &PutPayload, mode: &PutMode) -> std::io::Result<()> {
    let staged = staged_beside(path)?;
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&staged)?;
    let written = write_staged(file, &staged, path, payload, mode);
    if written.is_err() {
        // Best effort: an unfinished name is never listed.
        let _ = std::fs::remove_file(&staged);
    }
    written
}

fn write_staged(
    mut file: std::fs::File,
    staged: &FilePath,
    path: &FilePath,
    payload: &PutPayload,
    mode: &PutMode,
) -> std::io::Result<()> {
    for bytes in payload {
        file.write_all(bytes)?;
    }
    file.sync_all()?;
    drop(file);
    // Opened before the name appears: from then on little is left that can fail.
    let folder = folder(path)?;
    if matches!(mode, PutMode::Create) {
        // A hard link fails when the name exists: of two writers, one is told.
        std::fs::hard_link(staged, path)?;
        // The object is there; what is left of its unfinished name is removed at the next start.
        let _ = std::fs::remove_file(staged);
    } else {
        std::fs::rename(staged, path)?;
    }
    folder.map_or(Ok(()), |folder| folder.sync_all())
}

#[async_trait]
impl ObjectStore for Local {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        opts: PutOptions,
    ) -> Result<PutResult> {
        if matches!(opts.mode, PutMode::Update(_)) {
            return Err(Error::NotImplemented {
                operation: "put with PutMode::Update".to_owned(),
                implementer: self.to_string(),
            });
        }
        let path = self.inner.path_to_filesystem(location)?;
        blocking(move || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
            }
            write_whole(&path, &payload, &opts.mode).map_err(|e| failed(&path, e))
        })
        .await?;
        Ok(PutResult {
            e_tag: None,
            version: None,
        })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let inner = self.inner.put_multipart_opts(location, opts).await?;
        let path = self.inner.path_to_filesystem(location)?;
        Ok(Box::new(DurableUpload { inner, path }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        sorted(self.inner.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        sorted(self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let mut listed = self.inner.list_with_delimiter(prefix).await?;
        listed.objects.sort_by(|a, b| a.location.cmp(&b.location));
        listed.common_prefixes.sort();
        Ok(listed)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.inner.rename_opts(from, to, options).await
    }
}

fn sorted(
    listed: BoxStream<'static, Result<ObjectMeta>>,
) -> BoxStream<'static, Result<ObjectMeta>> {
    futures::stream::once(async move {
        let mut all: Vec<ObjectMeta> = listed.try_collect().await?;
        all.sort_by(|a, b| a.location.cmp(&b.location));
        Ok::<_, Error>(futures::stream::iter(all.into_iter().map(Ok)))
    })
    .try_flatten()
    .boxed()
}

/// An upload in parts that is on the disk when it is complete.
#[derive(Debug)]
struct DurableUpload {
    inner: Box<dyn MultipartUpload>,
    path: PathBuf,
}

#[async_trait]
impl MultipartUpload for DurableUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.inner.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let done = self.inner.complete().await?;
        let path = self.path.clone();
        blocking(move || {
            let folder = folder(&path).map_err(|e| failed(&path, e))?;
            std::fs::File::open(&path)
                .and_then(|file| file.sync_all())
                .and_then(|()| folder.map_or(Ok(()), |folder| folder.sync_all()))
                .map_err(|e| failed(&path, e))
        })
        .await?;
        Ok(done)
    }

    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}
