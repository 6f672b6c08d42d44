//! `audit.sinks[]`: places on the network.

mod elastic;
mod otlp;
mod splunk;
mod syslog;
mod webhook;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault};
use crate::policy::http_address::{HttpAddress, HttpAddressFault};
use crate::policy::settings::{
    BatchBounds, CertificateFiles, Compression, FromRecord, HttpSettings, NetworkKind, NetworkSink, Only, SinkAlarm,
};
use crate::policy::shape::{self, Section};
use crate::policy::yaml::Node;
use crate::redact::Name;

/// Decodes what a kind alone has, from its fields.
type Decode = fn(&mut Decoder<'_>, &Fields<'_>) -> Option<NetworkKind>;

/// The kinds: the key, the part's name where this build may lack it, the keys it has, and what decodes them.
const KINDS: &[(&str, &str, &Section, Decode)] = &[
    ("webhook", "audit.sinks.webhook", &shape::WEBHOOK, webhook::webhook),
    ("splunk", "audit.sinks.splunk", &shape::SPLUNK, splunk::splunk),
    ("syslog", "audit.sinks.syslog", &shape::SYSLOG, syslog::syslog),
    ("elastic", "audit.sinks.elastic", &shape::ELASTIC, elastic::elastic),
    ("otlp", "audit.sinks.otlp", &shape::OTLP, otlp::otlp),
];

/// How long an exchange takes where the policy does not say.
const USUAL_TIMEOUT: Duration = Duration::from_secs(30);
/// Bounds of that.
const TIMEOUT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(900));
/// Bounds of `batch.bytes`: the least takes the longest record; the most is kept in memory several times over.
const BATCH_BYTES: (u64, u64) = (16 * 1024, 4 << 20);
/// Bounds of `batch.time`.
const BATCH_TIME: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(900));
/// Bounds of `alarm`.
const ALARM: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(7 * 86_400));
/// Most of `alarm.records`.
const MOST_LACKING: u64 = 1_000_000_000;
/// One of more than these is nothing.
const MOST_SAMPLED: u32 = 1_000_000;

/// Decodes the sink that `fields`, an entry of `audit.sinks`, has, if it is one on the network.
pub(super) fn network(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<NetworkSink> {
    let (entry, (_, part, section, decode)) =
        KINDS.iter().find_map(|kind| fields.entry(kind.0).map(|entry| (entry, *kind)))?;
    let fields = d.fields(&entry.value, section)?;
    let kind = decode(d, &fields);
    let what = section.what;
    let name = name(d, &fields, section);
    let from = fields.get("from").and_then(|node| {
        d.word(node, &format!("{what}.from"), &[("oldest", FromRecord::Oldest), ("now", FromRecord::Now)])
    });
    let batch = fields.get("batch").and_then(|node| batch(d, node));
    let only = fields.get("only").and_then(|node| only(d, node));
    let sample = fields.get("sample").and_then(|node| sample(d, node));
    let alarm = fields.get("alarm").and_then(|node| alarm(d, node));
    d.part(part, entry.key_span);
    Some(NetworkSink {
        name: name?,
        from: from.unwrap_or_default(),
        batch: batch.unwrap_or_default(),
        only: only.unwrap_or_default(),
        sample,
        alarm: alarm.unwrap_or_default(),
        kind: kind?,
    })
}

/// The name given, or the kind's.
fn name(d: &mut Decoder<'_>, fields: &Fields<'_>, section: &Section) -> Option<Name> {
    let Some(node) = fields.get("name") else {
        let kind = section.what.rsplit('.').next().unwrap_or(section.what);
        return Name::configured(kind).ok();
    };
    let what = format!("{}.name", section.what);
    let name = d.name(node, &what)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.as_str().len() > 64 || name.as_str().starts_with('.') || !name.as_str().bytes().all(plain) {
        let message = format!("{what} names a file too: 1 to 64 letters, digits, `.`, `_` and `-`, no `.` first");
        d.fault(Fault::new(Code::Name, node.span, message).label("cannot be a file's name"));
        return None;
    }
    Some(name)
}

fn batch(d: &mut Decoder<'_>, node: &Node) -> Option<BatchBounds> {
    let fields = d.fields(node, &shape::SINK_BATCH)?;
    let usual = BatchBounds::default();
    let bytes = fields.get("bytes").and_then(|node| d.size(node, "batch.bytes", BATCH_BYTES.0, BATCH_BYTES.1));
    let records = fields.get("records").and_then(|node| d.number(node, "batch.records", 1, 10_000));
    let time = fields.get("time").and_then(|node| d.duration(node, "batch.time", BATCH_TIME.0, BATCH_TIME.1));
    let number = |number: Option<u64>, usual| number.and_then(|number| usize::try_from(number).ok()).unwrap_or(usual);
    Some(BatchBounds {
        bytes: number(bytes, usual.bytes),
        records: number(records, usual.records),
        time: time.unwrap_or(usual.time),
    })
}

fn only(d: &mut Decoder<'_>, node: &Node) -> Option<Only> {
    /// OCSF classes by the words of the policy.
    const CLASSES: &[(&str, u32)] = &[
        ("http", 4002),
        ("authentication", 3002),
        ("account", 3001),
        ("alarm", 2004),
        ("change", 3004),
        ("lifecycle", 6002),
    ];
    const SEVERITIES: &[(&str, u8)] = &[("informational", 1), ("low", 2), ("medium", 3), ("high", 4), ("critical", 5)];
    let fields = d.fields(node, &shape::SINK_ONLY)?;
    let items = fields.get("classes").and_then(|node| d.filled_list(node, "only.classes")).unwrap_or_default();
    let mut classes = Vec::new();
    for item in items {
        let Some(class) = d.word(item, "only.classes", CLASSES) else { continue };
        if classes.contains(&class) {
            let name = CLASSES.iter().find(|(_, known)| *known == class).map_or("", |(name, _)| *name);
            d.listed_twice("only.classes", name, item.span, items);
        } else {
            classes.push(class);
        }
    }
    let severity = fields.get("severity").and_then(|node| d.word(node, "only.severity", SEVERITIES));
    Some(Only { classes, severity: severity.unwrap_or(1) })
}

fn sample(d: &mut Decoder<'_>, node: &Node) -> Option<NonZeroU32> {
    let fields = d.fields(node, &shape::SINK_SAMPLE)?;
    let node = d.required(&fields, "allowed")?;
    let text = d.text(node, "sample.allowed")?;
    let digits = text.strip_prefix("1/").filter(|digits| !digits.starts_with(['+', '0']));
    let number = digits.and_then(|digits| digits.parse().ok()).filter(|number| (1..=MOST_SAMPLED).contains(number));
    if number.is_none() {
        let message = format!("sample.allowed is one of some: `1/10`, and of at most {MOST_SAMPLED}");
        d.fault(Fault::new(Code::Number, node.span, message).label("not one of some"));
    }
    number.and_then(NonZeroU32::new)
}

fn alarm(d: &mut Decoder<'_>, node: &Node) -> Option<SinkAlarm> {
    let fields = d.fields(node, &shape::SINK_ALARM)?;
    let usual = SinkAlarm::default();
    let lag = fields.get("lag").and_then(|node| d.duration(node, "alarm.lag", ALARM.0, ALARM.1));
    let held = fields.get("held").and_then(|node| d.duration(node, "alarm.held", ALARM.0, ALARM.1));
    let records = fields.get("records").and_then(|node| d.number(node, "alarm.records", 1, MOST_LACKING));
    Some(SinkAlarm {
        lag: lag.unwrap_or(usual.lag),
        records: records.unwrap_or(usual.records),
        held: held.unwrap_or(usual.held),
    })
}

/// `url`, and what connections over HTTP have besides.
fn http(d: &mut Decoder<'_>, fields: &Fields<'_>, what: &str) -> Option<HttpSettings> {
    let address = d.required(fields, "url").and_then(|node| address(d, node, &format!("{what}.url")));
    let (ca, client) = trust(d, fields, what);
    let words = &[("none", Compression::None), ("gzip", Compression::Gzip)];
    let compression = fields.get("compression").and_then(|node| d.word(node, &format!("{what}.compression"), words));
    let timeout = timeout(d, fields, what);
    Some(HttpSettings {
        address: address?,
        ca: ca?,
        client: client?,
        compression: compression.unwrap_or_default(),
        timeout,
    })
}

/// An address over HTTPS, or on this machine.
fn address(d: &mut Decoder<'_>, node: &Node, what: &str) -> Option<HttpAddress> {
    let text = d.text(node, what)?;
    match HttpAddress::parse(text) {
        Ok(address) if address.origin().is_some() => return Some(address),
        Err(HttpAddressFault::Plaintext) => d.plaintext(node.span, what, "use https://"),
        Ok(_) | Err(HttpAddressFault::Form) => {
            d.bad_address(node.span, what, "`https://host:port`, without user names");
        }
    }
    None
}

fn timeout(d: &mut Decoder<'_>, fields: &Fields<'_>, what: &str) -> Duration {
    let given = fields.get("timeout");
    given.and_then(|node| d.duration(node, &format!("{what}.timeout"), TIMEOUT.0, TIMEOUT.1)).unwrap_or(USUAL_TIMEOUT)
}

/// `ca`, and `certificate` with `key`: each `None` if it is at fault.
fn trust(
    d: &mut Decoder<'_>,
    fields: &Fields<'_>,
    what: &str,
) -> (Option<Option<PathBuf>>, Option<Option<CertificateFiles>>) {
    let ca = fields.get("ca").map(|node| {
        d.existing(node, &format!("{what}.ca"), "the PEM file of the authority that signs the sink's certificate")
    });
    let has_client = fields.get("certificate").is_some() || fields.get("key").is_some();
    let client = has_client.then(|| d.certificate_files(fields, what));
    (ca.map_or(Some(None), |ca| ca.map(Some)), client.map_or(Some(None), |client| client.map(Some)))
}

/// A file with a credential: `None` if it is at fault.
fn credential(d: &mut Decoder<'_>, fields: &Fields<'_>, key: &str, what: &str, make: &str) -> Option<Option<PathBuf>> {
    let given = fields.get(key).map(|node| d.existing(node, &format!("{what}.{key}"), make));
    given.map_or(Some(None), |path| path.map(Some))
}
