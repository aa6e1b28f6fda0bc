//! Access tokens: JSON Web Tokens of RFC 9068's type `at+jwt`, signed with RS256.
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
use keys::{PublicKey, SigningKey, SigningKeyError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Ours have some 900 bytes; a longer text is not looked at.
const TOKEN_BYTES_MAX: usize = 4_096;
/// How far another replica's clock may be ahead of ours.
const CLOCK_AHEAD_S_MAX: i64 = 60;
const TYPE: &str = "at+jwt";
const ALGORITHM: &str = "RS256";

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
        let encoding = EncodingKey::from_rsa_pem(signing.private_pem().expose().as_bytes())
            .map_err(|_| SigningKeyError::Form("private"))?;
        let mut verifying = BTreeMap::new();
        for key in std::iter::once(signing.public()).chain(others) {
            let decoding = DecodingKey::from_rsa_components(&key.n, &key.e)
                .map_err(|_| SigningKeyError::Form("public"))?;
            verifying.insert(key.kid.clone(), (key.clone(), decoding));
        }
        Ok(Self {
            signing: encoding,
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
            alg: ALGORITHM.to_owned(),
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
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.signing, Algorithm::RS256)
                .map_err(|_| failed())?;
        Ok(format!("{message}.{signature}"))
    }

    /// Reads a token, in this order: form, type, algorithm, key, signature, and only then what it says.
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
        // Every key of ours is for RS256, so the algorithm is the key's, not the token's choice.
        if header.alg != ALGORITHM {
            return Err(TokenError::Algorithm);
        }
        let (_, key) = self
            .verifying
            .get(&header.kid)
            .ok_or(TokenError::UnknownKey)?;
        let verified =
            jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, Algorithm::RS256);
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

fn part<T: DeserializeOwned>(text: &str) -> Result<T, TokenError> {
    let json = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::{CountingRng, ManualClock};
    use domain::{Clock, Rng};
    use serde_json::{Value, json};
    use std::sync::OnceLock;

    const ISSUER: &str = "https://depictio.example";
    const AUDIENCE: &str = "depictio";

    struct Bench {
        signing: SigningKey,
        keys: TokenKeys,
        other: SigningKey,
    }

    /// Making RSA keys takes a while, so all tests share two.
    fn bench() -> &'static Bench {
        static BENCH: OnceLock<Bench> = OnceLock::new();
        BENCH.get_or_init(|| {
            let signing = SigningKey::generate().unwrap();
            Bench {
                keys: TokenKeys::new(&signing, &[]).unwrap(),
                signing,
                other: SigningKey::generate().unwrap(),
            }
        })
    }

    fn claims() -> Value {
        let (clock, rng) = (ManualClock::default(), CountingRng::default());
        let now = clock.now().timestamp();
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "jti": "1", "iat": now, "exp": now + 1_800,
            "sub": UserId::generate(&clock, &rng), "sid": SessionId::generate(&clock, &rng),
        })
    }

    fn header() -> Value {
        json!({ "typ": "at+jwt", "alg": "RS256", "kid": bench().signing.public().kid })
    }

    fn with(mut base: Value, name: &str, value: Value) -> Value {
        base[name] = value;
        base
    }

    fn without(mut base: Value, name: &str) -> Value {
        base.as_object_mut().unwrap().remove(name);
        base
    }

    /// Any header and claims, signed by any key: what an attacker who has that key could make.
    fn forge(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
        format!("{message}.{signature}")
    }

    /// Signed with our own key, so that only the thing under test can be what refuses it.
    fn ours(header: &Value, claims: &Value) -> String {
        forge(
            &header.to_string(),
            &claims.to_string(),
            &bench().keys.signing,
            Algorithm::RS256,
        )
    }

    fn verify(token: &str) -> Result<Claims, TokenError> {
        let now = ManualClock::default().now();
        bench().keys.verify(token, ISSUER, AUDIENCE, now)
    }

    #[test]
    fn our_own_token_is_good() {
        let good: Claims = serde_json::from_value(claims()).unwrap();
        assert_eq!(verify(&bench().keys.sign(&good).unwrap()), Ok(good.clone()));
        assert_eq!(verify(&ours(&header(), &claims())), Ok(good));
    }

    #[test]
    fn no_signature_is_refused() {
        for alg in ["none", "None", "NONE", ""] {
            let token = ours(&with(header(), "alg", json!(alg)), &claims());
            let (message, _) = token.rsplit_once('.').unwrap();
            assert_eq!(
                verify(&format!("{message}.")),
                Err(TokenError::Algorithm),
                "{alg}"
            );
        }
        let token = ours(&header(), &claims());
        let (message, _) = token.rsplit_once('.').unwrap();
        assert_eq!(verify(&format!("{message}.")), Err(TokenError::Signature));
        assert_eq!(verify(message), Err(TokenError::Malformed));
    }

    #[test]
    fn hs256_with_the_public_key_as_secret_is_refused() {
        let public = bench().signing.public();
        let modulus = URL_SAFE_NO_PAD.decode(&public.n).unwrap();
        for secret in [
            bench().signing.public_pem().as_bytes(),
            &modulus,
            public.n.as_bytes(),
        ] {
            let key = EncodingKey::from_secret(secret);
            let header = with(header(), "alg", json!("HS256")).to_string();
            let token = forge(&header, &claims().to_string(), &key, Algorithm::HS256);
            assert_eq!(verify(&token), Err(TokenError::Algorithm));
        }
    }

    #[test]
    fn another_algorithm_of_the_same_key_is_refused() {
        for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
            let name = format!("{algorithm:?}");
            let honest = with(header(), "alg", json!(name)).to_string();
            let key = &bench().keys.signing;
            let token = forge(&honest, &claims().to_string(), key, algorithm);
            assert_eq!(verify(&token), Err(TokenError::Algorithm));
            let lying = forge(&header().to_string(), &claims().to_string(), key, algorithm);
            assert_eq!(verify(&lying), Err(TokenError::Signature));
        }
    }

    #[test]
    fn a_header_that_brings_its_own_key_is_refused() {
        let other = bench().other.public();
        let jwk = json!({ "kty": "RSA", "n": other.n, "e": other.e, "alg": "RS256" });
        let key =
            EncodingKey::from_rsa_pem(bench().other.private_pem().expose().as_bytes()).unwrap();
        for (name, value) in [
            ("jwk", jwk),
            ("jku", json!("https://attacker.example/jwks.json")),
            ("x5u", json!("https://attacker.example/cert.pem")),
            ("x5c", json!(["MIIB"])),
        ] {
            let header = with(header(), name, value);
            let token = forge(
                &header.to_string(),
                &claims().to_string(),
                &key,
                Algorithm::RS256,
            );
            assert_eq!(verify(&token), Err(TokenError::Malformed), "{name}");
            assert_eq!(
                verify(&ours(&header, &claims())),
                Err(TokenError::Malformed),
                "{name}"
            );
        }
    }

    #[test]
    fn an_unknown_critical_header_is_refused() {
        for header in [
            with(header(), "crit", json!(["b64"])),
            with(with(header(), "crit", json!(["b64"])), "b64", json!(false)),
            with(header(), "zip", json!("DEF")),
        ] {
            assert_eq!(
                verify(&ours(&header, &claims())),
                Err(TokenError::Malformed)
            );
        }
    }

    #[test]
    fn tricks_with_the_key_id_are_refused() {
        for kid in [
            "",
            "../../../../dev/null",
            "' OR 1=1 --",
            "\u{0}",
            &bench().other.public().kid,
        ] {
            let token = ours(&with(header(), "kid", json!(kid)), &claims());
            assert_eq!(verify(&token), Err(TokenError::UnknownKey), "{kid:?}");
        }
        assert_eq!(
            verify(&ours(&without(header(), "kid"), &claims())),
            Err(TokenError::Malformed)
        );
        let twice = header().to_string().replacen('{', r#"{"kid":"x","#, 1);
        let token = forge(
            &twice,
            &claims().to_string(),
            &bench().keys.signing,
            Algorithm::RS256,
        );
        assert_eq!(verify(&token), Err(TokenError::Malformed));
    }

    #[test]
    fn another_key_under_our_key_id_is_refused() {
        let key =
            EncodingKey::from_rsa_pem(bench().other.private_pem().expose().as_bytes()).unwrap();
        let token = forge(
            &header().to_string(),
            &claims().to_string(),
            &key,
            Algorithm::RS256,
        );
        assert_eq!(verify(&token), Err(TokenError::Signature));
    }

    #[test]
    fn another_type_of_token_is_refused() {
        for typ in ["JWT", "jwt", "id_token", ""] {
            let token = ours(&with(header(), "typ", json!(typ)), &claims());
            assert_eq!(verify(&token), Err(TokenError::Type), "{typ}");
        }
        assert_eq!(
            verify(&ours(&without(header(), "typ"), &claims())),
            Err(TokenError::Malformed)
        );
    }

    #[test]
    fn another_issuer_or_audience_is_refused() {
        for name in ["iss", "aud"] {
            for value in ["", "https://attacker.example", "depictio2"] {
                let token = ours(&header(), &with(claims(), name, json!(value)));
                assert_eq!(verify(&token), Err(TokenError::Audience), "{name} {value}");
            }
            let list = json!([ISSUER, AUDIENCE, "other"]);
            let token = ours(&header(), &with(claims(), name, list));
            assert_eq!(verify(&token), Err(TokenError::Malformed));
        }
    }

    #[test]
    fn an_expired_token_is_refused_to_the_second() {
        let now = ManualClock::default().now().timestamp();
        let at = |exp: i64| verify(&ours(&header(), &with(claims(), "exp", json!(exp))));
        assert!(at(now + 1).is_ok());
        assert_eq!(at(now), Err(TokenError::Expired));
        assert_eq!(at(now - 1), Err(TokenError::Expired));
        assert_eq!(at(i64::MIN), Err(TokenError::Expired));
    }

    #[test]
    fn a_token_from_the_future_is_refused() {
        let now = ManualClock::default().now().timestamp();
        let at = |iat: i64| verify(&ours(&header(), &with(claims(), "iat", json!(iat))));
        assert!(at(now + CLOCK_AHEAD_S_MAX).is_ok());
        assert_eq!(
            at(now + CLOCK_AHEAD_S_MAX + 1),
            Err(TokenError::NotYetValid)
        );
    }

    #[test]
    fn missing_unknown_and_repeated_claims_are_refused() {
        for name in ["iss", "aud", "sub", "sid", "jti", "iat", "exp"] {
            let token = ours(&header(), &without(claims(), name));
            assert_eq!(verify(&token), Err(TokenError::Malformed), "{name}");
        }
        for (name, value) in [
            ("role", json!("admin")),
            ("exp", json!("9999999999")),
            ("exp", json!(1e20)),
            ("exp", Value::Null),
            ("sub", json!("usr_1")),
        ] {
            let token = ours(&header(), &with(claims(), name, value));
            assert_eq!(verify(&token), Err(TokenError::Malformed), "{name}");
        }
        let twice = claims()
            .to_string()
            .replacen('{', r#"{"exp":9999999999,"#, 1);
        let token = forge(
            &header().to_string(),
            &twice,
            &bench().keys.signing,
            Algorithm::RS256,
        );
        assert_eq!(verify(&token), Err(TokenError::Malformed));
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let token = ours(&header(), &claims());
        for at in (0..token.len()).step_by(7) {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(verify(&changed).is_err(), "at {at}");
        }
        let mut noise = vec![0; 3_000];
        CountingRng::default().fill(&mut noise);
        for text in [
            "",
            ".",
            "..",
            "...",
            "a.b.c",
            &token[1..],
            &"a".repeat(100_000),
            &URL_SAFE_NO_PAD.encode(noise),
        ] {
            assert!(verify(text).is_err());
        }
        assert_eq!(verify(&format!("{token}.x")), Err(TokenError::Malformed));
    }

    #[test]
    fn after_a_rotation_both_keys_verify_and_the_new_one_signs() {
        let Bench {
            signing,
            other,
            keys,
        } = bench();
        let rotated = TokenKeys::new(other, &[signing.public().clone()]).unwrap();
        let good: Claims = serde_json::from_value(claims()).unwrap();
        let now = ManualClock::default().now();
        let (old, new) = (keys.sign(&good).unwrap(), rotated.sign(&good).unwrap());
        assert!(rotated.verify(&old, ISSUER, AUDIENCE, now).is_ok());
        assert!(rotated.verify(&new, ISSUER, AUDIENCE, now).is_ok());
        assert_eq!(verify(&new), Err(TokenError::UnknownKey));
        assert_eq!(rotated.public().len(), 2);
    }
}
