//! What fuzzers reach, and nobody else: this is not built otherwise.

pub use super::remote::hostile::{address_of_keys, kept_keys};

use http::{HeaderMap, HeaderValue};

use super::Target;
use super::certificate::Leaf;
use super::dpop;
use super::jwks::{public_jwk, thumbprint};
use super::replay::Replays;
use crate::policy::settings::{CertificateSubject, PathProfile};

/// The caller that a certificate proves.
pub fn certificate(der: &[u8], wanted: &[CertificateSubject]) -> Option<String> {
    Some(Leaf::read(der)?.prove(wanted)?.subject.to_string())
}

/// The public key of an uncompressed P-256 point, as a proof brings it along, and its thumbprint.
pub fn public_key(point: &[u8]) -> Option<(serde_json::Value, [u8; 32])> {
    let (_, key) = public_jwk(point)?;
    let thumbprint = thumbprint(&key)?;
    Some((key, thumbprint))
}

/// Whether a proof, never seen before, holds for `GET https://gate.example/orders` with `token`, which is bound to `key`.
pub fn is_proof(proof: &[u8], token: &[u8], key: &[u8; 32], now: u64) -> bool {
    let Ok(value) = HeaderValue::from_bytes(proof) else { return false };
    let headers = HeaderMap::from_iter([(dpop::FIELD, value)]);
    let profile = PathProfile::Default;
    let target = Target { method: "GET", authority: "gate.example", path: "/orders", profile };
    dpop::verify(&headers, &target, token, key, &Replays::default(), now).is_ok()
}
