//! The name in a client certificate. The TLS library has verified the chain; here one name is taken from the leaf, and
//! anything that two parsers could read differently is refused.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use super::caller::{MAX_NAME_BYTES, Proven};
use super::credential::{CertificateMarks, Credential};
use super::spiffe;
use crate::policy::roles::PrincipalKind;
use crate::policy::settings::CertificateSubject;

/// A verified leaf certificate, taken apart.
pub(super) struct Leaf<'a> {
    certificate: X509Certificate<'a>,
    /// Its last moment, in Unix seconds.
    pub expires: u64,
    /// By what it can be told from all others.
    pub marks: CertificateMarks,
}

impl<'a> Leaf<'a> {
    /// Reads it. `None` for anything but one whole certificate.
    pub fn read(der: &'a [u8]) -> Option<Self> {
        let (rest, certificate) = X509Certificate::from_der(der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let expires = u64::try_from(certificate.validity().not_after.timestamp()).ok()?;
        let marks = CertificateMarks::of(&certificate, der)?;
        Some(Self { certificate, expires, marks })
    }

    /// The caller that it proves: the one name of the first wanted type that it has.
    pub fn prove(self, wanted: &[CertificateSubject]) -> Option<Proven> {
        Some(Proven {
            kind: PrincipalKind::Certificate,
            subject: subject(&self.certificate, wanted)?.into(),
            groups: Vec::new(),
            mfa_at: None,
            expires: Some(self.expires),
            credential: Credential::Certificate(Box::new(self.marks)),
            scope: None,
        })
    }

    /// Its one name of a type, in sound form.
    pub fn name(&self, wanted: &CertificateSubject) -> Option<String> {
        subject(&self.certificate, std::slice::from_ref(wanted))
    }
}

fn subject(certificate: &X509Certificate<'_>, wanted: &[CertificateSubject]) -> Option<String> {
    for wanted in wanted {
        if matches!(wanted, CertificateSubject::Spiffe(_)) && !spiffe::is_workload(certificate) {
            return None;
        }
        let mut names = names(certificate, wanted)?.into_iter();
        let Some(name) = names.next() else { continue };
        // Two names are two callers: which of them is meant is not ours to choose.
        return if names.next().is_none() { accept(wanted, name) } else { None };
    }
    None
}

/// All names of a type. `None` if the certificate holds a name that cannot be read, or its names twice.
fn names<'a>(certificate: &'a X509Certificate<'_>, wanted: &CertificateSubject) -> Option<Vec<&'a str>> {
    if *wanted == CertificateSubject::CommonName {
        return certificate.subject().iter_common_name().map(|attribute| attribute.as_str().ok()).collect();
    }
    let Some(extension) = certificate.subject_alternative_name().ok()? else { return Some(Vec::new()) };
    let mut found = Vec::new();
    for name in &extension.value.general_names {
        match (name, wanted) {
            (GeneralName::Invalid(..), _) => return None,
            (GeneralName::URI(name), CertificateSubject::SanUri | CertificateSubject::Spiffe(_))
            | (GeneralName::DNSName(name), CertificateSubject::SanDns)
            | (GeneralName::RFC822Name(name), CertificateSubject::SanEmail) => found.push(*name),
            // Other types, `otherName` among them, name nobody here.
            _ => {}
        }
    }
    Some(found)
}

/// The name as the caller's subject, if its form leaves no doubt.
fn accept(wanted: &CertificateSubject, name: &str) -> Option<String> {
    // RFC 5280 section 4.2.1.6: these are IA5 strings. NUL and other controls have hidden a name's end before.
    let printable = !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.bytes().all(|b| matches!(b, b' '..=b'~'));
    let fits = printable
        && match wanted {
            CertificateSubject::SanUri => is_uri(name),
            CertificateSubject::Spiffe(domains) => {
                spiffe::trust_domain(name).is_some_and(|domain| domains.iter().any(|known| **known == *domain))
            }
            CertificateSubject::SanDns => is_host_name(name),
            CertificateSubject::SanEmail => is_mailbox(name),
            CertificateSubject::CommonName => name.trim() == name,
        };
    match wanted {
        _ if !fits => None,
        // Host names are one name in any case (RFC 4343).
        CertificateSubject::SanDns => Some(name.to_ascii_lowercase()),
        CertificateSubject::SanUri
        | CertificateSubject::Spiffe(_)
        | CertificateSubject::SanEmail
        | CertificateSubject::CommonName => Some(name.into()),
    }
}

/// `scheme://rest` with the characters of RFC 3986 appendix A.
fn is_uri(name: &str) -> bool {
    let Some((scheme, rest)) = name.split_once("://") else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b))
}

/// A host name of RFC 1123 section 2.1, underscores allowed: no wildcard, no address, no final dot.
fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    // No top-level domain begins with a digit; `10.1`, `0x7f.1` and their like are addresses to some resolvers.
    let last_is_number = name.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit()));
    name.len() <= 253 && name.split('.').all(label) && !last_is_number && name.parse::<IpAddr>().is_err()
}

/// `local@domain`, the unquoted form of RFC 5321 section 4.1.2 alone.
fn is_mailbox(name: &str) -> bool {
    let Some((local, domain)) = name.split_once('@') else { return false };
    let atom = |atom: &str| {
        !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    local.len() <= 64 && local.split('.').all(atom) && is_host_name(domain)
}
