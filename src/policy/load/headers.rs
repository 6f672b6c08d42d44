//! `gate.headers:`

use http::HeaderName;

use super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::settings::{AppHeaders, fold};
use crate::policy::shape;
use crate::policy::source::Span;
use crate::policy::yaml::Node;

/// Names with a meaning of their own for the app, for caches or for browsers, beside those that [`is_reserved`] knows by
/// how they begin. What the gate sets by itself is among them.
const RESERVED: &[&str] = &[
    "age",
    "allow",
    "authorization",
    "cache-control",
    "connection",
    "cookie",
    "date",
    "early-data",
    "etag",
    "expect",
    "forwarded",
    "from",
    "host",
    "keep-alive",
    "location",
    "origin",
    "pragma",
    "priority",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "server",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-requested-with",
];

/// Decodes the section.
pub(super) fn headers(d: &mut Decoder<'_>, node: &Node) -> Option<AppHeaders> {
    let fields = d.fields(node, &shape::APP_HEADERS)?;
    let mut seen: Vec<(Vec<u8>, Span)> = Vec::new();
    let mut read = |key: &'static str| read(d, &fields, key, &mut seen);
    let (caller, user, roles, assertion) = (read("caller"), read("user"), read("roles"), read("assertion"));
    Some(AppHeaders::new(caller, user, roles, assertion))
}

fn read(
    d: &mut Decoder<'_>,
    fields: &Fields<'_>,
    key: &'static str,
    seen: &mut Vec<(Vec<u8>, Span)>,
) -> Option<HeaderName> {
    let node = fields.get(key)?;
    let text = d.text(node, "gate.headers")?;
    let lower = text.to_ascii_lowercase();
    let folded: Vec<u8> = fold(&lower).collect();
    let plain = lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let refused =
        |why: &str| Fault::new(Code::Header, node.span, format!("{} cannot say who calls", quote(text))).help(why);
    if is_reserved(&lower, &folded) {
        d.fault(refused("this header has a meaning of its own; use one like `Remote-User` or `X-Auth-Roles`"));
        return None;
    }
    if let Some((_, first)) = seen.iter().find(|(known, _)| *known == folded) {
        d.twice("gate.headers", text, node.span, *first);
        return None;
    }
    seen.push((folded, node.span));
    let name = HeaderName::from_bytes(lower.as_bytes()).ok().filter(|_| plain);
    if name.is_none() {
        d.fault(refused("letters, digits and `-`: `Remote-User`"));
    }
    name
}

/// Whether a name is taken, in any spelling that folds to it.
fn is_reserved(name: &str, folded: &[u8]) -> bool {
    let begins = ["accept", "access-control-", "content-", "if-", "sec-", "x-portcullis-"];
    folded.is_empty()
        || begins.iter().any(|begin| name.starts_with(begin))
        || RESERVED.iter().any(|reserved| fold(reserved).eq(folded.iter().copied()))
}
