//! Reading a sealed object: only the chunks that a range touches are fetched and opened.

use crate::format::{
    CHUNK, FormatError, HEADER, Header, ObjectCipher, chunk_start, chunks, plain_size,
};
use crate::sealed::{Sealed, failed};
use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{
    GetOptions, GetRange, GetResult, GetResultPayload, ObjectMeta, ObjectStore,
    ObjectStoreExt as _, Result,
};
use std::ops::Range;
use std::sync::Arc;

/// Reads the header of an object.
pub(crate) async fn header(store: &dyn ObjectStore, path: &Path) -> Result<Header> {
    let bytes = store.get_range(path, 0..HEADER as u64).await?;
    Header::parse(&bytes).map_err(|e| failed(path, e))
}

/// Answers a read with the plain bytes, their sizes and their range.
pub(crate) async fn get(store: &Sealed, path: &Path, options: GetOptions) -> Result<GetResult> {
    let GetOptions { range, head, .. } = options.clone();
    let asked = GetOptions {
        range: None,
        head: true,
        ..options.clone()
    };
    let found = store.inner.get_opts(path, asked).await?;
    let stored = found.meta.size;
    let size = plain_size(stored).map_err(|e| failed(path, e))?;
    let meta = ObjectMeta { size, ..found.meta };
    let wanted = match &range {
        None => 0..size,
        Some(range) => range
            .as_range(size)
            .map_err(|source| object_store::Error::Generic {
                store: "sealed",
                source: Box::new(source),
            })?,
    };
    let payload = if head {
        futures::stream::empty().boxed()
    } else {
        let rest = GetOptions {
            range: None,
            head: false,
            ..options
        };
        plain_stream(store, path, rest, stored, wanted.clone()).await?
    };
    Ok(GetResult {
        payload: GetResultPayload::Stream(payload),
        meta,
        range: wanted,
        attributes: found.attributes,
    })
}

/// The chunks of one object that a range touches, as they come.
struct Opening {
    cipher: Arc<ObjectCipher>,
    path: Path,
    sealed: BoxStream<'static, Result<Bytes>>,
    carried: BytesMut,
    next: u64,
    end: u64,
    last: u64,
    size: u64,
    wanted: Range<u64>,
}

async fn plain_stream(
    store: &Sealed,
    path: &Path,
    options: GetOptions,
    stored: u64,
    wanted: Range<u64>,
) -> Result<BoxStream<'static, Result<Bytes>>> {
    let (cipher, remembered) = store.cipher(path).await?;
    let opening = open(store, path, options.clone(), stored, wanted.clone(), cipher).await?;
    if !remembered {
        return Ok(stream(opening));
    }
    // A remembered cipher may belong to an object that was replaced since: its first chunk then
    // does not open, and the header is read again, once.
    let mut first = stream(opening);
    match first.next().await {
        Some(Err(_)) => {
            store.forget(path);
            let (cipher, _) = store.cipher(path).await?;
            Ok(stream(
                open(store, path, options, stored, wanted, cipher).await?,
            ))
        }
        Some(Ok(bytes)) => Ok(futures::stream::once(async { Ok(bytes) })
            .chain(first)
            .boxed()),
        None => Ok(first),
    }
}

async fn open(
    store: &Sealed,
    path: &Path,
    options: GetOptions,
    stored: u64,
    wanted: Range<u64>,
    cipher: Arc<ObjectCipher>,
) -> Result<Opening> {
    let size = plain_size(stored).map_err(|e| failed(path, e))?;
    let last = chunks(size) - 1;
    let next = (wanted.start / CHUNK).min(last);
    let end = (wanted.end.max(wanted.start + 1) - 1) / CHUNK;
    let end = end.min(last);
    let range = chunk_start(next)..chunk_start(end + 1).min(stored);
    let options = GetOptions {
        range: Some(GetRange::Bounded(range)),
        ..options
    };
    let found = store.inner.get_opts(path, options).await?;
    Ok(Opening {
        cipher,
        path: path.clone(),
        sealed: found.into_stream(),
        carried: BytesMut::new(),
        next,
        end,
        last,
        size,
        wanted,
    })
}

impl Opening {
    /// How many sealed bytes the next chunk has.
    fn sealed_length(&self) -> usize {
        let plain = if self.next == self.last {
            self.size - self.last * CHUNK
        } else {
            CHUNK
        };
        usize::try_from(plain + crate::format::TAG).unwrap_or(usize::MAX)
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if self.next > self.end {
            return Ok(None);
        }
        let length = self.sealed_length();
        while self.carried.len() < length {
            match self.sealed.next().await {
                Some(bytes) => self.carried.extend_from_slice(&bytes?),
                None => return Err(failed(&self.path, FormatError::Changed)),
            }
        }
        let sealed = self.carried.split_to(length);
        let mut plain = Vec::with_capacity(length);
        self.cipher
            .open(self.next, self.next == self.last, &sealed, &mut plain)
            .map_err(|e| failed(&self.path, e))?;
        let start = self.next * CHUNK;
        self.next += 1;
        let within = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
        let plain = Bytes::from(plain);
        let from = within(self.wanted.start).min(plain.len());
        let to = within(self.wanted.end).min(plain.len()).max(from);
        Ok(Some(plain.slice(from..to)))
    }
}

fn stream(opening: Opening) -> BoxStream<'static, Result<Bytes>> {
    futures::stream::try_unfold(opening, |mut opening| async move {
        Ok(opening.chunk().await?.map(|bytes| (bytes, opening)))
    })
    .try_filter(|bytes| futures::future::ready(!bytes.is_empty()))
    .boxed()
}

/// Several ranges of one object; neighbours that share chunks are read once.
pub(crate) async fn ranges(
    store: &Sealed,
    path: &Path,
    ranges: &[Range<u64>],
) -> Result<Vec<Bytes>> {
    /// Ranges closer than this are read together: less than a seek or a request costs.
    const NEAR: u64 = 4 * CHUNK;
    object_store::coalesce_ranges(
        ranges,
        |range| async move {
            let options = GetOptions {
                range: Some(GetRange::Bounded(range)),
                ..GetOptions::default()
            };
            get(store, path, options).await?.bytes().await
        },
        NEAR,
    )
    .await
}
