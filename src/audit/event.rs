//! What is recorded: the contract with a SIEM, as types. Every text is [`Redacted`], a [`Name`] from configuration or
//! our own source; there is no field that could hold a request's own text. `ocsf` says how each field is spelt.
//!
//! Events hold plain numbers and shared pointers only, so that filling one costs a request next to nothing; all
//! formatting happens on the writer's thread.

mod account;
mod alarm;
mod blame;
mod call;
mod change;
mod detected;
mod sink;

use std::sync::Arc;

use smallvec::SmallVec;
use tokio::sync::oneshot;

use super::id::RequestId;
use crate::clock::UnixMillis;
pub use crate::identity::CredentialRecord;
use crate::policy::settings::Commit;
use crate::redact::{Name, Redacted};
use crate::telemetry::context::TraceId;

pub use account::{
    Authentication, AuthenticationStep, CallerKind, CallerRecord, Factor, Lockout, LockoutSubject, Measure, Protocol,
};
pub(super) use alarm::AlarmRow;
pub use alarm::{Alarm, AlarmKind};
pub use blame::Blame;
pub use call::{AdminCall, AdminOperation, AdminOutcome};
pub use change::{Change, KillScope, KillSwitch, Lookup, Subject};
pub use detected::{Behaviour, Detected, Step, Watched};
pub use sink::{SinkEvent, SinkMatter};

/// Everything that can be recorded. Large events are boxed: an empty queue of 65,536 places stays below 2 MiB.
#[derive(Debug)]
pub enum Event {
    /// A request: its end, or the decision on it.
    Access(Box<Access>),
    /// A request was let through, and somebody waits until the record of that is durable.
    Decision(Box<Decision>),
    /// The end of a connection that carried no request.
    Connection(Box<ConnectionEnd>),
    /// A policy or certificate was changed, or its change refused.
    Change(Box<Change>),
    /// An operator called the gate's own API.
    AdminCall(Box<AdminCall>),
    /// Somebody asked which pseudonyms stand for a datum.
    Lookup(Box<Lookup>),
    /// Somebody proved who it is, or could not.
    Authentication(Box<Authentication>),
    /// Somebody was locked out, or is so no more.
    Lockout(Box<Lockout>),
    /// Somebody should look at this.
    Alarm(Box<Alarm>),
    /// A detector's alarm is opened, goes on or is closed.
    Detected(Box<Detected>),
    /// Something became of records on their way to a sink.
    Sink(Box<SinkEvent>),
    /// A part of the gate was shut by hand, or opened again.
    KillSwitch(Box<KillSwitch>),
}

/// A request that was let through, before it is forwarded.
#[derive(Debug)]
pub struct Decision {
    /// What is known by then; its stage is [`Stage::Decided`].
    pub access: Access,
    /// Told once the record is durable; dropped if it cannot be made so.
    pub durable: oneshot::Sender<()>,
}

/// Which part of a request a record tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// All of it, at its end: under the outcome's own event code.
    Whole,
    /// What was decided, written before the app is asked: under the outcome's own event code, without an answer, sizes
    /// or durations. A record of the end follows.
    Decided,
    /// The end of a request whose decision has a record: `HTTP.END`, with this `metadata.uid` and the request's id as
    /// `metadata.correlation_uid`.
    Ended(RequestId),
}

/// One request: OCSF HTTP Activity (4002).
#[derive(Clone, Debug)]
pub struct Access {
    /// `metadata.uid`, `metadata.correlation_uid` and `http_request.uid`; the incident id of a refusal.
    pub id: RequestId,
    /// Which part of the request this is.
    pub stage: Stage,
    /// `time` and `start_time`.
    pub started: UnixMillis,
    /// `duration` (there in milliseconds) and `unmapped.portcullis.duration_micros`.
    pub duration_micros: u64,
    /// From forwarding to the head of the app's answer: `http_response.latency` and
    /// `unmapped.portcullis.upstream_micros`.
    pub upstream_micros: Option<u64>,
    /// The connection, shared by all its requests.
    pub connection: Arc<ConnectionRecord>,
    /// `http_request.http_method` and the activity.
    pub method: MethodWord,
    /// `http_request.version`.
    pub version: HttpVersion,
    /// The route that was found, even if the request was refused.
    pub route: Option<Arc<RouteRecord>>,
    /// Parameters that the route allows to be logged: `unmapped.portcullis.query`.
    pub query: SmallVec<[(Name, Redacted); 4]>,
    /// How many parameters were not logged: `unmapped.portcullis.hidden_parameters`.
    pub hidden_parameters: u32,
    /// Values that detectors watch, as keyed hashes: `unmapped.portcullis.watched`.
    pub watched: SmallVec<[Watched; 4]>,
    /// Records in the answer, where a limit counts them: `unmapped.portcullis.records`.
    pub records: Option<u64>,
    /// The trace that it is part of, where traces are on: `unmapped.portcullis.trace_id`.
    pub trace: Option<TraceId>,
    /// The issuer of the token that was shown, where a rule counts by issuer: `unmapped.portcullis.issuer`.
    pub issuer: Option<Name>,
    /// The limit that refused: `unmapped.portcullis.limit`.
    pub limit: Option<Name>,
    /// The rule of a sanction that held it back, or an operator's reason: `unmapped.portcullis.rule`.
    pub rule: Option<Name>,
    /// Who called: `actor`.
    pub caller: Option<CallerRecord>,
    /// The role that let the request through: `authorizations[].policy.name`.
    pub role: Option<Name>,
    /// The client's address if a trusted proxy's header gave it: `src_endpoint`, with the connection's source as its
    /// `proxy_endpoint`.
    pub client: Option<Redacted>,
    /// What became of it.
    pub outcome: Outcome,
    /// `http_response.code`; 0 if no answer was begun.
    pub status: u16,
    /// Body bytes that came from the client: `traffic.bytes_in`.
    pub bytes_in: u64,
    /// Body bytes that went to the client: `traffic.bytes_out`.
    pub bytes_out: u64,
    /// How it ended: `unmapped.portcullis.end`.
    pub end: End,
    /// Why it was cut while it was open: `unmapped.portcullis.cut`.
    pub cut: Option<&'static OutcomeRow>,
    /// The policy in force: `policy`.
    pub policy: Arc<PolicyRecord>,
}

/// The end of a connection that carried no request: TLS failure, refused address, no free slot, empty.
///
/// OCSF HTTP Activity (4002) with activity Other: there is no request, and the class keeps refusals at the gate in one
/// place for those who search.
#[derive(Clone, Debug)]
pub struct ConnectionEnd {
    /// `metadata.uid`; the connection's own id is [`ConnectionRecord::id`].
    pub id: RequestId,
    /// `time` and `start_time`.
    pub started: UnixMillis,
    /// `duration`, `unmapped.portcullis.duration_micros`.
    pub duration_micros: u64,
    /// The connection; `tls` is set if the handshake came to its end.
    pub connection: Arc<ConnectionRecord>,
    /// Why it ended.
    pub outcome: Outcome,
    /// The policy in force: `policy`.
    pub policy: Arc<PolicyRecord>,
}

/// Method of a request. A closed list: the text of an unknown method is a request's own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodWord {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// OPTIONS
    Options,
    /// TRACE
    Trace,
    /// CONNECT
    Connect,
    /// Any other.
    Other,
}

impl From<&http::Method> for MethodWord {
    fn from(method: &http::Method) -> Self {
        match *method {
            http::Method::GET => Self::Get,
            http::Method::HEAD => Self::Head,
            http::Method::POST => Self::Post,
            http::Method::PUT => Self::Put,
            http::Method::PATCH => Self::Patch,
            http::Method::DELETE => Self::Delete,
            http::Method::OPTIONS => Self::Options,
            http::Method::TRACE => Self::Trace,
            http::Method::CONNECT => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// Version of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
    /// HTTP/2
    Http2,
}

impl HttpVersion {
    /// As `http_request.version` shows it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Http10 => "1.0",
            Self::Http11 => "1.1",
            Self::Http2 => "2",
        }
    }
}

/// What became of a request or connection.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// What happened.
    pub row: &'static OutcomeRow,
    /// What would have happened, had the policy been enforced: `unmapped.portcullis.shadow`.
    pub shadow: Option<&'static OutcomeRow>,
}

/// One line of the gate's closed list of outcomes.
#[derive(Debug, PartialEq, Eq)]
pub struct OutcomeRow {
    /// Stable code: `status_code`, such as `role_missing`.
    pub code: &'static str,
    /// `metadata.event_code`, such as `HTTP.DENY.AUTHZ`.
    pub event_code: &'static str,
    /// `firewall_rule.category`: authn, authz, ip, mfa, rate, lockout, protocol, upstream or gate.
    pub category: &'static str,
    /// OCSF `action_id`: 1 Allowed, 2 Denied, 3 Observed.
    pub action_id: u8,
    /// OCSF `disposition_id`: 1 Allowed, 2 Blocked, 23 Challenge, 25 Rejected, 26 Unauthorized.
    pub disposition_id: u8,
    /// OCSF `severity_id`: 1 Informational to 5 Critical.
    pub severity_id: u8,
    /// Whose doing it is; `status_id` is Success if it is nobody's.
    pub blame: Blame,
    /// Fixed text for people: `status_detail`.
    pub text: &'static str,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The answer was handed over to its last byte.
    Complete,
    /// The client went away.
    ClientGone,
    /// The app broke off its answer.
    UpstreamBroken,
    /// A dead-line passed.
    TimedOut,
    /// The gate was stopped and cut it.
    Drained,
    /// An upgraded stream was closed.
    UpgradeClosed,
    /// It may no longer be: the policy has changed, or the caller was shut out.
    Revoked,
    /// The caller's credential ended.
    Expired,
    /// A limit was used up on the way.
    LimitReached,
    /// A limit counts records, and they could not be counted any more.
    Uncountable,
}

impl End {
    /// As `unmapped.portcullis.end` shows it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::ClientGone => "client_gone",
            Self::UpstreamBroken => "upstream_broken",
            Self::TimedOut => "timed_out",
            Self::Drained => "drained",
            Self::UpgradeClosed => "upgrade_closed",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::LimitReached => "limit_reached",
            Self::Uncountable => "uncountable",
        }
    }
}

/// What all requests of a connection share.
#[derive(Clone, Debug)]
pub struct ConnectionRecord {
    /// `connection_info.uid`.
    pub id: RequestId,
    /// Address of the peer, in the policy's form: `src_endpoint`.
    pub source: Redacted,
    /// `src_endpoint.port`; `None` where the address is left out.
    pub source_port: Option<u16>,
    /// `tls`; `None` before the handshake's end.
    pub tls: Option<TlsRecord>,
    /// The listener: `dst_endpoint.svc_name`.
    pub listener: Name,
}

/// What was agreed on in a TLS handshake.
#[derive(Clone, Debug)]
pub struct TlsRecord {
    /// `tls.version`, such as `TLSv1.3`.
    pub version: &'static str,
    /// `tls.cipher`, such as `TLS13_AES_256_GCM_SHA384`.
    pub cipher: &'static str,
    /// Key exchange group: `unmapped.portcullis.tls_group`.
    pub group: &'static str,
    /// `tls.sni`: shown if it is one of the gate's own host names.
    pub sni: Option<Redacted>,
    /// Whether the client showed a certificate: `unmapped.portcullis.client_certificate`.
    pub client_certificate: bool,
}

/// A route, as records show it; built once for each policy.
#[derive(Clone, Debug)]
pub struct RouteRecord {
    /// `firewall_rule.name`.
    pub name: Name,
    /// `http_request.url.path`: the template, never the path.
    pub template: Name,
    /// Kinds of personal data that answers carry: `metadata.data_classifications[].discovery_details[].type`.
    pub pii: Vec<Name>,
    /// Controls that the route answers for: `unmapped.portcullis.controls`.
    pub controls: Vec<Name>,
    /// How soon its records are durable.
    pub commit: Commit,
}

/// A policy, as records show it; built once for each policy.
#[derive(Clone, Debug)]
pub struct PolicyRecord {
    /// SHA-256 of its files, lower-case hex: `policy.uid`.
    pub digest: Name,
    /// Whether refusals are enforced: `policy.is_applied`.
    pub enforced: bool,
}
