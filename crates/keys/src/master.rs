//! The master key: everything sealed at rest hangs from it.

use crate::data::{DataKey, DataKeys};
use crate::seal::{SealError, open, seal};
use crate::secret::Secret;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Why a text cannot be a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// Not base64, or not 32 bytes.
    #[error("a master key is 32 random bytes in base64; make one with: openssl rand -base64 32")]
    Form,
    /// All bytes alike, or too few different ones to be random.
    #[error("the master key is not random; make one with: openssl rand -base64 32")]
    Weak,
}

/// 256 bits from which keys are derived and under which data keys are wrapped.
#[derive(Clone)]
pub struct MasterKey(std::sync::Arc<Secret<[u8; 32]>>);

struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

impl MasterKey {
    /// A new key.
    #[must_use]
    pub fn generate(rng: &dyn domain::Rng) -> Self {
        let mut bytes = [0_u8; 32];
        rng.fill(&mut bytes);
        Self(std::sync::Arc::new(Secret::new(bytes)))
    }

    /// Reads a key from its text.
    ///
    /// # Errors
    /// When it is not 32 bytes in base64, or plainly not random.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let bytes = STANDARD
            .decode(text.trim())
            .map_err(|_| MasterKeyError::Form)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| MasterKeyError::Form)?;
        let distinct: std::collections::BTreeSet<u8> = bytes.into_iter().collect();
        // 32 random bytes have fewer than 16 different values once in some 10^14 times.
        if distinct.len() < 16 {
            return Err(MasterKeyError::Weak);
        }
        Ok(Self(std::sync::Arc::new(Secret::new(bytes))))
    }

    /// The key as text, for the file it is kept in.
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(STANDARD.encode(self.0.expose()))
    }

    /// A key for one purpose (HKDF with SHA-256, RFC 5869), the same at each start.
    ///
    /// # Errors
    /// Never for the length used here; the library's signature has one.
    pub fn derive(&self, purpose: &str) -> Result<Secret<[u8; 32]>, SealError> {
        let mut out = [0_u8; 32];
        Salt::new(HKDF_SHA256, b"depictio master key v1")
            .extract(self.0.expose())
            .expand(&[purpose.as_bytes()], Bytes32)
            .and_then(|okm| okm.fill(&mut out))
            .map_err(|_| SealError)?;
        Ok(Secret::new(out))
    }

    /// Wraps a data key, bound to what it belongs to.
    ///
    /// # Errors
    /// Only when the library refuses the key.
    pub fn wrap(
        &self,
        key: &DataKey,
        owner: &str,
        rng: &dyn domain::Rng,
    ) -> Result<String, SealError> {
        let wrapping = self.derive("wrap data keys")?;
        Ok(STANDARD.encode(seal(wrapping.expose(), owner.as_bytes(), key.bytes(), rng)?))
    }

    /// Unwraps what [`MasterKey::wrap`] made for the same owner.
    ///
    /// # Errors
    /// When it was wrapped under another key, for another owner, or changed.
    pub fn unwrap(&self, wrapped: &str, owner: &str) -> Result<DataKey, SealError> {
        let wrapping = self.derive("wrap data keys")?;
        let sealed = STANDARD.decode(wrapped).map_err(|_| SealError)?;
        let bytes = open(wrapping.expose(), owner.as_bytes(), &sealed)?;
        Ok(DataKey::from_bytes(
            bytes.try_into().map_err(|_| SealError)?,
        ))
    }
}

impl MasterKey {
    /// Wraps the root key, from which everything else hangs, under this key. When the operator's key
    /// is rotated, this is all that is written anew.
    ///
    /// # Errors
    /// Only when the library refuses the key.
    pub fn wrap_root(&self, root: &Self, rng: &dyn domain::Rng) -> Result<String, SealError> {
        let wrapping = self.derive("wrap the root key")?;
        let sealed = seal(wrapping.expose(), b"root key", root.0.expose(), rng)?;
        Ok(STANDARD.encode(sealed))
    }

    /// Unwraps what [`MasterKey::wrap_root`] made.
    ///
    /// # Errors
    /// When it was wrapped under another key, or changed.
    pub fn unwrap_root(&self, wrapped: &str) -> Result<Self, SealError> {
        let wrapping = self.derive("wrap the root key")?;
        let sealed = STANDARD.decode(wrapped.trim()).map_err(|_| SealError)?;
        let plain = Secret::new(open(wrapping.expose(), b"root key", &sealed)?);
        let bytes: [u8; 32] = plain
            .expose()
            .as_slice()
            .try_into()
            .map_err(|_| SealError)?;
        Ok(Self(std::sync::Arc::new(Secret::new(bytes))))
    }

    /// Wraps all keys of an owner in one text, so that none can be taken out, added or put elsewhere in the order.
    /// A single key reads as [`MasterKey::wrap`] wrote it.
    ///
    /// # Errors
    /// Only when the library refuses the key.
    pub fn wrap_all(
        &self,
        keys: &DataKeys,
        owner: &str,
        rng: &dyn domain::Rng,
    ) -> Result<String, SealError> {
        let wrapping = self.derive("wrap data keys")?;
        let plain = keys.to_bytes();
        Ok(STANDARD.encode(seal(
            wrapping.expose(),
            owner.as_bytes(),
            plain.expose(),
            rng,
        )?))
    }

    /// Unwraps what [`MasterKey::wrap_all`] or [`MasterKey::wrap`] made for the same owner.
    ///
    /// # Errors
    /// When it was wrapped under another key, for another owner, or changed.
    pub fn unwrap_all(&self, wrapped: &str, owner: &str) -> Result<DataKeys, SealError> {
        let wrapping = self.derive("wrap data keys")?;
        let sealed = STANDARD.decode(wrapped).map_err(|_| SealError)?;
        let plain = Secret::new(open(wrapping.expose(), owner.as_bytes(), &sealed)?);
        DataKeys::from_bytes(plain.expose()).ok_or(SealError)
    }

    /// The same keys wrapped under this master key instead of the one before it; `None` when they are already, so
    /// that a rotation that was broken off is ended by doing it again.
    ///
    /// # Errors
    /// When they open under neither.
    pub fn rewrap(
        &self,
        before: &Self,
        wrapped: &str,
        owner: &str,
        rng: &dyn domain::Rng,
    ) -> Result<Option<String>, SealError> {
        if self.unwrap_all(wrapped, owner).is_ok() {
            return Ok(None);
        }
        let keys = before.unwrap_all(wrapped, owner)?;
        self.wrap_all(&keys, owner, rng).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    #[test]
    fn what_one_key_was_wrapped_in_reads_as_a_list_of_one_and_the_other_way() {
        let master = MasterKey::generate(&SystemRng);
        let key = DataKey::generate(&SystemRng);
        let wrapped = master.wrap(&key, "prj_a", &SystemRng).unwrap();
        let keys = master.unwrap_all(&wrapped, "prj_a").unwrap();
        assert_eq!((keys.newest().bytes(), keys.past().len()), (key.bytes(), 0));
        let again = master.wrap_all(&keys, "prj_a", &SystemRng).unwrap();
        let read = master.unwrap(&again, "prj_a").unwrap();
        assert_eq!(read.bytes(), key.bytes());
    }

    #[test]
    fn keys_keep_their_order_and_open_for_their_owner_only() {
        let master = MasterKey::generate(&SystemRng);
        let first = DataKeys::from(DataKey::generate(&SystemRng));
        let keys = first
            .rotated(&SystemRng)
            .unwrap()
            .rotated(&SystemRng)
            .unwrap();
        let ids = |keys: &DataKeys| {
            keys.all()
                .map(|key| key.id().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(&keys)[2], first.newest().id());
        let wrapped = master.wrap_all(&keys, "prj_a", &SystemRng).unwrap();
        assert_eq!(
            ids(&master.unwrap_all(&wrapped, "prj_a").unwrap()),
            ids(&keys)
        );
        assert!(master.unwrap_all(&wrapped, "prj_b").is_err());
        // Who knows of one key only must not mistake three for it.
        assert!(master.unwrap(&wrapped, "prj_a").is_err());
        let sealed = STANDARD.decode(&wrapped).unwrap();
        for changed in [
            &sealed[..sealed.len() - 32],
            &sealed[32..],
            &sealed[..28],
            &[],
        ] {
            assert!(
                master
                    .unwrap_all(&STANDARD.encode(changed), "prj_a")
                    .is_err()
            );
        }
        let empty = seal(
            master.derive("wrap data keys").unwrap().expose(),
            b"prj_a",
            &[],
            &SystemRng,
        );
        assert!(
            master
                .unwrap_all(&STANDARD.encode(empty.unwrap()), "prj_a")
                .is_err()
        );
    }

    #[test]
    fn a_new_master_key_takes_over_what_the_old_one_wrapped_once() {
        let (old, new) = (
            MasterKey::generate(&SystemRng),
            MasterKey::generate(&SystemRng),
        );
        let keys = DataKeys::from(DataKey::generate(&SystemRng))
            .rotated(&SystemRng)
            .unwrap();
        let wrapped = old.wrap_all(&keys, "prj_a", &SystemRng).unwrap();
        let moved = new
            .rewrap(&old, &wrapped, "prj_a", &SystemRng)
            .unwrap()
            .unwrap();
        assert!(old.unwrap_all(&moved, "prj_a").is_err());
        let read = new.unwrap_all(&moved, "prj_a").unwrap();
        assert_eq!(read.newest().bytes(), keys.newest().bytes());
        assert_eq!(new.rewrap(&old, &moved, "prj_a", &SystemRng).unwrap(), None);
        assert!(new.rewrap(&old, &moved, "prj_b", &SystemRng).is_err());
        assert!(new.rewrap(&new, &wrapped, "prj_a", &SystemRng).is_err());
    }

    #[test]
    fn a_project_has_a_bounded_number_of_keys_and_forgets_those_out_of_use() {
        let mut keys = DataKeys::from(DataKey::generate(&SystemRng));
        let first = keys.newest().id().to_owned();
        while let Ok(more) = keys.rotated(&SystemRng) {
            keys = more;
        }
        assert_eq!(keys.all().count(), crate::DATA_KEYS_MAX);
        let kept = keys.keeping(|id| id == first);
        let ids: Vec<&str> = kept.all().map(DataKey::id).collect();
        assert_eq!(ids, [keys.newest().id(), first.as_str()]);
    }

    #[test]
    fn a_root_key_opens_under_the_keys_it_was_wrapped_under_and_no_other() {
        let (old, new) = (
            MasterKey::generate(&SystemRng),
            MasterKey::generate(&SystemRng),
        );
        let root = MasterKey::generate(&SystemRng);
        let wrapped = old.wrap_root(&root, &SystemRng).unwrap();
        let opened = old.unwrap_root(&wrapped).unwrap();
        assert_eq!(
            opened.derive("a").unwrap().expose(),
            root.derive("a").unwrap().expose()
        );
        assert!(new.unwrap_root(&wrapped).is_err());
        // It is no data key, and a data key is no root.
        assert!(old.unwrap_all(&wrapped, "root key").is_err());
        let data = old.wrap(&DataKey::generate(&SystemRng), "root key", &SystemRng);
        assert!(old.unwrap_root(&data.unwrap()).is_err());
    }

    #[test]
    fn a_data_key_unwraps_for_its_owner_only() {
        let master = MasterKey::generate(&SystemRng);
        let key = DataKey::generate(&SystemRng);
        let wrapped = master.wrap(&key, "prj_a", &SystemRng).unwrap();
        assert_eq!(
            master.unwrap(&wrapped, "prj_a").unwrap().bytes(),
            key.bytes()
        );
        assert!(master.unwrap(&wrapped, "prj_b").is_err());
        assert!(
            MasterKey::generate(&SystemRng)
                .unwrap(&wrapped, "prj_a")
                .is_err()
        );
    }

    #[test]
    fn a_key_reads_back_and_a_weak_one_is_refused() {
        let master = MasterKey::generate(&SystemRng);
        let again = MasterKey::parse(master.to_text().expose()).unwrap();
        assert_eq!(
            master.derive("a").unwrap().expose(),
            again.derive("a").unwrap().expose()
        );
        assert_ne!(
            master.derive("a").unwrap().expose(),
            master.derive("b").unwrap().expose()
        );
        assert_eq!(
            MasterKey::parse("changeme").err(),
            Some(MasterKeyError::Form)
        );
        assert_eq!(
            MasterKey::parse(&STANDARD.encode([0_u8; 32])).err(),
            Some(MasterKeyError::Weak)
        );
    }
}
