//! `revoked:` compiled: who and what counts no more (ID-7). Each question is one look-up, however long the list is.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest::{SHA256, digest};
use smallvec::SmallVec;

use crate::redact::Name;

/// A SHA-256.
pub type Sha256 = [u8; 32];

/// Longest serial number in bytes (RFC 5280 section 4.1.2.2).
const MAX_SERIAL_BYTES: usize = 20;

/// A certificate's serial number: its bytes without leading zeros, at most 20 (RFC 5280 section 4.1.2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Serial(SmallVec<[u8; MAX_SERIAL_BYTES]>);

impl Serial {
    /// From the bytes of a DER integer. `None` for more than a certificate may have.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
        let bytes = &bytes[start..];
        (bytes.len() <= MAX_SERIAL_BYTES).then(|| Self(bytes.into()))
    }

    /// The bytes, without leading zeros.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The SHA-256 of a token's id: what is kept of it, for it is the issuer's text.
pub fn token_digest(jti: &str) -> Sha256 {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, jti.as_bytes()).as_ref());
    bytes
}

/// One entry of `revoked:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// Whoever proves to be this: `user:alice@seller.example`.
    Caller(Box<str>),
    /// A certificate by its serial number, of the authority with this common name, or of any.
    Serial(Serial, Option<Box<str>>),
    /// A certificate, by the SHA-256 of its DER.
    Certificate(Sha256),
    /// Every certificate over a public key, by the SHA-256 of its `SubjectPublicKeyInfo`.
    PublicKey(Sha256),
    /// An API key, by its id in the file of digests.
    ApiKey(Name),
    /// A token, by its `jti`.
    Token(Sha256),
}

/// All that is revoked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revocations {
    callers: HashSet<Box<str>>,
    serials: HashMap<Serial, Vec<Option<Box<str>>>>,
    certificates: HashSet<Sha256>,
    public_keys: HashSet<Sha256>,
    api_keys: HashSet<Name>,
    tokens: HashSet<Sha256>,
}

impl Revocations {
    /// Adds an entry.
    pub fn add(&mut self, revoked: Revoked) {
        match revoked {
            Revoked::Caller(id) => drop(self.callers.insert(id)),
            Revoked::Serial(serial, issuer) => self.serials.entry(serial).or_default().push(issuer),
            Revoked::Certificate(digest) => drop(self.certificates.insert(digest)),
            Revoked::PublicKey(digest) => drop(self.public_keys.insert(digest)),
            Revoked::ApiKey(id) => drop(self.api_keys.insert(id)),
            Revoked::Token(digest) => drop(self.tokens.insert(digest)),
        }
    }

    /// Whether a caller is revoked, by its id with the kind before it.
    pub fn has_caller(&self, id: &str) -> bool {
        !self.callers.is_empty() && self.callers.contains(id)
    }

    /// Whether a certificate is revoked, by any of its marks. An entry without an issuer means every issuer.
    pub fn has_certificate(
        &self,
        serial: &Serial,
        issuer: Option<&str>,
        certificate: &Sha256,
        public_key: &Sha256,
    ) -> bool {
        let by_serial = self
            .serials
            .get(serial)
            .is_some_and(|issuers| issuers.iter().any(|wanted| wanted.is_none() || wanted.as_deref() == issuer));
        by_serial || self.certificates.contains(certificate) || self.public_keys.contains(public_key)
    }

    /// Whether an API key is revoked.
    pub fn has_api_key(&self, id: &Name) -> bool {
        self.api_keys.contains(id)
    }

    /// Whether a token is revoked, by the digest of its `jti`.
    pub fn has_token(&self, id: &Sha256) -> bool {
        !self.tokens.is_empty() && self.tokens.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_compared_as_a_number() {
        let mut revoked = Revocations::default();
        revoked.add(Revoked::Serial(Serial::new(&[0, 0, 0x9a, 1]).expect("short"), None));
        revoked.add(Revoked::Serial(Serial::new(&[7]).expect("short"), Some("Clients".into())));
        let has = |bytes: &[u8], issuer| {
            revoked.has_certificate(&Serial::new(bytes).expect("short"), issuer, &[0; 32], &[0; 32])
        };
        assert!(has(&[0x9a, 1], None) && has(&[0, 0x9a, 1], Some("Anybody")));
        assert!(!has(&[0x9a, 1, 0], None) && !has(&[1], None));
        assert!(has(&[7], Some("Clients")) && !has(&[7], Some("clients")) && !has(&[7], None));
        assert!(Serial::new(&[1; 21]).is_none());
        assert!(Serial::new(&[&[0; 5][..], &[1; 20]].concat()).is_some());
    }

    #[test]
    fn a_caller_is_revoked_under_one_kind_only() {
        let mut revoked = Revocations::default();
        revoked.add(Revoked::Caller("user:alice".into()));
        assert!(revoked.has_caller("user:alice"));
        assert!(!revoked.has_caller("key:alice") && !revoked.has_caller("alice"));
    }
}
