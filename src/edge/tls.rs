//! What the gate shows in a handshake and what it asks for (RFC 8446, RFC 5246; suites and groups of aws-lc-rs).

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::clients;
use crate::clock::UnixMillis;
use crate::identity::IdentityFault;
use crate::policy::settings::{CertificateFiles, TlsSettings};
use crate::redact::Name;
use crate::telemetry::log;

/// Why the gate cannot speak TLS. Fatal at start: trust is never widened to make up for a file.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file could not be read as PEM.
    #[error("{path}: {problem}; `portcullis certs dev` makes a set to try with")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// Certificate and key do not belong together.
    #[error("{path}: the first certificate in it was not made for the key in {key}")]
    Pair {
        /// The certificate's file.
        path: String,
        /// The key's file.
        key: String,
    },
    /// rustls refuses what is in the file.
    #[error("{path}: {error}")]
    Refused {
        /// The certificate's or bundle's file.
        path: String,
        /// Why.
        error: rustls::Error,
    },
    /// The CA bundle cannot verify anybody.
    #[error("{path}: {error}")]
    ClientCa {
        /// The bundle's file.
        path: String,
        /// Why.
        error: rustls::server::VerifierBuilderError,
    },
    /// A revocation list is missing or not in order.
    #[error("{0}")]
    RevocationList(#[from] IdentityFault),
    /// rustls refuses the whole.
    #[error("TLS cannot be set up: {0}")]
    Rustls(#[from] rustls::Error),
}

impl TlsFault {
    /// What is wrong, without a word of what was read.
    pub const fn what(&self) -> &'static str {
        match self {
            Self::File { .. } => "A certificate, key or authority is not a PEM file that can be read.",
            Self::Pair { .. } | Self::Refused { .. } => {
                "A certificate and its key do not belong together, or one of them does not hold."
            }
            Self::ClientCa { .. } => "The authorities of clients cannot verify anybody.",
            Self::RevocationList(_) => "A revocation list is missing or not in order.",
            Self::Rustls(_) => "TLS cannot be set up.",
        }
    }

    /// The file to blame, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. }
            | Self::Pair { path, .. }
            | Self::Refused { path, .. }
            | Self::ClientCa { path, .. } => Some(Path::new(path)),
            Self::RevocationList(fault) => fault.path(),
            Self::Rustls(_) => None,
        }
    }
}

/// A gate's terms, read from the files that a policy names.
#[derive(Clone)]
pub struct TlsTerms {
    /// For the acceptor.
    pub config: Arc<ServerConfig>,
    /// Judges clients' certificates, if they are asked for any.
    clients: Option<Arc<dyn ClientCertVerifier>>,
    names: Arc<HashMap<String, Shown>>,
}

impl TlsTerms {
    /// Reads certificates, keys and the client CA.
    pub fn load(settings: &TlsSettings, provider: &Arc<CryptoProvider>) -> Result<Self, TlsFault> {
        Self::with(settings, provider, Clients::MayHave, &[b"h2", b"http/1.1"])
    }

    /// The same for operators, of whom none gets in without a certificate.
    pub fn for_operators(settings: &TlsSettings, provider: &Arc<CryptoProvider>) -> Result<Self, TlsFault> {
        Self::with(settings, provider, Clients::MustHave, &[b"http/1.1"])
    }

    fn with(
        settings: &TlsSettings,
        provider: &Arc<CryptoProvider>,
        wanted: Clients,
        protocols: &[&[u8]],
    ) -> Result<Self, TlsFault> {
        let certificates = Certificates::load(&settings.certificates, provider)?;
        let names = Arc::clone(&certificates.by_name);
        let versions: &[&rustls::SupportedProtocolVersion] = match settings.allow_tls12 {
            true => &[&rustls::version::TLS13, &rustls::version::TLS12],
            false => &[&rustls::version::TLS13],
        };
        let builder = ServerConfig::builder_with_provider(Arc::clone(provider)).with_protocol_versions(versions)?;
        let mut clients: Option<Arc<dyn ClientCertVerifier>> = None;
        let mut config = match &settings.client_ca {
            None => builder.with_no_client_auth().with_cert_resolver(Arc::new(certificates)),
            Some(path) => {
                let verifier = clients::verifier(path, settings, provider, wanted)?;
                clients = Some(Arc::clone(&verifier));
                builder.with_client_cert_verifier(verifier).with_cert_resolver(Arc::new(certificates))
            }
        };
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        if settings.client_ca.is_some() {
            // A resumed session would skip the client's certificate and what became of it since.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        } else {
            config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new()?;
            config.send_tls13_tickets = 1;
        }
        Ok(Self { config: Arc::new(config), clients, names })
    }

    /// Whether a chain that a client showed in an earlier handshake would pass one of these terms at `now`. Where nobody
    /// is asked for a certificate, none counts, and so none is refused.
    pub fn trusts(&self, chain: &[CertificateDer<'static>], now: UnixMillis) -> bool {
        let (Some(clients), Some((leaf, above))) = (&self.clients, chain.split_first()) else { return true };
        let now = UnixTime::since_unix_epoch(Duration::from_millis(now.0));
        clients.verify_client_cert(leaf, above, now).is_ok()
    }

    /// A server name of the handshake as records may show it: if it is one of our own certificates' names.
    pub fn known_name(&self, name: &str) -> Option<&Name> {
        let name = name.to_ascii_lowercase();
        find(&self.names, &name).map(|shown| &shown.name)
    }
}

/// Whether clients have certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clients {
    /// Who has none is let in; what it may is for the policy to say.
    MayHave,
    /// Who has none is refused in the handshake.
    MustHave,
}

#[derive(Debug)]
struct Shown {
    name: Name,
    key: Arc<CertifiedKey>,
}

/// Certificates by the names that are in them.
#[derive(Debug)]
struct Certificates {
    default: Arc<CertifiedKey>,
    by_name: Arc<HashMap<String, Shown>>,
}

impl Certificates {
    fn load(files: &[CertificateFiles], provider: &CryptoProvider) -> Result<Self, TlsFault> {
        let mut default = None;
        let mut by_name = HashMap::new();
        for pair in files {
            let key = Arc::new(certified(pair, provider)?);
            for name in dns_names(&key) {
                if let Ok(shown) = Name::configured(&name) {
                    // The first certificate with a name has it.
                    by_name.entry(name).or_insert(Shown { name: shown, key: Arc::clone(&key) });
                }
            }
            default.get_or_insert(key);
        }
        let default = default.ok_or_else(|| TlsFault::File {
            path: "gate.tls".to_owned(),
            problem: "no certificate is named".to_owned(),
        })?;
        Ok(Self { default, by_name: Arc::new(by_name) })
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // rustls gives the name in lower case, and none that is not a DNS name. Unknown names get the default: which
        // hosts are served is decided for each request, with an answer and a record.
        let named = hello.server_name().and_then(|name| find(&self.by_name, name));
        Some(Arc::clone(named.map_or(&self.default, |shown| &shown.key)))
    }
}

/// By the exact name, or by a wildcard for its first label (RFC 9525 section 6.3).
fn find<'n>(names: &'n HashMap<String, Shown>, name: &str) -> Option<&'n Shown> {
    let name = name.strip_suffix('.').unwrap_or(name);
    names.get(name).or_else(|| {
        let (_, parent) = name.split_once('.')?;
        names.get(&format!("*.{parent}"))
    })
}

fn certified(pair: &CertificateFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsFault> {
    warn_of_open_key(&pair.key);
    let key = PrivateKeyDer::from_pem_file(&pair.key).map_err(|error| file_fault(&pair.key, &error))?;
    let refused = |error| {
        let path = pair.certificate.display().to_string();
        match error {
            rustls::Error::InconsistentKeys(_) => TlsFault::Pair { path, key: pair.key.display().to_string() },
            error => TlsFault::Refused { path, error },
        }
    };
    let signing = provider.key_provider.load_private_key(key).map_err(refused)?;
    let certified = CertifiedKey::new(chain(&pair.certificate)?, signing);
    certified.keys_match().map_err(refused)?;
    Ok(certified)
}

/// Says so if a private key is open to every user of the machine (KEY-1). Other makers' files come with whatever mode
/// their tools or volumes give, so this does not stop the start as it does for the gate's own keys.
fn warn_of_open_key(path: &Path) {
    let mode = std::fs::metadata(path).map_or(0, |file| file.permissions().mode());
    if mode & 0o007 != 0 {
        log::warn!("a private key is open to every user of this machine; run `chmod o=` on it", path = path);
    }
}

pub(super) fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let found: Vec<_> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|error| file_fault(path, &error))?;
    if found.is_empty() {
        let problem = "there is no PEM certificate in it".to_owned();
        return Err(TlsFault::File { path: path.display().to_string(), problem });
    }
    Ok(found)
}

fn file_fault(path: &Path, error: &rustls_pki_types::pem::Error) -> TlsFault {
    TlsFault::File { path: path.display().to_string(), problem: error.to_string() }
}

fn dns_names(key: &CertifiedKey) -> Vec<String> {
    let Some(leaf) = key.cert.first() else { return Vec::new() };
    let Ok((_, leaf)) = X509Certificate::from_der(leaf) else { return Vec::new() };
    let Ok(Some(names)) = leaf.subject_alternative_name() else { return Vec::new() };
    let dns = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    dns.collect()
}
