//! Sound and allowed, and yet without an answer: limits, planted records, the gate itself and the app.

use super::GateFault;
use super::row::{Row, row};
use crate::upstream::UpstreamFault;

pub(super) fn limit_row() -> &'static Row {
    row!(TOO_MANY_REQUESTS, "rate_limited", "HTTP.DENY.RATE", "rate", 25, 2, Client, "A limit of the route is used up.")
}

pub(super) fn uncountable_row() -> &'static Row {
    row!(
        BAD_GATEWAY,
        "answer_uncountable",
        "HTTP.FAIL.UPSTREAM",
        "upstream",
        2,
        3,
        Upstream,
        "A limit counts records, and the app's answer is not whole and plain JSON."
    )
}

pub(super) fn canary_row() -> &'static Row {
    row!(
        FORBIDDEN,
        "canary_used",
        "HTTP.DENY.LOCKOUT",
        "lockout",
        2,
        5,
        Client,
        "A planted record was asked for, or stands in the answer."
    )
}

pub(super) fn unsearchable_row() -> &'static Row {
    row!(
        BAD_GATEWAY,
        "answer_unsearchable",
        "HTTP.FAIL.UPSTREAM",
        "upstream",
        2,
        3,
        Upstream,
        "Answers are looked through for planted records, and this one is encoded or not whole."
    )
}

pub(super) fn unsearchable_body_row() -> &'static Row {
    row!(
        UNSUPPORTED_MEDIA_TYPE,
        "body_unsearchable",
        "HTTP.DENY.PROTOCOL",
        "protocol",
        2,
        2,
        Client,
        "Bodies are looked through for planted records, and this one is encoded otherwise than by gzip or deflate, or is not what its encoding says."
    )
}

pub(super) fn gate_row(fault: GateFault) -> &'static Row {
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

pub(super) fn upstream_row(fault: UpstreamFault) -> &'static Row {
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
