//! The keys that seal the data of one project: one for what is written now, older ones for what lies there.

use crate::secret::Secret;
use std::sync::Arc;

/// Keys of one project at the same time. Each rotation adds one; forgetting those that seal nothing any more
/// makes room.
pub const DATA_KEYS_MAX: usize = 64;

/// A project's data key: 256 bits and the name it goes by in the headers of what it sealed.
#[derive(Clone)]
pub struct DataKey {
    id: Arc<str>,
    bytes: Arc<Secret<[u8; 32]>>,
}

impl DataKey {
    /// A new key.
    #[must_use]
    pub fn generate(rng: &dyn domain::Rng) -> Self {
        let mut bytes = [0_u8; 32];
        rng.fill(&mut bytes);
        Self::from_bytes(bytes)
    }

    /// A key from its bytes. Its id is the first half of their SHA-256, which tells nothing of them.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        let id: String = crate::sha256(&bytes)
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            id: id.into(),
            bytes: Arc::new(Secret::new(bytes)),
        }
    }

    /// The name it goes by, 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key itself.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        self.bytes.expose()
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DataKey({})", self.id)
    }
}

/// A project's data keys, newest first, never none: new objects take the newest, and an object names the one that
/// opens it.
#[derive(Debug, Clone)]
pub struct DataKeys {
    newest: DataKey,
    past: Vec<DataKey>,
}

/// A project that holds as many keys as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the project has {DATA_KEYS_MAX} data keys; let compaction move its data before the next rotation"
)]
pub struct TooManyKeys;

impl From<DataKey> for DataKeys {
    fn from(newest: DataKey) -> Self {
        Self {
            newest,
            past: Vec::new(),
        }
    }
}

impl DataKeys {
    /// Keys from their bytes, newest first; `None` when there are none or too many.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (chunks, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || chunks.len() > DATA_KEYS_MAX {
            return None;
        }
        let mut keys = chunks.iter().map(|bytes| DataKey::from_bytes(*bytes));
        Some(Self {
            newest: keys.next()?,
            past: keys.collect(),
        })
    }

    /// All keys, newest first, as bytes.
    pub(crate) fn to_bytes(&self) -> Secret<Vec<u8>> {
        // Room for all at once: a buffer that grows leaves copies behind.
        let mut bytes = Vec::with_capacity(32 * (1 + self.past.len()));
        for key in self.all() {
            bytes.extend_from_slice(key.bytes());
        }
        Secret::new(bytes)
    }

    /// The key that seals what is written now.
    #[must_use]
    pub fn newest(&self) -> &DataKey {
        &self.newest
    }

    /// The keys of what was written before, newest first.
    #[must_use]
    pub fn past(&self) -> &[DataKey] {
        &self.past
    }

    /// All of them, newest first.
    pub fn all(&self) -> impl Iterator<Item = &DataKey> {
        std::iter::once(&self.newest).chain(&self.past)
    }

    /// These keys behind a new one.
    ///
    /// # Errors
    /// When there are too many already.
    pub fn rotated(&self, rng: &dyn domain::Rng) -> Result<Self, TooManyKeys> {
        if 1 + self.past.len() >= DATA_KEYS_MAX {
            return Err(TooManyKeys);
        }
        Ok(Self {
            newest: DataKey::generate(rng),
            past: self.all().cloned().collect(),
        })
    }

    /// The newest one, and those older ones that still seal something. What only a forgotten key opens is lost.
    #[must_use]
    pub fn keeping(&self, in_use: impl Fn(&str) -> bool) -> Self {
        let past = self.past.iter().filter(|key| in_use(key.id()));
        Self {
            newest: self.newest.clone(),
            past: past.cloned().collect(),
        }
    }
}
