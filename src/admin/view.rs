//! What operators may see: numbers, digests, configured names, and callers as records show them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::input::Input;
use super::outcome;
use super::{CertificateEnd, Desk, HouseStanding, LastReload};
use crate::audit::AdminOutcome;
use crate::gate::{Stage, Terms};
use crate::limits::Spending;
use crate::policy::settings::{LimitKey, Mode};
use crate::telemetry;
use crate::watch::{Author, Kind, Sanction, Shown, Sort, Subject};

use super::control::caller_id;

/// Sanctions in one answer; what is beyond is counted.
const MOST_SANCTIONS: usize = 1000;

fn object(value: Value) -> Answer {
    match value {
        Value::Object(members) => members,
        _ => Answer::new(),
    }
}

const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "enforce",
        Mode::Shadow => "shadow",
    }
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Serving => "serving",
        Stage::Leaving => "leaving",
        Stage::Replaced => "replaced",
        Stage::Draining => "draining",
        Stage::Cutting => "cutting",
    }
}

/// How the gate does.
pub(super) fn status(desk: &Desk, terms: &Terms) -> Answer {
    let now = desk.clock.moment();
    let HouseStanding { workers, stuck, connections, ready, counts, reloads, last_reload, issuers, certificates } =
        desk.house.standing();
    let sanctions = desk.sanctions.list();
    let of = |sort: Sort| sanctions.iter().filter(|sanction| sanction.kind.sort() == sort).count();
    let [changed, refused, taken_back] = reloads;
    object(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "started": desk.started.wall.0,
        "uptime_seconds": now.ticks.since(desk.started.ticks) / 1_000_000,
        "stage": stage(*desk.stage.borrow()),
        "ready": ready,
        "workers": { "count": workers, "stuck": stuck },
        "policy": { "digest": terms.policy.digest.as_str(), "generation": terms.generation, "mode": mode(terms.policy.mode) },
        "reloads": { "changed": changed, "refused": refused, "taken_back": taken_back, "last": last_reload.map(last) },
        "connections": { "open": connections, "most": terms.policy.gate.connections.max },
        "requests": { "answered": counts.requests, "refused": counts.refusals, "errors": counts.errors },
        "trail": {
            "on": !desk.trail.is_off(),
            "healthy": desk.trail.healthy(),
            "spooled": desk.trail.is_spooled(),
            "durable": desk.trail.durable(),
        },
        "sanctions": {
            "quarantine": of(Sort::Quarantine),
            "lock": of(Sort::Lock),
            "require_mfa": of(Sort::RequireMfa),
            "throttle": of(Sort::Throttle),
            "found_no_room": desk.sanctions.overfull(),
        },
        "limits": { "overflowed": terms.limits.overflowed() },
        "certificates": certificates.iter().map(|end| certificate(end, now.wall.seconds())).collect::<Vec<_>>(),
        "issuers": issuers.iter().map(|of| json!({
            "issuer": of.issuer.as_str(),
            "usable": of.usable,
            "fetched": of.fetched * 1000,
            "failures": of.failures,
        })).collect::<Vec<_>>(),
        "log_level": telemetry::level().word(),
        "panics": telemetry::panics(),
    }))
}

fn last(last: LastReload) -> Value {
    json!({
        "at": last.at.0,
        "code": last.outcome.code,
        "text": last.outcome.text,
        "faults": last.outcome.faults,
        "author": last.author.as_ref().map(|author| author.as_str().to_owned()),
    })
}

fn certificate(end: &CertificateEnd, now: u64) -> Value {
    json!({
        "key": end.key,
        "file": end.path.display().to_string(),
        "until": end.until,
        "seconds_left": end.until.saturating_sub(now),
        "ended": now > end.until,
    })
}

/// What is in force, by digests and counts.
pub(super) fn policy(terms: &Terms) -> Answer {
    let policy = &terms.policy;
    let rights = policy.roles.names().iter().map(|name| {
        let rights: Vec<_> = policy.roles.rights_by_name(name).iter().map(|right| right.word()).collect();
        json!({ "name": name.as_str(), "admin": rights })
    });
    let routes = policy.routes.routes().iter().map(|route| {
        json!({ "name": route.name.as_str(), "path": route.template.as_str(), "mode": mode(route.mode), "pii": !route.pii.is_empty() })
    });
    object(json!({
        "digest": policy.digest.as_str(),
        "generation": terms.generation,
        "mode": mode(policy.mode),
        "files": policy.files.iter().map(|file| json!({ "key": file.key, "file": file.path.display().to_string() })).collect::<Vec<_>>(),
        "roles": rights.collect::<Vec<_>>(),
        "routes": routes.collect::<Vec<_>>(),
        "limits": policy.limits.iter().map(|limit| json!({
            "name": limit.name.as_str(),
            "per": per(limit.per),
            "mode": mode(limit.mode),
        })).collect::<Vec<_>>(),
    }))
}

const fn per(key: LimitKey) -> &'static str {
    match key {
        LimitKey::Caller => "caller",
        LimitKey::Address => "address",
        LimitKey::Role => "role",
        LimitKey::Route => "route",
        LimitKey::CallerRoute => "caller+route",
    }
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

/// What is spent of the limits: by a caller, or by roles and routes.
pub(super) fn limits(
    desk: &Desk,
    terms: &Arc<Terms>,
    mut input: Input,
    call: &mut Call,
) -> Result<(AdminOutcome, Answer), AdminOutcome> {
    let asked = input.text("caller")?;
    input.end()?;
    let id = asked.map(|text| caller_id(terms, &text)).transpose()?;
    let caller = id.as_ref().map(|id| (id.kind, id.subject()));
    if let Some(id) = &id {
        call.is_about(terms.redactor.caller(&id.text, terms.policy.redaction.caller));
    }
    let spending = terms.limits.spending(&terms.policy, caller, desk.clock.ticks());
    let shown: Vec<Value> = spending
        .iter()
        .map(|Spending { limit, of, standing }| {
            json!({
                "limit": limit.as_str(),
                "of": of.as_ref().map(|name| name.as_str().to_owned()),
                "measure": standing.measure.word(),
                "most": standing.most,
                "left": standing.left,
                "full_in_ms": u64::try_from(standing.full_in.as_millis()).unwrap_or(u64::MAX),
            })
        })
        .collect();
    let caller = id.map(|id| terms.redactor.caller(&id.text, terms.policy.redaction.caller).as_str().to_owned());
    Ok((outcome::DONE, object(json!({ "caller": caller, "limits": shown }))))
}
