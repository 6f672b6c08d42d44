//! `admin:` and `health:`: the listeners of operators and of what watches the gate.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::{CertificateSubject, TlsSettings};
use crate::policy::rights::Rights;
use crate::redact::Name;

/// `admin:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminSettings {
    /// TLS, and callers by certificate.
    Tls(Box<AdminTls>),
    /// A Unix socket of mode 0600, and callers by what the kernel says of them.
    Socket(AdminSocket),
}

/// Operators that connect over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminTls {
    /// Where they connect.
    pub listen: SocketAddr,
    /// The listener's certificate, and whose certificates are taken.
    pub tls: TlsSettings,
    /// Which name of a certificate is the operator.
    pub subject: CertificateSubject,
    /// Names by which the listener may be called, beside addresses and those in its certificate.
    pub hosts: Vec<Name>,
}

/// Operators on the same machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSocket {
    /// Where the socket is made.
    pub path: PathBuf,
    /// What root and the gate's own user may.
    pub owner: Rights,
}

impl AdminSettings {
    /// Certificates and authorities, if it is about TLS.
    pub const fn tls(&self) -> Option<&TlsSettings> {
        match self {
            Self::Tls(settings) => Some(&settings.tls),
            Self::Socket(_) => None,
        }
    }

    /// Whether both are the same place.
    pub fn same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tls(one), Self::Tls(other)) => one.listen == other.listen,
            (Self::Socket(one), Self::Socket(other)) => one.path == other.path,
            _ => false,
        }
    }
}

/// `health:`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthSettings {
    /// Where probes connect, in plaintext.
    pub listen: SocketAddr,
}
