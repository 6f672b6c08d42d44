//! `metrics:` and `traces:` what those who run the gate see of it.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::CertificateFiles;
use crate::policy::http_address::HttpAddress;

/// `metrics:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsSettings {
    /// Where they are scraped.
    pub listen: SocketAddr,
    /// Encryption; without it, on loopback or where the policy declares plaintext.
    pub tls: Option<MetricsTls>,
}

/// `metrics.tls:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsTls {
    /// Certificate and key.
    pub files: CertificateFiles,
    /// Authorities of those who may scrape; anybody if there is none.
    pub client_ca: Option<PathBuf>,
}

/// `traces:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceSettings {
    /// Where spans are sent to, OTLP over HTTP.
    pub endpoint: HttpAddress,
    /// Authorities of that place; the system's if there is none.
    pub ca: Option<PathBuf>,
    /// Fields of each export, one `Name: value` a line: a secret.
    pub headers_file: Option<PathBuf>,
    /// One in so many requests is traced; 0 for none but those whose parent is.
    pub one_in: u32,
    /// Whether a trusted peer's trace is gone on with.
    pub honour: bool,
}
