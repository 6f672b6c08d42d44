//! Authorities and certificates that are wrong in one way or another, and a directory for files that a policy names.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyIdMethod, KeyPair, RevocationReason, RevokedCertParams, SanType, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::WebPkiClientVerifier;
use tempfile::TempDir;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::Person;

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// An authority.
pub struct Authority {
    /// Its certificate.
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// What a certificate says; sound unless changed.
pub struct Leaf {
    pub names: Vec<SanType>,
    pub common_name: String,
    pub usage: ExtendedKeyUsagePurpose,
    /// From when to when, in seconds from now.
    pub valid: (i64, i64),
}

impl Authority {
    /// A new one.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A new one that may sign for other authorities.
    pub fn root(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// An authority below this one.
    pub fn authority(&self, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().expect("a key");
        let pem = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// Its revocation list, PEM and DER: whom it revokes, and from when to when it holds, in seconds from now.
    pub fn list(&self, revoked: &[&Person], valid: (i64, i64)) -> (String, Vec<u8>) {
        let entry = |person: &&Person| {
            let der = CertificateDer::from_pem_slice(person.certificate.as_bytes()).expect("PEM");
            let (_, certificate) = X509Certificate::from_der(&der).expect("a certificate");
            RevokedCertParams {
                serial_number: SerialNumber::from_slice(certificate.raw_serial()),
                revocation_time: moment(-60).into(),
                reason_code: Some(RevocationReason::KeyCompromise),
                invalidity_date: None,
            }
        };
        let params = CertificateRevocationListParams {
            this_update: moment(valid.0).into(),
            next_update: moment(valid.1).into(),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.issuer).expect("a list");
        (list.pem().expect("PEM"), list.der().to_vec())
    }

    /// Signs.
    pub fn issue(&self, leaf: &Leaf) -> Person {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, leaf.common_name.as_str());
        params.subject_alt_names.clone_from(&leaf.names);
        params.extended_key_usages = vec![leaf.usage.clone()];
        params.not_before = moment(leaf.valid.0).into();
        params.not_after = moment(leaf.valid.1).into();
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Person { certificate, key: key.serialize_pem() }
    }
}

fn moment(seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { SystemTime::now() - distance } else { SystemTime::now() + distance }
}

impl Leaf {
    /// A client by its URI.
    pub fn client(uris: &[&str]) -> Self {
        Self {
            names: uris.iter().map(|uri| SanType::URI((*uri).try_into().expect("ASCII"))).collect(),
            common_name: "A client of the tests".to_owned(),
            usage: ExtendedKeyUsagePurpose::ClientAuth,
            valid: (-DAY, DAY),
        }
    }

    /// A server by its host names; `127.0.0.1` stands as an address.
    pub fn server(names: &[&str]) -> Self {
        let name = |name: &&str| match name.parse::<Ipv4Addr>() {
            Ok(address) => SanType::IpAddress(IpAddr::V4(address)),
            Err(_) => SanType::DnsName((*name).try_into().expect("ASCII")),
        };
        let names = names.iter().map(name).collect();
        Self { names, usage: ExtendedKeyUsagePurpose::ServerAuth, ..Self::client(&[]) }
    }

    /// Valid from when to when, in seconds from now.
    #[must_use]
    pub const fn valid(mut self, from: i64, until: i64) -> Self {
        self.valid = (from, until);
        self
    }
}

impl Person {
    /// As a server's terms; with an authority, clients must have a certificate of it.
    pub fn serves(&self, clients: Option<&Authority>, protocols: &[&str]) -> rustls::ServerConfig {
        let (chain, key) = self.chain();
        let builder = rustls::ServerConfig::builder();
        let mut terms = match clients {
            None => builder.with_no_client_auth().with_single_cert(chain, key),
            Some(authority) => {
                let mut roots = rustls::RootCertStore::empty();
                roots
                    .add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).expect("PEM"))
                    .expect("an authority");
                let verifier = WebPkiClientVerifier::builder(roots.into()).build().expect("a verifier");
                builder.with_client_cert_verifier(verifier).with_single_cert(chain, key)
            }
        }
        .expect("terms");
        terms.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        terms
    }
}

/// A directory for files that a policy names by their absolute paths.
pub struct Files(TempDir);

impl Files {
    /// An empty one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    /// Writes a file that nobody else may read; gives its path.
    pub fn write(&self, name: &str, contents: &str) -> String {
        let path = self.path(name);
        fs::write(&path, contents).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
        path.display().to_string()
    }

    /// Writes a file of bytes; gives its path.
    pub fn write_bytes(&self, name: &str, contents: &[u8]) -> String {
        let path = self.path(name);
        fs::write(&path, contents).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
        path.display().to_string()
    }

    /// Writes a certificate and its key; gives both paths.
    pub fn person(&self, name: &str, person: &Person) -> (String, String) {
        (self.write(&format!("{name}.pem"), &person.certificate), self.write(&format!("{name}.key"), &person.key))
    }

    /// Where a file is, or would be.
    pub fn path(&self, name: &str) -> PathBuf {
        Path::new(self.0.path()).join(name)
    }
}

/// A client's terms: whom it trusts, who it is, which versions of TLS and which protocols it speaks.
pub fn terms(
    authorities: &[&str],
    person: Option<&Person>,
    versions: &[&'static rustls::SupportedProtocolVersion],
    protocols: &[&str],
) -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    for authority in authorities {
        for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
            roots.add(certificate.expect("PEM")).expect("an authority");
        }
    }
    let builder = rustls::ClientConfig::builder_with_protocol_versions(versions).with_root_certificates(roots);
    let mut terms = match person {
        None => builder.with_no_client_auth(),
        Some(person) => {
            let (chain, key) = person.chain();
            builder.with_client_auth_cert(chain, key).expect("a certificate")
        }
    };
    terms.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    terms
}
