//! DPoP proofs (RFC 9449 section 4): a small JWT by which a client shows, at each request, that it has the key which its
//! token is bound to.

use aws_lc_rs::digest::{Context, SHA256};
use http::{HeaderMap, HeaderName};
use serde_json::Value;

use super::binding::sha256;
use super::cache::TokenDigest;
use super::claims::LEEWAY;
use super::json::{Members, seconds};
use super::jwks::{Read, read_key, thumbprint};
use super::jws::{FORBIDDEN_PARAMETERS, Parts, algorithm};
use super::replay::Replays;
use super::{IdentityRefusal, Target, single};
use crate::policy::path::CanonicalPath;

/// The field that carries a proof.
pub(super) const FIELD: HeaderName = HeaderName::from_static("dpop");

/// Longest proof: one with an RSA key of 8192 bits and its signature stays below.
const MAX_PROOF_BYTES: usize = 6 * 1024;
/// Longest decoded header: an RSA key of 8192 bits in base64url.
const MAX_HEADER_BYTES: usize = 2 * 1024;
/// Longest `jti`: a UUID has 36 characters, 512 random bits have 86.
const MAX_ID_BYTES: usize = 128;
/// How long a proof is good: a request's way to the gate, and some seconds for a client that made it ahead.
const MAX_AGE: u64 = 60;

/// Holds the proof of a request against its token: bound to `key`, made for this request, and never seen before.
pub(super) fn verify(
    headers: &HeaderMap,
    target: &Target<'_>,
    token: &[u8],
    key: &[u8; 32],
    replays: &Replays,
    now: u64,
) -> Result<(), IdentityRefusal> {
    let proof = single(headers, &FIELD)?.ok_or(IdentityRefusal::DpopMissing)?;
    if proof.len() > MAX_PROOF_BYTES {
        return Err(IdentityRefusal::DpopMalformed);
    }
    let parts = Parts::split(proof, MAX_HEADER_BYTES).map_err(|_| IdentityRefusal::DpopMalformed)?;
    let prover = prover(&parts)?;
    let claims = Members::parse(&parts.claims).ok_or(IdentityRefusal::DpopMalformed)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let id = text("jti").filter(|id| !id.is_empty() && id.len() <= MAX_ID_BYTES);
    let id = id.ok_or(IdentityRefusal::DpopMalformed)?;
    let made = seconds(&claims, "iat").ok().flatten().ok_or(IdentityRefusal::DpopMalformed)?;
    if prover != *key {
        return Err(IdentityRefusal::DpopBinding);
    }
    let bound = claims.get("ath").and_then(sha256).ok_or(IdentityRefusal::DpopBinding)?;
    if bound != TokenDigest::of(token).0 {
        return Err(IdentityRefusal::DpopBinding);
    }
    if text("htm") != Some(target.method) || !text("htu").is_some_and(|address| target.is(address)) {
        return Err(IdentityRefusal::DpopTarget);
    }
    if now >= made.saturating_add(MAX_AGE + LEEWAY) || now.saturating_add(LEEWAY) < made {
        return Err(IdentityRefusal::DpopTime);
    }
    // Last, so that nobody fills the memory with proofs that were worth nothing.
    replays.take(identity(&prover, id), made, now, MAX_AGE + 2 * LEEWAY)
}

/// The thumbprint of the key that a proof brings along and is signed with.
fn prover(parts: &Parts<'_>) -> Result<[u8; 32], IdentityRefusal> {
    const MALFORMED: IdentityRefusal = IdentityRefusal::DpopMalformed;
    let header = Members::parse(&parts.header).ok_or(MALFORMED)?;
    if header.names().any(|name| name != "jwk" && FORBIDDEN_PARAMETERS.contains(&name)) {
        return Err(MALFORMED);
    }
    if !header.get("typ").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("dpop+jwt")) {
        return Err(MALFORMED);
    }
    let algorithm = algorithm(&header).ok_or(MALFORMED)?;
    let jwk = header.get("jwk").ok_or(MALFORMED)?;
    // A private key, or a symmetric one, is refused with the rest: it is nobody's any more.
    let Ok(Read::Key(key)) = read_key(jwk) else { return Err(MALFORMED) };
    if key.algorithm != algorithm {
        return Err(MALFORMED);
    }
    if !key.verifies(parts.signed, &parts.signature) {
        return Err(IdentityRefusal::DpopSignature);
    }
    thumbprint(jwk).ok_or(MALFORMED)
}

/// One name for a proof: a client's `jti` is unique among its own only.
fn identity(prover: &[u8; 32], id: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(prover);
    context.update(id.as_bytes());
    let mut identity = [0; 32];
    identity.copy_from_slice(context.finish().as_ref());
    identity
}

impl Target<'_> {
    /// Whether an address, its query and fragment aside, is the one of this request (RFC 9449 section 4.3, check 9), by
    /// the same canonical form that routes are matched in.
    fn is(&self, address: &str) -> bool {
        let Some((scheme, rest)) = address.split_once("://") else { return false };
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let path = if path.is_empty() { "/" } else { path };
        scheme.eq_ignore_ascii_case("https")
            && host(authority).eq_ignore_ascii_case(host(self.authority))
            && CanonicalPath::parse(path, self.profile).is_ok_and(|path| path.as_str() == self.path)
    }
}

/// An authority without the port that https has anyway.
fn host(authority: &str) -> &str {
    authority.strip_suffix(":443").unwrap_or(authority)
}
