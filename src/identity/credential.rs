//! What proved a caller, as far as revocation and records must know it: digests and numbers of fixed size, never the
//! credential itself.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use x509_parser::certificate::X509Certificate;

use super::IdentityRefusal;
use super::caller::MAX_NAME_BYTES;
use crate::policy::revocation::{Revocations, Serial, Sha256};
use crate::redact::{Name, Redacted};

/// Bytes of a digest that records show: enough to find a certificate by, and two never share them by chance.
const SHOWN_BYTES: usize = 16;

/// The credential that proved a caller, as records show it: by this a key's last use is found, and what was done with
/// a stolen one.
#[derive(Clone, Debug)]
pub struct CredentialRecord {
    /// `certificate`, `token` or `api_key`: `unmapped.portcullis.credential.kind`.
    pub kind: &'static str,
    /// Of a certificate the first half of its SHA-256, of a token the first half of the SHA-256 of its `jti`, of an API
    /// key the id in its file: `actor.session.credential_uid` and `unmapped.portcullis.credential.id`.
    pub id: Option<Redacted>,
    /// Of a certificate: `unmapped.portcullis.credential.serial`.
    pub serial: Option<Redacted>,
}

/// What proved a caller.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A client certificate.
    Certificate(Box<CertificateMarks>),
    /// A token.
    Token {
        /// `iss`.
        issuer: Arc<str>,
        /// SHA-256 of its `jti`, if it has one.
        id: Option<Sha256>,
    },
    /// An API key.
    ApiKey {
        /// Its id in the file of digests.
        id: Name,
        /// SHA-256 of the whole key.
        digest: Sha256,
    },
}

/// By what a certificate can be told from all others.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateMarks {
    /// Its serial number.
    pub serial: Serial,
    /// The common name of its issuer.
    pub issuer: Option<Box<str>>,
    /// SHA-256 of the issuer's whole name and the serial number, as certificate revocation lists know it.
    pub(super) listed: Sha256,
    /// SHA-256 of its DER.
    pub certificate: Sha256,
    /// SHA-256 of its `SubjectPublicKeyInfo`.
    pub public_key: Sha256,
}

impl CertificateMarks {
    /// Of a certificate and its DER. `None` for a serial number that none may have (RFC 5280 section 4.1.2.2).
    pub(super) fn of(certificate: &X509Certificate<'_>, der: &[u8]) -> Option<Self> {
        let mut names = certificate.issuer().iter_common_name();
        let issuer = names.next().filter(|_| names.next().is_none()).and_then(|name| name.as_str().ok());
        let serial = Serial::new(certificate.raw_serial())?;
        Some(Self {
            issuer: issuer.filter(|name| name.len() <= MAX_NAME_BYTES).map(Box::from),
            listed: listed(certificate.issuer().as_raw(), &serial),
            serial,
            certificate: sha256(&[der]),
            public_key: sha256(&[certificate.public_key().raw]),
        })
    }

    /// Whether the policy revokes it.
    pub(super) fn are_revoked(&self, by: &Revocations) -> bool {
        by.has_certificate(&self.serial, self.issuer.as_deref(), &self.certificate, &self.public_key)
    }
}

impl Credential {
    /// What of it is revoked, if anything is.
    pub(super) fn judge(&self, by: &Revocations) -> Result<(), IdentityRefusal> {
        match self {
            Self::Certificate(marks) if marks.are_revoked(by) => Err(IdentityRefusal::CertificateRevoked),
            Self::Token { id: Some(id), .. } if by.has_token(id) => Err(IdentityRefusal::TokenRevoked),
            Self::ApiKey { id, .. } if by.has_api_key(id) => Err(IdentityRefusal::ApiKeyRevoked),
            Self::Certificate(_) | Self::Token { .. } | Self::ApiKey { .. } => Ok(()),
        }
    }

    /// As records show it.
    pub(super) fn record(&self) -> CredentialRecord {
        match self {
            Self::Certificate(marks) => CredentialRecord {
                kind: "certificate",
                id: Some(Redacted::hex(&marks.certificate[..SHOWN_BYTES])),
                serial: Some(Redacted::hex(marks.serial.bytes())),
            },
            Self::Token { id, .. } => CredentialRecord {
                kind: "token",
                id: id.as_ref().map(|id| Redacted::hex(&id[..SHOWN_BYTES])),
                serial: None,
            },
            Self::ApiKey { id, .. } => CredentialRecord { kind: "api_key", id: Some(Redacted::from(id)), serial: None },
        }
    }
}

/// How a certificate revocation list and a certificate meet: by the issuer's whole name and the serial number.
pub(super) fn listed(issuer: &[u8], serial: &Serial) -> Sha256 {
    // The name is DER and tells its own length, so that no two pairs join to the same bytes.
    sha256(&[issuer, serial.bytes()])
}

fn sha256(parts: &[&[u8]]) -> Sha256 {
    let mut bytes = [0; 32];
    let whole = match parts {
        [one] => digest(&SHA256, one),
        many => digest(&SHA256, &many.concat()),
    };
    bytes.copy_from_slice(whole.as_ref());
    bytes
}
