//! The one closed list of refusals: what the client may read, what the record says and whose doing it is, side by
//! side. There is no catch-all: a new way to fail does not compile until it stands here.

use http::StatusCode;

use crate::audit::{Blame, OutcomeRow};
use crate::identity::IdentityRefusal;
use crate::limits::{Over, Spent};
use crate::policy::decide::Reason;
use crate::policy::path::PathFault;
use crate::upstream::UpstreamFault;
use crate::watch::{Held, How, Whom};
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

/// All that is fixed about a refusal.
#[derive(Debug)]
pub struct Row {
    /// Status of the answer.
    pub status: StatusCode,
    /// What the record says.
    pub outcome: OutcomeRow,
}

/// A passed request.
pub static ALLOWED: OutcomeRow = OutcomeRow {
    code: "allowed",
    event_code: "HTTP.ALLOW",
    category: "authz",
    action_id: 1,
    disposition_id: 1,
    severity_id: 1,
    blame: Blame::None,
    text: "The request was let through.",
};

/// One row: status, code, event code, category, disposition, severity, blame, text. The action is Denied.
macro_rules! row {
    ($status:ident, $code:expr, $event:literal, $category:literal, $disposition:literal, $severity:literal, $blame:ident,
     $text:expr) => {
        const {
            &Row {
                status: StatusCode::$status,
                outcome: OutcomeRow {
                    code: $code,
                    event_code: $event,
                    category: $category,
                    action_id: 2,
                    disposition_id: $disposition,
                    severity_id: $severity,
                    blame: Blame::$blame,
                    text: $text,
                },
            }
        }
    };
}

/// A request that is refused because it is malformed.
macro_rules! malformed {
    ($status:ident, $code:expr, $text:expr) => {
        row!($status, $code, "HTTP.DENY.PROTOCOL", "protocol", 2, 2, Client, $text)
    };
}

/// A row for each variant of an enum that has `code()`, those of one list all alike but for it.
macro_rules! each {
    ($value:expr, $type:ident, $([$($variant:ident),* $(,)?], |$case:ident| $row:expr),+ $(,)?) => {
        match $value {
            $($($type::$variant => {
                const $case: $type = $type::$variant;
                $row
            })*)+
        }
    };
}

impl Denial {
    /// The refusal's row.
    pub fn row(self) -> &'static Row {
        match self {
            Self::Head(fault) => head_row(fault),
            Self::Path(fault) => path_row(fault),
            Self::Request(fault) => request_row(fault),
            Self::Body(fault) => body_row(fault),
            Self::Identity(refusal) => identity_row(refusal),
            Self::Policy(reason) => policy_row(reason),
            Self::Limit(_) => row!(
                TOO_MANY_REQUESTS,
                "rate_limited",
                "HTTP.DENY.RATE",
                "rate",
                25,
                2,
                Client,
                "A limit of the route is used up."
            ),
            Self::Uncountable(_) => row!(
                BAD_GATEWAY,
                "answer_uncountable",
                "HTTP.FAIL.UPSTREAM",
                "upstream",
                2,
                3,
                Upstream,
                "A limit counts records, and the app's answer is not whole and plain JSON."
            ),
            Self::Sanction(held) => sanction_row(held),
            Self::Canary => row!(
                FORBIDDEN,
                "canary_used",
                "HTTP.DENY.LOCKOUT",
                "lockout",
                2,
                5,
                Client,
                "A planted record was asked for, or stands in the answer."
            ),
            Self::Unsearchable => row!(
                BAD_GATEWAY,
                "answer_unsearchable",
                "HTTP.FAIL.UPSTREAM",
                "upstream",
                2,
                3,
                Upstream,
                "Answers are looked through for planted records, and this one is encoded or not whole."
            ),
            Self::Gate(fault) => gate_row(fault),
            Self::Upstream(fault) => upstream_row(fault),
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

fn head_row(fault: HeadFault) -> &'static Row {
    match fault {
        HeadFault::RequestLine => {
            malformed!(BAD_REQUEST, "framing_request_line", "The request line is malformed.")
        }
        HeadFault::Version => {
            malformed!(HTTP_VERSION_NOT_SUPPORTED, "framing_version", "The HTTP version is neither 1.0 nor 1.1.")
        }
        HeadFault::TargetCharacter => {
            malformed!(BAD_REQUEST, "target_character", "The target holds a character that must be percent-encoded.")
        }
        HeadFault::Fragment => malformed!(BAD_REQUEST, "target_fragment", "The target holds a fragment."),
        HeadFault::BareLineFeed => {
            malformed!(BAD_REQUEST, "framing_bare_line_feed", "A line of the head does not end in CR LF.")
        }
        HeadFault::Folded => malformed!(BAD_REQUEST, "framing_folded", "A header field is folded over lines."),
        HeadFault::FieldName => malformed!(BAD_REQUEST, "header_name", "A header name is outside [A-Za-z0-9-]."),
        HeadFault::FieldValue => {
            malformed!(BAD_REQUEST, "header_value", "A header value holds a control character.")
        }
        HeadFault::Length => malformed!(BAD_REQUEST, "framing_length", "Content-Length is not one decimal number."),
        HeadFault::RepeatedLength => {
            malformed!(BAD_REQUEST, "framing_repeated_length", "Content-Length is there more than once.")
        }
        HeadFault::Encoding => {
            malformed!(BAD_REQUEST, "framing_encoding", "Transfer-Encoding is not exactly one chunked on HTTP/1.1.")
        }
        HeadFault::LengthAndEncoding => malformed!(
            BAD_REQUEST,
            "framing_length_and_encoding",
            "Content-Length and Transfer-Encoding are there together."
        ),
        HeadFault::NoHost => malformed!(BAD_REQUEST, "host_missing", "There is no Host."),
        HeadFault::RepeatedHost => malformed!(BAD_REQUEST, "host_repeated", "There is more than one Host."),
        HeadFault::TooLarge => malformed!(
            REQUEST_HEADER_FIELDS_TOO_LARGE,
            "header_too_large",
            "The head has more bytes or fields than allowed."
        ),
        HeadFault::TargetTooLong => malformed!(URI_TOO_LONG, "target_too_long", "The target is longer than allowed."),
    }
}

fn path_row(fault: PathFault) -> &'static Row {
    each!(
        fault,
        PathFault,
        [
            Empty,
            NotAbsolute,
            TooLong,
            TooManySegments,
            Nul,
            Control,
            Fragment,
            Backslash,
            Semicolon,
            Colon,
            MalformedPercent,
            DoubleEncoding,
            NotUtf8,
            DotDot,
            TrailingDotOrSpace,
            NonAscii,
            Character,
        ],
        |CASE| malformed!(BAD_REQUEST, CASE.code(), "The path has no single safe reading.")
    )
}

fn request_row(fault: RequestFault) -> &'static Row {
    match fault {
        RequestFault::Method => malformed!(NOT_IMPLEMENTED, "method_refused", "The gate does not pass this method."),
        RequestFault::TargetForm => {
            malformed!(BAD_REQUEST, "target_form", "The target is not a path, nor an https URL of this gate.")
        }
        RequestFault::Query => {
            malformed!(BAD_REQUEST, "query_character", "The query holds a character that must be percent-encoded.")
        }
        RequestFault::Host => malformed!(BAD_REQUEST, "host_malformed", "The host is missing or is not a host."),
        RequestFault::HostConflict => {
            malformed!(BAD_REQUEST, "host_conflict", "The target and Host name different hosts.")
        }
        RequestFault::Misdirected => malformed!(
            MISDIRECTED_REQUEST,
            "host_misdirected",
            "The host is not this gate's, or not the one of the TLS handshake."
        ),
        RequestFault::FieldName => malformed!(BAD_REQUEST, "header_name", "A header name is outside [A-Za-z0-9-]."),
        RequestFault::Expectation => {
            malformed!(EXPECTATION_FAILED, "expectation", "Expect is something other than 100-continue.")
        }
        RequestFault::Upgrade => {
            malformed!(BAD_REQUEST, "upgrade_refused", "The upgrade is malformed, or the route does not let it pass.")
        }
        RequestFault::ForwardedAddress => {
            malformed!(BAD_REQUEST, "forwarded_address", "A trusted proxy's forwarded address is not an address.")
        }
    }
}

fn body_row(fault: BodyFault) -> &'static Row {
    match fault {
        BodyFault::TooLarge => malformed!(PAYLOAD_TOO_LARGE, "body_too_large", "The body is larger than allowed."),
        BodyFault::Stalled => {
            malformed!(REQUEST_TIMEOUT, "body_stalled", "The body did not come within its dead-line.")
        }
        BodyFault::Broken => malformed!(BAD_REQUEST, "body_broken", "The framing of the body broke."),
        BodyFault::Gone => malformed!(BAD_REQUEST, "body_aborted", "The client went away before its body's end."),
    }
}

fn identity_row(refusal: IdentityRefusal) -> &'static Row {
    each!(
        refusal,
        IdentityRefusal,
        [
            TokenMalformed,
            TokenTooLarge,
            TokenHeaderForbidden,
            TokenAlgorithm,
            TokenKeyUnknown,
            TokenSignature,
            TokenIssuer,
            TokenAudience,
            TokenExpired,
            TokenNotYetValid,
            TokenRevoked,
            TokenClaims,
            TokenBinding,
            TokenInactive,
            DpopMissing,
            DpopMalformed,
            DpopSignature,
            DpopBinding,
            DpopTarget,
            DpopTime,
            DpopReplayed,
            UnsupportedScheme,
            CredentialRepeated,
            CredentialConflict,
            ApiKeyMalformed,
            ApiKeyUnknown,
            ApiKeyExpired,
            ApiKeyRevoked,
            CertificateName,
            CertificateExpired,
            CertificateRevoked,
            CallerRevoked,
            CredentialWithdrawn,
        ],
        |CASE| row!(
            UNAUTHORIZED,
            CASE.code(),
            "HTTP.DENY.AUTHN",
            "authn",
            26,
            3,
            Client,
            "A credential was presented that proves nobody."
        ),
        [DpopReplaysFull, KeysUnavailable, IntrospectionUnavailable],
        |CASE| row!(
            SERVICE_UNAVAILABLE,
            CASE.code(),
            "HTTP.DENY.GATE",
            "gate",
            2,
            4,
            Gate,
            "A credential was presented that the gate cannot judge now."
        ),
    )
}

#[expect(clippy::too_many_lines, reason = "a table, one row for each reason")]
fn policy_row(reason: Reason) -> &'static Row {
    match reason {
        Reason::Address => row!(
            FORBIDDEN,
            "address_refused",
            "HTTP.DENY.IP",
            "ip",
            2,
            3,
            Client,
            "The client's address is not admitted."
        ),
        Reason::NoRoute => row!(
            FORBIDDEN,
            "no_route",
            "HTTP.DENY.AUTHZ",
            "authz",
            2,
            2,
            Client,
            "No route matches the path: default deny."
        ),
        Reason::AmbiguousPath => row!(
            BAD_REQUEST,
            "ambiguous_path",
            "HTTP.DENY.AUTHZ",
            "authz",
            2,
            3,
            Client,
            "Readings of the path that the app may have land on different routes."
        ),
        Reason::EncodedSlash => row!(
            BAD_REQUEST,
            "encoded_slash",
            "HTTP.DENY.AUTHZ",
            "authz",
            2,
            2,
            Client,
            "The path holds an encoded slash, and its route does not keep them."
        ),
        Reason::Method => row!(
            METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "HTTP.DENY.AUTHZ",
            "authz",
            2,
            2,
            Client,
            "The route does not allow the method."
        ),
        Reason::NoCaller => row!(
            UNAUTHORIZED,
            "caller_required",
            "HTTP.DENY.AUTHN",
            "authn",
            26,
            2,
            Client,
            "The route needs a caller, and nobody proved to be one."
        ),
        Reason::Role => row!(
            FORBIDDEN,
            "role_missing",
            "HTTP.DENY.AUTHZ",
            "authz",
            26,
            3,
            Client,
            "The caller has none of the route's roles."
        ),
        Reason::NoDevice => row!(
            FORBIDDEN,
            "device_required",
            "HTTP.DENY.AUTHN",
            "authn",
            26,
            3,
            Client,
            "The route needs the certificate of a device, and the connection has none."
        ),
        Reason::OtherDevice => row!(
            FORBIDDEN,
            "device_not_bound",
            "HTTP.DENY.AUTHN",
            "authn",
            26,
            4,
            Client,
            "The device that the caller calls from is not bound to the caller."
        ),
        Reason::Mfa(_) => row!(
            UNAUTHORIZED,
            "mfa_required",
            "HTTP.DENY.MFA",
            "mfa",
            23,
            2,
            Client,
            "The route needs a second factor, and a recent one."
        ),
    }
}

fn sanction_row(held: Held) -> &'static Row {
    macro_rules! shut {
        ($status:ident, $code:literal, $severity:literal, $text:literal) => {
            row!($status, $code, "HTTP.DENY.LOCKOUT", "lockout", 2, $severity, Client, $text)
        };
    }
    match (held.how, held.whom) {
        (How::Locked, Whom::Caller) => shut!(LOCKED, "caller_locked", 3, "The caller is locked out for a while."),
        (How::Locked, Whom::Address) => {
            shut!(LOCKED, "address_locked", 3, "The client's address is locked out for a while.")
        }
        (How::Locked, Whom::Role) => shut!(LOCKED, "role_locked", 3, "The role is locked out for a while."),
        (How::Locked, Whom::Route) => shut!(LOCKED, "route_locked", 3, "The route is locked for a while."),
        (How::Locked, Whom::All) => shut!(LOCKED, "gate_locked", 3, "Everything is locked for a while."),
        (How::Quarantined, Whom::Caller) => shut!(FORBIDDEN, "caller_quarantined", 4, "The caller is quarantined."),
        (How::Quarantined, Whom::Address) => {
            shut!(FORBIDDEN, "address_quarantined", 4, "The client's address is quarantined.")
        }
        (How::Quarantined, Whom::Role) => {
            shut!(FORBIDDEN, "role_quarantined", 4, "The role that would let the request through is quarantined.")
        }
        (How::Quarantined, Whom::Route) => {
            shut!(SERVICE_UNAVAILABLE, "route_quarantined", 4, "The route is quarantined: nothing passes.")
        }
        (How::Quarantined, Whom::All) => {
            shut!(SERVICE_UNAVAILABLE, "gate_quarantined", 4, "Everything is quarantined: nothing passes.")
        }
        (How::StepUp(_), Whom::Caller | Whom::Address | Whom::Role | Whom::Route | Whom::All) => row!(
            UNAUTHORIZED,
            "step_up_required",
            "HTTP.DENY.MFA",
            "mfa",
            23,
            3,
            Client,
            "A second factor is needed that was shown after the sanction began."
        ),
        (How::Throttled, Whom::Caller | Whom::Address | Whom::Role | Whom::Route | Whom::All) => row!(
            TOO_MANY_REQUESTS,
            "throttled",
            "HTTP.DENY.RATE",
            "rate",
            25,
            2,
            Client,
            "Requests pass at a lower rate for a while."
        ),
    }
}

fn gate_row(fault: GateFault) -> &'static Row {
    match fault {
        GateFault::Audit => row!(
            SERVICE_UNAVAILABLE,
            "audit_unavailable",
            "HTTP.DENY.GATE",
            "gate",
            2,
            5,
            Gate,
            "No record could be kept, and without one there is no answer."
        ),
        GateFault::Internal => row!(
            INTERNAL_SERVER_ERROR,
            "internal",
            "HTTP.DENY.GATE",
            "gate",
            2,
            5,
            Gate,
            "Something of the gate's own failed."
        ),
    }
}

fn upstream_row(fault: UpstreamFault) -> &'static Row {
    macro_rules! upstream {
        ($status:ident, $code:literal, $text:literal) => {
            row!($status, $code, "HTTP.FAIL.UPSTREAM", "upstream", 2, 3, Upstream, $text)
        };
    }
    match fault {
        UpstreamFault::Connect => upstream!(BAD_GATEWAY, "upstream_connect", "The app could not be reached."),
        UpstreamFault::ConnectTimeout => {
            upstream!(GATEWAY_TIMEOUT, "upstream_connect_timeout", "The app did not accept a connection in time.")
        }
        UpstreamFault::Busy => {
            upstream!(SERVICE_UNAVAILABLE, "upstream_busy", "Too many connections to the app are being made.")
        }
        UpstreamFault::Closed => upstream!(BAD_GATEWAY, "upstream_closed", "The app closed before it answered."),
        UpstreamFault::BadAnswer => {
            upstream!(BAD_GATEWAY, "upstream_bad_answer", "The app's answer is not sound HTTP.")
        }
        UpstreamFault::Timeout => upstream!(GATEWAY_TIMEOUT, "upstream_timeout", "The app did not answer in time."),
        UpstreamFault::RequestBody => {
            row!(
                BAD_REQUEST,
                "body_aborted",
                "HTTP.DENY.PROTOCOL",
                "protocol",
                2,
                2,
                Client,
                "The client went away before its body's end."
            )
        }
    }
}
