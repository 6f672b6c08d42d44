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
use serde_json::Value;

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

/// A token of this header and these claims, with the issuer's own signature.
fn signed(head: &[u8], claims: &[u8]) -> String {
    let unsigned = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
    let signature = ISSUER.key.sign(&SystemRandom::new(), unsigned.as_bytes()).expect("signed");
    format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// What an accepted token must have said.
fn is_ours(claims: &[u8]) -> bool {
    let Ok(said) = serde_json::from_slice::<Value>(claims) else { return false };
    let audience = match &said["aud"] {
        Value::Array(all) => all.contains(&"seller-app".into()),
        one => *one == "seller-app",
    };
    audience
        && said["iss"] == "https://idp.example"
        && said["sub"].as_str().is_some_and(|subject| !subject.is_empty())
        && said["exp"].as_f64().is_some_and(|end| end > NOW as f64 - 60.0)
        && said["nbf"].as_f64().is_none_or(|begin| begin < NOW as f64 + 60.0)
}

// The first line is a header, or a token; what follows are the claims.
fuzz_target!(|data: &[u8]| {
    let (head, claims) = data.split_at(data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len()));
    let claims = claims.strip_prefix(b"\n").unwrap_or(claims);
    assert!(!proves(head) && !proves(data), "nobody signed this");
    for head in [head, br#"{"alg":"ES256"}"#] {
        let token = signed(head, claims);
        if !proves(token.as_bytes()) {
            continue;
        }
        let said: Value = serde_json::from_slice(head).expect("a header that was read is JSON");
        assert!(said["alg"] == "ES256" && is_ours(claims), "a token that is not for us");
        // Another's signature, an altered one, and none.
        let (unsigned, signature) = token.rsplit_once('.').expect("three parts");
        let mut altered = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        altered[data.len() % 64] ^= 1;
        for other in [URL_SAFE_NO_PAD.encode(&altered), String::new(), "A".repeat(86)] {
            assert!(!proves(format!("{unsigned}.{other}").as_bytes()), "nobody signed this");
        }
    }
});
