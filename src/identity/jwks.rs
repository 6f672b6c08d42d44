//! JWK sets (RFC 7517), as strict as a set of trust anchors must be: public keys of the pinned algorithms, nothing
//! symmetric, nothing private, no name twice.

use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::json::Members;
use super::jws::Header;
use super::{IdentityFault, IdentityRefusal, secret_file};
use crate::policy::settings::TokenAlgorithm;

/// Longest key set: 64 RSA-4096 keys with a certificate each stay below it.
const MAX_FILE_BYTES: usize = 64 * 1024;
/// Most keys of a set: an issuer in rotation has two or three.
const MAX_KEYS: usize = 64;
/// Longest `kid`.
pub(super) const MAX_KEY_ID_BYTES: usize = 256;

/// A key that signatures verify under.
pub(super) struct Key {
    pub id: Option<Box<str>>,
    pub algorithm: TokenAlgorithm,
    public: ParsedPublicKey,
}

/// The keys of one issuer.
pub(super) struct KeySet {
    pub keys: Vec<Key>,
    /// What was left out of the file, and why.
    pub warnings: Vec<String>,
    /// Which of the sets that an issuer has had since the start; 0 for one from a file.
    pub generation: u64,
}

impl Key {
    /// Whether `signature` is this key's over `message`. aws-lc takes ECDSA signatures of exactly 64 bytes here, and
    /// refuses r or s of zero; the lengths are held again, since a longer one that verifies is another token.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let length_fits = match self.algorithm {
            TokenAlgorithm::Es256 | TokenAlgorithm::EdDsa => signature.len() == 64,
            TokenAlgorithm::Rs256 => (256..=1024).contains(&signature.len()),
        };
        length_fits && self.public.verify_sig(message, signature).is_ok()
    }
}

impl KeySet {
    /// Reads a set from a file; every key that is not plainly a public key is a fault of the whole file.
    pub fn load(path: &Path, pinned: &[TokenAlgorithm]) -> Result<Self, IdentityFault> {
        let bytes = secret_file::read_public(path, MAX_FILE_BYTES)?;
        Self::parse(&bytes, pinned).map_err(|what| IdentityFault::file(path, what))
    }

    /// Reads a set; every key that is not plainly a public key is a fault of the whole.
    pub fn parse(bytes: &[u8], pinned: &[TokenAlgorithm]) -> Result<Self, String> {
        let set = Members::parse(bytes).ok_or(
            "is not a JWK set: one JSON object with no member twice (RFC 7517); copy it from the issuer's jwks_uri",
        )?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or("has no array `keys`; it is not a JWK set")?;
        if keys.len() > MAX_KEYS {
            return Err(format!("holds {} keys, more than {MAX_KEYS}", keys.len()));
        }
        let mut made = Self { keys: Vec::new(), warnings: Vec::new(), generation: 0 };
        for (position, key) in keys.iter().enumerate() {
            match read_key(key).map_err(|what| format!("key {} {what}", position + 1))? {
                Read::Key(key) if !pinned.contains(&key.algorithm) => made.warnings.push(format!(
                    "key {} is left out: its algorithm is not among the issuer's `algorithms`",
                    position + 1
                )),
                Read::Key(key) => made.add(key).map_err(|what| format!("key {} {what}", position + 1))?,
                Read::Skip(why) => made.warnings.push(format!("key {} is left out: {why}", position + 1)),
            }
        }
        if made.keys.is_empty() {
            return Err("holds no key of the issuer's `algorithms`; add the issuer's public signing keys".into());
        }
        Ok(made)
    }

    /// The one key that a header can mean: by `kid`, or, without one, the only key of its algorithm.
    pub fn key_for(&self, header: &Header) -> Result<&Key, IdentityRefusal> {
        if let Some(id) = &header.key_id {
            let key = self.keys.iter().find(|key| key.id.as_deref() == Some(id));
            let key = key.ok_or(IdentityRefusal::TokenKeyUnknown)?;
            return if key.algorithm == header.algorithm { Ok(key) } else { Err(IdentityRefusal::TokenAlgorithm) };
        }
        let mut fitting = self.keys.iter().filter(|key| key.algorithm == header.algorithm);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            _ => Err(IdentityRefusal::TokenKeyUnknown),
        }
    }

    fn add(&mut self, key: Key) -> Result<(), &'static str> {
        if key.id.is_some() && self.keys.iter().any(|other| other.id == key.id) {
            return Err("has the `kid` of another key; which of them is meant must be beyond doubt");
        }
        self.keys.push(key);
        Ok(())
    }
}

/// What a member of a key set is.
pub(super) enum Read {
    /// A key that signatures verify under.
    Key(Key),
    /// A key for something else.
    Skip(&'static str),
}

/// Members of a private or symmetric key (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Reads a JWK (RFC 7517 section 4) that must be public and strong.
pub(super) fn read_key(key: &Value) -> Result<Read, &'static str> {
    let Some(key) = key.as_object() else { return Err("is not an object") };
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    if text("kty") == Some("oct") {
        return Err("is symmetric (`oct`): whoever can verify could also sign; take the issuer's public keys");
    }
    if SECRET_MEMBERS.iter().any(|member| key.contains_key(*member)) {
        return Err("is a private key; put only the public half here, and replace the pair, for it is known now");
    }
    if ["kty", "kid", "use", "alg", "crv"].iter().any(|name| key.get(*name).is_some_and(|value| !value.is_string())) {
        return Err("has a `kty`, `kid`, `use`, `alg` or `crv` that is not a string");
    }
    if text("kid").is_some_and(|id| id.is_empty() || id.len() > MAX_KEY_ID_BYTES) {
        return Err("has a `kid` that is empty or longer than 256 bytes");
    }
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return Ok(Read::Skip("its `use` is not `sig`"));
    }
    if let Some(operations) = key.get("key_ops") {
        let verifies = operations.as_array().is_some_and(|list| list.iter().any(|one| one == "verify"));
        if !verifies {
            return Ok(Read::Skip("its `key_ops` do not have `verify`"));
        }
    }
    let (algorithm, name) = match (text("kty"), text("crv")) {
        (Some("EC"), Some("P-256")) => (TokenAlgorithm::Es256, "ES256"),
        (Some("RSA"), None) => (TokenAlgorithm::Rs256, "RS256"),
        (Some("OKP"), Some("Ed25519")) => (TokenAlgorithm::EdDsa, "EdDSA"),
        _ => return Ok(Read::Skip("its `kty` and `crv` are none that we verify with")),
    };
    // RFC 9864 names the curve as well; both are in use.
    let other_name = if algorithm == TokenAlgorithm::EdDsa { "Ed25519" } else { name };
    if text("alg").is_some_and(|declared| declared != name && declared != other_name) {
        return Ok(Read::Skip("its `alg` is none that we verify with"));
    }
    let part = |name: &str| text(name).and_then(|encoded| URL_SAFE_NO_PAD.decode(encoded).ok());
    let public = match algorithm {
        TokenAlgorithm::Es256 => elliptic(part("x"), part("y")),
        TokenAlgorithm::Rs256 => rsa(part("n"), part("e")),
        TokenAlgorithm::EdDsa => edwards(part("x")),
    }?;
    Ok(Read::Key(Key { id: text("kid").map(Into::into), algorithm, public }))
}

fn elliptic(x: Option<Vec<u8>>, y: Option<Vec<u8>>) -> Result<ParsedPublicKey, &'static str> {
    const FAULT: &str = "is no point on P-256: `x` and `y` must be 32 bytes each in base64url without padding";
    let (Some(x), Some(y)) = (x, y) else { return Err(FAULT) };
    if x.len() != 32 || y.len() != 32 {
        return Err(FAULT);
    }
    // SEC 1 section 2.3.3: 4 says that both coordinates follow.
    let point = [&[4][..], &x, &y].concat();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| FAULT)
}

fn rsa(modulus: Option<Vec<u8>>, exponent: Option<Vec<u8>>) -> Result<ParsedPublicKey, &'static str> {
    const FAULT: &str = "has no `n` and `e` in base64url without padding or leading zero bytes";
    let (Some(n), Some(e)) = (modulus, exponent) else { return Err(FAULT) };
    if n.first().is_none_or(|byte| *byte == 0) || e.first().is_none_or(|byte| *byte == 0) {
        return Err(FAULT);
    }
    // NIST SP 800-131A: 2048 bits at least. The first byte is not zero, so 257 bytes or a set top bit say enough.
    if n.len() < 256 || (n.len() == 256 && n[0] < 0x80) {
        return Err("is an RSA key below 2048 bits; it could be factored");
    }
    if n.len() > 1024 {
        return Err("is an RSA key above 8192 bits; a verification would take too long");
    }
    // FIPS 186-5 section 5.4: odd and above 2^16; some implementations fail with e = 3.
    if e.len() < 3 || e.len() > 8 || e[e.len() - 1] % 2 == 0 {
        return Err("is an RSA key with an unusual exponent; 65537 is the usual one");
    }
    PublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).map_err(|_| FAULT)
}

fn edwards(x: Option<Vec<u8>>) -> Result<ParsedPublicKey, &'static str> {
    const FAULT: &str = "is no Ed25519 key: `x` must be 32 bytes in base64url without padding";
    let x = x.filter(|x| x.len() == 32).ok_or(FAULT)?;
    ParsedPublicKey::new(&ED25519, x).map_err(|_| FAULT)
}

/// The RFC 7638 thumbprint of a public key that [`read_key`] takes.
pub(super) fn thumbprint(key: &Value) -> Option<[u8; 32]> {
    // Required members only, in the order of their names, without white space (section 3.2). All of them are base64url
    // or fixed words, so nothing has to be escaped.
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let canonical = match text("kty")? {
        "EC" => format!(r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#, text("crv")?, text("x")?, text("y")?),
        "OKP" => format!(r#"{{"crv":"{}","kty":"OKP","x":"{}"}}"#, text("crv")?, text("x")?),
        "RSA" => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text("e")?, text("n")?),
        _ => return None,
    };
    digest(&SHA256, canonical.as_bytes()).as_ref().try_into().ok()
}

/// The public JWK of an uncompressed P-256 point (`04 ‖ x ‖ y`), with its RFC 7638 thumbprint as `kid`.
pub(super) fn public_jwk(point: &[u8]) -> Option<(String, Value)> {
    let [4, coordinates @ ..] = point else { return None };
    let (x, y) = (coordinates.len() == 64).then(|| coordinates.split_at(32))?;
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    // RFC 7638 section 3.2: required members only, in the order of their names, without white space.
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
    let jwk = serde_json::json!({
        "kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "alg": "ES256", "kid": thumbprint,
    });
    Some((thumbprint, jwk))
}
