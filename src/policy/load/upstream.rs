//! `upstream:`

use std::net::SocketAddr;
use std::path::PathBuf;

use super::address::{Url, is_host};
use super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault};
use crate::policy::settings::{
    Endpoint, PathProfile, SideDoor, TlsEndpoint, UpstreamProtocol, UpstreamSettings, UpstreamTimeouts,
};
use crate::policy::shape;
use crate::policy::yaml::Node;

const ADDRESS_HELP: &str =
    "`http://127.0.0.1:8080`, `unix:/run/app.sock` or `https://app.internal:8443`, without path and user";

/// Idle connections kept for each worker: enough for a burst, too few to wear out a small app.
const IDLE_CONNECTIONS: usize = 512;

/// Decodes the section.
pub(super) fn upstream(d: &mut Decoder<'_>, node: &Node) -> Option<UpstreamSettings> {
    let fields = d.fields(node, &shape::UPSTREAM)?;
    let endpoint = d.required(&fields, "url").and_then(|node| endpoint(d, node, &fields));
    let protocols = &[("http1", UpstreamProtocol::Http1), ("http2", UpstreamProtocol::Http2)];
    let protocol = fields.get("protocol").and_then(|node| d.word(node, "upstream.protocol", protocols));
    let profile = fields.get("profile").and_then(|node| profile(d, node));
    let timeouts = fields.get("timeouts").and_then(|node| timeouts(d, node));
    let idle = fields.get("idle_connections").and_then(|node| d.number(node, "upstream.idle_connections", 0, 10_000));
    let doors = &[("report", SideDoor::Report), ("refuse", SideDoor::Refuse), ("off", SideDoor::Off)];
    let side_door = fields.get("side_door").and_then(|node| d.word(node, "upstream.side_door", doors));
    Some(UpstreamSettings {
        endpoint: endpoint?,
        protocol: protocol.unwrap_or_default(),
        profile: profile.unwrap_or_default(),
        timeouts: timeouts.unwrap_or_default(),
        idle_connections: idle.and_then(|count| usize::try_from(count).ok()).unwrap_or(IDLE_CONNECTIONS),
        side_door: side_door.unwrap_or_default(),
    })
}

fn profile(d: &mut Decoder<'_>, node: &Node) -> Option<PathProfile> {
    let profiles = &[
        ("default", PathProfile::Default),
        ("tomcat", PathProfile::Tomcat),
        ("iis", PathProfile::Iis),
        ("php", PathProfile::Php),
    ];
    d.word(node, "upstream.profile", profiles)
}

fn timeouts(d: &mut Decoder<'_>, node: &Node) -> Option<UpstreamTimeouts> {
    let fields = d.fields(node, &shape::UPSTREAM_TIMEOUTS)?;
    let defaults = UpstreamTimeouts::default();
    Some(UpstreamTimeouts {
        connect: d.timeout(&fields, "connect", defaults.connect),
        response: d.timeout(&fields, "response", defaults.response),
        idle: d.timeout(&fields, "idle", defaults.idle),
    })
}

fn endpoint(d: &mut Decoder<'_>, node: &Node, fields: &Fields<'_>) -> Option<Endpoint> {
    let text = d.text(node, "upstream.url")?;
    if let Some(path) = text.strip_prefix("unix:") {
        if !path.starts_with('/') {
            d.bad_address(node.span, "upstream.url", "a Unix socket by its absolute path: `unix:/run/app.sock`");
            return None;
        }
        return plain(d, fields, Endpoint::Unix(PathBuf::from(path)));
    }
    let Some(url) = Url::parse(text).filter(|url| matches!(url.path, "" | "/")) else {
        d.bad_address(node.span, "upstream.url", ADDRESS_HELP);
        return None;
    };
    match url.scheme {
        "http" => {
            let Some(address) = url.loopback() else {
                d.plaintext(
                    node.span,
                    "requests to the app",
                    "use https:// and name its authority in `upstream.tls.ca`",
                );
                return None;
            };
            plain(d, fields, Endpoint::Loopback(SocketAddr::new(address, url.port.unwrap_or(80))))
        }
        "https" => tls(d, node, fields, &url).map(Endpoint::Tls),
        _ => {
            d.bad_address(node.span, "upstream.url", ADDRESS_HELP);
            None
        }
    }
}

/// An endpoint without TLS: `upstream.tls` beside it would look as if there was some.
fn plain(d: &mut Decoder<'_>, fields: &Fields<'_>, endpoint: Endpoint) -> Option<Endpoint> {
    let Some(entry) = fields.entry("tls") else { return Some(endpoint) };
    let fault = Fault::new(Code::Address, entry.key_span, "`upstream.tls` has no effect: the address is not https://")
        .label("never used")
        .help("leave it out, or use https://");
    d.fault(fault);
    None
}

fn tls(d: &mut Decoder<'_>, address: &Node, fields: &Fields<'_>, url: &Url<'_>) -> Option<TlsEndpoint> {
    let Some(node) = fields.get("tls") else {
        let fault = Fault::new(Code::MissingKey, address.span, "https:// needs `upstream.tls.ca`")
            .label("whose certificate is to be trusted here?")
            .help(
                "name the PEM file of the authority that signs the app's certificate; \
             no public authority is trusted by default",
            );
        d.fault(fault);
        return None;
    };
    let inner = d.fields(node, &shape::UPSTREAM_TLS)?;
    let ca = d
        .required(&inner, "ca")
        .and_then(|node| d.existing(node, "upstream.tls.ca", "`portcullis certs dev` makes a development authority"));
    let has_client = inner.get("certificate").is_some() || inner.get("key").is_some();
    let client = if has_client { Some(d.certificate_files(&inner, "upstream.tls")?) } else { None };
    let server_name = match inner.get("server_name") {
        None => url.host.to_owned(),
        Some(node) => {
            let name = d.text(node, "upstream.tls.server_name")?;
            if !is_host(name) {
                d.bad_address(node.span, "upstream.tls.server_name", "a host name, as in the app's certificate");
                return None;
            }
            name.to_owned()
        }
    };
    Some(TlsEndpoint { host: url.host.to_owned(), port: url.port.unwrap_or(443), ca: ca?, client, server_name })
}
