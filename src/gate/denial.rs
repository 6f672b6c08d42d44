//! The one closed list of refusals: what the client may read, what the record says and whose doing it is, side by
//! side. There is no catch-all: a new way to fail does not compile until it stands here.

mod form;
mod row;
mod serving;
mod standing;

pub use row::{ALLOWED, Row};

use crate::identity::IdentityRefusal;
use crate::limits::{Over, Spent};
use crate::policy::decide::Reason;
use crate::policy::path::PathFault;
use crate::upstream::UpstreamFault;
use crate::watch::Held;
use crate::wire::HeadFault;

/// A request that does not get an answer from the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// An HTTP/1 head that is not sound.
    Head(HeadFault),
    /// A path that has no single reading.
    Path(PathFault),
    /// A target, host or header that is not sound.
    Request(RequestFault),
    /// A request body that is not sound, too large or too slow.
    Body(BodyFault),
    /// A credential that proves nobody.
    Identity(IdentityRefusal),
    /// The policy says no.
    Policy(Reason),
    /// A limit is used up.
    Limit(Spent),
    /// What the limit at this place in the policy counts cannot be counted in the app's answer.
    Uncountable(usize),
    /// A sanction holds it back.
    Sanction(Held),
    /// It shows, or brings, a planted record, and a rule ends it.
    Canary,
    /// The app's answer cannot be looked through for planted records.
    Unsearchable,
    /// Nor can the request's body.
    UnsearchableBody,
    /// The gate itself cannot serve.
    Gate(GateFault),
    /// The app gave no answer.
    Upstream(UpstreamFault),
}

/// What is wrong with a request beside its path and framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestFault {
    /// `CONNECT` or `TRACE`, or a method in lower case.
    Method,
    /// Asterisk or authority form, or a scheme that is not https.
    TargetForm,
    /// A query with a control, space or non-ASCII character.
    Query,
    /// No host, several hosts, or one that is not a host.
    Host,
    /// The target's authority, `Host` and `:authority` disagree.
    HostConflict,
    /// Not a host of this gate, or not the one named in the TLS handshake.
    Misdirected,
    /// A field name outside `[A-Za-z0-9-]`.
    FieldName,
    /// An `Expect` other than `100-continue`.
    Expectation,
    /// An upgrade that the route does not let pass, or a malformed one.
    Upgrade,
    /// `X-Forwarded-For` or `Forwarded` from a trusted proxy that holds no address where one must be.
    ForwardedAddress,
}

/// What went wrong with a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// More bytes than the route allows.
    TooLarge,
    /// Nothing came for too long.
    Stalled,
    /// Its framing broke.
    Broken,
    /// The client went away.
    Gone,
}

/// Why the gate itself cannot serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateFault {
    /// The record could not be kept, and without one there is no answer.
    Audit,
    /// Something of ours failed.
    Internal,
}

impl Denial {
    /// The refusal's row.
    pub fn row(self) -> &'static Row {
        match self {
            Self::Head(fault) => form::head_row(fault),
            Self::Path(fault) => form::path_row(fault),
            Self::Request(fault) => form::request_row(fault),
            Self::Body(fault) => form::body_row(fault),
            Self::Identity(refusal) => standing::identity_row(refusal),
            Self::Policy(reason) => standing::policy_row(reason),
            Self::Limit(_) => serving::limit_row(),
            Self::Uncountable(_) => serving::uncountable_row(),
            Self::Sanction(held) => standing::sanction_row(held),
            Self::Canary => serving::canary_row(),
            Self::Unsearchable => serving::unsearchable_row(),
            Self::UnsearchableBody => serving::unsearchable_body_row(),
            Self::Gate(fault) => serving::gate_row(fault),
            Self::Upstream(fault) => serving::upstream_row(fault),
        }
    }

    /// The place of the limit that it is of.
    pub const fn limit(self) -> Option<usize> {
        match self {
            Self::Limit(spent) => Some(spent.limit),
            Self::Uncountable(limit) => Some(limit),
            _ => None,
        }
    }
}

impl From<Over> for Denial {
    fn from(over: Over) -> Self {
        match over {
            Over::Spent(spent) => Self::Limit(spent),
            Over::Uncountable(limit) => Self::Uncountable(limit),
        }
    }
}
