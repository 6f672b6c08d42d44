//! What operators see of behaviour: alarms that are open, canaries that were seen, and who may not go on as before.

use serde_json::{Value, json};

use super::Desk;
use super::call::Answer;
use super::view::{mode, object};
use crate::audit::Behaviour;
use crate::clock::UnixMillis;
use crate::policy::settings::Mode;
use crate::watch::{Author, Counts, Kind, OpenAlarm, Sanction, Shown, Sort, Subject};

/// Sanctions in one answer; what is beyond is counted.
const MOST_SANCTIONS: usize = 1000;
/// Alarms in one answer, the oldest first; what is beyond is counted.
const MOST_ALARMS: usize = 1000;

/// Alarms in numbers.
pub(super) fn alarm_counts(desk: &Desk) -> Value {
    let (open, counts) = (desk.lookout.open(), desk.lookout.counts());
    let over = desk.lookout.incidents();
    json!({
        "open": open.len(),
        "incidents": open.iter().chain(&over).filter(|alarm| alarm.due.is_some()).count(),
        "first_due": first_due(open.iter().chain(&over)).map(|due| due.0),
        "opened": counts.opened,
        "canaries": counts.canaries,
        "detectors": detectors(&counts),
    })
}

fn first_due<'a>(open: impl Iterator<Item = &'a OpenAlarm>) -> Option<UnixMillis> {
    open.filter_map(|alarm| alarm.due).min()
}

fn detectors(counts: &Counts) -> Value {
    json!({
        "seen": counts.seen,
        "lost": counts.lost,
        "keys": counts.keys,
        "full": counts.full,
        "overflowed": counts.overflowed,
    })
}

/// Alarms that are open, and those that are over and opened an incident, each with what its records show of whose doing it is.
pub(super) fn alarms(desk: &Desk) -> Answer {
    let (open, over) = (desk.lookout.open(), desk.lookout.incidents());
    let shown: Vec<Value> = open.iter().chain(&over).take(MOST_ALARMS).map(alarm).collect();
    let counts = desk.lookout.counts();
    object(
        json!({ "count": open.len() + over.len(), "alarms": shown, "canaries": counts.canaries, "detectors": detectors(&counts) }),
    )
}

fn alarm(of: &OpenAlarm) -> Value {
    let kind = if of.shadow { Mode::Shadow } else { Mode::Enforce };
    json!({
        "id": of.id.to_string(),
        "rule": of.rule.as_str(),
        "behaviour": of.behaviour.map(Behaviour::code),
        "title": of.behaviour.map(Behaviour::title),
        "state": if of.over.is_some() { "closed" } else { "open" },
        "since": of.opened.0,
        "last": of.last.0,
        "requests": of.count,
        "observed": of.observed,
        "allowed": of.allowed,
        "due": of.due.map(|due| due.0),
        "caller": of.caller.as_ref().map(|caller| caller.record.as_str()),
        "address": of.source.as_ref().map(|source| source.as_str().to_owned()),
        "route": of.route.as_ref().map(|route| route.as_str().to_owned()),
        "actions": of.actions.to_vec(),
        "mode": mode(kind),
        "of_several": of.shared,
        "learning": of.learning,
        "signs": of.signs.words().collect::<Vec<_>>(),
        "closed": of.over.map(|at| at.0),
    })
}

/// Sanctions in numbers: those that refuse, and those in shadow.
pub(super) fn sanction_counts(desk: &Desk) -> Value {
    let tally = desk.sanctions.tally();
    let of = |sort: Sort, shadow: usize| tally[sort as usize].iter().map(|by_mode| by_mode[shadow]).sum::<u64>();
    json!({
        "quarantine": of(Sort::Quarantine, 0),
        "lock": of(Sort::Lock, 0),
        "require_mfa": of(Sort::RequireMfa, 0),
        "throttle": of(Sort::Throttle, 0),
        "shadow": Sort::ALL.into_iter().map(|sort| of(sort, 1)).sum::<u64>(),
        "found_no_room": desk.sanctions.overfull(),
    })
}

/// Who may not go on as before.
pub(super) fn sanctions(desk: &Desk) -> Answer {
    let all = desk.sanctions.list();
    let now = desk.clock.moment();
    let shown: Vec<Value> = all
        .iter()
        .take(MOST_SANCTIONS)
        .map(|sanction| {
            json!({
                "on": sanction.subject.whom().word(),
                "name": name_of(sanction),
                "sanction": sanction.kind.sort().word(),
                "rate": rate(sanction.kind),
                "since": sanction.since.0,
                "until": sanction.until.map(|until| now.wall_at(until).0),
                "cause": sanction.cause.as_str(),
                "mode": mode(sanction.mode),
                "spares_proven": sanction.spares_proven,
                "by": match &sanction.author {
                    Author::Gate => "gate",
                    Author::Operator(record) => record.record.as_str(),
                },
                "failures": sanction.failures,
            })
        })
        .collect();
    object(json!({ "count": all.len(), "sanctions": shown }))
}

/// How a sanction's subject stands in records.
pub(super) fn name_of(sanction: &Sanction) -> Option<&str> {
    match (&sanction.shown, &sanction.subject) {
        (Shown::Caller(record), _) => Some(record.record.as_str()),
        (Shown::Address(address), _) => Some(address.as_str()),
        (Shown::Itself, Subject::Role(name) | Subject::Route(name)) => Some(name.as_str()),
        (Shown::Itself, _) => None,
    }
}

fn rate(kind: Kind) -> Option<Value> {
    match kind {
        Kind::Throttle(quota) => Some(json!({
            "requests": quota.amount,
            "period_ms": u64::try_from(quota.period.as_millis()).unwrap_or(u64::MAX),
            "burst": quota.burst,
        })),
        _ => None,
    }
}
