//! The gate's own calls to others: key sets, introspection. Verified TLS or this machine, to a destination that the
//! policy named or that lies outside, one connection a call, no redirects, no proxies, everything bounded. Sinks keep
//! their connections, and get them from a [`Dialer`].
//!
//! ```text
//! Call ─ concurrency ─ dead-line ─ resolve ─ may we go there? ─ connect to just that ─ TLS ─ HTTP/1.1 ─► Reply
//! ```

mod client;
mod connect;
mod destination;
mod dial;
mod trust;

pub use client::{Call, Client, ClientBounds, ClientSettings, Reply};
pub use connect::Wire;
pub use destination::is_outside;
pub use dial::Dialer;
pub use trust::{TrustFault, refuses_certificate};

use std::fmt;

/// Why a call gave no reply. Closed, and without a byte of what the other side said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboundFault {
    /// The host has no address.
    Name,
    /// The host's address lies within the own network, and the policy does not name the host.
    Inside,
    /// No connection.
    Connect,
    /// The other side did not prove to be who it should be.
    Tls,
    /// The other side does not take our certificate, or wants one.
    Certificate,
    /// Files of authorities or of the own certificate have changed and cannot be used.
    Files,
    /// Not within the dead-line.
    Timeout,
    /// Too many calls at once.
    Busy,
    /// The reply is no HTTP, or is encoded.
    Malformed,
    /// The reply is longer than allowed.
    TooLarge,
}

impl OutboundFault {
    /// The stable code, for the log.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name_not_found",
            Self::Inside => "destination_refused",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Certificate => "certificate",
            Self::Files => "tls_files",
            Self::Timeout => "timeout",
            Self::Busy => "busy",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
        }
    }
}

impl fmt::Display for OutboundFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for OutboundFault {}
