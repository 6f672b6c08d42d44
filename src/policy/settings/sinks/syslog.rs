//! `audit.sinks[].syslog`

use std::path::PathBuf;
use std::time::Duration;

use super::super::CertificateFiles;
use crate::policy::http_address::HttpPlace;

/// `syslog:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyslogSettings {
    /// `address`: over TLS, or on loopback. Never a Unix socket.
    pub place: HttpPlace,
    /// `ca`
    pub ca: Option<PathBuf>,
    /// `certificate` and `key`
    pub client: Option<CertificateFiles>,
    /// `timeout` of the connection and of each batch.
    pub timeout: Duration,
}
