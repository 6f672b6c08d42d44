//! `lockout:` and `alarms:`: validated in full, without a running form in this build.

use std::time::Duration;

use super::decode::{Decoder, Fields};
use super::units;
use crate::policy::fault::{Code, Fault};
use crate::policy::shape;
use crate::policy::source::Span;
use crate::policy::yaml::{Entry, Node};

const SECOND: Duration = Duration::from_secs(1);
const MONTH: Duration = Duration::from_secs(31 * 86_400);

const ACTIONS: &[(&str, ())] = &[("alarm", ()), ("throttle", ()), ("lock", ()), ("quarantine", ())];

/// Validates `lockout:`.
pub(super) fn lockout(d: &mut Decoder<'_>, entry: &Entry) {
    d.part("lockout", entry.key_span);
    let Some(fields) = d.fields(&entry.value, &shape::LOCKOUT) else { return };
    if let Some(node) = d.required(&fields, "after") {
        d.rate(node, "lockout.after", units::failure_rate, "`5 failures/10m`");
    }
    if let Some(node) = d.required(&fields, "for") {
        d.duration(node, "lockout.for", SECOND, MONTH);
    }
    if let Some(node) = fields.get("max") {
        d.duration(node, "lockout.max", SECOND, MONTH);
    }
    if let Some(node) = fields.get("grow") {
        let factor = d.text(node, "lockout.grow").map(|text| text.strip_suffix('x').and_then(|n| n.parse::<u8>().ok()));
        if factor.is_some_and(|factor| !factor.is_some_and(|factor| (1..=10).contains(&factor))) {
            d.fault(
                Fault::new(Code::Number, node.span, "lockout.grow is a factor from 1x to 10x")
                    .label("not one of these"),
            );
        }
    }
}

/// Validates `alarms:`.
pub(super) fn alarms(d: &mut Decoder<'_>, entry: &Entry) {
    d.part("alarms", entry.key_span);
    let mut names: Vec<(String, Span)> = Vec::new();
    for item in d.filled_list(&entry.value, "alarms").unwrap_or_default() {
        let Some(fields) = d.fields(item, &shape::ALARM) else { continue };
        if let Some(node) = d.required(&fields, "name")
            && let Some(name) = d.name(node, "an alarm's name")
        {
            match names.iter().find(|(known, _)| known == name.as_str()) {
                Some((_, first)) => d.twice("alarms", name.as_str(), node.span, *first),
                None => names.push((name.as_str().to_owned(), node.span)),
            }
        }
        if let Some(node) = d.required(&fields, "when") {
            when(d, node);
        }
        if let Some(node) = d.required(&fields, "then") {
            for action in d.filled_list(node, "alarms.then").unwrap_or_default() {
                d.word(action, "alarms.then", ACTIONS);
            }
        }
    }
}

fn when(d: &mut Decoder<'_>, node: &Node) {
    let Some(fields) = d.fields(node, &shape::WHEN) else { return };
    if let Some(node) = fields.get("canary") {
        d.existing(node, "alarms.when.canary", "keyed hashes of the records that were planted");
        return;
    }
    threshold(d, &fields);
}

fn threshold(d: &mut Decoder<'_>, fields: &Fields<'_>) {
    let counted = ["distinct", "count"].into_iter().filter_map(|key| fields.get(key)).inspect(|node| {
        d.text(node, "what an alarm counts");
    });
    if counted.count() != 1 {
        let fault = Fault::new(Code::MissingKey, fields.at, "an alarm counts exactly one thing")
            .help("`distinct: path.order_id`, `count: …` or `canary: FILE`");
        d.fault(fault);
    }
    if let Some(node) = d.required(fields, "per") {
        let keys = &[("caller", ()), ("address", ()), ("role", ()), ("route", ()), ("caller+route", ())];
        d.word(node, "alarms.when.per", keys);
    }
    if let Some(node) = d.required(fields, "over") {
        d.rate(node, "alarms.when.over", units::rate, "`200/10m`");
    }
}
