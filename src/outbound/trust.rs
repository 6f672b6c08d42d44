//! Whom the gate believes when it calls, and what it shows of itself. Nothing is trusted by default but the system's
//! authorities, and nothing at all where a bundle is named and cannot be read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::{AlertDescription, ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::policy::settings::CertificateFiles;

/// A file that cannot be used for a call.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", .path.display())]
pub struct TrustFault {
    /// The file, or the system's store.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub what: String,
}

impl TrustFault {
    fn new(path: &Path, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), what: what.into() }
    }
}

/// The terms of TLS: a bundle's authorities or the system's, a certificate of one's own, and the protocols to offer.
pub(super) fn terms(
    ca: Option<&Path>,
    client: Option<&CertificateFiles>,
    alpn: &[&[u8]],
    provider: &Arc<CryptoProvider>,
) -> Result<ClientConfig, TrustFault> {
    let roots = match ca {
        Some(path) => named_roots(path)?,
        None => system_roots()?,
    };
    let refused = |path: &Path| {
        let path = path.to_owned();
        move |error: rustls::Error| TrustFault { path, what: error.to_string() }
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(refused(Path::new("TLS")))?
        .with_root_certificates(roots);
    let mut config = match client {
        None => builder.with_no_client_auth(),
        Some(files) => {
            let key = PrivateKeyDer::from_pem_file(&files.key)
                .map_err(|error| TrustFault::new(&files.key, format!("{error}; it must hold one PEM private key")))?;
            let chain = certificates(&files.certificate)?;
            builder.with_client_auth_cert(chain, key).map_err(refused(&files.certificate))?
        }
    };
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}

fn named_roots(path: &Path) -> Result<RootCertStore, TrustFault> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| TrustFault::new(path, error.to_string()))?;
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, TrustFault> {
    let mut roots = RootCertStore::empty();
    // A store holds a certificate or two that rustls cannot use; what is left is what is trusted.
    let (usable, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if usable == 0 {
        return Err(TrustFault::new(
            Path::new("the system's certificate store"),
            "holds no authority; install the package `ca-certificates`, or name a bundle in `ca`",
        ));
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustFault> {
    const WANTED: &str = "it must hold one or more PEM certificates";
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| TrustFault::new(path, format!("{error}; {WANTED}")))?;
    if found.is_empty() {
        return Err(TrustFault::new(path, format!("there is no certificate in it; {WANTED}")));
    }
    Ok(found)
}

/// Whether an alert of the other side is about our certificate: a setting at fault here or there, which no other try mends.
pub fn refuses_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
    )
}
