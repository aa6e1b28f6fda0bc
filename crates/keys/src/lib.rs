//! Keys and what is done with them: the master key, sealing, per-project data keys, and the key pair
//! that signs tokens.
//!
//! This crate computes and stores nothing: bytes come in, bytes go out. No secret here can be
//! printed, compared by `==` or serialised by accident, because [`Secret`] implements none of it.

mod data;
mod master;
mod random;
mod seal;
mod secret;
mod signing;

pub use data::{DATA_KEYS_MAX, DataKey, DataKeys, TooManyKeys};
pub use master::{MasterKey, MasterKeyError};
pub use random::{SystemRng, password, token};
pub use seal::{SealError, open, seal};
pub use secret::Secret;
pub use signing::{PublicKey, PublicMaterial, SigningKey, SigningKeyError, TokenAlgorithm};

pub use aws_lc_rs::digest::{SHA256, digest};

/// SHA-256 of some bytes (FIPS 180-4).
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0_u8; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}
