//! What counts of client certificates.

use std::sync::Arc;

/// `gate.tls.crl_stale:`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum StaleList {
    /// Certificates that the list is about are refused.
    #[default]
    Refuse,
    /// It is used all the same, and the gate's own log says so.
    Warn,
}

/// `callers[].certificate.subject:` which name of a certificate is the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateSubject {
    /// The SPIFFE id, of one of these trust domains.
    Spiffe(Arc<[Box<str>]>),
    /// The URI subject alternative name.
    SanUri,
    /// The DNS subject alternative name.
    SanDns,
    /// The e-mail subject alternative name.
    SanEmail,
    /// The subject's common name.
    CommonName,
}
