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

    /// Seals what cannot be the last chunk, because more bytes follow it, and keeps the rest.
    fn take(&mut self, mut bytes: &[u8]) -> Result<()> {
        let size = usize::try_from(CHUNK).unwrap_or(usize::MAX);
        while !bytes.is_empty() {
            if self.plain.len() == size {
                let mut whole = std::mem::take(&mut self.plain);
                self.seal(&whole, false)?;
                whole.clear();
                self.plain = whole;
            }
            // Straight from where it came, when nothing waits before it.
            while self.plain.is_empty() && bytes.len() > size {
                let (whole, rest) = bytes.split_at(size);
                self.seal(whole, false)?;
                bytes = rest;
            }
            let room = size - self.plain.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.plain.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn seal(&mut self, plain: &[u8], last: bool) -> Result<()> {
        if self.sealed.capacity() < PART && !last {
            self.sealed.reserve(2 * PART);
        }
        let sealed = self.cipher.seal(self.chunk, last, plain, &mut self.sealed);
        sealed.map_err(|e| failed(&self.path, e))?;
        self.chunk += 1;
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
            if let Err(error) = self.take(bytes) {
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
        let plain = std::mem::take(&mut self.plain);
        self.seal(&plain, true)?;
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
