//! Compact JWS (RFC 7515): its three parts and the header of an access token, in the one form that each may have.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::IdentityRefusal;
use super::json::Members;
use super::jwks::MAX_KEY_ID_BYTES;
use crate::policy::settings::TokenAlgorithm;

/// Longest decoded header of a token: a `kid` of 256 bytes and a certificate's digest stay far below.
const MAX_HEADER_BYTES: usize = 1024;

/// Header parameters that change what is verified, bring a key along, or make it an encryption (RFC 7515 sections
/// 4.1.2 to 4.1.6 and 4.1.11, RFC 7797, RFC 7516 section 4.1).
pub(super) const FORBIDDEN_PARAMETERS: [&str; 15] =
    ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc", "epk", "apu", "apv", "p2s", "p2c", "cty", "iv"];

/// The three parts of a compact serialization (RFC 7515 section 7.1), decoded.
pub(super) struct Parts<'a> {
    pub signed: &'a [u8],
    pub header: Vec<u8>,
    pub claims: Vec<u8>,
    pub signature: Vec<u8>,
}

/// What the header of a token says, after it was found harmless.
pub(super) struct Header {
    pub algorithm: TokenAlgorithm,
    pub key_id: Option<String>,
}

impl<'a> Parts<'a> {
    /// Takes a serialization apart whose header has at most so many bytes.
    pub fn split(token: &'a [u8], max_header: usize) -> Result<Self, IdentityRefusal> {
        let mut dots = memchr::memchr_iter(b'.', token);
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(IdentityRefusal::TokenMalformed);
        };
        // The engine refuses padding, white space, and a last character with bits that say nothing.
        let decode = |part: &[u8]| match URL_SAFE_NO_PAD.decode(part) {
            Ok(bytes) if !bytes.is_empty() => Ok(bytes),
            _ => Err(IdentityRefusal::TokenMalformed),
        };
        let header = decode(&token[..first])?;
        if header.len() > max_header {
            return Err(IdentityRefusal::TokenTooLarge);
        }
        let claims = decode(&token[first + 1..second])?;
        // `none` has an empty signature: that is judged by `alg`, which comes first in the order of checks.
        let signature = URL_SAFE_NO_PAD.decode(&token[second + 1..]).map_err(|_| IdentityRefusal::TokenMalformed)?;
        Ok(Self { signed: &token[..second], header, claims, signature })
    }

    /// As [`Self::split`], for an access token.
    pub fn of_token(token: &'a [u8]) -> Result<Self, IdentityRefusal> {
        Self::split(token, MAX_HEADER_BYTES)
    }
}

/// The algorithm of that name; exactly, in one spelling.
pub(super) fn algorithm(header: &Members) -> Option<TokenAlgorithm> {
    match header.get("alg").and_then(Value::as_str)? {
        "ES256" => Some(TokenAlgorithm::Es256),
        "RS256" => Some(TokenAlgorithm::Rs256),
        // The name that RFC 9864 gives it, and the one that it had before.
        "Ed25519" | "EdDSA" => Some(TokenAlgorithm::EdDsa),
        _ => None,
    }
}

/// Reads the header of an access token.
pub(super) fn read_header(bytes: &[u8]) -> Result<Header, IdentityRefusal> {
    let header = Members::parse(bytes).ok_or(IdentityRefusal::TokenMalformed)?;
    if header.names().any(|name| FORBIDDEN_PARAMETERS.contains(&name)) {
        return Err(IdentityRefusal::TokenHeaderForbidden);
    }
    let algorithm = algorithm(&header).ok_or(IdentityRefusal::TokenAlgorithm)?;
    // RFC 8725 section 3.11: a token made for another purpose says so here. `at+jwt` is RFC 9068's access token.
    match header.get("typ") {
        None => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("JWT") || kind.eq_ignore_ascii_case("at+jwt") => {}
        Some(_) => return Err(IdentityRefusal::TokenMalformed),
    }
    let key_id = match header.get("kid") {
        None => None,
        Some(Value::String(id)) if id.len() <= MAX_KEY_ID_BYTES => Some(id.clone()),
        Some(_) => return Err(IdentityRefusal::TokenKeyUnknown),
    };
    Ok(Header { algorithm, key_id })
}
