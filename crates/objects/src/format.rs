//! The layout of a sealed object, and the cipher of one object.
//!
//! An object is cut in chunks of 64 KiB, each sealed with AES-256-GCM, so that a range is read
//! without opening the rest. The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizar 2015)
//! as Tink's AES-GCM-HKDF streaming uses it: a key of its own for each object, derived by HKDF
//! (RFC 5869) from the data key and a random salt, and the nonce `prefix (7) | counter (4) | last (1)`.
//! Counter and last flag lie in the nonce, so a chunk that was moved, repeated or cut off does not
//! open; header and path are authenticated with every chunk, so a whole object moved elsewhere
//! does not open either.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use object_store::path::Path;

/// Plain bytes of a chunk.
pub(crate) const CHUNK: u64 = 64 * 1024;
/// Bytes a chunk grows by: the tag of GCM.
pub(crate) const TAG: u64 = 16;
/// Bytes before the first chunk.
pub(crate) const HEADER: usize = 128;

const MAGIC: &[u8; 7] = b"DPSEAL\0";
const VERSION: u8 = 1;
const KEY_ID_MAX: usize = 64;
const SALT: usize = 32;
const PREFIX: usize = 7;

/// An object that cannot be opened, or cannot be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormatError {
    /// The bytes do not begin as a sealed object does.
    #[error("this is not a sealed object of a known format")]
    NotSealed,
    /// The key named in the header is not at hand.
    #[error("the key {0} that sealed this object is not at hand")]
    UnknownKey(String),
    /// A chunk does not open.
    #[error("the object does not open: it was changed, cut, moved, or sealed under another key")]
    Changed,
    /// A chunk that no object can have.
    #[error("the object is too large to be sealed")]
    TooLarge,
    /// The cipher library refused, or the system gave no random bytes.
    #[error("the cipher could not be set up")]
    Cipher,
}

/// What stands before the chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    key_id: String,
    salt: [u8; SALT],
    prefix: [u8; PREFIX],
}

impl Header {
    /// A header for a new object, with fresh random parts.
    pub(crate) fn fresh(key_id: &str) -> Result<Self, FormatError> {
        let (mut salt, mut prefix) = ([0; SALT], [0; PREFIX]);
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| FormatError::Cipher)?;
        aws_lc_rs::rand::fill(&mut prefix).map_err(|_| FormatError::Cipher)?;
        if key_id.is_empty() || key_id.len() > KEY_ID_MAX {
            return Err(FormatError::Cipher);
        }
        Ok(Self {
            key_id: key_id.to_owned(),
            salt,
            prefix,
        })
    }

    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// magic 7 | version 1 | length of the key id 1 | key id 64 | salt 32 | prefix 7 | zeros 16
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER);
        out.extend_from_slice(MAGIC);
        out.push(VERSION);
        out.push(u8::try_from(self.key_id.len()).unwrap_or(0));
        out.extend_from_slice(self.key_id.as_bytes());
        out.resize(9 + KEY_ID_MAX, 0);
        out.extend_from_slice(&self.salt);
        out.extend_from_slice(&self.prefix);
        out.resize(HEADER, 0);
        out
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let field = |from: usize, length: usize| {
            bytes.get(from..from + length).ok_or(FormatError::NotSealed)
        };
        if bytes.len() != HEADER || field(0, 7)? != MAGIC || field(7, 1)? != [VERSION] {
            return Err(FormatError::NotSealed);
        }
        let length = field(8, 1)?
            .first()
            .map_or(0, |length| usize::from(*length));
        let id = field(9, length.min(KEY_ID_MAX))?;
        let fixed = || FormatError::NotSealed;
        let header = Self {
            key_id: String::from_utf8(id.to_vec()).map_err(|_| fixed())?,
            salt: field(9 + KEY_ID_MAX, SALT)?
                .try_into()
                .map_err(|_| fixed())?,
            prefix: field(9 + KEY_ID_MAX + SALT, PREFIX)?
                .try_into()
                .map_err(|_| fixed())?,
        };
        // Whatever the fields do not say must be zero, so that every byte of the header counts.
        if header.bytes() == bytes {
            Ok(header)
        } else {
            Err(FormatError::NotSealed)
        }
    }
}

/// The cipher of one object in one place.
pub(crate) struct ObjectCipher {
    key: LessSafeKey,
    prefix: [u8; PREFIX],
    bound: Vec<u8>,
}

impl ObjectCipher {
    pub(crate) fn new(
        data_key: &[u8; 32],
        header: &Header,
        path: &Path,
    ) -> Result<Self, FormatError> {
        let mut key = [0_u8; 32];
        Salt::new(HKDF_SHA256, &header.salt)
            .extract(data_key)
            .expand(&[b"depictio object"], HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut key))
            .map_err(|_| FormatError::Cipher)?;
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| FormatError::Cipher)?;
        let mut bound = header.bytes();
        bound.extend_from_slice(path.as_ref().as_bytes());
        Ok(Self {
            key: LessSafeKey::new(key),
            prefix: header.prefix,
            bound,
        })
    }

    fn nonce(&self, chunk: u64, last: bool) -> Result<Nonce, FormatError> {
        let counter = u32::try_from(chunk).map_err(|_| FormatError::TooLarge)?;
        let mut nonce = [0_u8; 12];
        let parts = self
            .prefix
            .into_iter()
            .chain(counter.to_be_bytes())
            .chain([u8::from(last)]);
        for (to, from) in nonce.iter_mut().zip(parts) {
            *to = from;
        }
        Ok(Nonce::assume_unique_for_key(nonce))
    }

    /// Seals one chunk and appends it. A chunk number is used once for each object.
    pub(crate) fn seal(
        &self,
        chunk: u64,
        last: bool,
        plain: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), FormatError> {
        let nonce = self.nonce(chunk, last)?;
        let from = out.len();
        out.extend_from_slice(plain);
        let place = out.get_mut(from..).ok_or(FormatError::Cipher)?;
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(&self.bound), place)
            .map_err(|_| FormatError::Cipher)?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens one chunk where it lies, and says how many plain bytes it then begins with.
    pub(crate) fn open(
        &self,
        chunk: u64,
        last: bool,
        sealed: &mut [u8],
    ) -> Result<usize, FormatError> {
        let nonce = self.nonce(chunk, last)?;
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(&self.bound), sealed)
            .map_err(|_| FormatError::Changed)?;
        Ok(plain.len())
    }

    /// Opens one chunk into other memory, which must be as long as the chunk is when it is plain.
    pub(crate) fn open_to(
        &self,
        chunk: u64,
        last: bool,
        sealed: &[u8],
        plain: &mut [u8],
    ) -> Result<(), FormatError> {
        let nonce = self.nonce(chunk, last)?;
        let (sealed, tag) = sealed
            .split_at_checked(plain.len())
            .ok_or(FormatError::Changed)?;
        self.key
            .open_separate_gather(nonce, Aad::from(&self.bound), sealed, tag, plain)
            .map_err(|_| FormatError::Changed)
    }
}

/// How many chunks a plain size needs; an empty object has one, empty, so that its end is sealed too.
pub(crate) fn chunks(plain: u64) -> u64 {
    plain.div_ceil(CHUNK).max(1)
}

/// The plain size of an object that takes this many bytes in the store.
pub(crate) fn plain_size(stored: u64) -> Result<u64, FormatError> {
    let body = stored
        .checked_sub(HEADER as u64)
        .ok_or(FormatError::NotSealed)?;
    let chunks = body.div_ceil(CHUNK + TAG).max(1);
    body.checked_sub(chunks * TAG).ok_or(FormatError::NotSealed)
}

/// Where a chunk begins in the store.
pub(crate) fn chunk_start(chunk: u64) -> u64 {
    (HEADER as u64).saturating_add(chunk.saturating_mul(CHUNK + TAG))
}
