//! `limits:`

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::decode::{Decoder, Fields};
use super::units;
use crate::policy::fault::{Code, Fault};
use crate::policy::settings::{Limit, LimitKey};
use crate::policy::shape;
use crate::policy::source::Span;
use crate::policy::yaml::{Node, Value};

/// Limits of a policy.
const MAX_LIMITS: usize = 1000;
/// Beyond this a limit limits nothing.
const MAX_COUNT: u64 = 1_000_000_000;
/// Longer periods would outlive the process.
const MAX_PERIOD: Duration = Duration::from_secs(31 * 86_400);

/// Limits by name.
#[derive(Default)]
pub(super) struct LimitBook {
    /// Limits that count requests, in order: the running form.
    pub(super) running: Vec<Arc<Limit>>,
    /// All names with their places; `None` for limits that count nothing this build can count.
    by_name: HashMap<String, (Span, Option<Arc<Limit>>)>,
}

impl LimitBook {
    /// A limit by its name: `None` if there is no such name.
    pub(super) fn find(&self, name: &str) -> Option<Option<&Arc<Limit>>> {
        self.by_name.get(name).map(|(_, limit)| limit.as_ref())
    }

    /// All names, for suggestions.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

/// Decodes the section.
pub(super) fn limits(d: &mut Decoder<'_>, node: &Node) -> LimitBook {
    let mut book = LimitBook::default();
    let items = d.list(node, "limits").unwrap_or_default();
    if items.len() > MAX_LIMITS {
        d.fault(Fault::new(Code::Bound, node.span, format!("more than {MAX_LIMITS} limits")));
    }
    for item in items.iter().take(MAX_LIMITS) {
        let Some(fields) = d.fields(item, &shape::LIMIT) else { continue };
        let limit = limit(d, &fields, book.running.len()).map(Arc::new);
        let Some(Node { value: Value::Scalar(name), span }) = fields.get("name") else { continue };
        if let Some((first, _)) = book.by_name.get(name) {
            d.twice("limits", name, *span, *first);
            continue;
        }
        book.running.extend(limit.clone());
        book.by_name.insert(name.clone(), (*span, limit));
    }
    book
}

fn limit(d: &mut Decoder<'_>, fields: &Fields<'_>, index: usize) -> Option<Limit> {
    let name = d.required(fields, "name").and_then(|node| d.name(node, "a limit's name"));
    let keys = &[
        ("caller", LimitKey::Caller),
        ("address", LimitKey::Address),
        ("role", LimitKey::Role),
        ("route", LimitKey::Route),
        ("caller+route", LimitKey::CallerRoute),
    ];
    let per = d.required(fields, "per").and_then(|node| d.word(node, "limits.per", keys));
    let requests = fields.get("requests").and_then(|node| requests(d, node));
    let burst = fields.get("burst").and_then(|node| {
        if fields.get("requests").is_none() {
            d.fault(Fault::new(Code::Rate, node.span, "`burst` without `requests`").help("a burst is one of requests"));
        }
        d.number(node, "limits.burst", 1, MAX_COUNT)
    });
    other_counts(d, fields);
    if ["requests", "bytes", "records"].iter().all(|key| fields.get(key).is_none()) {
        let fault = Fault::new(Code::MissingKey, fields.at, "a limit counts `requests`, `bytes` or `records`");
        d.fault(fault.label("counts nothing"));
    }
    let requests = requests?;
    let count = u32::try_from(requests.count).ok()?;
    let burst = burst.and_then(|burst| u32::try_from(burst).ok()).unwrap_or(count);
    Some(Limit { name: name?, index, per: per?, requests: count, period: requests.period, burst })
}

fn requests(d: &mut Decoder<'_>, node: &Node) -> Option<units::Rate> {
    let rate = d.rate(node, "limits.requests", units::rate, "`50/s`, `60/m`, `200/10m`")?;
    if rate.count > MAX_COUNT || rate.period > MAX_PERIOD {
        let message = format!("limits.requests is at most {MAX_COUNT} in at most {}", units::show(MAX_PERIOD));
        d.fault(Fault::new(Code::Rate, node.span, message).label("out of range"));
        return None;
    }
    Some(rate)
}

/// What else a limit may count: validated here, enforced by nothing yet.
fn other_counts(d: &mut Decoder<'_>, fields: &Fields<'_>) {
    if let Some(entry) = fields.entry("bytes") {
        d.rate(&entry.value, "limits.bytes", units::byte_rate, "`20MB/h`");
        d.part("limits.bytes", entry.key_span);
    }
    if let Some(entry) = fields.entry("records") {
        records(d, &entry.value);
        d.part("limits.records", entry.key_span);
    }
    if let Some(entry) = fields.entry("scope")
        && d.word(&entry.value, "limits.scope", &[("local", false), ("shared", true)]) == Some(true)
    {
        d.part("limits.scope.shared", entry.value.span);
    }
}

fn records(d: &mut Decoder<'_>, node: &Node) {
    let Some(fields) = d.fields(node, &shape::RECORDS) else { return };
    if let Some(node) = d.required(&fields, "count") {
        d.rate(node, "limits.records.count", units::rate, "`500/d`");
    }
    if let Some(node) = d.required(&fields, "at") {
        d.field_path(node, "limits.records.at");
    }
}
