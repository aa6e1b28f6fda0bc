//! Sealing an object that arrives in parts of any size.

use crate::format::{CHUNK, Header, ObjectCipher};
use crate::sealed::{Sealed, failed};
use async_trait::async_trait;
use futures::FutureExt as _;
use object_store::path::Path;
use object_store::{MultipartUpload, PutPayload, PutResult, Result, UploadPart};

/// Parts sent on have this size, the last one excepted: S3 wants at least 5 MiB.
const PART: usize = 8 << 20;

/// An upload whose parts are cut into chunks and sealed on their way.
pub(crate) struct SealedUpload {
    inner: Box<dyn MultipartUpload>,
    store: Sealed,
    path: Path,
    cipher: ObjectCipher,
    chunk: u64,
    plain: Vec<u8>,
    sealed: Vec<u8>,
}

impl SealedUpload {
    pub(crate) fn new(
        inner: Box<dyn MultipartUpload>,
        store: Sealed,
        path: Path,
        header: &Header,
        cipher: ObjectCipher,
    ) -> Self {
        Self {
            inner,
            store,
            path,
            cipher,
            chunk: 0,
            plain: Vec::new(),
            sealed: header.bytes(),
        }
    }

    /// Seals every chunk that cannot be the last one, because more bytes are known to follow it.
    fn advance(&mut self) -> Result<()> {
        let size = usize::try_from(CHUNK).unwrap_or(usize::MAX);
        let mut used = 0;
        while self.plain.len() - used > size {
            let piece = self.plain.get(used..used + size).unwrap_or_default();
            self.cipher
                .seal(self.chunk, false, piece, &mut self.sealed)
                .map_err(|e| failed(&self.path, e))?;
            self.chunk += 1;
            used += size;
        }
        self.plain.drain(..used);
        Ok(())
    }
}

impl std::fmt::Debug for SealedUpload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedUpload({})", self.path)
    }
}

#[async_trait]
impl MultipartUpload for SealedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        for bytes in &data {
            self.plain.extend_from_slice(bytes);
            if let Err(error) = self.advance() {
                return async { Err(error) }.boxed();
            }
        }
        if self.sealed.len() < PART {
            return async { Ok(()) }.boxed();
        }
        let part = std::mem::take(&mut self.sealed);
        self.inner.put_part(part.into())
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.advance()?;
        let plain = std::mem::take(&mut self.plain);
        self.cipher
            .seal(self.chunk, true, &plain, &mut self.sealed)
            .map_err(|e| failed(&self.path, e))?;
        let rest = std::mem::take(&mut self.sealed);
        self.inner.put_part(rest.into()).await?;
        let done = self.inner.complete().await;
        self.store.forget(&self.path);
        done
    }

    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}
