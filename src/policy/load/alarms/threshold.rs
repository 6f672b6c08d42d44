//! `alarms[].when` of behaviour: exactly one of `count`, `distinct`, `sequence`, `baseline`, `first` and `hours`, and what
//! each of them needs.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::super::decode::{Decoder, Fields};
use super::super::units;
use super::hours;
use super::{DAY, HOUR, SECOND};
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::route::{Part, RouteTable, Template};
use crate::policy::settings::When;
use crate::policy::settings::detect::{Class, Detector, Every, First, Measure, Pattern, Per, Value};
use crate::policy::yaml::{Entry, Node};
use crate::redact::Name;

/// Longest window of a count: as long as limits have.
const LONGEST: Duration = Duration::from_secs(31 * 86_400);
/// Beyond this a threshold is none.
const MOST: u64 = 1_000_000_000_000;
/// What is learned where the policy does not say: two of each hour of the week.
const LEARN: Duration = Duration::from_secs(14 * 86_400);
/// Longest time of learning.
const MOST_LEARN: Duration = Duration::from_secs(90 * 86_400);
/// The keys of which there is one.
const KINDS: [&str; 6] = ["count", "distinct", "sequence", "baseline", "first", "hours"];

const PER: &[(&str, Per)] = &[
    ("caller", Per::Caller),
    ("address", Per::Address),
    ("credential", Per::Credential),
    ("role", Per::Role),
    ("route", Per::Route),
    ("caller+route", Per::CallerRoute),
    ("upstream", Per::Upstream),
    ("issuer", Per::Issuer),
];

const CLASSES: &[(&str, Class)] = &[
    ("requests", Class::Requests),
    ("passed", Class::Passed),
    ("refusals", Class::Refusals),
    ("credential-failures", Class::CredentialFailures),
    ("token-failures", Class::TokenFailures),
    ("unknown-routes", Class::UnknownRoutes),
    ("errors", Class::Errors),
];

/// What `count:` may be: a class of requests, or what is added up of those that `of` names.
const COUNTED: &[(&str, (Measure, Option<Class>))] = &[
    ("requests", (Measure::Requests, None)),
    ("passed", (Measure::Requests, Some(Class::Passed))),
    ("refusals", (Measure::Requests, Some(Class::Refusals))),
    ("credential-failures", (Measure::Requests, Some(Class::CredentialFailures))),
    ("token-failures", (Measure::Requests, Some(Class::TokenFailures))),
    ("unknown-routes", (Measure::Requests, Some(Class::UnknownRoutes))),
    ("errors", (Measure::Requests, Some(Class::Errors))),
    ("bytes", (Measure::Bytes, None)),
    ("records", (Measure::Records, None)),
    ("moves", (Measure::Moves, None)),
];

const FIRSTS: &[(&str, First)] =
    &[("caller", First::Caller), ("route", First::Route), ("network", First::Network), ("origin", First::Origin)];

/// Decodes what a detector looks for.
pub(super) fn threshold(d: &mut Decoder<'_>, fields: &Fields<'_>, routes: Option<&RouteTable>) -> Option<When> {
    let of = fields.get("of").and_then(|node| d.word(node, "alarms.when.of", CLASSES));
    let per = fields.get("per").and_then(|node| d.word(node, "alarms.when.per", PER));
    let zone = fields.get("zone").map(|node| zone(d, node));
    let only = fields.get("routes").map(|node| names(d, node, routes)).unwrap_or_default();
    let kinds: Vec<_> = KINDS.iter().filter_map(|key| fields.entry(key)).collect();
    let [kind] = kinds[..] else {
        let fault = Fault::new(Code::MissingKey, fields.at, "an alarm looks for exactly one thing")
            .help("`count`, `distinct`, `sequence`, `baseline`, `first`, `hours` or `canary`");
        d.fault(fault);
        return None;
    };
    let among = Among { routes, only: &only };
    let read = match kind.key.as_str() {
        "count" => count(d, fields, &kind.value),
        "distinct" => {
            let value = value(d, &kind.value, "alarms.when.distinct", &among);
            over(d, fields).and_then(|(over, window)| Some((Pattern::Distinct { value: value?, over, window }, None)))
        }
        "sequence" => {
            let value = sequence(d, &kind.value, &among);
            over(d, fields).and_then(|(over, window)| Some((Pattern::Sequence { value: value?, over, window }, None)))
        }
        "baseline" => baseline(d, fields, &kind.value, &among).map(|pattern| (pattern, None)),
        "first" => first(d, fields, &kind.value).map(|pattern| (pattern, Some(Class::Passed))),
        _ => {
            let learn = learn(d, fields);
            let hours = hours::hours(d, &kind.value, learn);
            over(d, fields).and_then(|(over, window)| Some((Pattern::OffHours { hours: hours?, over, window }, None)))
        }
    };
    for key in unused(kind.key.as_str()).iter().filter_map(|key| fields.entry(key)) {
        without_effect(d, key, &kind.key);
    }
    let (pattern, class) = read?;
    let of = of.or(class).unwrap_or_default();
    let usual =
        if matches!(pattern, Pattern::Count { measure: Measure::Moves, .. }) { Per::Credential } else { Per::Caller };
    let zone = zone.unwrap_or(Some(TimeZone::UTC))?;
    Some(When::Behaviour(Detector { pattern, per: per.unwrap_or(usual), of, routes: only, zone }))
}

/// A key that says nothing beside what a rule looks for.
pub(super) fn without_effect(d: &mut Decoder<'_>, key: &Entry, kind: &str) {
    let message = format!("`{}` has no meaning beside `{kind}`", key.key);
    d.fault(Fault::new(Code::UnknownKey, key.key_span, message).label("without effect").help("leave it out"));
}

/// Keys that a kind has no use for.
fn unused(kind: &str) -> &'static [&'static str] {
    match kind {
        "count" => &["floor", "in", "learn", "zone"],
        "distinct" | "sequence" => &["floor", "in", "learn", "share", "zone"],
        "baseline" => &["in", "share"],
        "first" => &["over", "floor", "in", "share", "zone"],
        _ => &["floor", "in", "share"],
    }
}

type Read = Option<(Pattern, Option<Class>)>;

fn count(d: &mut Decoder<'_>, fields: &Fields<'_>, node: &Node) -> Read {
    let what = d.word(node, "alarms.when.count", COUNTED);
    let share = fields.get("share").map(|node| {
        let text = d.text(node, "alarms.when.share")?;
        let share = units::percent(text);
        if share.is_none() {
            let fault = Fault::new(Code::Number, node.span, "alarms.when.share is a part of a hundred");
            d.fault(fault.label("not one of these").help("`20%`"));
        }
        share
    });
    let (measure, class) = what?;
    let read = if measure == Measure::Bytes { units::byte_rate } else { units::rate };
    let (over, window) = rate(d, fields, "over", read)?;
    let share = match share {
        Some(share) => Some(share?),
        None => None,
    };
    if let (Some(_), Some(node), true) = (share, fields.get("share"), measure != Measure::Requests) {
        d.fault(Fault::new(Code::Word, node.span, "a share is one of requests").label("of something else"));
    }
    Some((Pattern::Count { measure, over, window, share }, class))
}

fn over(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<(u64, Duration)> {
    rate(d, fields, "over", units::rate)
}

fn rate(
    d: &mut Decoder<'_>,
    fields: &Fields<'_>,
    key: &'static str,
    read: fn(&str) -> Option<units::Rate>,
) -> Option<(u64, Duration)> {
    let node = d.required(fields, key)?;
    let what = format!("alarms.when.{key}");
    let rate = d.rate(node, &what, read, "`200/10m`, of bytes `20MB/h`")?;
    if rate.count > MOST || !(SECOND..=LONGEST).contains(&rate.period) {
        let message = format!("{what} is at most {MOST} in 1s to {}", units::show(LONGEST));
        d.fault(Fault::new(Code::Rate, node.span, message).label("out of range"));
        return None;
    }
    Some((rate.count, rate.period))
}

fn baseline(d: &mut Decoder<'_>, fields: &Fields<'_>, node: &Node, among: &Among<'_>) -> Option<Pattern> {
    let measure = match d.text(node, "alarms.when.baseline")? {
        "requests" => Some(Measure::Requests),
        "bytes" => Some(Measure::Bytes),
        "records" => Some(Measure::Records),
        _ => value(d, node, "alarms.when.baseline", among).map(Measure::Distinct),
    };
    let times = d.required(fields, "over").and_then(|node| times(d, node));
    let read = if measure == Some(Measure::Bytes) { units::byte_rate } else { units::rate };
    let floor = rate(d, fields, "floor", read);
    let learn = learn(d, fields);
    let (floor, period) = floor?;
    let every = match period {
        HOUR => Every::Hour,
        DAY => Every::Day,
        _ => {
            let at = fields.get("floor").map_or(fields.at, |node| node.span);
            let fault = Fault::new(Code::Rate, at, "a baseline is one of hours or of days");
            d.fault(fault.label("another period").help("`200/h` or `2000/d`"));
            return None;
        }
    };
    Some(Pattern::Baseline { measure: measure?, times: times?, floor, every, learn })
}

fn times(d: &mut Decoder<'_>, node: &Node) -> Option<u64> {
    let text = d.text(node, "alarms.when.over")?;
    let times = text.strip_suffix('x').and_then(|text| text.parse().ok()).filter(|times| (2..=1000).contains(times));
    if times.is_none() {
        let fault = Fault::new(Code::Rate, node.span, "beside `baseline`, `over` says how many times more than usual");
        d.fault(fault.label("not 2x to 1000x").help("`4x`"));
    }
    times
}

fn first(d: &mut Decoder<'_>, fields: &Fields<'_>, node: &Node) -> Option<Pattern> {
    let what = d.word(node, "alarms.when.first", FIRSTS);
    let learn = learn(d, fields);
    Some(Pattern::First { what: what?, learn })
}

fn learn(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Duration {
    let learn = fields.get("learn").and_then(|node| d.duration(node, "alarms.when.learn", SECOND, MOST_LEARN));
    learn.unwrap_or(LEARN)
}

fn zone(d: &mut Decoder<'_>, node: &Node) -> Option<TimeZone> {
    let text = d.text(node, "alarms.when.zone")?;
    let zone = if text == "UTC" { Some(TimeZone::UTC) } else { TimeZone::get(text).ok() };
    if zone.is_none() {
        let fault = Fault::new(Code::Word, node.span, format!("{} is no time zone of this machine", quote(text)));
        d.fault(fault.label("not known").help("a name of the IANA database, `Europe/Berlin`; Debian has it in tzdata"));
    }
    zone
}

/// The routes that a value is looked for in.
struct Among<'a> {
    routes: Option<&'a RouteTable>,
    only: &'a [Name],
}

impl Among<'_> {
    /// Names of segments, for suggestions.
    fn segments(&self) -> Vec<String> {
        let routes = self.routes.map(RouteTable::routes).unwrap_or_default();
        let looked_at = routes.iter().filter(|route| self.only.is_empty() || self.only.contains(&route.name));
        let mut names: Vec<String> = looked_at
            .filter_map(|route| Template::parse(route.template.as_str()).ok())
            .flat_map(|template| {
                let named = |part: &Part<'_>| match part {
                    Part::Named(name) => Some(format!("path.{name}")),
                    Part::Literal(_) | Part::Any | Part::Rest => None,
                };
                template.parts().iter().filter_map(named).collect::<Vec<_>>()
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

fn value(d: &mut Decoder<'_>, node: &Node, what: &str, among: &Among<'_>) -> Option<Value> {
    let text = d.text(node, what)?;
    match text {
        "path" => return Some(Value::WholePath),
        "address" => return Some(Value::Address),
        "network" => return Some(Value::Network),
        _ => {}
    }
    let named = text.split_once('.').and_then(|(kind, name)| Some((kind, Name::configured(name).ok()?)));
    match named {
        Some(("path", name)) => {
            let known = among.segments();
            if among.routes.is_some() && !known.iter().any(|known| known == text) {
                let help = super::super::suggest::did_you_mean(text, known.iter().map(String::as_str));
                let fault =
                    Fault::new(Code::UnknownRoute, node.span, format!("no route has a segment {}", quote(text)));
                d.fault(fault.label("nowhere").help(help.unwrap_or_else(|| "as in `/orders/{order_id}`".to_owned())));
                return None;
            }
            Some(Value::Path(name))
        }
        Some(("query", name)) => Some(Value::Query(name)),
        _ => {
            let fault = Fault::new(Code::Word, node.span, format!("{what} cannot be {}", quote(text)));
            d.fault(fault.label("no value of requests").help(
                "`path.NAME` for a segment `{NAME}`, `query.NAME` for a parameter, `path`, `address` or `network`",
            ));
            None
        }
    }
}

fn sequence(d: &mut Decoder<'_>, node: &Node, among: &Among<'_>) -> Option<Value> {
    let value = value(d, node, "alarms.when.sequence", among)?;
    if !matches!(value, Value::Path(_) | Value::Query(_)) {
        let fault = Fault::new(Code::Word, node.span, "only segments and parameters follow one another");
        d.fault(fault.label("no number").help("`path.order_id`"));
        return None;
    }
    Some(value)
}

fn names(d: &mut Decoder<'_>, node: &Node, routes: Option<&RouteTable>) -> Vec<Name> {
    let names = d.names(node, "alarms.when.routes");
    let Some(routes) = routes else { return names };
    let known: Vec<&str> = routes.routes().iter().map(|route| route.name.as_str()).collect();
    for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
        let fault = Fault::new(Code::UnknownRoute, node.span, format!("there is no route {}", quote(name.as_str())));
        let help = super::super::suggest::did_you_mean(name.as_str(), known.iter().copied());
        d.fault(fault.label("not defined").help(help.unwrap_or_else(|| "as `routes[].name` has it".to_owned())));
    }
    names
}
