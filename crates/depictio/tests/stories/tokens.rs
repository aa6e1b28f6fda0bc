//! Tokens that we did not make, or made too long ago, open nothing.

use crate::client::Client;
use crate::server::Server;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;

fn part(token: &str, index: usize) -> Value {
    let text = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64.decode(text).unwrap()).unwrap()
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| BASE64.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_living_token_that_we_signed_with_rs256_is_accepted() {
    let key = keys::SigningKey::generate(keys::TokenAlgorithm::Rs256).unwrap();
    let pem = key.private_pem().expose();
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("jwt.pem");
    std::fs::write(&path, pem).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let server = Server::start(false, &[("JWT_PRIVATE_KEY_PATH", path.to_str().unwrap())]);
    let admin = Client::admin(&server).await;
    let (real, anyone) = (admin.token().to_owned(), Client::anyone(&server));
    let (head, claims) = (part(&real, 0), part(&real, 1));
    assert_eq!(
        (&head["alg"], &head["typ"]),
        (&json!("RS256"), &json!("at+jwt"))
    );
    for name in ["iss", "aud", "sub", "sid", "jti", "iat", "exp"] {
        assert!(!claims[name].is_null(), "{name} of {claims}");
    }
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(
        lifetime,
        30 * 60,
        "JWT_ACCESS_TOKEN_EXPIRE_MINUTES is 30 when nobody says"
    );
    let published = anyone.get("/.well-known/jwks.json").await.is(200).json();
    let jwk = &published["keys"][0];
    assert_eq!((&jwk["kid"], &jwk["kty"]), (&head["kid"], &json!("RSA")));
    assert!(
        jwk["d"].is_null() && jwk["p"].is_null(),
        "no private part: {jwk}"
    );
    assert!(
        BASE64.decode(jwk["n"].as_str().unwrap()).unwrap().len() >= 384,
        "3072 bits"
    );

    let kid = head["kid"].as_str().unwrap();
    let sign = |claims: &Value, key: &EncodingKey, algorithm: Algorithm| {
        let mut header = Header::new(algorithm);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(kid.to_owned());
        jsonwebtoken::encode(&header, claims, key).unwrap()
    };
    let ours = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let changed = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let iat = claims["iat"].as_i64().unwrap();
    let mut old = changed("iat", json!(iat - 7_200));
    old["exp"] = json!(iat - 3_600);
    let stranger = keys::SigningKey::generate(keys::TokenAlgorithm::Rs256).unwrap();
    let theirs = EncodingKey::from_rsa_pem(stranger.private_pem().expose().as_bytes()).unwrap();
    let public = EncodingKey::from_secret(key.public_pem().as_bytes());
    let modulus = EncodingKey::from_secret(&BASE64.decode(jwk["n"].as_str().unwrap()).unwrap());
    let signature = real.rsplit('.').next().unwrap();
    let none = json!({ "alg": "none", "typ": "at+jwt", "kid": kid });
    let mut carried = head.clone();
    carried["jwk"] = jwk.clone();
    let another = changed("sub", json!(format!("usr_{}", "0".repeat(32))));
    let rs = Algorithm::RS256;
    let refused = [
        ("expired", sign(&old, &ours, rs)),
        (
            "of another issuer",
            sign(&changed("iss", json!("https://evil.example")), &ours, rs),
        ),
        (
            "for another audience",
            sign(&changed("aud", json!("others")), &ours, rs),
        ),
        (
            "with a role of its own",
            sign(&changed("role", json!("admin")), &ours, rs),
        ),
        (
            "of a session that is not there",
            sign(
                &changed("sid", json!(format!("ses_{}", "0".repeat(32)))),
                &ours,
                rs,
            ),
        ),
        ("of another person's session", sign(&another, &ours, rs)),
        ("signed with another key", sign(&claims, &theirs, rs)),
        ("RS512", sign(&claims, &ours, Algorithm::RS512)),
        ("PS256", sign(&claims, &ours, Algorithm::PS256)),
        (
            "HS256 with the public key",
            sign(&claims, &public, Algorithm::HS256),
        ),
        (
            "HS256 with the modulus",
            sign(&claims, &modulus, Algorithm::HS256),
        ),
        ("none", format!("{}.", unsigned(&none, &claims))),
        (
            "none with a signature",
            format!("{}.{signature}", unsigned(&none, &claims)),
        ),
        (
            "tampered",
            format!("{}.{signature}", unsigned(&head, &another)),
        ),
        (
            "with a key of its own",
            format!("{}.{signature}", unsigned(&carried, &claims)),
        ),
        (
            "without a signature",
            format!("{}.", unsigned(&head, &claims)),
        ),
        ("cut", real[..real.len() - 8].to_owned()),
        ("nothing", String::new()),
        ("long", "a".repeat(10_000)),
    ];
    for (what, token) in refused {
        let answer = anyone.with_token(Some(&token)).get("/api/v1/auth/me").await;
        assert_eq!(answer.status.as_u16(), 401, "a token {what} was accepted");
        assert_eq!(answer.code(), "unauthenticated", "{what}");
    }
    // The same words signed again by the same key are as good as the first ones.
    let again = sign(&claims, &ours, rs);
    anyone
        .with_token(Some(&again))
        .get("/api/v1/auth/me")
        .await
        .is(200);
    let header = [
        ("authorization", format!("Basic {real}")),
        ("authorization", real.clone()),
    ];
    for other in header {
        let mut client = anyone.clone();
        client.headers.push(other);
        client.get("/api/v1/auth/me").await.is(401);
    }
    admin.get("/api/v1/auth/me").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_signed_with_eddsa_where_the_configuration_says_so() {
    // A house that signed with RS256 until now, and somebody who is signed in.
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let old = admin.token().to_owned();
    let eddsa = [("JWT_ALGORITHM", "EdDSA")];
    let server = Server::start_in(server.stop(), false, &eddsa, false);
    let anyone = Client::anyone(&server);
    anyone
        .with_token(Some(&old))
        .get("/api/v1/auth/me")
        .await
        .is(200);
    let admin = Client::admin(&server).await;
    let (head, claims) = (part(admin.token(), 0), part(admin.token(), 1));
    assert_eq!(head["alg"], "EdDSA");
    let published = anyone.get("/.well-known/jwks.json").await.is(200).json();
    let keys = published["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "the old one verifies what it signed");
    let jwk = keys.iter().find(|jwk| jwk["kid"] == head["kid"]).unwrap();
    assert_eq!(
        (&jwk["kty"], &jwk["crv"], &jwk["alg"]),
        (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA"))
    );
    assert!(keys.iter().all(|jwk| jwk["d"].is_null()));
    let point = BASE64.decode(jwk["x"].as_str().unwrap()).unwrap();
    let with = |alg: &str| {
        let mut changed = head.clone();
        changed["alg"] = json!(alg);
        changed
    };
    let signature = admin.token().rsplit('.').next().unwrap();
    for alg in ["none", "HS256", "RS256"] {
        let forged = format!("{}.{signature}", unsigned(&with(alg), &claims));
        let bearer = anyone.with_token(Some(&forged));
        assert_eq!(
            bearer.get("/api/v1/auth/me").await.is(401).code(),
            "unauthenticated"
        );
    }
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(head["kid"].as_str().unwrap().to_owned());
    let forged = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&point)).unwrap();
    anyone
        .with_token(Some(&forged))
        .get("/api/v1/auth/me")
        .await
        .is(401);
    admin.get("/api/v1/auth/me").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn lifetimes_are_what_the_configuration_says() {
    let more = [
        ("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "5"),
        ("JWT_REFRESH_TOKEN_EXPIRE_DAYS", "1"),
    ];
    let server = Server::start(false, &more);
    let anyone = Client::anyone(&server);
    let body = json!({ "email": crate::server::ADMIN, "password": crate::server::PASSWORD });
    let answer = anyone.post("/api/v1/auth/login", &body).await.is(200);
    assert_eq!(answer.json()["expires_in"], 300);
    let cookies = answer.set_cookies();
    assert!(
        cookies
            .iter()
            .any(|c| c.starts_with("depictio_access=") && c.contains("Max-Age=300;")),
        "{cookies:?}"
    );
    assert!(
        cookies
            .iter()
            .any(|c| c.starts_with("depictio_refresh=") && c.contains("Max-Age=86400;")),
        "{cookies:?}"
    );
}
