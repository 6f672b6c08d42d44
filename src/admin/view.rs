//! What operators may see: numbers, digests, configured names, and callers as records show them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::input::Input;
use super::outcome;
use super::{CertificateEnd, Desk, HouseStanding, LastReload, behaviour};
use crate::audit::AdminOutcome;
use crate::clock::UnixMillis;
use crate::delivery;
use crate::deploy::sandbox::Enforced;
use crate::deploy::side_door::Door;
use crate::gate::{Stage, Terms};
use crate::limits::Spending;
use crate::policy::settings::{Confinement, LimitKey, Mode, SideDoor};
use crate::telemetry;

use super::control::caller_id;

/// JSON of ours as an answer.
pub(super) fn object(value: Value) -> Answer {
    match value {
        Value::Object(members) => members,
        _ => Answer::new(),
    }
}

pub(super) const fn mode(mode: Mode) -> &'static str {
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
    let (now, house) = (desk.clock.moment(), desk.house.standing());
    let HouseStanding { workers, stuck, connections, ready, counts, reloads, last_reload, .. } = &house;
    let [changed, refused, taken_back] = reloads;
    let (sandbox, doors) = machine(terms, house.sandbox, house.doors.as_ref());
    object(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "started": desk.started.wall.0,
        "uptime_seconds": now.ticks.since(desk.started.ticks) / 1_000_000,
        "stage": stage(*desk.stage.borrow()),
        "ready": ready,
        "workers": { "count": workers, "stuck": stuck },
        "policy": { "digest": terms.policy.digest.as_str(), "generation": terms.generation, "mode": mode(terms.policy.mode) },
        "reloads": { "changed": changed, "refused": refused, "taken_back": taken_back, "last": last_reload.as_ref().map(last) },
        "connections": { "open": connections, "most": terms.policy.gate.connections.max },
        "requests": { "answered": counts.requests, "refused": counts.refusals, "errors": counts.errors },
        "trail": {
            "on": !desk.trail.is_off(),
            "healthy": desk.trail.healthy(),
            "spooled": desk.trail.is_spooled(),
            "durable": desk.trail.durable(),
        },
        "sinks": house.sinks.iter().map(sink).collect::<Vec<_>>(),
        "alarms": behaviour::alarm_counts(desk),
        "sanctions": behaviour::sanction_counts(desk),
        "shared": shared(terms),
        "sandbox": sandbox,
        "side_door": doors,
        "limits": { "overflowed": terms.limits.overflowed() },
        "certificates": house.certificates.iter().map(|end| certificate(end, now.wall.seconds())).collect::<Vec<_>>(),
        "issuers": house.issuers.iter().map(|of| json!({
            "issuer": of.issuer.as_str(),
            "usable": of.usable,
            "fetched": of.fetched * 1000,
            "failures": of.failures,
        })).collect::<Vec<_>>(),
        "log_level": telemetry::level().word(),
        "panics": telemetry::panics(),
    }))
}

fn last(last: &LastReload) -> Value {
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

/// Sinks on the network, in the order of the policy.
pub(super) fn sinks(desk: &Desk) -> Answer {
    let sinks = desk.house.standing().sinks;
    object(json!({ "count": sinks.len(), "sinks": sinks.iter().map(sink).collect::<Vec<_>>() }))
}

fn sink(of: &delivery::Status) -> Value {
    json!({
        "name": of.name.as_str(),
        "kind": of.kind,
        "state": of.state.word(),
        "cause": of.cause,
        "delivered": of.delivered,
        "lag_records": of.lag_records,
        "lag_seconds": of.lag_seconds,
        "rejected": of.rejected,
        "left_out": of.left_out,
        "undelivered": of.undelivered,
    })
}

/// What the gate is on this machine: its sandbox, and whether the app is as closed as it assumes.
fn machine(terms: &Terms, sandbox: Enforced, doors: Option<&(UnixMillis, Vec<Door>)>) -> (Value, Value) {
    let upstream = match terms.policy.upstream.side_door {
        SideDoor::Off => "off",
        SideDoor::Report => "report",
        SideDoor::Refuse => "refuse",
    };
    let wanted = match terms.policy.sandbox {
        Confinement::Off => "off",
        Confinement::BestEffort => "best-effort",
        Confinement::Required => "required",
    };
    let tell = |door: &Door| json!({ "what": door.to_string(), "advice": door.advice() });
    let found: Vec<_> = doors.iter().flat_map(|(_, found)| found).map(tell).collect();
    let parts: Answer = sandbox.parts().into_iter().map(|(part, held)| (part.to_owned(), json!(held))).collect();
    (
        json!({ "wanted": wanted, "enforced": parts }),
        json!({ "wanted": upstream, "looked": doors.map(|(at, _)| at.0), "count": found.len(), "found": found }),
    )
}

fn shared(terms: &Terms) -> Value {
    terms.limits.pool().map_or(Value::Null, |pool| {
        let [done, failed] = pool.exchanges();
        json!({
            "linked": pool.is_linked(),
            "replicas": pool.replicas(),
            "exchanges": { "done": done, "failed": failed },
        })
    })
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
