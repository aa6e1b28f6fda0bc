use super::*;

fn made(algorithm: TokenAlgorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap()
}

#[test]
fn a_pair_reads_back_and_knows_its_own_public_half_and_its_algorithm() {
    for algorithm in TokenAlgorithm::ALL {
        let one = made(algorithm);
        let again = SigningKey::from_pem(one.private_pem().expose()).unwrap();
        assert_eq!(one.public(), again.public());
        assert_eq!(one.check_public(one.public_pem()), Ok(()));
        assert_eq!(one.public().algorithm(), algorithm);
        assert_eq!(one.public().kid.len(), 43);
        for other in TokenAlgorithm::ALL.map(made) {
            assert_eq!(
                one.check_public(other.public_pem()),
                Err(SigningKeyError::Mismatch)
            );
        }
    }
}

/// The example of RFC 8037, appendices A.1 to A.3: key, point and thumbprint.
#[test]
fn the_thumbprint_of_the_standards_own_key_is_the_standards() {
    let point = URL_SAFE_NO_PAD
        .decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        .unwrap();
    let key = PublicKey::ed25519(&point);
    assert_eq!(key.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let pem = to_pem("PUBLIC KEY", &[&ED25519_SPKI[..], &point].concat());
    assert_eq!(PublicKey::from_pem(&pem), Ok(key));
}

#[test]
fn what_is_not_a_key_is_refused() {
    assert_eq!(
        SigningKey::from_pem("secret").err(),
        Some(SigningKeyError::Form("private"))
    );
    assert_eq!(
        PublicKey::from_pem("secret").err(),
        Some(SigningKeyError::Form("public"))
    );
    for algorithm in TokenAlgorithm::ALL {
        let one = made(algorithm);
        assert!(PublicKey::from_pem(one.private_pem().expose()).is_err());
        assert!(SigningKey::from_pem(one.public_pem()).is_err());
        let relabelled = one.public_pem().replace("PUBLIC", "PRIVATE");
        assert!(SigningKey::from_pem(&relabelled).is_err());
    }
    let short = to_pem("PUBLIC KEY", &[&ED25519_SPKI[..], &[1; 31]].concat());
    assert!(PublicKey::from_pem(&short).is_err());
}
