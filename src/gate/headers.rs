//! Which header fields pass, in both directions. Hop-by-hop fields and everything that could forge an identity or an
//! address are gone before ours are added.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http_body::Frame;
use smallvec::SmallVec;

use crate::identity::names;
use crate::policy::settings::AppHeaders;

/// One year, as RFC 6797 and the preload lists expect.
pub static HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// The request's id, for the app's own log.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-portcullis-request-id");
/// The client's address and what came before it.
pub static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The client's scheme, always `https`.
pub static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Fields of one connection only (RFC 9110 section 7.6.1), and `Expect`, which the gate answers itself.
fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-authentication-info"
            | "te"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
            | "expect"
    )
}

/// Fields by which proxies tell a client's address, host, path or scheme, or who they let in. From outside they are
/// somebody's claim; what the gate knows is set anew. `Proxy` becomes `HTTP_PROXY` in CGI (CVE-2016-5385).
fn is_forwarding_claim(name: &str) -> bool {
    const PREFIXES: [&str; 13] = [
        "x-forwarded",
        "x-original-",
        "x-rewrite-",
        "x-envoy-",
        "x-remote-",
        "x-auth-request-",
        "x-authenticated-",
        "x-webauth-",
        "x-goog-authenticated-",
        "x-ms-client-principal",
        "x-amzn-oidc-",
        "x-ssl-client-",
        "ssl-client-",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || matches!(
            name,
            "forwarded"
                | "forwarded-for"
                | "x-forward-for"
                | "via"
                | "proxy"
                | "x-real-ip"
                | "x-client-ip"
                | "client-ip"
                | "x-cluster-client-ip"
                | "x-originating-ip"
                | "x-proxyuser-ip"
                | "proxy-client-ip"
                | "wl-proxy-client-ip"
                | "wl-proxy-ssl"
                | "x-azure-clientip"
                | "x-azure-socketip"
                | "x-appengine-user-ip"
                | "fly-client-ip"
                | "remote-addr"
                | "remote-user"
                | "remote-groups"
                | "remote-name"
                | "remote-email"
                | "x-host"
                | "x-scheme"
                | "x-url-scheme"
                | "front-end-https"
                | "x-arr-ssl"
                | "x-http-method"
                | "x-http-method-override"
                | "x-method-override"
                | "x-client-cert"
                | "x-client-dn"
                | "client-cert"
                | "client-cert-chain"
                | "true-client-ip"
                | "cf-connecting-ip"
                | "cf-connecting-ipv6"
                | "cf-visitor"
                | "fastly-client-ip"
        )
}

/// Whether a header says who calls: then it is the gate's alone to set.
fn is_ours(name: &str, own: &AppHeaders) -> bool {
    names::is_protected(name.as_bytes()) || own.own(name)
}

/// Takes from a request what must not reach the app. `credentials` carry what the gate itself has judged.
pub fn clean_request<'a>(headers: &mut HeaderMap, own: &AppHeaders, credentials: impl Iterator<Item = &'a HeaderName>) {
    remove_listed_by_connection(headers);
    remove_padded_length(headers);
    let mut doomed: SmallVec<[HeaderName; 8]> = SmallVec::new();
    for name in headers.keys() {
        let text = name.as_str();
        if is_hop_by_hop(text) || is_forwarding_claim(text) || is_ours(text, own) {
            doomed.push(name.clone());
        }
    }
    for name in &doomed {
        headers.remove(name);
    }
    for name in credentials {
        headers.remove(name);
    }
}

/// Takes from an answer what must not reach the client.
pub fn clean_answer(headers: &mut HeaderMap, own: &AppHeaders) {
    remove_listed_by_connection(headers);
    remove_padded_length(headers);
    let mut doomed: SmallVec<[HeaderName; 8]> = SmallVec::new();
    for name in headers.keys() {
        let text = name.as_str();
        if is_hop_by_hop(text) && text != "proxy-authenticate" || is_ours(text, own) {
            doomed.push(name.clone());
        }
    }
    for name in &doomed {
        headers.remove(name);
    }
}

/// `Connection: a, b` makes `a` and `b` hop-by-hop. Fields that mean something to the gate or end-to-end are not up
/// to the sender: all of ours are set after this.
fn remove_listed_by_connection(headers: &mut HeaderMap) {
    if !headers.contains_key(header::CONNECTION) {
        return;
    }
    let listed: SmallVec<[HeaderName; 4]> = headers
        .get_all(header::CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|token| HeaderName::from_bytes(token.trim_ascii()).ok())
        .filter(|name| {
            !matches!(
                *name,
                header::HOST
                    | header::AUTHORIZATION
                    | header::CONTENT_LENGTH
                    | header::CONTENT_TYPE
                    | header::COOKIE
                    | header::CACHE_CONTROL
                    | header::SET_COOKIE
            )
        })
        .collect();
    for name in listed {
        headers.remove(name);
    }
}

/// `Content-Length: 010` is ten by the grammar and eight to some readers: without it hyper writes the body's own length.
fn remove_padded_length(headers: &mut HeaderMap) {
    let length = headers.get(header::CONTENT_LENGTH).map(HeaderValue::as_bytes);
    if matches!(length, Some([b'0', _, ..])) {
        headers.remove(header::CONTENT_LENGTH);
    }
}

/// Joins the cookie crumbs of HTTP/2 into the one field of HTTP/1.1 (RFC 9113 section 8.2.3).
pub fn join_cookies(headers: &mut HeaderMap) {
    let joined = {
        let crumbs: SmallVec<[&[u8]; 8]> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
        if crumbs.len() < 2 {
            return;
        }
        HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    };
    // Sound values joined by a sound separator are a sound value; were it not so, the cookies are gone.
    match joined {
        Ok(joined) => drop(headers.insert(header::COOKIE, joined)),
        Err(_) => drop(headers.remove(header::COOKIE)),
    }
}

/// Takes from trailers what has no place in them (RFC 9110 section 6.5.1): framing, routing, authentication, ours.
pub fn clean_trailers(frame: Frame<Bytes>, own: &AppHeaders) -> Frame<Bytes> {
    if !frame.is_trailers() {
        return frame;
    }
    match frame.into_trailers() {
        Err(frame) => frame,
        Ok(mut trailers) => {
            let doomed: SmallVec<[HeaderName; 8]> = trailers
                .keys()
                .filter(|name| {
                    let text = name.as_str();
                    is_hop_by_hop(text)
                        || is_forwarding_claim(text)
                        || is_ours(text, own)
                        || !is_plain(text)
                        || matches!(
                            **name,
                            header::HOST
                                | header::CONTENT_LENGTH
                                | header::CONTENT_TYPE
                                | header::CONTENT_ENCODING
                                | header::CONTENT_RANGE
                                | header::AUTHORIZATION
                                | header::COOKIE
                                | header::SET_COOKIE
                                | header::CACHE_CONTROL
                                | header::TRAILER
                        )
                })
                .cloned()
                .collect();
            for name in &doomed {
                trailers.remove(name);
            }
            Frame::trailers(trailers)
        }
    }
}

/// Whether a field name is of `[a-z0-9-]`: everybody reads such a name alike.
pub fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(fields: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).expect("a name"),
                HeaderValue::from_str(value).expect("a value"),
            );
        }
        headers
    }

    #[test]
    fn header_claims_of_identity_and_address_never_pass() {
        let mut headers = map(&[
            ("x-portcullis-caller", "user:root"),
            ("x-portcullis-anything", "x"),
            ("xportcullis-roles", "x"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x-forwarded-tls-client-cert", "x"),
            ("forwarded", "for=10.0.0.1"),
            ("x-original-url", "/admin"),
            ("x-rewrite-url", "/admin"),
            ("x-http-method-override", "DELETE"),
            ("x-real-ip", "10.0.0.1"),
            ("te", "trailers"),
            ("accept", "*/*"),
            ("x-requested-with", "fetch"),
        ]);
        clean_request(&mut headers, &AppHeaders::default(), std::iter::empty());
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept", "x-requested-with"]);
    }

    #[test]
    fn header_connection_cannot_name_what_counts() {
        let mut headers = map(&[
            ("connection", "close, X-Secret , authorization, host, bad name"),
            ("x-secret", "1"),
            ("authorization", "Bearer x"),
            ("host", "a"),
        ]);
        clean_request(&mut headers, &AppHeaders::default(), std::iter::empty());
        assert!(!headers.contains_key("x-secret"));
        assert!(headers.contains_key("authorization") && headers.contains_key("host"));
    }

    #[test]
    fn header_cookie_crumbs_are_joined() {
        let mut headers = map(&[("cookie", "a=1"), ("cookie", "b=2")]);
        join_cookies(&mut headers);
        assert_eq!(headers.get_all("cookie").iter().collect::<Vec<_>>(), ["a=1; b=2"]);
    }

    #[test]
    fn header_trailers_carry_no_identity() {
        let trailers = map(&[("x-portcullis-caller", "root"), ("grpc-status", "0"), ("x_y", "1"), ("host", "b")]);
        let frame = clean_trailers(Frame::trailers(trailers), &AppHeaders::default());
        let left = frame.into_trailers().expect("trailers");
        assert_eq!(left.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["grpc-status"]);
    }
}
