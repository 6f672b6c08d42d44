//! What is refused whoever calls: a web page's requests, and those for another host (DNS rebinding). A browser that an
//! operator uses may have the certificate; no page that it shows may use it.

use std::net::IpAddr;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Version, header};

use super::operator::Peer;
use super::outcome;
use crate::audit::AdminOutcome;
use crate::policy::settings::AdminSettings;

/// A header that no page can add without being asked about it first (Fetch Standard, CORS-preflight), which is refused.
const OWN: HeaderName = HeaderName::from_static("portcullis-admin");
/// Fetch Metadata: `none` is what a person typed, and never a page's request.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Judges a request's head.
pub(super) fn guard(parts: &Parts, peer: &Peer, settings: Option<&AdminSettings>) -> Result<(), AdminOutcome> {
    let headers = &parts.headers;
    if parts.version != Version::HTTP_11 || parts.uri.authority().is_some() || parts.uri.query().is_some() {
        return Err(outcome::MALFORMED);
    }
    let host = only(headers, &header::HOST).ok_or(outcome::HOST)?;
    if !is_ours(host, peer, settings) {
        return Err(outcome::HOST);
    }
    let from_page = headers.get_all(FETCH_SITE).iter().any(|site| site != "none");
    if from_page || headers.contains_key(header::ORIGIN) {
        return Err(outcome::BROWSER);
    }
    if only(headers, &OWN) != Some("1") {
        return Err(outcome::HEADER);
    }
    Ok(())
}

/// The one value of a header.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().and_then(|value| HeaderValue::to_str(value).ok())?;
    values.next().is_none().then_some(value)
}

/// Whether a `Host` is this listener: by an address of its own, a name in its certificate, or one that the policy adds.
/// A name that somebody else had resolve to it is none of these. Ports are not looked at: forwarding changes them.
fn is_ours(host: &str, peer: &Peer, settings: Option<&AdminSettings>) -> bool {
    let name = without_port(host).to_ascii_lowercase();
    let Peer::Tls { at, is_own_name, .. } = peer else { return name == "localhost" };
    if let Ok(address) = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>()
        && address.to_canonical() == at.to_canonical()
    {
        return true;
    }
    let named = match settings {
        Some(AdminSettings::Tls(settings)) => settings.hosts.iter().any(|host| host.as_str() == name),
        _ => false,
    };
    named || (name == "localhost" && at.to_canonical().is_loopback()) || is_own_name(&name)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use http::Request;

    use super::*;

    fn peer() -> Peer {
        Peer::Tls {
            chain: Box::default(),
            from: SocketAddr::from(([127, 0, 0, 1], 4000)),
            at: IpAddr::V4(Ipv4Addr::LOCALHOST),
            is_own_name: Box::new(|name| name == "gate.seller.example"),
        }
    }

    fn judged(peer: &Peer, headers: &[(&str, &str)]) -> Result<(), &'static str> {
        let mut request = Request::get("/v1/status");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        guard(&parts, peer, None).map_err(|outcome| outcome.code)
    }

    #[test]
    fn only_who_calls_this_listener_by_name_and_is_no_page_passes() {
        let with = |more: &[(&str, &str)]| judged(&peer(), &[&[("portcullis-admin", "1")][..], more].concat());
        for host in ["127.0.0.1:9443", "localhost", "LOCALHOST:1", "gate.seller.example:9443", "127.0.0.1"] {
            assert_eq!(with(&[("host", host)]), Ok(()), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "", "10.0.0.1", "[::1]", "localhost.evil.example:9443"] {
            assert_eq!(with(&[("host", host)]), Err("host"), "{host}");
        }
        assert_eq!(with(&[]), Err("host"));
        assert_eq!(with(&[("host", "localhost"), ("host", "localhost")]), Err("host"));
        let ours = ("host", "localhost");
        for page in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "same-origin")] {
            assert_eq!(with(&[ours, page]), Err("browser"), "{page:?}");
        }
        assert_eq!(with(&[ours, ("sec-fetch-site", "none")]), Ok(()));
        assert_eq!(judged(&peer(), &[ours]), Err("header_missing"));
        let local = Peer::Unix { uid: 0, gid: 0 };
        assert_eq!(judged(&local, &[ours, ("portcullis-admin", "1")]), Ok(()));
        assert_eq!(judged(&local, &[("host", "gate.seller.example"), ("portcullis-admin", "1")]), Err("host"));
    }
}
