//! What the trail is told of sanctions.

use std::sync::Arc;

use smallvec::SmallVec;

use super::sanction::{Author, Imposition, Sanction, Sort};
use super::subject::{Shown, Subject};
use crate::audit::{
    Alarm, AlarmKind, Event, KillScope, KillSwitch, Lockout, LockoutSubject, Measure, PolicyRecord, RequestId, Trail,
};
use crate::clock::{Moment, UnixMillis};
use crate::redact::Name;

/// What was kept over the start is of no use.
pub fn state_lost(trail: &Trail, at: UnixMillis, file: &str, policy: &Arc<PolicyRecord>) {
    let Ok(rule) = Name::configured(file) else { return };
    // Without room the trail counts a lost record.
    trail.record(Event::Alarm(Box::new(Alarm {
        id: RequestId::new(at),
        at,
        kind: AlarmKind::StateLost,
        rule,
        first: at,
        last: at,
        observed: 1,
        allowed: Some(0),
        caller: None,
        source: None,
        route: None,
        subject: None,
        requests: SmallVec::new(),
        policy: Arc::clone(policy),
    })));
}

/// A sanction is in force.
pub(super) fn imposed(trail: &Trail, imposition: &Imposition, now: Moment) {
    let Imposition { subject, shown, kind, until, cause, author, failures, request, policy, .. } = imposition;
    let told = Told {
        subject,
        shown,
        sort: kind.sort(),
        begins: true,
        until: until.map(|until| now.wall_at(until)),
        cause,
        author,
        failures: *failures,
        request: *request,
        policy,
        at: now.wall,
    };
    told.record(trail);
}

/// A sanction is no more in force.
pub(super) fn lifted(trail: &Trail, sanction: &Sanction, author: &Author, policy: &Arc<PolicyRecord>, at: UnixMillis) {
    let Sanction { subject, shown, kind, cause, failures, .. } = sanction;
    let told = Told {
        subject,
        shown,
        sort: kind.sort(),
        begins: false,
        until: None,
        cause,
        author,
        failures: *failures,
        request: None,
        policy,
        at,
    };
    told.record(trail);
}

struct Told<'a> {
    subject: &'a Subject,
    shown: &'a Shown,
    sort: Sort,
    begins: bool,
    until: Option<UnixMillis>,
    cause: &'a Name,
    author: &'a Author,
    failures: u64,
    request: Option<RequestId>,
    policy: &'a Arc<PolicyRecord>,
    at: UnixMillis,
}

impl Told<'_> {
    /// Without room the trail counts a lost record.
    fn record(&self, trail: &Trail) {
        let whose = match self.shown {
            Shown::Caller(record) => Some(LockoutSubject::Caller((**record).clone())),
            Shown::Address(address) => Some(LockoutSubject::Address(address.clone())),
            Shown::Itself => None,
        };
        let event = match (self.sort, whose) {
            (Sort::Lock | Sort::RequireMfa | Sort::Throttle, Some(subject)) => Event::Lockout(Box::new(Lockout {
                id: RequestId::new(self.at),
                request: self.request,
                at: self.at,
                measure: match self.sort {
                    Sort::RequireMfa => Measure::StepUp,
                    Sort::Throttle => Measure::Throttle,
                    Sort::Lock | Sort::Quarantine => Measure::Lock,
                },
                locked: self.begins,
                subject,
                rule: self.cause.clone(),
                failures: self.failures,
                until: self.until,
                by: self.author.operator(),
                policy: Arc::clone(self.policy),
            })),
            _ => Event::KillSwitch(Box::new(self.kill_switch())),
        };
        trail.record(event);
    }

    /// A caller or an address as records show it, if that can be a name.
    fn shown(&self) -> Option<Name> {
        match self.shown {
            Shown::Caller(record) => Name::configured(record.record.as_str()).ok(),
            Shown::Address(address) => Name::configured(address.as_str()).ok(),
            Shown::Itself => None,
        }
    }

    fn kill_switch(&self) -> KillSwitch {
        let (scope, name) = match self.subject {
            Subject::All => (KillScope::Gate, None),
            Subject::Route(name) => (KillScope::Route, Some(name.clone())),
            Subject::Role(name) => (KillScope::Role, Some(name.clone())),
            Subject::Caller(_) => (KillScope::Caller, self.shown()),
            Subject::Address(_) => (KillScope::Address, self.shown()),
        };
        KillSwitch {
            id: RequestId::new(self.at),
            at: self.at,
            engaged: self.begins,
            scope,
            name,
            by: self.author.operator(),
            reason: Some(self.cause.clone()),
        }
    }
}
