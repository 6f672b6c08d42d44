//! Refused for who calls: a credential that proves nobody, what the policy does not allow, a sanction.

use super::row::{Row, each, row};
use crate::identity::IdentityRefusal;
use crate::policy::decide::Reason;
use crate::watch::{Held, How, Whom};

pub(super) fn identity_row(refusal: IdentityRefusal) -> &'static Row {
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
pub(super) fn policy_row(reason: Reason) -> &'static Row {
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

pub(super) fn sanction_row(held: Held) -> &'static Row {
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
