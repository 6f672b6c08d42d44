//! Values of header fields, several of which people write in one line.

use crate::redact::detect::text::{Listed, at, run};

/// Where a header's value ends: the line, ` | ` between several in one line, or the quote around it.
pub fn header_end(text: &[u8], from: usize, quote: u8) -> usize {
    let mut end = from;
    loop {
        end += run(text, end, usize::MAX, |byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\\') && byte != quote);
        if end >= text.len() {
            break;
        }
        let byte = text[end];
        let escaped_line =
            byte == b'\\' && matches!(at(text, end + 1), b'r' | b'n') && !at(text, end + 2).is_ascii_lowercase();
        let bar = byte == b' '
            && (text[end..].starts_with(b" | ")
                || matches!(text.get(end..end + 3), Some(b" > " | b" < ")) && is_header(text, end + 3));
        let field = byte == b' ' && is_field_of_mail(text, end + 1);
        if byte == b'\n' || byte == b'\r' || byte == quote || escaped_line || bar || field {
            break;
        }
        end += 1;
    }
    end
}

/// Fields of messages and of requests.
static FIELDS: Listed = Listed::new(&[
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "sender",
    "return-path",
    "received",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
    "delivered-to",
    "x-mailer",
    "user-agent",
    "list-unsubscribe",
    "dkim-signature",
    "auto-submitted",
    "x-priority",
    "authentication-results",
    "x-original-to",
    "envelope-to",
    // Of a request (RFC 9110).
    "host",
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-charset",
    "connection",
    "content-length",
    "authorization",
    "cookie",
    "referer",
    "origin",
    "cache-control",
    "upgrade-insecure-requests",
    "x-request-id",
    "x-forwarded-for",
    "x-real-ip",
    "x-correlation-id",
    "x-amzn-trace-id",
    "traceparent",
    "if-none-match",
    "te",
    "via",
    // Of a report on a delivery (RFC 3464).
    "original-recipient",
    "final-recipient",
    "reporting-mta",
    "received-from-mta",
    "remote-mta",
    "diagnostic-code",
    "arrival-date",
    "last-attempt-date",
    "will-retry-until",
]);

/// A header field of a message (RFC 5322, MIME) behind another one in the same line.
fn is_field_of_mail(text: &[u8], from: usize) -> bool {
    at(text, from).is_ascii_alphabetic() && {
        let length = run(text, from, 32, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
        text[from + length..].starts_with(b": ")
            && (is_field(text, from, length, &FIELDS)
                || is_outcome(&text[from..from + length], &text[from + length + 2..]))
    }
}

/// Whether the name is a field's: written with a capital, or in small letters with a dash, as no word of prose is.
fn is_field(text: &[u8], from: usize, length: usize, fields: &Listed) -> bool {
    let name = &text[from..from + length];
    (name[0].is_ascii_uppercase() || name.contains(&b'-')) && fields.has(name)
}

/// What became of a delivery (RFC 3464 sections 2.3.3 and 2.3.4): words that a subject has too, but not with these values.
fn is_outcome(name: &[u8], value: &[u8]) -> bool {
    match name {
        b"Status" => matches!(value, [b'2' | b'4' | b'5', b'.', b'0'..=b'9', ..]),
        b"Action" => [&b"failed"[..], b"delayed", b"delivered", b"relayed", b"expanded"].iter().any(|action| {
            value.strip_prefix(*action).is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\r' | b'\n')))
        }),
        _ => false,
    }
}

/// `Content-Type: `
fn is_header(text: &[u8], from: usize) -> bool {
    let length = run(text, from, 48, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    length > 0 && text[from + length..].starts_with(b": ")
}
