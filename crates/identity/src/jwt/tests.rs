use super::*;
use domain::time::{CountingRng, ManualClock};
use domain::{Clock, Rng};
use serde_json::{Value, json};
use std::cell::Cell;
use std::sync::OnceLock;

const ISSUER: &str = "https://depictio.example";
const AUDIENCE: &str = "depictio";

struct Bench {
    signing: SigningKey,
    keys: TokenKeys,
    other: SigningKey,
}

thread_local! {
    /// The algorithm that the test runs with at the moment; each runs with both.
    static PRESENT: Cell<TokenAlgorithm> = const { Cell::new(TokenAlgorithm::Rs256) };
}

fn with_each_algorithm(test: impl Fn()) {
    for algorithm in TokenAlgorithm::ALL {
        PRESENT.set(algorithm);
        test();
    }
}

fn make(algorithm: TokenAlgorithm) -> Bench {
    let signing = SigningKey::generate(algorithm).unwrap();
    Bench {
        keys: TokenKeys::new(&signing, &[]).unwrap(),
        signing,
        other: SigningKey::generate(algorithm).unwrap(),
    }
}

/// Making RSA keys takes a while, so all tests share two of each kind.
fn bench() -> &'static Bench {
    static BENCHES: OnceLock<[Bench; 2]> = OnceLock::new();
    let [rsa, ed25519] = BENCHES.get_or_init(|| TokenAlgorithm::ALL.map(make));
    match PRESENT.get() {
        TokenAlgorithm::Rs256 => rsa,
        TokenAlgorithm::EdDsa => ed25519,
    }
}

/// A key pair as the library takes it.
fn encoding(key: &SigningKey) -> EncodingKey {
    let pem = key.private_pem().expose().as_bytes();
    match key.public().algorithm() {
        TokenAlgorithm::Rs256 => EncodingKey::from_rsa_pem(pem).unwrap(),
        TokenAlgorithm::EdDsa => EncodingKey::from_ed_pem(pem).unwrap(),
    }
}

fn present() -> Algorithm {
    by(PRESENT.get())
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
    json!({ "typ": "at+jwt", "alg": PRESENT.get().as_str(), "kid": bench().signing.public().kid })
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
        present(),
    )
}

fn verify(token: &str) -> Result<Claims, TokenError> {
    let now = ManualClock::default().now();
    bench().keys.verify(token, ISSUER, AUDIENCE, now)
}

#[test]
fn our_own_token_is_good() {
    with_each_algorithm(|| {
        let good: Claims = serde_json::from_value(claims()).unwrap();
        assert_eq!(verify(&bench().keys.sign(&good).unwrap()), Ok(good.clone()));
        assert_eq!(verify(&ours(&header(), &claims())), Ok(good));
    });
}

#[test]
fn no_signature_is_refused() {
    with_each_algorithm(|| {
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
    });
}

#[test]
fn hs256_with_the_public_key_as_secret_is_refused() {
    with_each_algorithm(|| {
        let public = bench().signing.public();
        let (PublicMaterial::Rsa { n: text, .. } | PublicMaterial::Ed25519 { x: text, .. }) =
            &public.material;
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
        for secret in [
            bench().signing.public_pem().as_bytes(),
            &bytes,
            text.as_bytes(),
        ] {
            let key = EncodingKey::from_secret(secret);
            let header = with(header(), "alg", json!("HS256")).to_string();
            let token = forge(&header, &claims().to_string(), &key, Algorithm::HS256);
            assert_eq!(verify(&token), Err(TokenError::Algorithm));
        }
    });
}

#[test]
fn another_algorithm_of_the_same_key_is_refused() {
    with_each_algorithm(|| {
        // With an Ed25519 key the library signs by one algorithm only; what its name may be is tried below.
        let others = match PRESENT.get() {
            TokenAlgorithm::Rs256 => &[Algorithm::RS384, Algorithm::RS512, Algorithm::PS256][..],
            TokenAlgorithm::EdDsa => &[],
        };
        for algorithm in others {
            let name = format!("{algorithm:?}");
            let honest = with(header(), "alg", json!(name)).to_string();
            let key = &bench().keys.signing;
            let token = forge(&honest, &claims().to_string(), key, *algorithm);
            assert_eq!(verify(&token), Err(TokenError::Algorithm));
            let lying = forge(
                &header().to_string(),
                &claims().to_string(),
                key,
                *algorithm,
            );
            assert_eq!(verify(&lying), Err(TokenError::Signature));
        }
        for name in [
            "HS256", "RS384", "PS256", "ES256", "Ed25519", "eddsa", "EDDSA", "rs256", "", " ",
        ] {
            let token = ours(&with(header(), "alg", json!(name)), &claims());
            assert_eq!(verify(&token), Err(TokenError::Algorithm), "{name}");
        }
    });
}

#[test]
fn the_algorithm_of_another_key_of_ours_is_refused() {
    // Both kinds are known at once, as after a rotation from one to the other.
    let [rsa, ed25519] = TokenAlgorithm::ALL.map(|algorithm| {
        PRESENT.set(algorithm);
        bench()
    });
    let both = TokenKeys::new(&ed25519.signing, &[rsa.signing.public().clone()]).unwrap();
    let now = ManualClock::default().now();
    let look = |token: &str| both.verify(token, ISSUER, AUDIENCE, now);
    for (own, other) in [(rsa, ed25519), (ed25519, rsa)] {
        let algorithm = |bench: &Bench| by(bench.signing.public().algorithm());
        let named = |alg: &Bench, kid: &Bench| {
            let alg = alg.signing.public().algorithm().as_str();
            json!({ "typ": TYPE, "alg": alg, "kid": kid.signing.public().kid }).to_string()
        };
        let sign = |header: &str| {
            let key = &own.keys.signing;
            forge(header, &claims().to_string(), key, algorithm(own))
        };
        assert!(look(&sign(&named(own, own))).is_ok());
        assert_eq!(look(&sign(&named(other, own))), Err(TokenError::Algorithm));
        assert_eq!(look(&sign(&named(own, other))), Err(TokenError::Algorithm));
        assert_eq!(
            look(&sign(&named(other, other))),
            Err(TokenError::Signature)
        );
    }
}

#[test]
fn a_header_that_brings_its_own_key_is_refused() {
    with_each_algorithm(|| {
        let other = bench().other.public();
        let jwk = serde_json::to_value(other).unwrap();
        let key = encoding(&bench().other);
        for (name, value) in [
            ("jwk", jwk),
            ("jku", json!("https://attacker.example/jwks.json")),
            ("x5u", json!("https://attacker.example/cert.pem")),
            ("x5c", json!(["MIIB"])),
        ] {
            let header = with(header(), name, value);
            let token = forge(&header.to_string(), &claims().to_string(), &key, present());
            assert_eq!(verify(&token), Err(TokenError::Malformed), "{name}");
            assert_eq!(
                verify(&ours(&header, &claims())),
                Err(TokenError::Malformed),
                "{name}"
            );
        }
    });
}

#[test]
fn an_unknown_critical_header_is_refused() {
    with_each_algorithm(|| {
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
    });
}

#[test]
fn tricks_with_the_key_id_are_refused() {
    with_each_algorithm(|| {
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
            present(),
        );
        assert_eq!(verify(&token), Err(TokenError::Malformed));
    });
}

#[test]
fn another_key_under_our_key_id_is_refused() {
    with_each_algorithm(|| {
        let key = encoding(&bench().other);
        let token = forge(
            &header().to_string(),
            &claims().to_string(),
            &key,
            present(),
        );
        assert_eq!(verify(&token), Err(TokenError::Signature));
    });
}

#[test]
fn another_type_of_token_is_refused() {
    with_each_algorithm(|| {
        for typ in ["JWT", "jwt", "id_token", ""] {
            let token = ours(&with(header(), "typ", json!(typ)), &claims());
            assert_eq!(verify(&token), Err(TokenError::Type), "{typ}");
        }
        assert_eq!(
            verify(&ours(&without(header(), "typ"), &claims())),
            Err(TokenError::Malformed)
        );
    });
}

#[test]
fn another_issuer_or_audience_is_refused() {
    with_each_algorithm(|| {
        for name in ["iss", "aud"] {
            for value in ["", "https://attacker.example", "depictio2"] {
                let token = ours(&header(), &with(claims(), name, json!(value)));
                assert_eq!(verify(&token), Err(TokenError::Audience), "{name} {value}");
            }
            let list = json!([ISSUER, AUDIENCE, "other"]);
            let token = ours(&header(), &with(claims(), name, list));
            assert_eq!(verify(&token), Err(TokenError::Malformed));
        }
    });
}

#[test]
fn an_expired_token_is_refused_to_the_second() {
    with_each_algorithm(|| {
        let now = ManualClock::default().now().timestamp();
        let at = |exp: i64| verify(&ours(&header(), &with(claims(), "exp", json!(exp))));
        assert!(at(now + 1).is_ok());
        assert_eq!(at(now), Err(TokenError::Expired));
        assert_eq!(at(now - 1), Err(TokenError::Expired));
        assert_eq!(at(i64::MIN), Err(TokenError::Expired));
    });
}

#[test]
fn a_token_from_the_future_is_refused() {
    with_each_algorithm(|| {
        let now = ManualClock::default().now().timestamp();
        let at = |iat: i64| verify(&ours(&header(), &with(claims(), "iat", json!(iat))));
        assert!(at(now + CLOCK_AHEAD_S_MAX).is_ok());
        assert_eq!(
            at(now + CLOCK_AHEAD_S_MAX + 1),
            Err(TokenError::NotYetValid)
        );
    });
}

#[test]
fn missing_unknown_and_repeated_claims_are_refused() {
    with_each_algorithm(|| {
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
            present(),
        );
        assert_eq!(verify(&token), Err(TokenError::Malformed));
    });
}

#[test]
fn every_changed_character_is_noticed() {
    with_each_algorithm(|| {
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
    });
}

#[test]
fn after_a_rotation_both_keys_verify_and_the_new_one_signs() {
    with_each_algorithm(|| {
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
    });
}
