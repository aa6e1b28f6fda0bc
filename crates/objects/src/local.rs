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
use std::io::Write as _;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

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

/// Makes the names in the file's folder durable.
fn sync_folder(path: &FilePath) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |folder| {
        std::fs::File::open(folder).and_then(|folder| folder.sync_all())
    })
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
    if matches!(mode, PutMode::Create) {
        // A hard link fails when the name exists: of two writers, one is told.
        std::fs::hard_link(staged, path)?;
        std::fs::remove_file(staged)?;
    } else {
        std::fs::rename(staged, path)?;
    }
    sync_folder(path)
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
            std::fs::File::open(&path)
                .and_then(|file| file.sync_all())
                .and_then(|()| sync_folder(&path))
                .map_err(|e| failed(&path, e))
        })
        .await?;
        Ok(done)
    }

    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}
