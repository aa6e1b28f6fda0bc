//! Access tokens: JSON Web Tokens of RFC 9068's type `at+jwt`, signed with RS256 or EdDSA: each key
//! is for one of them, and a token does not choose.
//!
//! The library does the cryptography only. Header and claims are read by strict types of our own,
//! so that what we do not write ourselves (`jwk`, `jku`, `x5u`, `crit`, a second audience, a claim
//! given twice) is refused because it is unknown, not because someone thought of it.

use crate::error::Unavailable;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use domain::id::{SessionId, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use keys::{PublicKey, PublicMaterial, SigningKey, SigningKeyError, TokenAlgorithm};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Ours have some 900 bytes; a longer text is not looked at.
const TOKEN_BYTES_MAX: usize = 4_096;
/// How far another replica's clock may be ahead of ours.
const CLOCK_AHEAD_S_MAX: i64 = 60;
const TYPE: &str = "at+jwt";

/// Why a text is not an access token of ours. For the log; clients are told nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of base64url with the header and claims we write.
    #[error("malformed")]
    Malformed,
    /// Another type of token.
    #[error("of another type")]
    Type,
    /// Another algorithm than its key's.
    #[error("signed with another algorithm")]
    Algorithm,
    /// A key we do not have.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// The signature does not fit.
    #[error("not signed by us")]
    Signature,
    /// Made by or for somebody else.
    #[error("made by or for somebody else")]
    Audience,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Its time has not come.
    #[error("not yet valid")]
    NotYetValid,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: String,
    kid: String,
}

/// What a token says. It names no role: roles are read at each request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: UserId,
    pub(crate) sid: SessionId,
    pub(crate) jti: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}

/// The key that signs, and all that may have signed a token that still lives.
pub struct TokenKeys {
    signing: EncodingKey,
    algorithm: TokenAlgorithm,
    kid: String,
    verifying: BTreeMap<String, (PublicKey, DecodingKey)>,
}

impl TokenKeys {
    /// Signs with `signing`; accepts also what `others` signed: the key before, while its tokens
    /// live, and the key to come.
    ///
    /// # Errors
    /// When the library does not read a key.
    pub fn new(signing: &SigningKey, others: &[PublicKey]) -> Result<Self, SigningKeyError> {
        let pem = signing.private_pem().expose().as_bytes();
        let algorithm = signing.public().algorithm();
        let encoding = match algorithm {
            TokenAlgorithm::Rs256 => EncodingKey::from_rsa_pem(pem),
            TokenAlgorithm::EdDsa => EncodingKey::from_ed_pem(pem),
        };
        let encoding = encoding.map_err(|_| SigningKeyError::Form("private"))?;
        let mut verifying = BTreeMap::new();
        for key in std::iter::once(signing.public()).chain(others) {
            let decoding = match &key.material {
                PublicMaterial::Rsa { n, e } => DecodingKey::from_rsa_components(n, e),
                PublicMaterial::Ed25519 { x, .. } => DecodingKey::from_ed_components(x),
            };
            let decoding = decoding.map_err(|_| SigningKeyError::Form("public"))?;
            verifying.insert(key.kid.clone(), (key.clone(), decoding));
        }
        Ok(Self {
            signing: encoding,
            algorithm,
            kid: signing.public().kid.clone(),
            verifying,
        })
    }

    /// The public keys, as `/.well-known/jwks.json` lists them.
    #[must_use]
    pub fn public(&self) -> Vec<PublicKey> {
        self.verifying
            .values()
            .map(|(key, _)| key.clone())
            .collect()
    }

    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, Unavailable> {
        let failed = || Unavailable::Inside("signing");
        let header = Header {
            typ: TYPE.to_owned(),
            alg: self.algorithm.as_str().to_owned(),
            kid: self.kid.clone(),
        };
        let header = serde_json::to_vec(&header).map_err(|_| failed())?;
        let claims = serde_json::to_vec(claims).map_err(|_| failed())?;
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.signing, by(self.algorithm))
                .map_err(|_| failed())?;
        Ok(format!("{message}.{signature}"))
    }

    /// Reads a token, in this order: form, type, key, the key's algorithm, signature, and only then
    /// what it says.
    pub(crate) fn verify(
        &self,
        token: &str,
        issuer: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<Claims, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Malformed);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
        if claims.contains('.') {
            return Err(TokenError::Malformed);
        }
        let header: Header = part(header)?;
        if header.typ != TYPE {
            return Err(TokenError::Type);
        }
        let (public, key) = self
            .verifying
            .get(&header.kid)
            .ok_or(TokenError::UnknownKey)?;
        // The algorithm is the key's, not the token's choice.
        let algorithm = public.algorithm();
        if header.alg != algorithm.as_str() {
            return Err(TokenError::Algorithm);
        }
        let message = message.as_bytes();
        let verified = jsonwebtoken::crypto::verify(signature, message, key, by(algorithm));
        if !matches!(verified, Ok(true)) {
            return Err(TokenError::Signature);
        }
        let claims: Claims = part(claims)?;
        if claims.iss != issuer || claims.aud != audience {
            return Err(TokenError::Audience);
        }
        let now = now.timestamp();
        if claims.exp <= now {
            return Err(TokenError::Expired);
        }
        if claims.iat > now + CLOCK_AHEAD_S_MAX {
            return Err(TokenError::NotYetValid);
        }
        Ok(claims)
    }
}

/// The library's word for an algorithm.
fn by(algorithm: TokenAlgorithm) -> Algorithm {
    match algorithm {
        TokenAlgorithm::Rs256 => Algorithm::RS256,
        TokenAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, TokenError> {
    let json = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests;
