//! Unpredictable bytes, from the system's generator alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRng;

impl domain::Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            // Without randomness every key and token made from here on could be guessed.
            std::process::abort();
        }
    }
}

/// 256 random bits as 43 characters that are safe in URLs and headers.
#[must_use]
pub fn token(rng: &dyn domain::Rng) -> String {
    let mut bytes = [0_u8; 32];
    rng.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A password for a person to copy: five groups of five out of 31 characters that are not mistaken
/// for one another, 123 bits.
#[must_use]
pub fn password(rng: &dyn domain::Rng) -> String {
    const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut out = String::with_capacity(29);
    let mut byte = [0_u8; 1];
    while out.len() < 29 {
        if out.len() % 6 == 5 {
            out.push('-');
            continue;
        }
        rng.fill(&mut byte);
        // 248 is the largest multiple of 31 in a byte: what lies above would favour some letters.
        if let [value @ 0..248] = byte
            && let Some(letter) = LETTERS.get(usize::from(value) % LETTERS.len())
        {
            out.push(char::from(*letter));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_five_groups_and_no_letter_that_is_mistaken() {
        let one = password(&SystemRng);
        assert_eq!(one.len(), 29);
        assert_eq!(one.split('-').map(str::len).collect::<Vec<_>>(), [5; 5]);
        assert!(!one.contains(['o', 'i', 'l', '0', '1']));
        assert_ne!(one, password(&SystemRng));
    }

    #[test]
    fn a_token_has_256_bits() {
        assert_eq!(URL_SAFE_NO_PAD.decode(token(&SystemRng)).unwrap().len(), 32);
    }
}
