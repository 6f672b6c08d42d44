//! What is recorded for somebody to look at now: OCSF Detection Finding (2004).

use std::sync::Arc;

use smallvec::SmallVec;

use super::detected::Behaviour;
use super::{CallerRecord, PolicyRecord, RouteRecord};
use crate::audit::id::RequestId;
use crate::clock::UnixMillis;
use crate::redact::{Name, Redacted};

/// Something that should not be.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// `metadata.uid` and `finding_info.uid`.
    pub id: RequestId,
    /// `time`.
    pub at: UnixMillis,
    /// What it is.
    pub kind: AlarmKind,
    /// The rule that found it, a name of the policy: `finding_info.analytic.uid`.
    pub rule: Name,
    /// `finding_info.first_seen_time`.
    pub first: UnixMillis,
    /// `finding_info.last_seen_time`.
    pub last: UnixMillis,
    /// How often, or how much: `evidences[].data.observed`.
    pub observed: u64,
    /// What the rule allows: `evidences[].data.allowed`.
    pub allowed: Option<u64>,
    /// Who did it: `evidences[].actor`.
    pub caller: Option<CallerRecord>,
    /// From where, in the policy's form: `evidences[].src_endpoint`.
    pub source: Option<Redacted>,
    /// What was called: `evidences[].api.operation`.
    pub route: Option<Arc<RouteRecord>>,
    /// What it is about if not a route: a certificate's digest: `evidences[].data.subject`.
    pub subject: Option<Name>,
    /// Requests that led to it: `finding_info.related_events[].uid`. The last of them is the
    /// `metadata.correlation_uid`.
    pub requests: SmallVec<[RequestId; 8]>,
    /// The policy in force: `policy`.
    pub policy: Arc<PolicyRecord>,
}

/// What an [`Alarm`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmKind {
    /// A route or value was used that nobody has a reason to use.
    Canary,
    /// More calls than are usual.
    Rate,
    /// More data than is usual.
    Volume,
    /// A burst of refusals.
    Unauthorised,
    /// A certificate comes to its end: `observed` and `allowed` are seconds.
    CertificateExpiry,
    /// A detector found something odd.
    Behaviour(Behaviour),
    /// The app can be reached past the gate (TLS-3).
    SideDoor,
    /// What was imposed before the start is not known any more.
    StateLost,
    /// Replicas cannot count together: each keeps its own share of shared limits.
    SharedState,
    /// A sink does not keep up: `observed` and `allowed` are seconds that its oldest missing record is old.
    SinkLag,
    /// A sink does not keep up: `observed` and `allowed` are records that it lacks.
    SinkBacklog,
    /// A sink takes nothing until a setting changes: `observed` and `allowed` are seconds.
    SinkHeld,
    /// Records left the spool before a sink had them: `observed` of them.
    SinkLoss,
}

/// How an alarm is spelt.
pub(in crate::audit) struct AlarmRow {
    pub event_code: &'static str,
    pub title: &'static str,
    /// OCSF `analytic.type_id`: 1 Rule, 3 Statistical.
    pub analytic: u8,
    /// OCSF `severity_id`: 3 Medium, 4 High, 5 Critical.
    pub severity: u8,
    /// OCSF `confidence_id`: 2 Medium, 3 High.
    pub confidence: u8,
    /// Whether data may be in wrong hands: the 24 hours of an incident report may have begun.
    pub suspected_breach: bool,
}

impl AlarmRow {
    /// Of the gate itself: a fact, and nobody else's data.
    const fn of_gate(event_code: &'static str, title: &'static str) -> Self {
        Self { event_code, title, analytic: 1, severity: 4, confidence: 3, suspected_breach: false }
    }
}

impl AlarmKind {
    pub(in crate::audit) const fn row(self) -> AlarmRow {
        match self {
            Self::Behaviour(behaviour) => behaviour.row(),
            Self::Canary => AlarmRow {
                event_code: "ALARM.CANARY",
                title: "A canary was used",
                analytic: 1,
                severity: 5,
                confidence: 3,
                suspected_breach: true,
            },
            Self::Rate => AlarmRow {
                event_code: "ALARM.RATE",
                title: "More calls than the policy expects",
                analytic: 3,
                severity: 4,
                confidence: 2,
                suspected_breach: false,
            },
            Self::Volume => AlarmRow {
                event_code: "ALARM.VOLUME",
                title: "More data than the policy expects",
                analytic: 3,
                severity: 4,
                confidence: 2,
                suspected_breach: false,
            },
            Self::Unauthorised => AlarmRow {
                event_code: "ALARM.UNAUTHZ",
                title: "A burst of refused calls",
                analytic: 3,
                severity: 4,
                confidence: 2,
                suspected_breach: false,
            },
            Self::SharedState => AlarmRow {
                event_code: "ALARM.SHARED_STATE",
                title: "Replicas cannot count together",
                analytic: 1,
                severity: 4,
                confidence: 3,
                suspected_breach: false,
            },
            Self::StateLost => AlarmRow {
                event_code: "ALARM.STATE_LOST",
                title: "What was kept of before the start is lost",
                analytic: 1,
                severity: 4,
                confidence: 3,
                suspected_breach: false,
            },
            Self::CertificateExpiry => AlarmRow::of_gate("ALARM.CERT_EXPIRY", "A certificate comes to its end"),
            Self::SinkLag => AlarmRow::of_gate("ALARM.SINK_LAG", "A sink does not keep up with the trail"),
            Self::SinkBacklog => AlarmRow::of_gate("ALARM.SINK_BACKLOG", "A sink lacks many records of the trail"),
            Self::SinkHeld => AlarmRow::of_gate("ALARM.SINK_HELD", "A sink takes no records until a setting changes"),
            Self::SinkLoss => AlarmRow::of_gate("ALARM.SINK_LOSS", "Records left the spool before a sink had them"),
            Self::SideDoor => {
                AlarmRow { severity: 5, ..AlarmRow::of_gate("ALARM.SIDE_DOOR", "The app can be reached past the gate") }
            }
        }
    }
}
