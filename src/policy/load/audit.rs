//! `audit:` and `redaction:`

use std::time::Duration;

use super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault};
use crate::policy::settings::{
    AuditSettings, CallerForm, Commit, OnFailure, RedactionSettings, RotateSettings, SinkSettings, SpoolSettings,
    TrailSettings,
};
use crate::policy::shape;
use crate::policy::source::Span;
use crate::policy::yaml::{Entry, Node, Value};
use crate::redact::{AddressForm, KeepFault, KeepPattern, Name};

/// Records are kept at least 90 days (LOG-4).
const SHORTEST_RETENTION: Duration = Duration::from_secs(90 * 86_400);
/// Ten years: longer than any of the policies asks for.
const LONGEST_RETENTION: Duration = Duration::from_secs(3660 * 86_400);

/// Thirteen months: an auditor's year, and what came in while it was audited.
const USUAL_RETENTION: Duration = Duration::from_secs(400 * 86_400);

/// When records are durable.
pub(super) const COMMITS: &[(&str, Commit)] =
    &[("before-response", Commit::BeforeResponse), ("batched", Commit::Batched), ("relaxed", Commit::Relaxed)];

/// Decodes `audit:`; without it records go to standard output.
pub(super) fn audit(d: &mut Decoder<'_>, node: Option<&Node>) -> AuditSettings {
    let Some(node) = node else { return AuditSettings::sinks(vec![SinkSettings::Stdout]) };
    if matches!(&node.value, Value::Scalar(text) if text == "off") {
        let fault = Fault::new(Code::NoAudit, node.span, "nothing is recorded").label("for measurements only");
        d.fault(fault.help("name at least one sink: a gate for personal data leaves a record of every call").warning());
        return AuditSettings::Off;
    }
    let Some(fields) = d.fields(node, &shape::AUDIT) else { return AuditSettings::sinks(Vec::new()) };
    let spool = fields.entry("spool").and_then(|entry| spool(d, &entry.value));
    let signing_key = fields.get("signing_key").and_then(|node| {
        d.existing(node, "audit.signing_key", "`portcullis keys new signing certs/audit-sign.key` makes one")
    });
    let sinks =
        if fields.entry("spool").is_some() && fields.get("sinks").is_none() { Vec::new() } else { sinks(d, &fields) };
    let actions = &[("gap", OnFailure::Gap), ("deny", OnFailure::Deny)];
    let trail = TrailSettings {
        sinks,
        spool,
        signing_key,
        anchor: fields.get("anchor").and_then(|node| d.path(node, "audit.anchor")),
        commit: fields.get("commit").and_then(|node| d.word(node, "audit.commit", COMMITS)).unwrap_or_default(),
        on_failure: fields
            .get("on_failure")
            .and_then(|node| d.word(node, "audit.on_failure", actions))
            .unwrap_or_default(),
    };
    doubtful(d, &fields);
    AuditSettings::On(Box::new(trail))
}

/// Keys without effect, and evidence that would lack something.
fn doubtful(d: &mut Decoder<'_>, fields: &Fields<'_>) {
    let spooled = fields.entry("spool").is_some();
    for key in ["commit", "on_failure"] {
        if let Some(entry) = fields.entry(key).filter(|_| !spooled) {
            let fault = Fault::new(Code::MissingKey, entry.key_span, format!("audit.{key} without `audit.spool`"))
                .label("has no effect: what is durable, and when, is known of a spool alone");
            d.fault(fault.help("`spool: { path: var/audit, key: certs/audit.key }`"));
        }
    }
    if let Some(entry) = fields.entry("anchor").filter(|_| fields.entry("signing_key").is_none()) {
        let fault = Fault::new(Code::MissingKey, entry.key_span, "audit.anchor without `audit.signing_key`")
            .label("has no effect: there are no checkpoints to put there");
        d.fault(
            fault.help("`portcullis keys new signing certs/audit-sign.key`, then `signing_key: certs/audit-sign.key`"),
        );
    }
    if let Some(entry) = fields.entry("spool").filter(|_| fields.entry("signing_key").is_none()) {
        let fault = Fault::new(Code::Unsigned, entry.key_span, "the trail is not signed")
            .label("whoever can write to its directory can make another one of it");
        let help = "`portcullis keys new signing certs/audit-sign.key`, then `signing_key: certs/audit-sign.key`";
        d.fault(fault.help(help).warning());
    }
}

fn sinks(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Vec<SinkSettings> {
    let Some(node) = d.required(fields, "sinks") else { return Vec::new() };
    let spooled = fields.entry("spool").is_some();
    let items = d.filled_list(node, "audit.sinks").unwrap_or_default();
    let mut sinks: Vec<(SinkSettings, Span)> = Vec::new();
    for item in items {
        let Some(sink) = sink(d, item) else { continue };
        if let (SinkSettings::Network(network), false) = (&sink, spooled) {
            let message = format!("the sink {} without `audit.spool`", network.name.as_str());
            let fault = Fault::new(Code::MissingKey, item.span, message)
                .label("there would be nothing to deliver it from while it cannot be reached");
            d.fault(fault.help("`spool: { path: var/audit, key: certs/audit.key }`"));
        }
        let same = sinks.iter().find(|(known, _)| are_one(known, &sink)).map(|(_, first)| *first);
        match (&sink, same) {
            (_, None) => sinks.push((sink, item.span)),
            (SinkSettings::Stdout, Some(first)) => d.twice("audit.sinks", "stdout", item.span, first),
            (SinkSettings::Network(network), Some(first)) => {
                d.twice("the names of audit.sinks", network.name.as_str(), item.span, first);
            }
            (SinkSettings::File(_) | SinkSettings::Rotated(..), Some(first)) => {
                d.twice("audit.sinks", "the same file", item.span, first);
            }
        }
    }
    sinks.into_iter().map(|(sink, _)| sink).collect()
}

/// Whether two sinks are the same place, or go by the same name.
fn are_one(one: &SinkSettings, other: &SinkSettings) -> bool {
    let file = |sink: &SinkSettings| match sink {
        SinkSettings::File(path) | SinkSettings::Rotated(path, _) => Some(path.clone()),
        SinkSettings::Stdout | SinkSettings::Network(_) => None,
    };
    match (one, other) {
        (SinkSettings::Stdout, SinkSettings::Stdout) => true,
        (SinkSettings::Network(one), SinkSettings::Network(other)) => one.name == other.name,
        _ => file(one).is_some() && file(one) == file(other),
    }
}

fn sink(d: &mut Decoder<'_>, item: &Node) -> Option<SinkSettings> {
    if let Value::Scalar(_) = &item.value {
        return d.word(item, "a sink without settings", &[("stdout", ())]).map(|()| SinkSettings::Stdout);
    }
    let fields = d.fields(item, &shape::SINK)?;
    let Value::Map(entries) = &item.value else { return None };
    if entries.len() != 1 {
        d.fault(Fault::new(Code::Type, item.span, "an entry of audit.sinks is exactly one sink"));
        return None;
    }
    if let Some(node) = fields.get("file") {
        let fields = d.fields(node, &shape::FILE_SINK)?;
        let path = d.required(&fields, "path").and_then(|node| d.path(node, "audit.sinks.file.path"));
        let rotate = fields.get("rotate").and_then(|node| rotate(d, node));
        return Some(match rotate {
            Some(rotate) => SinkSettings::Rotated(path?, rotate),
            None => SinkSettings::File(path?),
        });
    }
    super::sinks::network(d, &fields).map(|sink| SinkSettings::Network(Box::new(sink)))
}

/// Size of a file where the policy says nothing of it.
const USUAL_FILE: u64 = 100_000_000;

fn rotate(d: &mut Decoder<'_>, node: &Node) -> Option<RotateSettings> {
    const WHAT: &str = "audit.sinks.file.rotate";
    let fields = d.fields(node, &shape::ROTATE)?;
    let size = fields.get("size").and_then(|node| d.size(node, &format!("{WHAT}.size"), 1 << 20, 1 << 50));
    let (least, most) = (Duration::from_secs(60), Duration::from_secs(366 * 86_400));
    let age = fields.get("age").and_then(|node| d.duration(node, &format!("{WHAT}.age"), least, most));
    let keep = fields.get("keep").and_then(|node| d.number(node, &format!("{WHAT}.keep"), 1, 100_000));
    let keep = keep.and_then(|keep| u32::try_from(keep).ok());
    Some(RotateSettings { size: Some(size.unwrap_or(USUAL_FILE)), age, keep })
}

impl Decoder<'_> {
    /// A path to fields of a JSON document: `$.payload.Orders[*]`.
    pub(super) fn field_path(&mut self, node: &Node, what: &str) {
        if let Some(text) = self.text(node, what)
            && !(text.starts_with("$.") || text.starts_with("$[") || text == "$")
        {
            let fault =
                Fault::new(Code::Word, node.span, format!("{what} is not a path to fields")).label("not a path");
            self.fault(fault.help("it starts at the document's root: `$.payload.Orders[*]`"));
        }
    }
}

fn spool(d: &mut Decoder<'_>, node: &Node) -> Option<SpoolSettings> {
    let fields = d.fields(node, &shape::SPOOL)?;
    let path = d.required(&fields, "path").and_then(|node| d.path(node, "audit.spool.path"));
    let key = d
        .required(&fields, "key")
        .and_then(|node| d.existing(node, "audit.spool.key", "`portcullis keys new audit certs/audit.key` makes one"));
    let retention = fields.get("retention").and_then(|node| {
        let retention = d.duration(node, "audit.spool.retention", Duration::from_secs(1), LONGEST_RETENTION)?;
        if retention < SHORTEST_RETENTION {
            let fault = Fault::new(Code::Retention, node.span, "records are kept at least 90 days (LOG-4)");
            d.fault(fault.label("too short").help("`90d` or more; books and records want `400d`"));
        }
        Some(retention)
    });
    let max = fields.get("max").and_then(|node| d.size(node, "audit.spool.max", 1 << 20, 1 << 50));
    Some(SpoolSettings { path: path?, key: key?, retention: retention.unwrap_or(USUAL_RETENTION), max })
}

/// Patterns of `redaction.keep`: each is tried on each value that a record shows.
const MAX_PATTERNS: usize = 32;

/// Decodes `redaction:`.
pub(super) fn redaction(d: &mut Decoder<'_>, node: Option<&Node>) -> RedactionSettings {
    let fields = node.and_then(|node| d.fields(node, &shape::REDACTION));
    let Some(fields) = fields else { return RedactionSettings::default() };
    let key = fields.get("key").and_then(|node| {
        d.existing_or_directory(node, "redaction.key", "`portcullis keys new pseudonym certs/pseudonym.key` makes one")
    });
    let mut keep = Vec::new();
    if let Some(entry) = fields.entry("keep") {
        keep = patterns(d, &entry.value);
    }
    let callers = &[("pseudonym", CallerForm::Pseudonym), ("id", CallerForm::Id)];
    let addresses = &[
        ("full", AddressForm::Full),
        ("prefix", AddressForm::Prefix),
        ("keyed", AddressForm::Keyed),
        ("none", AddressForm::None),
    ];
    let caller = fields.get("caller").and_then(|node| d.word(node, "redaction.caller", callers));
    let address = fields.get("address").and_then(|node| d.word(node, "redaction.address", addresses));
    RedactionSettings { key, keep, caller: caller.unwrap_or_default(), address: address.unwrap_or_default() }
}

/// Decodes `redaction.keep`: names and patterns.
fn patterns(d: &mut Decoder<'_>, node: &Node) -> Vec<KeepPattern> {
    let entries = d.entries(node, "redaction.keep").unwrap_or_default();
    if entries.len() > MAX_PATTERNS {
        let message = format!("redaction.keep has more than {MAX_PATTERNS} patterns");
        d.fault(Fault::new(Code::Bound, node.span, message).label("too many"));
        return Vec::new();
    }
    entries.iter().filter_map(|entry| pattern(d, entry)).collect()
}

fn pattern(d: &mut Decoder<'_>, entry: &Entry) -> Option<KeepPattern> {
    let text = d.text(&entry.value, "a pattern of redaction.keep")?;
    let name = match Name::configured(&entry.key) {
        Ok(name) => name,
        Err(why) => {
            d.fault(Fault::new(Code::Name, entry.key_span, format!("a name in redaction.keep {why}")));
            return None;
        }
    };
    let fault = match KeepPattern::new(name, text) {
        Ok(pattern) => return Some(pattern),
        Err(fault) => fault,
    };
    let help = match &fault {
        KeepFault::Personal(_) => {
            "say what the value looks like from its first to its last character: `\\d{3}-\\d{7}-\\d{7}`"
        }
        KeepFault::TooLong | KeepFault::Pattern(_) => {
            "a regular expression in the syntax of https://docs.rs/regex, short and bounded"
        }
    };
    d.fault(
        Fault::new(Code::Pattern, entry.value.span, format!("redaction.keep: this {fault}"))
            .label("cannot be kept")
            .help(help),
    );
    None
}

/// Notes that records would need pseudonyms and there is no key for them. `key_given` even if its file is at fault.
pub(super) fn require_key(
    d: &mut Decoder<'_>,
    at: Span,
    redaction: &RedactionSettings,
    key_given: bool,
    audit: &AuditSettings,
    callers: bool,
) {
    let caller = callers && redaction.caller == CallerForm::Pseudonym;
    let address = redaction.address == AddressForm::Keyed;
    if key_given || matches!(audit, AuditSettings::Off) || !(caller || address) {
        return;
    }
    let what = if caller { "callers" } else { "addresses" };
    let fault =
        Fault::new(Code::PseudonymKey, at, format!("records name {what} by pseudonym, and `redaction.key` is missing"))
            .help(
                "`portcullis keys new pseudonym certs/pseudonym.key`, then `redaction: { key: certs/pseudonym.key }`",
            );
    d.fault(fault);
}
