//! Reading a sealed object: only the chunks that a range touches are fetched and opened.

use crate::format::{
    CHUNK, FormatError, HEADER, Header, ObjectCipher, TAG, chunk_start, chunks, plain_size,
};
use crate::sealed::{Sealed, failed};
use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{
    Attributes, GetOptions, GetRange, GetResult, GetResultPayload, ObjectMeta, ObjectStore,
    ObjectStoreExt as _, Result,
};
use std::ops::Range;
use std::sync::Arc;

/// Chunks fetched at a time, 4 MiB of them: more would be held in memory, fewer would be more trips to the store.
const WINDOW: u64 = 64;

/// Reads the header of an object.
pub(crate) async fn header(store: &dyn ObjectStore, path: &Path) -> Result<Header> {
    let bytes = store.get_range(path, 0..HEADER as u64).await?;
    Header::parse(&bytes).map_err(|e| failed(path, e))
}

/// Answers a read with the plain bytes, their sizes and their range.
pub(crate) async fn get(store: &Sealed, path: &Path, options: GetOptions) -> Result<GetResult> {
    let GetOptions { range, head, .. } = options.clone();
    let rest = GetOptions {
        range: None,
        head: false,
        ..options
    };
    if head {
        let found = stored(store, path, &rest, None).await?;
        let size = plain_size(found.meta.size).map_err(|e| failed(path, e))?;
        return Ok(GetResult {
            payload: GetResultPayload::Stream(futures::stream::empty().boxed()),
            meta: ObjectMeta { size, ..found.meta },
            range: wanted(range.as_ref(), size)?,
            attributes: found.attributes,
        });
    }
    // Where the plain bytes begin must be known before any are read, and what is asked for from the end begins where
    // the size says. All else is bounded by the size that comes with the first bytes.
    let asked = match &range {
        Some(GetRange::Suffix(_)) => {
            let found = stored(store, path, &rest, None).await?;
            let size = plain_size(found.meta.size).map_err(|e| failed(path, e))?;
            wanted(range.as_ref(), size)?
        }
        other => wanted(other.as_ref(), u64::MAX)?,
    };
    let (first, opening, found) = begun(store, path, &rest, &asked).await?;
    let size = opening.size;
    Ok(GetResult {
        payload: GetResultPayload::Stream(stream(first, opening)),
        meta: ObjectMeta { size, ..found.meta },
        range: wanted(range.as_ref(), size)?,
        attributes: found.attributes,
    })
}

/// Fetches the first chunks of a range and opens the first of them, under the cipher that the object has now.
async fn begun(
    store: &Sealed,
    path: &Path,
    rest: &GetOptions,
    asked: &Range<u64>,
) -> Result<(Bytes, Opening, Found)> {
    let (cipher, remembered) = store.cipher(path).await?;
    match begin(store, path, rest, asked, cipher).await {
        // A remembered cipher may belong to an object that was replaced since: its first chunk then
        // does not open, and the header is read again, once.
        Err(_) if remembered => {
            store.forget(path);
            let (cipher, _) = store.cipher(path).await?;
            begin(store, path, rest, asked, cipher).await
        }
        begun => begun,
    }
}

/// The plain range asked for, in an object of this plain size.
fn wanted(range: Option<&GetRange>, size: u64) -> Result<Range<u64>> {
    match range {
        None => Ok(0..size),
        Some(range) => range
            .as_range(size)
            .map_err(|source| object_store::Error::Generic {
                store: "sealed",
                source: Box::new(source),
            }),
    }
}

/// Asks for sealed bytes; without a range for what is known of the object.
async fn stored(
    store: &Sealed,
    path: &Path,
    rest: &GetOptions,
    range: Option<Range<u64>>,
) -> Result<GetResult> {
    let options = GetOptions {
        head: range.is_none(),
        range: range.map(GetRange::Bounded),
        ..rest.clone()
    };
    store.inner.get_opts(path, options).await
}

/// What is known of an object besides its bytes.
struct Found {
    meta: ObjectMeta,
    attributes: Attributes,
}

/// The chunks of one object that a range touches, fetched some at a time and opened where they lie.
struct Opening {
    store: Sealed,
    cipher: Arc<ObjectCipher>,
    path: Path,
    rest: GetOptions,
    window: BytesMut,
    next: u64,
    /// The last chunk wanted.
    end: u64,
    /// The last chunk there is.
    last: u64,
    size: u64,
    wanted: Range<u64>,
}

/// Sealed chunks `from..=to`, or as many of them as there are.
async fn fetch(
    store: &Sealed,
    path: &Path,
    rest: &GetOptions,
    from: u64,
    to: u64,
) -> Result<(BytesMut, Found)> {
    let to = to.min(from.saturating_add(WINDOW - 1));
    let range = chunk_start(from)..chunk_start(to.saturating_add(1));
    let result = stored(store, path, rest, Some(range)).await?;
    let found = Found {
        meta: result.meta.clone(),
        attributes: result.attributes.clone(),
    };
    let bytes = result.bytes().await?;
    let window = bytes
        .try_into_mut()
        .unwrap_or_else(|shared| BytesMut::from(shared.as_ref()));
    Ok((window, found))
}

/// Fetches the first chunks of a range and opens the first of them.
async fn begin(
    store: &Sealed,
    path: &Path,
    rest: &GetOptions,
    asked: &Range<u64>,
    cipher: Arc<ObjectCipher>,
) -> Result<(Bytes, Opening, Found)> {
    // Also of an empty object one chunk is read, so that its end is authenticated.
    let next = asked.start / CHUNK;
    let end = (asked.end.max(asked.start.saturating_add(1)) - 1) / CHUNK;
    let (window, found) = fetch(store, path, rest, next, end).await?;
    let size = plain_size(found.meta.size).map_err(|e| failed(path, e))?;
    let last = chunks(size) - 1;
    let mut opening = Opening {
        store: store.clone(),
        cipher,
        path: path.clone(),
        // What comes later must be of the same object.
        rest: GetOptions {
            if_match: found.meta.e_tag.clone().or_else(|| rest.if_match.clone()),
            ..rest.clone()
        },
        window,
        next,
        end: end.min(last),
        last,
        size,
        wanted: asked.start.min(size)..asked.end.min(size),
    };
    let first = opening.chunk().await?.unwrap_or_default();
    Ok((first, opening, found))
}

impl Opening {
    /// How many sealed bytes the next chunk has.
    fn sealed_length(&self) -> usize {
        let plain = if self.next == self.last {
            self.size - self.last * CHUNK
        } else {
            CHUNK
        };
        usize::try_from(plain + TAG).unwrap_or(usize::MAX)
    }

    /// The next chunk as it is stored.
    async fn sealed(&mut self) -> Result<Option<BytesMut>> {
        if self.next > self.end {
            return Ok(None);
        }
        if self.window.is_empty() {
            let fetched = fetch(&self.store, &self.path, &self.rest, self.next, self.end);
            self.window = fetched.await?.0;
        }
        let length = self.sealed_length();
        if self.window.len() < length {
            return Err(failed(&self.path, FormatError::Changed));
        }
        Ok(Some(self.window.split_to(length)))
    }

    /// What is wanted of the next chunk, where it lies.
    async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let Some(mut chunk) = self.sealed().await? else {
            return Ok(None);
        };
        let plain = self
            .cipher
            .open(self.next, self.next == self.last, &mut chunk)
            .map_err(|e| failed(&self.path, e))?;
        chunk.truncate(plain);
        let chunk = chunk.freeze();
        let start = self.next * CHUNK;
        self.next += 1;
        let within = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
        let from = within(self.wanted.start).min(chunk.len());
        let to = within(self.wanted.end).min(chunk.len()).max(from);
        Ok(Some(chunk.slice(from..to)))
    }
}

/// A range in one piece, opened into the memory that it stays in.
async fn in_one_piece(store: &Sealed, path: &Path, range: Range<u64>) -> Result<Bytes> {
    let rest = GetOptions::default();
    let asked = wanted(Some(&GetRange::Bounded(range)), u64::MAX)?;
    let (first, mut opening, _) = begun(store, path, &rest, &asked).await?;
    let size = opening.wanted.end - opening.wanted.start;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if first.len() == size {
        return Ok(first);
    }
    let mut plain = vec![0; size];
    let mut rest = plain.as_mut_slice();
    put(&mut rest, &first);
    while !rest.is_empty() {
        let chunk = usize::try_from(CHUNK).unwrap_or(usize::MAX);
        // The last one may be wanted in part, and is shorter than the others.
        if rest.len() < chunk {
            match opening.chunk().await? {
                Some(last) => put(&mut rest, &last),
                None => break,
            }
            continue;
        }
        let Some(sealed) = opening.sealed().await? else {
            break;
        };
        let (next, is_last) = (opening.next, opening.next == opening.last);
        let (to, after) = rest.split_at_mut(chunk);
        let opened = opening.cipher.open_to(next, is_last, &sealed, to);
        opened.map_err(|e| failed(path, e))?;
        opening.next += 1;
        rest = after;
    }
    match rest.len() {
        0 => Ok(plain.into()),
        _ => Err(failed(path, FormatError::Changed)),
    }
}

/// Puts bytes at the beginning of what is left to fill.
fn put(rest: &mut &mut [u8], bytes: &[u8]) {
    let count = bytes.len().min(rest.len());
    let (to, after) = std::mem::take(rest).split_at_mut(count);
    to.copy_from_slice(bytes.get(..count).unwrap_or_default());
    *rest = after;
}

fn stream(first: Bytes, opening: Opening) -> BoxStream<'static, Result<Bytes>> {
    let rest = futures::stream::try_unfold(opening, |mut opening| async move {
        Ok(opening.chunk().await?.map(|bytes| (bytes, opening)))
    });
    futures::stream::once(async { Ok(first) })
        .chain(rest)
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
    object_store::coalesce_ranges(ranges, |range| in_one_piece(store, path, range), NEAR).await
}
