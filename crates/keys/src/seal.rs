//! Sealing of small values: AES-256-GCM (NIST SP 800-38D) under a random 96-bit nonce.
//!
//! What is sealed is bound to a context, so that a sealed value moved to another place does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// A value that does not open: another key, another context, or changed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value does not open: it was changed, moved, or sealed under another key")]
pub struct SealError;

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&AES_256_GCM, key)
        .map(LessSafeKey::new)
        .map_err(|_| SealError)
}

/// Seals a value in a context: nonce, ciphertext, tag.
///
/// # Errors
/// Only when the library refuses the key, which has the right length.
pub fn seal(
    key: &[u8; 32],
    context: &[u8],
    plain: &[u8],
    rng: &dyn domain::Rng,
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0_u8; NONCE_LEN];
    rng.fill(&mut nonce);
    let mut sealed = plain.to_vec();
    cipher(key)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context),
            &mut sealed,
        )
        .map_err(|_| SealError)?;
    let mut out = nonce.to_vec();
    out.append(&mut sealed);
    Ok(out)
}

/// Opens what [`seal`] made in the same context.
///
/// # Errors
/// When anything about it differs.
pub fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError)?;
    let mut body = body.to_vec();
    let plain = cipher(key)?
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(context),
            &mut body,
        )
        .map_err(|_| SealError)?;
    Ok(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    #[test]
    fn what_was_sealed_opens_in_its_place_and_nowhere_else() {
        let sealed = seal(&[7; 32], b"here", b"a secret", &SystemRng).unwrap();
        assert_eq!(open(&[7; 32], b"here", &sealed).unwrap(), b"a secret");
        assert_eq!(open(&[7; 32], b"there", &sealed), Err(SealError));
        assert_eq!(open(&[8; 32], b"here", &sealed), Err(SealError));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(
                open(&[7; 32], b"here", &changed),
                Err(SealError),
                "byte {at}"
            );
        }
        assert_eq!(open(&[7; 32], b"here", &sealed[..5]), Err(SealError));
    }
}
