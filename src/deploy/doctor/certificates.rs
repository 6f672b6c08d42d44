//! Certificates: whether they belong to their keys, hold, and are for the names that the gate answers to.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::Finding;
use crate::clock::Clock;
use crate::edge::TlsTerms;
use crate::policy::Policy;
use crate::policy::settings::{CertificateFiles, Endpoint};
use crate::upstream::Connector;

const CHECK: &str = "certificates";
const DAY: u64 = 86_400;
/// Days before its end at which a certificate should have been replaced.
const SOON: u64 = 14;

pub(super) fn look(policy: &Policy, provider: &Arc<CryptoProvider>, clock: &Clock) -> Vec<Finding> {
    let (tls, now) = (&policy.gate.tls, clock.wall().seconds());
    let mut findings = Vec::new();
    if let Err(fault) = TlsTerms::load(tls, provider) {
        findings.push(Finding::wrong(
            CHECK,
            fault.to_string(),
            "put a certificate and the key that it was made for there",
        ));
    }
    if let Err(fault) = Connector::load(&policy.upstream, provider) {
        findings.push(Finding::wrong(CHECK, fault.to_string(), "mend what `upstream.tls` names"));
    }
    for CertificateFiles { certificate, .. } in &tls.certificates {
        findings.extend(chain(certificate, now));
    }
    if let Some(authority) = &tls.client_ca {
        findings.extend(spans(authority, now));
    }
    if let Endpoint::Tls(endpoint) = &policy.upstream.endpoint {
        findings.extend(spans(&endpoint.ca, now));
        if let Some(client) = &endpoint.client {
            findings.extend(spans(&client.certificate, now));
        }
    }
    let names = tls.certificates.iter().flat_map(|files| names(&files.certificate)).collect::<Vec<_>>();
    for host in policy.gate.hosts.iter().filter(|host| !names.iter().any(|name| covers(name, host.as_str()))) {
        let what = format!("no certificate is for {host}, to which `gate.hosts` says the gate answers");
        findings.push(Finding::wrong(CHECK, what, "get a certificate with this name, or take the host out"));
    }
    if findings.is_empty() {
        let days = tls.certificates.iter().filter_map(|files| ends_in(&files.certificate, now)).min();
        let what = format!("keys belong to certificates, which hold for {} days or more", days.unwrap_or(0));
        findings.push(Finding::well(CHECK, what));
    }
    findings
}

fn parsed<T>(path: &Path, mut each: impl FnMut(&X509Certificate<'_>) -> T) -> Vec<T> {
    let found: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(path).into_iter().flatten().filter_map(Result::ok).collect();
    found
        .iter()
        .filter_map(|der| X509Certificate::from_der(der).ok())
        .map(|(_, certificate)| each(&certificate))
        .collect()
}

/// Of a chain as well: whether each certificate was signed by the next.
fn chain(path: &Path, now: u64) -> Vec<Finding> {
    let mut findings = spans(path, now);
    let links = parsed(path, |one| (one.issuer().to_string(), one.subject().to_string()));
    for (link, pair) in links.windows(2).enumerate() {
        let [(issuer, _), (_, subject)] = pair else { continue };
        if issuer != subject {
            let what = format!("{}: certificate {} was not signed by the one after it", path.display(), link + 1);
            findings.push(Finding::wrong(
                CHECK,
                what,
                "put the chain in order: the gate's own first, then who signed it",
            ));
        }
    }
    findings
}

fn spans(path: &Path, now: u64) -> Vec<Finding> {
    let judge = |one: &X509Certificate<'_>| {
        let seconds = |time: i64| u64::try_from(time).unwrap_or(0);
        let (from, until) =
            (seconds(one.validity().not_before.timestamp()), seconds(one.validity().not_after.timestamp()));
        let (shown, days) = (path.display(), until.saturating_sub(now) / DAY);
        let replace = "put a new one in its place; the gate takes it up by itself";
        if now > until {
            Some(Finding::wrong(CHECK, format!("{shown} has ended"), replace))
        } else if now < from {
            let what = format!("{shown} does not hold yet: it begins in {} s", from - now);
            Some(Finding::wrong(CHECK, what, "look at the clock, or wait"))
        } else if days < SOON {
            Some(Finding::wrong(CHECK, format!("{shown} ends in {days} days"), replace))
        } else {
            None
        }
    };
    parsed(path, judge).into_iter().flatten().collect()
}

fn ends_in(path: &Path, now: u64) -> Option<u64> {
    let until = |one: &X509Certificate<'_>| u64::try_from(one.validity().not_after.timestamp()).unwrap_or(0);
    parsed(path, until).into_iter().min().map(|until| until.saturating_sub(now) / DAY)
}

/// Names of the first certificate of a chain.
fn names(path: &Path) -> Vec<String> {
    let names = |one: &X509Certificate<'_>| {
        let Ok(Some(extension)) = one.subject_alternative_name() else { return Vec::new() };
        let name = |name: &GeneralName<'_>| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            GeneralName::IPAddress(bytes) => address(bytes),
            _ => None,
        };
        extension.value.general_names.iter().filter_map(name).collect()
    };
    parsed(path, names).into_iter().next().unwrap_or_default()
}

fn address(bytes: &[u8]) -> Option<String> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
        16 => <[u8; 16]>::try_from(bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
        _ => None,
    }
}

/// A wildcard stands for one label (RFC 6125 section 6.4.3).
fn covers(name: &str, host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    name == host
        || name.strip_prefix("*.").is_some_and(|rest| host.split_once('.').is_some_and(|(_, domain)| domain == rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_one_label() {
        assert!(covers("*.seller.example", "gate.seller.example") && covers("a.example", "a.example"));
        assert!(!covers("*.seller.example", "a.b.seller.example") && !covers("*.seller.example", "seller.example"));
        assert!(covers("::1", "[::1]"));
    }

    #[test]
    fn ends_and_order_are_judged() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("gate.pem");
        let made =
            rcgen::generate_simple_self_signed(vec!["Gate.example".to_owned(), "10.0.0.1".to_owned()]).expect("made");
        std::fs::write(&path, made.cert.pem()).expect("written");
        let year = |year: u64| (year - 1970) * 365 * DAY;
        assert_eq!(chain(&path, year(2020)), []);
        assert_eq!(spans(&path, year(5000)).len(), 1);
        assert_eq!(spans(&path, year(1971)).len(), 1);
        assert_eq!(names(&path), ["gate.example", "10.0.0.1"]);
        let mut other = rcgen::CertificateParams::new(vec!["other.example".to_owned()]).expect("a name");
        other.distinguished_name.push(rcgen::DnType::CommonName, "other");
        let key = rcgen::KeyPair::generate().expect("a key");
        let other = other.self_signed(&key).expect("signed").pem();
        std::fs::write(&path, made.cert.pem() + &other).expect("written");
        assert_eq!(chain(&path, year(2020)).len(), 1, "not its signer");
    }
}
