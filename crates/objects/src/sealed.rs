//! A store that seals all that passes through it.

use crate::format::{FormatError, Header, ObjectCipher, chunks, plain_size};
use crate::read;
use crate::upload::SealedUpload;
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use keys::{DataKey, DataKeys};
use object_store::path::Path;
use object_store::{
    CopyMode, CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt as _, PutMode, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result,
};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Ciphers remembered, so that reading many ranges of a file derives its key once.
const CIPHERS_MAX: usize = 1_024;

/// The keys of one project: the one that seals, and those of the past, which only open.
#[derive(Debug, Clone)]
pub struct SealingKeys {
    current: DataKey,
    past: Vec<DataKey>,
}

impl SealingKeys {
    /// Keys of which `current` seals new objects.
    #[must_use]
    pub fn new(current: DataKey) -> Self {
        Self {
            current,
            past: Vec::new(),
        }
    }

    /// Adds a key that sealed objects in the past.
    #[must_use]
    pub fn with_past(mut self, key: DataKey) -> Self {
        self.past.push(key);
        self
    }

    pub(crate) fn current(&self) -> &DataKey {
        &self.current
    }

    fn find(&self, id: &str) -> Option<&DataKey> {
        std::iter::once(&self.current)
            .chain(&self.past)
            .find(|key| key.id() == id)
    }
}

impl From<&DataKeys> for SealingKeys {
    fn from(keys: &DataKeys) -> Self {
        Self {
            current: keys.newest().clone(),
            past: keys.past().to_vec(),
        }
    }
}

/// How many objects each key sealed, by the key's id, in the store behind the sealing; with a prefix, under it.
///
/// It reads the headers alone. A key that seals none can be forgotten, provided that nothing is being written with it.
///
/// # Errors
/// When the store fails, or an object is not sealed.
pub async fn keys_in_use(
    store: &dyn ObjectStore,
    prefix: Option<&Path>,
) -> Result<BTreeMap<String, u64>> {
    /// Headers on their way at a time.
    const AT_ONCE: usize = 16;
    let mut counts = BTreeMap::new();
    let mut headers = store
        .list(prefix)
        .map_ok(|meta| async move { read::header(store, &meta.location).await })
        .try_buffer_unordered(AT_ONCE);
    while let Some(header) = headers.next().await {
        *counts.entry(header?.key_id().to_owned()).or_insert(0) += 1;
    }
    Ok(counts)
}

/// A store whose objects are sealed in the store behind it.
///
/// Sizes in `head` and `list` are those of the plain bytes, computed from the stored size; that an
/// object was cut is noticed when its last chunk is opened, as every reader of a Parquet footer or
/// of a whole log entry does.
#[derive(Clone)]
pub struct Sealed {
    pub(crate) inner: Arc<dyn ObjectStore>,
    keys: SealingKeys,
    ciphers: Arc<Mutex<HashMap<Path, Arc<ObjectCipher>>>>,
}

pub(crate) fn failed(path: &Path, error: FormatError) -> object_store::Error {
    object_store::Error::Generic {
        store: "sealed",
        source: format!("{path}: {error}").into(),
    }
}

impl Sealed {
    /// Seals everything that goes into `inner`.
    #[must_use]
    #[expect(clippy::new_ret_no_self, reason = "callers only ever need the store")]
    pub fn new(inner: Arc<dyn ObjectStore>, keys: SealingKeys) -> Arc<dyn ObjectStore> {
        Arc::new(Self {
            inner,
            keys,
            ciphers: Arc::default(),
        })
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<Path, Arc<ObjectCipher>>> {
        self.ciphers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn forget(&self, path: &Path) {
        self.remembered().remove(path);
    }

    /// The cipher for reading an object, and whether it was remembered rather than just read.
    pub(crate) async fn cipher(&self, path: &Path) -> Result<(Arc<ObjectCipher>, bool)> {
        if let Some(cipher) = self.remembered().get(path) {
            return Ok((Arc::clone(cipher), true));
        }
        let header = read::header(self.inner.as_ref(), path).await?;
        let key = self
            .keys
            .find(header.key_id())
            .ok_or_else(|| failed(path, FormatError::UnknownKey(header.key_id().to_owned())))?;
        let cipher = ObjectCipher::new(key.bytes(), &header, path).map_err(|e| failed(path, e))?;
        let cipher = Arc::new(cipher);
        let mut remembered = self.remembered();
        if remembered.len() >= CIPHERS_MAX {
            remembered.clear();
        }
        remembered.insert(path.clone(), Arc::clone(&cipher));
        Ok((cipher, false))
    }

    /// A header and a cipher for a new object.
    pub(crate) fn fresh(&self, path: &Path) -> Result<(Header, ObjectCipher)> {
        let key = self.keys.current();
        Header::fresh(key.id())
            .and_then(|header| {
                let cipher = ObjectCipher::new(key.bytes(), &header, path)?;
                Ok((header, cipher))
            })
            .map_err(|e| failed(path, e))
    }

    fn seal(&self, path: &Path, plain: &[u8]) -> Result<Vec<u8>> {
        let (header, cipher) = self.fresh(path)?;
        let mut out = header.bytes();
        out.reserve(plain.len() + plain.len() / 1_024 + 64);
        let last = chunks(plain.len() as u64) - 1;
        let chunk = usize::try_from(crate::format::CHUNK).unwrap_or(usize::MAX);
        let mut pieces = plain.chunks(chunk);
        for number in 0..=last {
            let piece = pieces.next().unwrap_or_default();
            cipher
                .seal(number, number == last, piece, &mut out)
                .map_err(|e| failed(path, e))?;
        }
        Ok(out)
    }

    fn plain_meta(meta: ObjectMeta) -> Result<ObjectMeta> {
        let size = plain_size(meta.size).map_err(|e| failed(&meta.location, e))?;
        Ok(ObjectMeta { size, ..meta })
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({})", self.inner)
    }
}

impl std::fmt::Display for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Sealed {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        opts: PutOptions,
    ) -> Result<PutResult> {
        let sealed = self.seal(location, &Bytes::from(payload))?;
        let done = self.inner.put_opts(location, sealed.into(), opts).await;
        self.forget(location);
        done
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let (header, cipher) = self.fresh(location)?;
        let inner = self.inner.put_multipart_opts(location, opts).await?;
        Ok(Box::new(SealedUpload::new(
            inner,
            self.clone(),
            location.clone(),
            &header,
            cipher,
        )))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        read::get(self, location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        read::ranges(self, location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        self.inner
            .delete_stream(locations)
            .inspect(move |deleted| {
                if let Ok(path) = deleted {
                    store.forget(path);
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner
            .list(prefix)
            .map(|meta| meta.and_then(Self::plain_meta))
            .boxed()
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner
            .list_with_offset(prefix, offset)
            .map(|meta| meta.and_then(Self::plain_meta))
            .boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let mut listed = self.inner.list_with_delimiter(prefix).await?;
        listed.objects = listed
            .objects
            .into_iter()
            .map(Self::plain_meta)
            .collect::<Result<_>>()?;
        Ok(listed)
    }

    /// The path is authenticated, so a copy is opened and sealed again for its new place.
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let plain = self.get(from).await?.bytes().await?;
        let mode = match options.mode {
            CopyMode::Overwrite => PutMode::Overwrite,
            CopyMode::Create => PutMode::Create,
        };
        self.put_opts(to, plain.into(), mode.into()).await?;
        Ok(())
    }
}
