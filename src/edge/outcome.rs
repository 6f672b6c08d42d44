//! How a connection may end without a request, side by side. Like the gate's denials, a closed list.

use crate::audit::{Blame, OutcomeRow};

macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident: $code:literal, $category:literal, $severity:literal, $blame:ident, $text:literal;)*) => {
        $($(#[$doc])* pub static $name: OutcomeRow = OutcomeRow {
            code: $code,
            event_code: "CONN.DENY",
            category: $category,
            action_id: 2,
            disposition_id: 2,
            severity_id: $severity,
            blame: Blame::$blame,
            text: $text,
        };)*
    };
}

rows! {
    /// All places are taken.
    SLOTS: "connections_exhausted", "gate", 4, Gate, "The gate has as many connections as it may have.";
    /// All places of one address are taken.
    SLOTS_OF_ADDRESS: "connections_of_address_exhausted", "rate", 3, Client,
        "The client's address has as many connections as it may have.";
    /// The address may not connect.
    ADDRESS: "address_refused", "ip", 3, Client, "The client's address is not admitted.";
    /// No PROXY header where one must be, or a malformed one.
    PROXY_HEADER: "proxy_header", "protocol", 3, Client, "The PROXY protocol header is missing or malformed.";
    /// The handshake took too long.
    HANDSHAKE_TIMEOUT: "handshake_timeout", "protocol", 2, Client, "The TLS handshake did not end in time.";
    /// The client's certificate was refused.
    CLIENT_CERTIFICATE: "tls_client_certificate", "authn", 3, Client, "The client's certificate was refused.";
    /// A list revokes the client's certificate, or one above it.
    CLIENT_CERTIFICATE_REVOKED: "tls_client_certificate_revoked", "authn", 4, Client,
        "The client's certificate is revoked by its authority's list.";
    /// No list says whether it is revoked.
    REVOCATION_UNKNOWN: "tls_revocation_unknown", "authn", 3, Policy,
        "No revocation list is there of an authority that signed the client's chain.";
    /// The list that would say so is past its next update.
    REVOCATION_LIST_STALE: "tls_revocation_list_stale", "authn", 4, Policy,
        "The revocation list of the client's authority is past its next update.";
    /// The client offers nothing that the gate speaks.
    TLS_INCOMPATIBLE: "tls_incompatible", "protocol", 2, Client,
        "The client offers no TLS version, suite or group that the gate accepts.";
    /// The client refused the gate's certificate, or another alert.
    TLS_ALERT: "tls_alert", "protocol", 2, Client, "The client ended the TLS handshake with an alert.";
    /// Not TLS, or broken TLS.
    TLS_MALFORMED: "tls_malformed", "protocol", 2, Client, "What the client sent is not sound TLS.";
    /// The client went away in the handshake.
    HANDSHAKE_ABORTED: "handshake_aborted", "protocol", 1, Client, "The client left before the handshake's end.";
    /// Nothing was asked.
    EMPTY: "connection_without_request", "protocol", 1, Client, "The connection ended without a request.";
    /// A head that never ended.
    HEADER_TIMEOUT: "header_timeout", "protocol", 2, Client, "A request's head did not come within its dead-line.";
    /// A head that broke off.
    HEADER_ABORTED: "header_aborted", "protocol", 1, Client, "The client left before the end of a request's head.";
    /// A target that no reader of URIs takes.
    HTTP1: "http1_protocol", "protocol", 2, Client, "A request's target is no URI.";
    /// A request that nobody waits for.
    REQUEST_ABORTED: "request_aborted", "protocol", 1, Client, "The client left before its request was looked at.";
    /// Streams that were ended before a request was made of them.
    HTTP2_STREAM: "http2_stream", "protocol", 2, Client,
        "The client opened streams of which no request was made: malformed, too many at once, or given up.";
    /// HTTP/2 was broken.
    HTTP2: "http2_protocol", "protocol", 2, Client, "The client broke the rules of HTTP/2.";
}
