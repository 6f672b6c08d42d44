//! API keys: `pcl_` and 256 random bits, with a checksum by which secret scanners know one in a repository. The gate
//! has only their digests (control KEY-2); for a key of that many bits a plain SHA-256 is as good as a slow hash.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderName;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::api_key_file::{self, Entry};
use super::caller::{IdentityMaker, Proven};
use super::credential::Credential;
use super::{Identity, IdentityFault, IdentityRefusal, names, secret_file};
use crate::policy::is_generic;
use crate::policy::roles::{PrincipalKind, RoleSet};
use crate::policy::settings::ApiKeySettings;

/// What every key begins with.
const PREFIX: &str = "pcl_";
/// 256 bits in base64url.
const SECRET_CHARS: usize = 43;
/// The first characters of the checksum: one in 2^36 random texts of the form passes.
const CHECKSUM_CHARS: usize = 6;
const KEY_CHARS: usize = PREFIX.len() + SECRET_CHARS + CHECKSUM_CHARS;

/// Digest of a whole key.
pub(super) type KeyDigest = [u8; 32];

/// The keys of one header.
pub(super) struct ApiKeys {
    pub header: HeaderName,
    /// By the digest's first 8 bytes. Looking up a part of a digest tells a client nothing that it could use: to steer
    /// it, it would have to invert SHA-256.
    keys: HashMap<u64, Vec<Known>>,
}

struct Known {
    digest: KeyDigest,
    /// Judged once, when the policy was loaded.
    verdict: Result<Arc<Identity>, IdentityRefusal>,
}

impl ApiKeys {
    /// Reads the digests, and makes every caller's identity.
    pub fn load(settings: &ApiKeySettings, maker: &IdentityMaker) -> Result<Self, IdentityFault> {
        let header = HeaderName::from_bytes(settings.header.as_str().as_bytes())
            .ok()
            .filter(|name| !names::is_protected(name.as_str().as_bytes()) && !is_taken(name))
            .ok_or_else(|| {
                IdentityFault::setting(format!(
                    "`{}` cannot be the header of an API key; use x-api-key",
                    settings.header
                ))
            })?;
        let bytes = secret_file::read_public(&settings.file, api_key_file::MAX_FILE_BYTES)?;
        let mut keys: HashMap<u64, Vec<Known>> = HashMap::new();
        for entry in api_key_file::parse(&settings.file, &bytes)? {
            let digest = entry.digest;
            let member = format!("key:{}", entry.caller);
            if is_generic(&member) && !maker.excused.contains(member.as_str()) {
                let what = format!(
                    "`{member}` is nobody in particular (ID-2); name the one service that has this key, or say under \
                     `excused:` in the policy why this is needed"
                );
                return Err(IdentityFault::line(&settings.file, entry.line, what));
            }
            let verdict = match entry.revoked {
                Some(_) => Err(IdentityRefusal::ApiKeyRevoked),
                None => maker.make(proven(settings, maker, entry)?),
            };
            keys.entry(word(&digest)).or_default().push(Known { digest, verdict });
        }
        Ok(Self { header, keys })
    }

    /// The caller that a presented key proves at `now`.
    pub fn verify(&self, presented: &[u8], now: u64) -> Result<Arc<Identity>, IdentityRefusal> {
        if !has_form(presented) {
            return Err(IdentityRefusal::ApiKeyMalformed);
        }
        let identity = self.known(&digest_of(presented)).ok_or(IdentityRefusal::ApiKeyUnknown)??;
        // No leeway: the date is the operator's own, and means midnight UTC.
        if identity.expires.is_some_and(|expires| now >= expires) {
            return Err(IdentityRefusal::ApiKeyExpired);
        }
        Ok(identity)
    }

    /// What was found of a key when the policy was loaded, its expiry aside. `None` if there is no such key.
    pub fn known(&self, digest: &KeyDigest) -> Option<Result<Arc<Identity>, IdentityRefusal>> {
        let candidates = self.keys.get(&word(digest)).map_or(&[][..], Vec::as_slice);
        candidates.iter().find(|known| bool::from(known.digest.ct_eq(digest))).map(|known| known.verdict.clone())
    }
}

/// What a key's entry proves.
fn proven(settings: &ApiKeySettings, maker: &IdentityMaker, entry: Entry) -> Result<Proven, IdentityFault> {
    let scope = entry.roles.map(|names| {
        let mut scope = RoleSet::default();
        for name in names {
            let role = maker.roles.find(&name).ok_or_else(|| {
                let what = format!("the policy has no role `{name}`; a key cannot be bound to it");
                IdentityFault::line(&settings.file, entry.line, what)
            })?;
            scope.insert(role);
        }
        Ok(scope)
    });
    Ok(Proven {
        kind: PrincipalKind::Key,
        subject: entry.caller.into(),
        groups: entry.groups,
        mfa_at: None,
        expires: entry.expires,
        credential: Credential::ApiKey { id: entry.id, digest: entry.digest },
        scope: scope.transpose()?,
    })
}

/// A new key, to be shown once, and the digest that stays.
pub(super) fn generate() -> Option<(Zeroizing<String>, KeyDigest)> {
    let mut secret = Zeroizing::new([0; 32]);
    aws_lc_rs::rand::fill(&mut *secret).ok()?;
    let mut key = Zeroizing::new(String::with_capacity(KEY_CHARS));
    key.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(*secret, &mut key);
    let checksum = checksum(key.as_bytes());
    // Base64 is ASCII.
    key.extend(checksum.iter().map(|byte| char::from(*byte)));
    let digest = digest_of(key.as_bytes());
    Some((key, digest))
}

/// The digest of a text that is in the form of a key.
pub(super) fn digest_if_formed(presented: &[u8]) -> Option<KeyDigest> {
    has_form(presented).then(|| digest_of(presented))
}

/// Whether a text is in the form of a key. Shorter ones hold too little chance to be one, and are never looked up.
fn has_form(presented: &[u8]) -> bool {
    let Some((body, sum)) = presented.split_last_chunk::<CHECKSUM_CHARS>() else { return false };
    presented.len() == KEY_CHARS
        && presented.starts_with(PREFIX.as_bytes())
        && body.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && bool::from(sum.ct_eq(&checksum(body)))
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM_CHARS] {
    let mut sum = [0; CHECKSUM_CHARS];
    let digest = digest(&SHA256, body);
    // 6 characters are 36 bits: of 5 bytes the first 6 characters of 7. The buffer holds them all.
    let mut encoded = [0; 8];
    let _ = URL_SAFE_NO_PAD.encode_slice(&digest.as_ref()[..5], &mut encoded);
    sum.copy_from_slice(&encoded[..CHECKSUM_CHARS]);
    sum
}

fn digest_of(key: &[u8]) -> KeyDigest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, key).as_ref());
    bytes
}

fn word(digest: &KeyDigest) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(word)
}

/// Headers that mean something else already.
fn is_taken(name: &HeaderName) -> bool {
    use http::header;
    [
        header::AUTHORIZATION,
        header::PROXY_AUTHORIZATION,
        header::COOKIE,
        header::HOST,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::FORWARDED,
    ]
    .contains(name)
}
