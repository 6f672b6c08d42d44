//! Tokens: bytes of any kind prove nobody, and claims of any kind, signed by the issuer, are judged without a panic.

#![no_main]

use std::sync::{Arc, LazyLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use portcullis::identity::{Identifier, Presented, Providers, dev, secret_file};
use portcullis::policy::roles::Roles;
use portcullis::policy::settings::{CallerMethod, TokenAlgorithm, TokenSettings};
use portcullis::redact::CallerForm;

const NOW: u64 = 1_700_000_000;

struct Issuer {
    identifier: Identifier,
    key: EcdsaKeyPair,
}

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let pair = dev::signing_pair().expect("a pair");
    let directory = tempfile::tempdir().expect("a directory");
    let keys = directory.path().join("jwks.json");
    std::fs::write(&keys, &pair.jwks).expect("written");
    let settings = TokenSettings {
        roles: Some("roles".into()),
        ..TokenSettings::local("https://idp.example", "seller-app", keys, &[TokenAlgorithm::Es256])
    };
    let methods = [CallerMethod::Token(Arc::new(settings))];
    let identifier = Identifier::load(&methods, &Roles::default(), None, CallerForm::Id, &Providers::default());
    let der = secret_file::pkcs8_from_pem(pair.key.as_bytes()).expect("a key");
    Issuer {
        identifier: identifier.unwrap_or_else(|fault| panic!("{fault}")),
        key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).expect("a P-256 key"),
    }
});

/// Whether a token proves somebody.
fn proves(token: &[u8]) -> bool {
    let Ok(value) = HeaderValue::from_bytes(&[b"Bearer ", token].concat()) else { return false };
    let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
    matches!(ISSUER.identifier.identify(&Presented::fields(&headers), NOW), Ok(Some(_)))
}

fuzz_target!(|data: (&[u8], &[u8])| {
    let (head, claims) = data;
    assert!(!proves(head), "nobody signed this");
    let unsigned = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
    let signature = ISSUER.key.sign(&SystemRandom::new(), unsigned.as_bytes()).expect("signed");
    proves(format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())).as_bytes());
    let fixed = format!(r#"{}.{}"#, URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#), URL_SAFE_NO_PAD.encode(claims));
    let signature = ISSUER.key.sign(&SystemRandom::new(), fixed.as_bytes()).expect("signed");
    proves(format!("{fixed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())).as_bytes());
});
