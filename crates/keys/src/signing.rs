//! The key pair that signs access tokens, and its public half: RSA (RS256, RFC 7518 section 3.3) or
//! Ed25519 (EdDSA, RFC 8037 section 3.1). A key is for one of them and knows which.

use crate::secret::Secret;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicEncryptingKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// How access tokens are signed: `JWT_ALGORITHM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAlgorithm {
    /// RSA with SHA-256.
    Rs256,
    /// Ed25519.
    EdDsa,
}

impl TokenAlgorithm {
    /// Both, the default first.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::EdDsa];

    /// Its name in the configuration and in tokens.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// Why a key pair cannot sign tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// Not a PEM file of the kind that is needed.
    #[error("it is not an RSA or Ed25519 {0} key in PEM form")]
    Form(&'static str),
    /// Too short to be safe.
    #[error("its modulus has {0} bits, and at least 2048 are needed")]
    Short(usize),
    /// The two files do not belong together.
    #[error("the public key does not belong to the private key")]
    Mismatch,
    /// The system could not make a key.
    #[error("no key could be made")]
    Generate,
}

/// What is published of a key, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kty")]
pub enum PublicMaterial {
    /// RFC 7518 section 6.3.
    #[serde(rename = "RSA")]
    Rsa {
        /// Modulus, big-endian, base64url.
        n: String,
        /// Exponent, big-endian, base64url.
        e: String,
    },
    /// RFC 8037 section 2.
    #[serde(rename = "OKP")]
    Ed25519 {
        /// The name of the curve.
        crv: &'static str,
        /// The point, base64url.
        x: String,
    },
}

/// A public key, as it is published (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PublicKey {
    /// The key's thumbprint (RFC 7638), which tokens name in their header.
    pub kid: String,
    /// The key itself.
    #[serde(flatten)]
    pub material: PublicMaterial,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
}

/// All of an Ed25519 key's SubjectPublicKeyInfo but its 32 bytes (RFC 8410 section 4).
const ED25519_SPKI: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

impl PublicKey {
    fn rsa(modulus: &[u8], exponent: &[u8]) -> Self {
        let n = URL_SAFE_NO_PAD.encode(modulus);
        let e = URL_SAFE_NO_PAD.encode(exponent);
        // RFC 7638 section 3.2: the required members in lexical order, without white space.
        let canonical = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
        Self::new(PublicMaterial::Rsa { n, e }, &canonical)
    }

    fn ed25519(point: &[u8]) -> Self {
        let x = URL_SAFE_NO_PAD.encode(point);
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let crv = "Ed25519";
        Self::new(PublicMaterial::Ed25519 { crv, x }, &canonical)
    }

    fn new(material: PublicMaterial, canonical: &str) -> Self {
        let algorithm = match material {
            PublicMaterial::Rsa { .. } => TokenAlgorithm::Rs256,
            PublicMaterial::Ed25519 { .. } => TokenAlgorithm::EdDsa,
        };
        Self {
            kid: URL_SAFE_NO_PAD.encode(crate::sha256(canonical.as_bytes())),
            material,
            alg: algorithm.as_str(),
            usage: "sig",
        }
    }

    /// The one algorithm this key is for.
    #[must_use]
    pub fn algorithm(&self) -> TokenAlgorithm {
        match self.material {
            PublicMaterial::Rsa { .. } => TokenAlgorithm::Rs256,
            PublicMaterial::Ed25519 { .. } => TokenAlgorithm::EdDsa,
        }
    }

    /// Reads a public key from PEM (`BEGIN PUBLIC KEY`, RFC 7468 section 13).
    ///
    /// # Errors
    /// When it is not such a key, or too short.
    pub fn from_pem(text: &str) -> Result<Self, SigningKeyError> {
        let der = pem_body(text, "PUBLIC KEY").ok_or(SigningKeyError::Form("public"))?;
        let point = der.strip_prefix(&ED25519_SPKI);
        if let Some(point) = point.filter(|point| point.len() == 32) {
            return Ok(Self::ed25519(point));
        }
        // The library reads the subject's key information here; nothing is encrypted with it.
        PublicEncryptingKey::from_der(&der).map_err(|_| SigningKeyError::Form("public"))?;
        let (modulus, exponent) = components(&der).ok_or(SigningKeyError::Form("public"))?;
        let bits = modulus.len() * 8;
        if bits < 2048 {
            return Err(SigningKeyError::Short(bits));
        }
        Ok(Self::rsa(&modulus, &exponent))
    }
}

/// A key pair that signs.
pub struct SigningKey {
    private_pem: Secret<String>,
    public_pem: String,
    public: PublicKey,
}

impl SigningKey {
    /// A new pair: RSA of 3072 bits, good past 2030 by NIST SP 800-57, or Ed25519.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate(algorithm: TokenAlgorithm) -> Result<Self, SigningKeyError> {
        let failed = |_| SigningKeyError::Generate;
        match algorithm {
            TokenAlgorithm::Rs256 => {
                Self::from_rsa(&KeyPair::generate(KeySize::Rsa3072).map_err(failed)?)
            }
            TokenAlgorithm::EdDsa => {
                Self::from_ed25519(&Ed25519KeyPair::generate().map_err(failed)?)
            }
        }
    }

    /// Reads a private key from PEM (`BEGIN PRIVATE KEY` or `BEGIN RSA PRIVATE KEY`).
    ///
    /// # Errors
    /// When it is not such a key, or too short.
    pub fn from_pem(text: &str) -> Result<Self, SigningKeyError> {
        let form = SigningKeyError::Form("private");
        if let Some(der) = pem_body(text, "PRIVATE KEY") {
            return match Ed25519KeyPair::from_pkcs8(&der) {
                Ok(pair) => Self::from_ed25519(&pair),
                Err(_) => Self::from_rsa(&KeyPair::from_pkcs8(&der).map_err(|_| form)?),
            };
        }
        let der = pem_body(text, "RSA PRIVATE KEY").ok_or(form.clone())?;
        Self::from_rsa(&KeyPair::from_der(&der).map_err(|_| form)?)
    }

    fn from_ed25519(pair: &Ed25519KeyPair) -> Result<Self, SigningKeyError> {
        let private = pair.to_pkcs8v1().map_err(|_| SigningKeyError::Generate)?;
        let point = pair.public_key().as_ref();
        let spki = [&ED25519_SPKI[..], point].concat();
        Ok(Self {
            private_pem: Secret::new(to_pem("PRIVATE KEY", private.as_ref())),
            public_pem: to_pem("PUBLIC KEY", &spki),
            public: PublicKey::ed25519(point),
        })
    }

    fn from_rsa(pair: &KeyPair) -> Result<Self, SigningKeyError> {
        let public = pair.public_key();
        let bits = public.modulus_len() * 8;
        if bits < 2048 {
            return Err(SigningKeyError::Short(bits));
        }
        let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| SigningKeyError::Generate)?;
        let spki: PublicKeyX509Der<'_> = public.as_der().map_err(|_| SigningKeyError::Generate)?;
        Ok(Self {
            private_pem: Secret::new(to_pem("PRIVATE KEY", private.as_ref())),
            public_pem: to_pem("PUBLIC KEY", spki.as_ref()),
            public: PublicKey::rsa(
                public.modulus().big_endian_without_leading_zero(),
                public.exponent().big_endian_without_leading_zero(),
            ),
        })
    }

    /// Checks that a public key given apart belongs to this pair.
    ///
    /// # Errors
    /// When it does not.
    pub fn check_public(&self, pem: &str) -> Result<(), SigningKeyError> {
        if PublicKey::from_pem(pem)? == self.public {
            Ok(())
        } else {
            Err(SigningKeyError::Mismatch)
        }
    }

    /// The private half as PEM (PKCS #8).
    #[must_use]
    pub fn private_pem(&self) -> &Secret<String> {
        &self.private_pem
    }

    /// The public half as PEM.
    #[must_use]
    pub fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// The public half as it is published.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

fn to_pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = tail;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

fn pem_body(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).ok()
}

/// Modulus and exponent out of a SubjectPublicKeyInfo (RFC 3279 section 2.3.1), by walking its DER:
/// SEQUENCE { SEQUENCE algorithm, BIT STRING { SEQUENCE { INTEGER n, INTEGER e } } }.
fn components(spki: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (outer, _) = element(spki, 0x30)?;
    let (_, rest) = element(outer, 0x30)?;
    let (bits, _) = element(rest, 0x03)?;
    let (inner, _) = element(bits.strip_prefix(&[0])?, 0x30)?;
    let (n, rest) = element(inner, 0x02)?;
    let (e, _) = element(rest, 0x02)?;
    let unsigned = |number: &[u8]| number.iter().copied().skip_while(|b| *b == 0).collect();
    Some((unsigned(n), unsigned(e)))
}

/// One DER element of the expected tag: its content and what follows.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81 | 0x82 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (
                digits
                    .iter()
                    .fold(0_usize, |sum, d| sum << 8 | usize::from(*d)),
                rest,
            )
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests;
