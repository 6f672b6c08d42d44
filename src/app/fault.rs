//! Why a gate does not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::admin::DoorFault;
use crate::audit::AuditFault;
use crate::delivery::DeliveryFault;
use crate::deploy::HandoverFault;
use crate::deploy::sandbox::SandboxFault;
use crate::deploy::side_door::SideDoorFault;
use crate::edge::TlsFault;
use crate::identity::IdentityFault;
use crate::outbound::TrustFault;
use crate::shared::SharedFault;
use crate::upstream::ConnectFault;
use crate::watch::canary::CanaryFault;

/// Why a gate does not start.
#[derive(Debug, thiserror::Error)]
pub enum AppFault {
    /// Certificates, keys or client CA.
    #[error("{0}")]
    Tls(#[from] TlsFault),
    /// Keys of callers or of the assertion, or the pseudonym key.
    #[error("{0}")]
    Identity(#[from] IdentityFault),
    /// Planted records.
    #[error("{0}")]
    Canary(#[from] CanaryFault),
    /// The way to the app.
    #[error("{0}")]
    Upstream(#[from] ConnectFault),
    /// What replicas count together.
    #[error("{0}")]
    Shared(#[from] SharedFault),
    /// The trail.
    #[error("{0}")]
    Audit(#[from] AuditFault),
    /// The trail's ways out.
    #[error("{0}")]
    Delivery(#[from] DeliveryFault),
    /// The operators' listener.
    #[error("admin: {0}")]
    Door(#[from] DoorFault),
    /// Probes of the app.
    #[error(
        "`--probe` is answered on the port of health, and the policy has none: `health: {{ listen: 0.0.0.0:9080 }}`"
    )]
    NoHealth,
    /// The listener.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The gate cannot be confined as it should.
    #[error("{0}")]
    Sandbox(#[from] SandboxFault),
    /// The app can be reached past the gate.
    #[error("{0}")]
    SideDoor(#[from] SideDoorFault),
    /// The sockets of a running gate.
    #[error("{0}")]
    Handover(#[from] HandoverFault),
    /// The way of spans.
    #[error("traces: {0}")]
    Traces(#[from] TrustFault),
    /// The fields of exports.
    #[error("traces.headers_file {}: {_1}", _0.display())]
    Headers(PathBuf, &'static str),
    /// Threads, runtimes, signals.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}
