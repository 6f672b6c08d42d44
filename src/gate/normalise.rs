//! Step one: one canonical target, one host. What has more than one reading is refused.

use http::header::{self, HeaderMap, HeaderValue};
use http::uri::{Scheme, Uri};
use http::{Method, Version};

use super::connection::Connection;
use super::denial::{Denial, RequestFault};
use super::{Gate, headers};
use crate::policy::path::CanonicalPath;
use crate::wire::HeadFault;

/// Evidence that a request's head has one reading.
pub struct Normalised<'r> {
    /// The path that is matched and forwarded.
    pub path: CanonicalPath<'r>,
    /// The query as it came.
    pub query: Option<&'r str>,
    /// The host that the client named, with its port.
    pub authority: HeaderValue,
    _only_here: (),
}

/// Normalises.
pub fn normalise<'r>(
    gate: &Gate,
    connection: &Connection,
    method: &Method,
    uri: &'r Uri,
    version: Version,
    fields: &HeaderMap,
) -> Result<Normalised<'r>, Denial> {
    if matches!(*method, Method::CONNECT | Method::TRACE)
        || !method.as_str().bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
    {
        return Err(Denial::Request(RequestFault::Method));
    }
    let authority = authority(uri, fields)?;
    let text = authority.to_str().map_err(|_| Denial::Request(RequestFault::Host))?;
    let host = host(text).ok_or(Denial::Request(RequestFault::Host))?;
    let other_than_handshake = connection.server_name.as_deref().is_some_and(|name| !same_host(name, host));
    let hosts = &gate.policy.gate.hosts;
    if other_than_handshake || !hosts.is_empty() && !hosts.iter().any(|name| same_host(name.as_str(), host)) {
        return Err(Denial::Request(RequestFault::Misdirected));
    }
    if version == Version::HTTP_2 {
        http2_fields(gate, fields)?;
    }
    if let Some(expect) = fields.get(header::EXPECT)
        && !expect.as_bytes().eq_ignore_ascii_case(b"100-continue")
    {
        return Err(Denial::Request(RequestFault::Expectation));
    }
    let query = uri.query();
    if query.is_some_and(|query| query.bytes().any(|byte| byte <= b' ' || byte >= 0x7f)) {
        return Err(Denial::Request(RequestFault::Query));
    }
    let path = CanonicalPath::parse(uri.path(), gate.policy.upstream.profile).map_err(Denial::Path)?;
    Ok(Normalised { path, query, authority, _only_here: () })
}

/// The authority that the target and the `Host` field agree on (RFC 9112 section 3.2, RFC 9113 section 8.3.1).
fn authority(uri: &Uri, fields: &HeaderMap) -> Result<HeaderValue, Denial> {
    let mut hosts = fields.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (host, None) => host,
        (_, Some(_)) => return Err(Denial::Request(RequestFault::Host)),
    };
    if uri.scheme().is_some_and(|scheme| *scheme != Scheme::HTTPS) {
        return Err(Denial::Request(RequestFault::TargetForm));
    }
    let target = uri.authority().map(http::uri::Authority::as_str);
    // Authority form has an authority and no scheme; asterisk form has the path `*`.
    if target.is_some() && uri.scheme().is_none() || !uri.path().starts_with('/') {
        return Err(Denial::Request(RequestFault::TargetForm));
    }
    match (target, host) {
        (Some(target), Some(host)) if !target.as_bytes().eq_ignore_ascii_case(host.as_bytes()) => {
            Err(Denial::Request(RequestFault::HostConflict))
        }
        (_, Some(host)) => Ok(host.clone()),
        (Some(target), None) => HeaderValue::from_str(target).map_err(|_| Denial::Request(RequestFault::Host)),
        (None, None) => Err(Denial::Request(RequestFault::Host)),
    }
}

/// The host of `host[:port]`; `None` for anything else, userinfo and lists included.
pub(super) fn host(authority: &str) -> Option<&str> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        return is_port(port).then(|| &authority[..address.len() + 2]);
    }
    let (name, port) = match authority.find(':') {
        Some(colon) => authority.split_at(colon),
        None => (authority, ""),
    };
    let name_is_sound = !name.is_empty()
        && name.len() <= 255
        && !name.starts_with('.')
        && !name.contains("..")
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    (name_is_sound && is_port(port)).then_some(name)
}

fn is_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|digits| !digits.starts_with('+') && digits.parse::<u16>().is_ok())
}

/// Host names without regard to case and to the root's dot.
pub(super) fn same_host(one: &str, other: &str) -> bool {
    one.strip_suffix('.').unwrap_or(one).eq_ignore_ascii_case(other.strip_suffix('.').unwrap_or(other))
}

/// What the wire checks on HTTP/1 and h2 does not on HTTP/2.
fn http2_fields(gate: &Gate, fields: &HeaderMap) -> Result<(), Denial> {
    let bounds = &gate.policy.gate.bounds;
    // Counted as HTTP/2 counts them (RFC 9113 section 6.5.2).
    let bytes: usize = fields.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
    if fields.len() > bounds.header_count || bytes > bounds.header_bytes {
        return Err(Denial::Head(HeadFault::TooLarge));
    }
    if !fields.keys().all(|name| headers::is_plain(name.as_str())) {
        return Err(Denial::Request(RequestFault::FieldName));
    }
    // A reader of HTTP/1 cuts off what is part of the value here (RFC 9113 section 8.2.1).
    if fields.values().any(|value| value.as_bytes().trim_ascii().len() != value.len()) {
        return Err(Denial::Head(HeadFault::FieldValue));
    }
    let mut lengths = fields.get_all(header::CONTENT_LENGTH).iter();
    match (lengths.next(), lengths.next()) {
        (Some(_), Some(_)) => Err(Denial::Head(HeadFault::RepeatedLength)),
        // h2 takes an empty one for zero.
        (Some(length), None) if length.is_empty() => Err(Denial::Head(HeadFault::Length)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_host_is_a_host() {
        for (authority, expected) in [
            ("seller.example", Some("seller.example")),
            ("Seller.Example.:8443", Some("Seller.Example.")),
            ("10.0.0.1:443", Some("10.0.0.1")),
            ("[::1]:443", Some("[::1]")),
            ("[::1]", Some("[::1]")),
            ("", None),
            (":443", None),
            ("user@seller.example", None),
            ("a,b", None),
            ("a/b", None),
            ("a:b", None),
            ("a:99999", None),
            ("a:+80", None),
            ("a b", None),
            ("[::1", None),
            ("[::1%25eth0]", None),
            ("[::1]x", None),
            ("a..b", None),
        ] {
            assert_eq!(host(authority), expected, "{authority:?}");
        }
        assert!(same_host("Seller.Example.", "seller.example"));
    }
}
