//! `gate:`

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::address::is_host;
use super::decode::{Decoder, Fields};
use super::headers;
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::settings::{
    AssertionSettings, ClientTimeouts, Confinement, ConnectionBounds, GateSettings, Networks, RequestBounds, StaleList,
    TlsSettings,
};
use crate::policy::shape;
use crate::policy::yaml::{Node, Value};
use crate::redact::Name;

const HOUR: Duration = Duration::from_secs(3600);
/// Shorter dead-lines would cut callers on an ordinary mobile network.
const SHORTEST: Duration = Duration::from_millis(100);

/// Load balancers learn within seconds; what takes longer than this is broken.
const LONGEST_DELAY: Duration = Duration::from_secs(900);

/// Decodes the section.
pub(super) fn gate(d: &mut Decoder<'_>, node: &Node) -> Option<GateSettings> {
    let fields = d.fields(node, &shape::GATE)?;
    let listen = d.required(&fields, "listen").and_then(|node| d.listen(node, "gate.listen"));
    let tls = d.required(&fields, "tls").and_then(|node| tls(d, node));
    let trusted_proxies = fields.get("trusted_proxies").map(|node| d.trusted(node, "gate.trusted_proxies"));
    let proxy_protocol = fields.get("proxy_protocol").and_then(|node| proxy_protocol(d, node));
    let workers = fields.get("workers").and_then(|node| workers(d, node));
    let hosts = fields.get("hosts").map(|node| hosts(d, node, "gate.hosts")).unwrap_or_default();
    let connections = fields.get("connections").and_then(|node| connections(d, node)).unwrap_or_default();
    let timeouts = fields.get("timeouts").and_then(|node| timeouts(d, node)).unwrap_or_default();
    let bounds = fields.get("bounds").and_then(|node| bounds(d, node)).unwrap_or_default();
    let headers = fields.get("headers").and_then(|node| headers::headers(d, node)).unwrap_or_default();
    let assertion = fields.get("assertion").and_then(|node| assertion(d, node));
    let handover = fields.get("handover").and_then(|node| d.path(node, "gate.handover"));
    Some(GateSettings {
        listen: listen?,
        tls: tls?,
        trusted_proxies: trusted_proxies.unwrap_or_default(),
        proxy_protocol: proxy_protocol.unwrap_or_default(),
        workers,
        hosts,
        connections,
        timeouts,
        bounds,
        headers,
        assertion,
        handover,
    })
}

/// `sandbox:`
pub(super) fn sandbox(d: &mut Decoder<'_>, node: &Node) -> Option<Confinement> {
    let words =
        &[("best-effort", Confinement::BestEffort), ("required", Confinement::Required), ("off", Confinement::Off)];
    d.word(node, "sandbox", words)
}

fn tls(d: &mut Decoder<'_>, node: &Node) -> Option<TlsSettings> {
    let fields = d.fields(node, &shape::TLS)?;
    let first = d.certificate_files(&fields, "gate.tls");
    let allow_tls12 = fields.get("min_version").and_then(|node| {
        let old = matches!(&node.value, Value::Scalar(text) if ["1.0", "1.1", "ssl3"].contains(&text.as_str()));
        if old {
            let fault = Fault::new(Code::Word, node.span, "TLS below 1.2 is not offered (TLS-1)");
            d.fault(fault.label("too old").help("\"1.2\" or \"1.3\""));
            return None;
        }
        d.word(node, "gate.tls.min_version", &[("1.2", true), ("1.3", false)])
    });
    let client_ca = fields.get("client_ca").and_then(|node| {
        let make = "`portcullis certs dev` makes a development authority for clients";
        let path = d.existing(node, "gate.tls.client_ca", make)?;
        d.dates(node, "gate.tls.client_ca", &path);
        Some(path)
    });
    let (crl, crl_stale) = revocation_lists(d, &fields, "gate.tls");
    let mut certificates: Vec<_> = first.into_iter().collect();
    for item in fields.get("more").and_then(|node| d.filled_list(node, "gate.tls.more")).unwrap_or_default() {
        let more = d.fields(item, &shape::MORE_CERTIFICATES);
        certificates.extend(more.and_then(|fields| d.certificate_files(&fields, "gate.tls.more")));
    }
    (!certificates.is_empty()).then(|| TlsSettings {
        certificates,
        allow_tls12: allow_tls12.unwrap_or(true),
        client_ca,
        crl,
        crl_stale,
    })
}

/// Files of revocation lists: one, or a list of them.
pub(super) fn revocation_lists(d: &mut Decoder<'_>, fields: &Fields<'_>, of: &str) -> (Vec<PathBuf>, StaleList) {
    const MAKE: &str = "fetch the list of the authority in `client_ca`; without it nobody knows whom it revoked";
    let words = &[("refuse", StaleList::Refuse), ("warn", StaleList::Warn)];
    let (list, stale) = (format!("{of}.crl"), format!("{of}.crl_stale"));
    let stale = fields.get("crl_stale").and_then(|node| d.word(node, &stale, words));
    let Some(entry) = fields.entry("crl") else { return (Vec::new(), stale.unwrap_or_default()) };
    if fields.get("client_ca").is_none() {
        let fault = Fault::new(Code::Unproven, entry.key_span, "a revocation list without `client_ca` revokes nobody");
        d.fault(fault.help("name the authority whose list it is"));
    }
    let lists = match &entry.value.value {
        Value::List(_) => d.filled_list(&entry.value, &list).unwrap_or_default(),
        _ => std::slice::from_ref(&entry.value),
    };
    let paths = lists.iter().filter_map(|node| d.existing(node, &list, MAKE)).collect();
    (paths, stale.unwrap_or_default())
}

fn proxy_protocol(d: &mut Decoder<'_>, node: &Node) -> Option<Networks> {
    let fields = d.fields(node, &shape::PROXY_PROTOCOL)?;
    d.required(&fields, "from").map(|node| d.trusted(node, "gate.proxy_protocol.from"))
}

fn workers(d: &mut Decoder<'_>, node: &Node) -> Option<NonZeroUsize> {
    if matches!(&node.value, Value::Scalar(text) if text == "auto") {
        return None;
    }
    // More workers than any machine has cores would only cost memory.
    let count = d.number(node, "gate.workers (or `auto`)", 1, 1024)?;
    NonZeroUsize::new(usize::try_from(count).ok()?)
}

pub(super) fn hosts(d: &mut Decoder<'_>, node: &Node, what: &str) -> Vec<Name> {
    let names = d.names(node, what);
    let items = d.list(node, what).unwrap_or_default();
    for item in items {
        if let Value::Scalar(text) = &item.value
            && !text.is_empty()
            && !is_host(text.trim_start_matches('[').trim_end_matches(']'))
        {
            let fault = Fault::new(Code::Address, item.span, format!("{} is not a host name", quote(text)));
            d.fault(fault.label("not a host name").help("a name without scheme and port: `gate.seller.example`"));
        }
    }
    // Host names are compared without regard to case (RFC 9110 section 4.2.3).
    names.iter().filter_map(|name| Name::configured(&name.as_str().to_ascii_lowercase()).ok()).collect()
}

fn connections(d: &mut Decoder<'_>, node: &Node) -> Option<ConnectionBounds> {
    let fields = d.fields(node, &shape::CONNECTIONS)?;
    let mut bounds = ConnectionBounds::default();
    let mut count = |key: &'static str| {
        let number = d.number(fields.get(key)?, &format!("gate.connections.{key}"), 1, 1_000_000)?;
        usize::try_from(number).ok()
    };
    bounds.max = count("max").unwrap_or(bounds.max);
    bounds.per_address = count("per_address").unwrap_or(bounds.per_address).min(bounds.max);
    Some(bounds)
}

fn timeouts(d: &mut Decoder<'_>, node: &Node) -> Option<ClientTimeouts> {
    let fields = d.fields(node, &shape::CLIENT_TIMEOUTS)?;
    let defaults = ClientTimeouts::default();
    Some(ClientTimeouts {
        handshake: d.timeout(&fields, "handshake", defaults.handshake),
        header: d.timeout(&fields, "header", defaults.header),
        body_idle: d.timeout(&fields, "body_idle", defaults.body_idle),
        keep_alive: d.timeout(&fields, "keep_alive", defaults.keep_alive),
        drain: d.timeout(&fields, "drain", defaults.drain),
        drain_delay: fields
            .get("drain_delay")
            .and_then(|node| d.duration(node, "gate.timeouts.drain_delay", Duration::ZERO, LONGEST_DELAY)),
    })
}

impl Decoder<'_> {
    /// A dead-line: 100 milliseconds to one hour.
    pub(super) fn timeout(&mut self, fields: &Fields<'_>, key: &str, default: Duration) -> Duration {
        let Some(node) = fields.get(key) else { return default };
        self.duration(node, &format!("the time-out `{key}`"), SHORTEST, HOUR).unwrap_or(default)
    }
}

fn bounds(d: &mut Decoder<'_>, node: &Node) -> Option<RequestBounds> {
    let fields = d.fields(node, &shape::BOUNDS)?;
    let mut bounds = RequestBounds::default();
    // hyper reads heads into a buffer of at least 8 KiB; beyond 1 MiB a head is an attack.
    let head = fields.get("header_bytes").and_then(|node| d.size(node, "gate.bounds.header_bytes", 8 << 10, 1 << 20));
    bounds.header_bytes = head.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(bounds.header_bytes);
    let count = fields.get("header_count").and_then(|node| header_count(d, node));
    bounds.header_count = count.unwrap_or(bounds.header_count);
    bounds.body = fields.get("body").and_then(|node| body(d, node, "gate.bounds.body")).unwrap_or(bounds.body);
    Some(bounds)
}

fn header_count(d: &mut Decoder<'_>, node: &Node) -> Option<usize> {
    if let Value::Scalar(text) = &node.value
        && text.parse::<u64>().is_ok_and(|count| count > 100)
    {
        let fault = Fault::new(Code::Number, node.span, "gate.bounds.header_count is at most 100")
            .label("out of range")
            .help("up to 100 header fields are parsed on the stack; beyond that every request would pay for memory");
        d.fault(fault);
        return None;
    }
    usize::try_from(d.number(node, "gate.bounds.header_count", 1, 100)?).ok()
}

/// Bytes of a request body: none to 64 GiB.
pub(super) fn body(d: &mut Decoder<'_>, node: &Node, what: &str) -> Option<u64> {
    d.size(node, what, 0, 64 << 30)
}

fn assertion(d: &mut Decoder<'_>, node: &Node) -> Option<AssertionSettings> {
    let fields = d.fields(node, &shape::ASSERTION)?;
    let key = d.required(&fields, "key");
    let make = "`portcullis keys new assertion certs/assertion.key` makes one";
    let key = key.and_then(|node| d.existing(node, "gate.assertion.key", make));
    let audience = d.required(&fields, "audience").and_then(|node| d.text(node, "gate.assertion.audience"));
    let lifetime = fields
        .get("lifetime")
        .and_then(|node| d.duration(node, "gate.assertion.lifetime", Duration::from_secs(1), HOUR))
        .unwrap_or(Duration::from_secs(60));
    Some(AssertionSettings { key: key?, audience: audience?.to_owned(), lifetime })
}
