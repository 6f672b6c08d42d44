//! The running form of the parts of a policy that are settings rather than rules: immutable, typed, every default
//! filled in, every path resolved against the file that named it.

mod admin;
mod alarm;
mod audit;
mod limit;
mod reload;
mod rotate;
mod shared;
mod telemetry;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

mod certificates;
pub mod detect;
mod devices;
pub mod headers;
mod sinks;
mod token;
pub use admin::{AdminSettings, AdminSocket, AdminTls, HealthSettings};
pub use alarm::{Action, AlarmRule, LockoutSettings, Place, Threshold, When};
pub use audit::{AuditSettings, Commit, OnFailure, SinkSettings, SpoolSettings, TrailSettings};
pub use certificates::{CertificateSubject, StaleList};
pub use devices::{DeviceBinding, DeviceSettings, NamePattern};
pub use headers::{AppHeaders, fold};

pub use crate::redact::CallerForm;
use crate::redact::{AddressForm, KeepPattern, Name};
pub use limit::{Limit, LimitKey, Quota, RecordQuota};
pub use reload::{LastGoodSettings, NamedFile, ReloadSettings, RollbackSettings};
pub use rotate::RotateSettings;
pub use shared::{SharedKind, SharedServers, SharedSettings};
pub use sinks::{
    BatchBounds, Compression, ElasticScheme, ElasticSettings, FromRecord, HttpSettings, NetworkKind, NetworkSink, Only,
    OtlpSettings, RewindSettings, SinkAlarm, SplunkSettings, SyslogFacility, SyslogFormat, SyslogSettings, WebhookForm,
    WebhookSettings,
};
pub use telemetry::{MetricsSettings, MetricsTls, TraceSettings};
pub use token::{Binding, IntrospectionSettings, KeySource, ProviderSettings, TokenAlgorithm, TokenSettings};

/// A list of networks. Membership is by canonical address: `::ffff:10.0.0.1` is `10.0.0.1`.
#[derive(Clone, Debug, Default)]
pub struct Networks(pub Vec<IpNet>);

impl Networks {
    /// Whether `address` lies in one of the networks.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether nothing is listed.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Who may connect (NET-1): `deny` wins; an empty `allow` allows everybody that is not denied.
#[derive(Clone, Debug, Default)]
pub struct NetworkRule {
    /// Allowed networks; empty for all.
    pub allow: Networks,
    /// Denied networks.
    pub deny: Networks,
}

impl NetworkRule {
    /// Whether `address` may pass.
    pub fn admits(&self, address: IpAddr) -> bool {
        !self.deny.contains(address) && (self.allow.is_empty() || self.allow.contains(address))
    }
}

/// Whether refusals are enforced or only recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// Refusals refuse.
    #[default]
    Enforce,
    /// Refusals by policy are recorded and let through; malformed requests are refused all the same.
    Shadow,
}

/// `gate:`
#[derive(Clone, Debug)]
pub struct GateSettings {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Certificates and versions.
    pub tls: TlsSettings,
    /// Peers whose `X-Forwarded-For` and `Forwarded` are believed.
    pub trusted_proxies: Networks,
    /// Peers that must send a PROXY protocol header; all others must not.
    pub proxy_protocol: Networks,
    /// Worker threads; `None` for one per available core.
    pub workers: Option<NonZeroUsize>,
    /// Host names that this gate answers to; empty for any.
    pub hosts: Vec<Name>,
    /// Connection bounds.
    pub connections: ConnectionBounds,
    /// Dead-lines on the client's side.
    pub timeouts: ClientTimeouts,
    /// Bounds of one request.
    pub bounds: RequestBounds,
    /// Under which names the app hears who calls.
    pub headers: AppHeaders,
    /// The signed assertion for the app, if configured.
    pub assertion: Option<AssertionSettings>,
    /// The socket over which the listener is handed to a new binary, if configured.
    pub handover: Option<PathBuf>,
}

/// `gate.tls:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// The default certificate first, then those of `more`, chosen by SNI.
    pub certificates: Vec<CertificateFiles>,
    /// TLS 1.2 is allowed as well as 1.3.
    pub allow_tls12: bool,
    /// CA bundle for client certificates; asked for when set.
    pub client_ca: Option<PathBuf>,
    /// Revocation lists of those authorities.
    pub crl: Vec<PathBuf>,
    /// What a list past its next update leads to.
    pub crl_stale: StaleList,
}

/// A certificate chain and its key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// Chain, leaf first.
    pub certificate: PathBuf,
    /// PKCS#8, SEC1 or PKCS#1 key.
    pub key: PathBuf,
}

/// `gate.connections:`
#[derive(Clone, Copy, Debug)]
pub struct ConnectionBounds {
    /// Connections at once.
    pub max: usize,
    /// Connections at once from one address (IPv6: one /64).
    pub per_address: usize,
}

impl Default for ConnectionBounds {
    fn default() -> Self {
        // At some 40 KiB for an idle TLS connection, 10,000 stay below half a GiB; one address may be a load balancer.
        Self { max: 10_000, per_address: 5_000 }
    }
}

/// `gate.timeouts:`
#[derive(Clone, Copy, Debug)]
pub struct ClientTimeouts {
    /// From accept to the end of the TLS handshake, PROXY header included.
    pub handshake: Duration,
    /// From a request's first byte to the end of its head.
    pub header: Duration,
    /// Between two pieces of a request body, or of an answer that the client does not read.
    pub body_idle: Duration,
    /// Between two requests on a connection.
    pub keep_alive: Duration,
    /// From the end of the delay until open requests are cut.
    pub drain: Duration,
    /// From SIGTERM until no new connections are taken; `None` for what [`super::Policy::drain_delay`] finds right.
    pub drain_delay: Option<Duration>,
}

impl Default for ClientTimeouts {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(10),
            body_idle: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            drain: Duration::from_secs(30),
            drain_delay: None,
        }
    }
}

/// `gate.bounds:`
#[derive(Clone, Copy, Debug)]
pub struct RequestBounds {
    /// Bytes of a request head.
    pub header_bytes: usize,
    /// Header fields of a request; more than 100 would leave hyper's stack-allocated parser.
    pub header_count: usize,
    /// Bytes of a request body, unless the route says otherwise.
    pub body: u64,
}

impl Default for RequestBounds {
    fn default() -> Self {
        Self { header_bytes: 32 * 1024, header_count: 100, body: 16 * 1024 * 1024 }
    }
}

/// `gate.assertion:` a JWT (ES256) to the app that says who calls.
#[derive(Clone, Debug)]
pub struct AssertionSettings {
    /// PEM, EC P-256, PKCS#8.
    pub key: PathBuf,
    /// `aud` of the token.
    pub audience: String,
    /// `exp` minus `iat`.
    pub lifetime: Duration,
}

/// `upstream:`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamSettings {
    /// Where the app is.
    pub endpoint: Endpoint,
    /// HTTP/1.1, or HTTP/2 where the app speaks it.
    pub protocol: UpstreamProtocol,
    /// How the app reads a path.
    pub profile: PathProfile,
    /// Dead-lines on the app's side.
    pub timeouts: UpstreamTimeouts,
    /// Idle connections kept per worker.
    pub idle_connections: usize,
    /// What becomes of an app that can be reached past the gate.
    pub side_door: SideDoor,
}

/// `upstream.side_door:` (TLS-3)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SideDoor {
    /// An alarm, and a line in the own log.
    #[default]
    Report,
    /// The gate does not start as well.
    Refuse,
    /// Nobody looks.
    Off,
}

/// `sandbox:` the gate's own confinement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Confinement {
    /// As much as the kernel can do.
    #[default]
    BestEffort,
    /// No start where the kernel cannot.
    Required,
    /// None.
    Off,
}

/// Where the app is. Plaintext reaches loopback or a Unix socket only (TLS-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `http://` on loopback.
    Loopback(SocketAddr),
    /// `unix:/path`.
    Unix(PathBuf),
    /// `https://`.
    Tls(TlsEndpoint),
}

/// `upstream.tls:` and the host of an `https` address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsEndpoint {
    /// Name or address to connect to.
    pub host: String,
    /// Port.
    pub port: u16,
    /// CA bundle that the app's certificate must chain to.
    pub ca: PathBuf,
    /// The gate's own certificate to the app.
    pub client: Option<CertificateFiles>,
    /// The subject alternative name that the app's certificate must have; `host` by default.
    pub server_name: String,
}

/// `upstream.protocol:`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum UpstreamProtocol {
    /// HTTP/1.1 (RFC 9112).
    #[default]
    Http1,
    /// HTTP/2 (RFC 9113), needed for gRPC.
    Http2,
}

/// `upstream.profile:` what the app's framework does to a path after us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PathProfile {
    /// Unknown: every reading that any of them has must agree.
    #[default]
    Default,
    /// `;` starts path parameters.
    Tomcat,
    /// Case-insensitive, `\` is `/`, dots and spaces at a segment's end fall away.
    Iis,
    /// Path info after a script's name.
    Php,
}

/// `upstream.timeouts:`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpstreamTimeouts {
    /// To connect, TLS included.
    pub connect: Duration,
    /// From the end of the request to the head of the answer.
    pub response: Duration,
    /// Between two pieces of an answer's body, and of an upgraded stream.
    pub idle: Duration,
}

impl Default for UpstreamTimeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), response: Duration::from_secs(30), idle: Duration::from_secs(60) }
    }
}

/// `callers:` one way to prove who you are.
#[derive(Clone, Debug)]
pub enum CallerMethod {
    /// An mTLS client certificate.
    Certificate(CertificateSubject),
    /// A JWT in `Authorization: Bearer`.
    Token(Arc<TokenSettings>),
    /// An API key.
    ApiKey(Arc<ApiKeySettings>),
}

/// `callers[].api_key:`
#[derive(Clone, Debug)]
pub struct ApiKeySettings {
    /// Header that carries the key, lower case.
    pub header: Name,
    /// File of digests.
    pub file: PathBuf,
}

/// `redaction:`
#[derive(Clone, Debug, Default)]
pub struct RedactionSettings {
    /// The key of all pseudonyms: a file, or a directory of its generations.
    pub key: Option<PathBuf>,
    /// Values that may stand.
    pub keep: Vec<KeepPattern>,
    /// How callers stand in records.
    pub caller: CallerForm,
    /// How client addresses stand in records.
    pub address: AddressForm,
}
