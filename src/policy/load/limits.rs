//! `limits:`

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::decode::{Decoder, Fields};
use super::units;
use crate::policy::fault::{Code, Fault};
use crate::policy::json_path::JsonPath;
use crate::policy::settings::{Limit, LimitKey, Mode, Quota, RecordQuota};
use crate::policy::shape;
use crate::policy::source::Span;
use crate::policy::yaml::{Node, Value};

/// Limits of a policy.
const MAX_LIMITS: usize = 1000;
/// Beyond this a limit limits nothing.
const MAX_COUNT: u64 = 1_000_000_000;
/// 1 TiB, for the same reason.
const MAX_BYTES: u64 = 1 << 40;
/// More than a gate has places for.
const MAX_CONCURRENT: u64 = 1_000_000;
/// Longer periods would outlive the process.
const MAX_PERIOD: Duration = Duration::from_secs(31 * 86_400);
/// What a limit may count.
const COUNTS: [&str; 4] = ["requests", "bytes", "records", "concurrent"];

/// Limits by name.
#[derive(Default)]
pub(super) struct LimitBook {
    /// Sound ones, in order: the running form.
    pub(super) running: Vec<Arc<Limit>>,
    /// All names with their places; `None` for limits that are not sound.
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
    let requests = requests(d, fields);
    let bytes = fields.get("bytes").map(|node| {
        let rate = d.rate(node, "limits.bytes", units::byte_rate, "`20MB/h`");
        rate.and_then(|rate| quota(d, node, "limits.bytes", rate, MAX_BYTES))
    });
    let records = fields.get("records").map(|node| records(d, node));
    let concurrent = fields.get("concurrent").map(|node| {
        let count = d.number(node, "limits.concurrent", 1, MAX_CONCURRENT);
        count.and_then(|count| u32::try_from(count).ok())
    });
    if COUNTS.iter().all(|key| fields.get(key).is_none()) {
        let fault = Fault::new(
            Code::MissingKey,
            fields.at,
            "a limit counts `requests`, `bytes`, `records` or what is `concurrent`",
        );
        d.fault(fault.label("counts nothing"));
    }
    let mode = fields.get("mode").and_then(|node| super::routes::mode(d, node, "limits.mode"));
    let flags = &[("true", true), ("false", false)];
    let headers = fields.get("headers").and_then(|node| d.word(node, "limits.headers", flags));
    let shared = fields.get("scope").and_then(|node| {
        let shared = d.word(node, "limits.scope", &[("local", false), ("shared", true)]);
        if shared == Some(true) {
            d.shares.push(node.span);
        }
        shared
    });
    Some(Limit {
        name: name?,
        index,
        per: per?,
        // What is there and not sound was reported, and makes no limit.
        requests: sound(requests)?,
        bytes: sound(bytes)?,
        records: sound(records)?,
        concurrent: sound(concurrent)?,
        mode: mode.unwrap_or(Mode::Enforce),
        headers: headers.unwrap_or(false),
        shared: shared.unwrap_or(false),
    })
}

/// `None` if something is there that is not sound.
#[expect(clippy::option_option, reason = "there or not, and if so, sound or not")]
fn sound<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    part.map_or(Some(None), |part| part.map(Some))
}

#[expect(clippy::option_option, reason = "there or not, and if so, sound or not")]
fn requests(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<Option<Quota>> {
    let requests = fields.get("requests").map(|node| {
        let rate = d.rate(node, "limits.requests", units::rate, "`50/s`, `60/m`, `200/10m`");
        rate.and_then(|rate| quota(d, node, "limits.requests", rate, MAX_COUNT))
    });
    let burst = fields.get("burst").map(|node| {
        if requests.is_none() {
            d.fault(Fault::new(Code::Rate, node.span, "`burst` without `requests`").help("a burst is one of requests"));
        }
        d.number(node, "limits.burst", 1, MAX_COUNT)
    });
    requests.map(|quota| {
        quota.and_then(|quota| match burst {
            None => Some(quota),
            Some(burst) => burst.map(|burst| Quota { burst, ..quota }),
        })
    })
}

fn quota(d: &mut Decoder<'_>, node: &Node, what: &str, rate: units::Rate, most: u64) -> Option<Quota> {
    if rate.count > most || rate.period > MAX_PERIOD {
        let message = format!("{what} is at most {most} in at most {}", units::show(MAX_PERIOD));
        d.fault(Fault::new(Code::Rate, node.span, message).label("out of range"));
        return None;
    }
    Some(Quota { amount: rate.count, period: rate.period, burst: rate.count })
}

fn records(d: &mut Decoder<'_>, node: &Node) -> Option<RecordQuota> {
    let fields = d.fields(node, &shape::RECORDS)?;
    let quota = d.required(&fields, "count").and_then(|node| {
        let rate = d.rate(node, "limits.records.count", units::rate, "`500/d`")?;
        quota(d, node, "limits.records.count", rate, MAX_COUNT)
    });
    let at = d.required(&fields, "at").and_then(|node| {
        let text = d.text(node, "limits.records.at")?;
        let path = JsonPath::parse(text).map_err(|what| {
            let fault = Fault::new(Code::Word, node.span, format!("limits.records.at {what}")).label("not a path");
            d.fault(fault.help("of `$`, `.name`, `['name']`, `[*]`, `[0]` and `..name`: `$.payload.Orders[*]`"));
        });
        path.ok().map(Arc::new)
    });
    Some(RecordQuota { quota: quota?, at: at? })
}
