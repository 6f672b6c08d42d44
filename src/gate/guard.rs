//! Step three: from where.

use std::net::IpAddr;

use http::header::HeaderMap;

use super::Gate;
use super::connection::Connection;
use super::denial::{Denial, RequestFault};
use super::headers;
use super::identify::Caller;
use super::visit::Visit;
use crate::policy::settings::Networks;

/// Most addresses that are read of forwarding headers: real chains have fewer than ten.
const MAX_HOPS: usize = 32;

/// Evidence of the client's address.
pub struct Cleared {
    /// The client's address: the peer's, or what a chain of trusted proxies says.
    pub address: IpAddr,
    pub(super) caller: Caller,
}

/// Derives the client's address.
pub fn guard(
    gate: &Gate,
    connection: &Connection,
    caller: Caller,
    headers: &HeaderMap,
    visit: &mut Visit,
) -> Result<Cleared, Denial> {
    let address = address(gate, connection, headers).ok_or(Denial::Request(RequestFault::ForwardedAddress))?;
    if address != connection.peer.ip().to_canonical() {
        visit.forwarded_for(gate.redactor.address(address, gate.policy.redaction.address));
    }
    Ok(Cleared { address, caller })
}

/// The client's address. `None` if a trusted proxy forwards something that is none.
pub fn address(gate: &Gate, connection: &Connection, headers: &HeaderMap) -> Option<IpAddr> {
    let peer = connection.peer.ip().to_canonical();
    let trusted = &gate.policy.gate.trusted_proxies;
    if trusted.contains(peer) { client(trusted, peer, headers) } else { Some(peer) }
}

/// Walks `X-Forwarded-For` (or `Forwarded`, RFC 7239, where there is none) from the right, past trusted proxies, to the
/// first address that is none. `None` if an address on the way is not one.
fn client(trusted: &Networks, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
    let listed = headers.get_all(&headers::FORWARDED_FOR);
    let elements: Vec<&[u8]> = if listed.iter().next().is_some() {
        listed.iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).collect()
    } else {
        let forwarded = headers.get_all(http::header::FORWARDED);
        forwarded.iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(forwarded_for).collect()
    };
    let mut address = peer;
    for element in elements.iter().rev().take(MAX_HOPS) {
        address = parse(element)?;
        if !trusted.contains(address) {
            break;
        }
    }
    Some(address)
}

/// The `for` parameter of a `Forwarded` element, without its quotes; empty, and so not an address, if there is none.
fn forwarded_for(element: &[u8]) -> &[u8] {
    element
        .split(|byte| *byte == b';')
        .map(<[u8]>::trim_ascii)
        .find_map(|pair| match pair.split_at_checked(4) {
            Some((name, value)) if name.eq_ignore_ascii_case(b"for=") => Some(value),
            _ => None,
        })
        .map(|value| value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value))
        .unwrap_or_default()
}

/// `address`, `v4:port`, `[v6]` or `[v6]:port`; nothing that some parsers guess at.
fn parse(element: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(element).ok()?.trim_ascii();
    let address: IpAddr = if let Ok(address) = text.parse() {
        address
    } else if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        IpAddr::V6(inner.parse().ok()?)
    } else {
        text.parse::<std::net::SocketAddr>().ok()?.ip()
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn derive(field: &'static str, values: &[&str]) -> Option<String> {
        let trusted = Networks(vec!["10.0.0.0/8".parse().expect("a network")]);
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(field, HeaderValue::from_str(value).expect("a value"));
        }
        client(&trusted, "10.0.0.1".parse().expect("an address"), &headers).map(|address| address.to_string())
    }

    #[test]
    fn header_addresses_are_walked_from_the_right() {
        let expect = |field, values: &[&str], expected: Option<&str>| {
            assert_eq!(derive(field, values).as_deref(), expected, "{field}: {values:?}");
        };
        expect("x-forwarded-for", &["203.0.113.9, 10.0.0.7"], Some("203.0.113.9"));
        expect("x-forwarded-for", &["1.1.1.1, 203.0.113.9, 10.0.0.7"], Some("203.0.113.9"));
        expect("x-forwarded-for", &["1.1.1.1", "203.0.113.9"], Some("203.0.113.9"));
        expect("x-forwarded-for", &["10.0.0.5"], Some("10.0.0.5"));
        expect("x-forwarded-for", &["::ffff:203.0.113.9"], Some("203.0.113.9"));
        expect("x-forwarded-for", &["[2001:db8::1]:4711"], Some("2001:db8::1"));
        expect("x-forwarded-for", &["203.0.113.9:4711"], Some("203.0.113.9"));
        expect("x-forwarded-for", &[], Some("10.0.0.1"));
        for bad in ["unknown", "", "0177.0.0.1", "127.1", "fe80::1%eth0", "203.0.113.9 10.0.0.1", "_hidden"] {
            expect("x-forwarded-for", &[bad], None);
        }
        expect("forwarded", &["for=203.0.113.9;proto=http, for=10.0.0.7"], Some("203.0.113.9"));
        expect("forwarded", &["proto=http;For=\"[2001:db8::1]:80\""], Some("2001:db8::1"));
        expect("forwarded", &["proto=http"], None);
    }
}
