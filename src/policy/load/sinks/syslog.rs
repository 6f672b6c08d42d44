//! `audit.sinks[].syslog`

use std::net::SocketAddr;

use super::{timeout, trust};
use crate::policy::http_address::{HttpPlace, Origin};
use crate::policy::load::address::Url;
use crate::policy::load::decode::{Decoder, Fields};
use crate::policy::settings::{NetworkKind, SyslogSettings};
use crate::policy::yaml::Node;

const WHAT: &str = "audit.sinks.syslog";
/// RFC 5425 section 4.1.
const TLS_PORT: u16 = 6514;
/// RFC 6587 names none; 601 is the one registered for syslog over TCP.
const TCP_PORT: u16 = 601;

pub(super) fn syslog(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<NetworkKind> {
    let place = d.required(fields, "address").and_then(|node| place(d, node));
    let (ca, client) = trust(d, fields, WHAT);
    let timeout = timeout(d, fields, WHAT);
    Some(NetworkKind::Syslog(SyslogSettings { place: place?, ca: ca?, client: client?, timeout }))
}

fn place(d: &mut Decoder<'_>, node: &Node) -> Option<HttpPlace> {
    const ADDRESS: &str = "audit.sinks.syslog.address";
    let text = d.text(node, ADDRESS)?;
    let url = Url::parse(text).filter(|url| matches!(url.path, "" | "/"));
    match url {
        Some(url) if url.scheme == "tls" => {
            let host = url.host.to_ascii_lowercase();
            return Some(HttpPlace::Tls(Origin { host, port: url.port.unwrap_or(TLS_PORT) }));
        }
        Some(url) if url.scheme == "tcp" || url.scheme == "udp" => match url.loopback() {
            Some(address) if url.scheme == "tcp" => {
                return Some(HttpPlace::Loopback(SocketAddr::new(address, url.port.unwrap_or(TCP_PORT))));
            }
            _ => d.plaintext(node.span, ADDRESS, "use tls://"),
        },
        _ => d.bad_address(node.span, ADDRESS, "`tls://host:port`, without user names"),
    }
    None
}
