//! `alarms:`; one file for each kind of `when`.

mod canary;
mod hours;
mod threshold;

use std::sync::Arc;
use std::time::Duration;

use super::decode::{Decoder, Fields};
use super::units;
use crate::policy::fault::{Code, Fault};
use crate::policy::route::RouteTable;
use crate::policy::settings::detect::{Detector, Per};
use crate::policy::settings::{Action, AlarmRule, Mode, Quota, When};
use crate::policy::shape;
use crate::policy::source::Span;
use crate::policy::yaml::{Entry, Node};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
const MONTH: Duration = Duration::from_secs(31 * 86_400);
/// Requests of a throttled caller, in at most a day.
const MAX_RATE: u64 = 1_000_000;
/// Rules: each is looked at for every request.
const MAX_RULES: usize = 256;

const ACTIONS: &[(&str, Action)] = &[
    ("alarm", Action::Alarm),
    ("throttle", Action::Throttle),
    ("require-mfa", Action::RequireMfa),
    ("lock", Action::Lock),
    ("quarantine", Action::Quarantine),
    ("cut", Action::Cut),
];

/// Decodes `alarms:`, whose names are those of `routes`, if they are sound.
pub(super) fn alarms(d: &mut Decoder<'_>, entry: &Entry, routes: Option<&RouteTable>) -> Vec<Arc<AlarmRule>> {
    let mut names: Vec<(String, Span)> = Vec::new();
    let mut rules: Vec<Arc<AlarmRule>> = Vec::new();
    let items = d.filled_list(&entry.value, "alarms").unwrap_or_default();
    if items.len() > MAX_RULES {
        let fault = Fault::new(Code::Number, entry.value.span, format!("alarms has at most {MAX_RULES} rules"));
        d.fault(fault.label("too many"));
        return rules;
    }
    for item in items {
        let Some(fields) = d.fields(item, &shape::ALARM) else { continue };
        let name = d.required(&fields, "name").and_then(|node| Some((d.name(node, "an alarm's name")?, node.span)));
        if let Some((name, span)) = &name {
            match names.iter().find(|(known, _)| known == name.as_str()) {
                Some((_, first)) => d.twice("alarms", name.as_str(), *span, *first),
                None => names.push((name.as_str().to_owned(), *span)),
            }
        }
        let when = d.required(&fields, "when").and_then(|node| when(d, node, routes));
        let then = d.required(&fields, "then").map(|node| then(d, node)).unwrap_or_default();
        let mode = fields.get("mode").and_then(|node| super::routes::mode(d, node, "alarms.mode"));
        let lasts = fields.get("for").and_then(|node| d.duration(node, "alarms.for", SECOND, MONTH));
        let incident = fields.get("incident").and_then(|node| d.duration(node, "alarms.incident", MINUTE, MONTH));
        let rate = fields.get("rate").and_then(|node| rate(d, node));
        let (Some((name, _)), Some(when)) = (name, when) else { continue };
        if let (When::Behaviour(detector), Some(node)) = (&when, fields.get("then")) {
            answerable(d, node, detector, &then);
        }
        rules.push(Arc::new(AlarmRule {
            name,
            index: rules.len(),
            when,
            then,
            mode: mode.unwrap_or(Mode::Enforce),
            incident,
            lasts: lasts.unwrap_or(HOUR),
            rate: rate.unwrap_or(Quota { amount: 10, period: Duration::from_secs(60), burst: 1 }),
        }));
    }
    rules
}

fn when(d: &mut Decoder<'_>, node: &Node, routes: Option<&RouteTable>) -> Option<When> {
    let fields: Fields<'_> = d.fields(node, &shape::WHEN)?;
    if let Some(entry) = fields.entry("canary") {
        return canary::canary(d, &fields, entry);
    }
    threshold::threshold(d, &fields, routes)
}

fn then(d: &mut Decoder<'_>, node: &Node) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    let items = d.filled_list(node, "alarms.then").unwrap_or_default();
    for item in items {
        let Some(action) = d.word(item, "alarms.then", ACTIONS) else { continue };
        if actions.contains(&action) {
            let word = d.text(item, "alarms.then").unwrap_or_default().to_owned();
            d.listed_twice("alarms.then", &word, item.span, items);
        } else {
            actions.push(action);
        }
    }
    actions
}

/// What a detector can do: to one it can name, and after the request.
fn answerable(d: &mut Decoder<'_>, node: &Node, detector: &Detector, then: &[Action]) {
    let nobody = matches!(detector.per, Per::Role | Per::Route | Per::Upstream | Per::Issuer);
    for action in then.iter().filter(|action| **action != Action::Alarm) {
        let message = match action {
            Action::Cut => "`cut` is for canaries: a detector sees a request when its answer is through",
            _ if nobody => {
                "what is counted by role, route, upstream or issuer is nobody's alone: there is nobody to act on"
            }
            _ => continue,
        };
        let fault = Fault::new(Code::Word, node.span, message).label(format!("`{}` here", action.word()));
        d.fault(fault.help("`then: [alarm]`, or count by caller, address or credential"));
    }
}

fn rate(d: &mut Decoder<'_>, node: &Node) -> Option<Quota> {
    let rate = d.rate(node, "alarms.rate", units::rate, "`10/m`")?;
    if rate.count > MAX_RATE || rate.period > Duration::from_secs(86_400) {
        let message = format!("alarms.rate is at most {MAX_RATE} in at most 1d");
        d.fault(Fault::new(Code::Rate, node.span, message).label("out of range"));
        return None;
    }
    Some(Quota { amount: rate.count, period: rate.period, burst: 1 })
}
