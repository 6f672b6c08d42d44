//! Refused for their form: head, path, request and body that have no single sound reading.

use super::row::{Row, each, malformed, row};
use super::{BodyFault, RequestFault};
use crate::policy::path::PathFault;
use crate::wire::HeadFault;

pub(super) fn head_row(fault: HeadFault) -> &'static Row {
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
            malformed!(
                BAD_REQUEST,
                "header_value",
                "A header value holds a control character, or on HTTP/2 begins or ends with white space."
            )
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

pub(super) fn path_row(fault: PathFault) -> &'static Row {
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

pub(super) fn request_row(fault: RequestFault) -> &'static Row {
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

pub(super) fn body_row(fault: BodyFault) -> &'static Row {
    match fault {
        BodyFault::TooLarge => malformed!(PAYLOAD_TOO_LARGE, "body_too_large", "The body is larger than allowed."),
        BodyFault::Stalled => {
            malformed!(REQUEST_TIMEOUT, "body_stalled", "The body did not come within its dead-line.")
        }
        BodyFault::Broken => malformed!(BAD_REQUEST, "body_broken", "The framing of the body broke."),
        BodyFault::Gone => malformed!(BAD_REQUEST, "body_aborted", "The client went away before its body's end."),
    }
}
