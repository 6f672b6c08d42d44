//! `audit.sinks[].syslog`

use std::net::SocketAddr;
use std::time::Duration;

use super::{timeout, trust};
use crate::policy::fault::{Code, Fault};
use crate::policy::http_address::{HttpPlace, Origin};
use crate::policy::load::address::{Url, is_host};
use crate::policy::load::decode::{Decoder, Fields};
use crate::policy::settings::{NetworkKind, RewindSettings, SyslogFacility, SyslogFormat, SyslogSettings};
use crate::policy::shape;
use crate::policy::yaml::Node;

const WHAT: &str = "audit.sinks.syslog";
/// RFC 5425 section 4.1.
const TLS_PORT: u16 = 6514;
/// RFC 6587 names none; 601 is the one registered for syslog over TCP.
const TCP_PORT: u16 = 601;

/// RFC 5424 section 6.2.1.
const FACILITIES: &[(&str, SyslogFacility)] = &[
    ("audit", SyslogFacility::Audit),
    ("authpriv", SyslogFacility::Authpriv),
    ("local0", SyslogFacility::Local(0)),
    ("local1", SyslogFacility::Local(1)),
    ("local2", SyslogFacility::Local(2)),
    ("local3", SyslogFacility::Local(3)),
    ("local4", SyslogFacility::Local(4)),
    ("local5", SyslogFacility::Local(5)),
    ("local6", SyslogFacility::Local(6)),
    ("local7", SyslogFacility::Local(7)),
];

pub(super) fn syslog(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<NetworkKind> {
    let place = d.required(fields, "address").and_then(|node| place(d, node));
    let (ca, client) = trust(d, fields, WHAT);
    let timeout = timeout(d, fields, WHAT);
    let server_name = fields.get("server_name").and_then(|node| host(d, node));
    let facility = fields.get("facility").and_then(|node| d.word(node, "audit.sinks.syslog.facility", FACILITIES));
    let formats = &[("ocsf", SyslogFormat::Ocsf), ("cef", SyslogFormat::Cef)];
    let format = fields.get("format").and_then(|node| d.word(node, "audit.sinks.syslog.format", formats));
    let most = u64::from(u32::MAX);
    let enterprise = fields.get("enterprise").and_then(|node| d.number(node, "audit.sinks.syslog.enterprise", 1, most));
    let rewind = fields.get("rewind").and_then(|node| rewind(d, node));
    Some(NetworkKind::Syslog(SyslogSettings {
        place: place?,
        ca: ca?,
        client: client?,
        timeout,
        server_name,
        facility: facility.unwrap_or_default(),
        format: format.unwrap_or_default(),
        enterprise: enterprise.and_then(|number| u32::try_from(number).ok()).unwrap_or(SyslogSettings::ENTERPRISE),
        rewind: rewind.unwrap_or_default(),
    }))
}

fn rewind(d: &mut Decoder<'_>, node: &Node) -> Option<RewindSettings> {
    const REWIND: &str = "audit.sinks.syslog.rewind";
    let fields = d.fields(node, &shape::SYSLOG_REWIND)?;
    let usual = RewindSettings::default();
    let most = RewindSettings::MOST_RECORDS;
    let records = fields.get("records").and_then(|node| d.number(node, &format!("{REWIND}.records"), 0, most));
    let longest = Duration::from_secs(900);
    let time = fields.get("time").and_then(|node| d.duration(node, &format!("{REWIND}.time"), Duration::ZERO, longest));
    Some(RewindSettings { records: records.unwrap_or(usual.records), time: time.unwrap_or(usual.time) })
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

/// A name or address that a certificate may have.
fn host(d: &mut Decoder<'_>, node: &Node) -> Option<String> {
    const NAME: &str = "audit.sinks.syslog.server_name";
    let text = d.text(node, NAME)?;
    if !is_host(text) {
        let fault = Fault::new(Code::Address, node.span, format!("{NAME} is not a host name")).label("not a host name");
        d.fault(fault.help("a name without scheme and port: `siem.example`"));
        return None;
    }
    Some(text.to_ascii_lowercase())
}
