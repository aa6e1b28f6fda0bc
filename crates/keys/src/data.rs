//! The key that seals the data of one project.

use crate::secret::Secret;
use std::sync::Arc;

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
