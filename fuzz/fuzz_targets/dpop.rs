//! Proofs of possession (RFC 9449): bytes of any kind prove nothing, and a signed proof holds only for the request, the
//! token and the moment that it says itself.

#![no_main]

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use portcullis::identity::hostile::{is_proof, public_key};
use portcullis::identity::{dev, secret_file};
use serde_json::Value;

const NOW: u64 = 1_700_000_000;
const TOKEN: &[u8] = b"token";
/// Of the token, in base64url.
const DIGEST: &str = "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A";

struct Prover {
    pair: EcdsaKeyPair,
    key: Value,
    thumbprint: [u8; 32],
}

static PROVER: LazyLock<Prover> = LazyLock::new(|| {
    let made = dev::signing_pair().expect("a pair");
    let der = secret_file::pkcs8_from_pem(made.key.as_bytes()).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).expect("a P-256 key");
    let (key, thumbprint) = public_key(pair.public_key().as_ref()).expect("a point");
    Prover { pair, key, thumbprint }
});

// The first line is a header, to which the key is added if it has none; what follows are the claims.
fuzz_target!(|data: &[u8]| {
    let prover = &*PROVER;
    assert!(!is_proof(data, TOKEN, &prover.thumbprint, NOW), "nobody signed this");
    let (head, claims) = data.split_at(data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len()));
    let claims = claims.strip_prefix(b"\n").unwrap_or(claims);
    let mut head = head.to_vec();
    if let Ok(Value::Object(mut members)) = serde_json::from_slice(&head) {
        members.entry("jwk").or_insert_with(|| prover.key.clone());
        head = Value::Object(members).to_string().into_bytes();
    }
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(&head), URL_SAFE_NO_PAD.encode(claims));
    let signature = prover.pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("signed");
    let proof = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
    if !is_proof(proof.as_bytes(), TOKEN, &prover.thumbprint, NOW) {
        return;
    }
    let (head, said): (Value, Value) =
        (serde_json::from_slice(&head).expect("JSON"), serde_json::from_slice(claims).expect("JSON"));
    assert_eq!((&head["alg"], &said["htm"], &said["ath"]), (&"ES256".into(), &"GET".into(), &DIGEST.into()));
    let target = said["htu"].as_str().expect("a text").to_ascii_lowercase();
    assert!(target.starts_with("https://gate.example"), "{target}");
    let made = said["iat"].as_f64().expect("a number");
    assert!((made - NOW as f64).abs() <= 100.0, "made at {made}");
    assert!(!is_proof(proof.as_bytes(), b"another token", &prover.thumbprint, NOW));
    assert!(!is_proof(proof.as_bytes(), TOKEN, &[7; 32], NOW), "a token that is bound to another key");
    assert!(!is_proof(proof.as_bytes(), TOKEN, &prover.thumbprint, NOW + 1000), "an old proof");
});
