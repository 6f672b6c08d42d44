//! From a finding to what follows: the kind of the alarm, its evidence, and what is imposed.

use std::net::IpAddr;
use std::sync::Arc;

use smallvec::SmallVec;

use super::alarms::Open;
use super::brief::Brief;
use super::{Culprit, Sanctions, Shown, Subject};
use crate::audit::{Alarm, AlarmKind, Behaviour, CallerRecord, Detected, RequestId, RouteRecord, Step};
use crate::clock::{Clock, UnixMillis};
use crate::identity::Identity;
use crate::policy::settings::detect::{Class, Detector, First, Measure, Pattern, Per};
use crate::policy::settings::{Action, AlarmRule, Mode, When};
use crate::redact::{Name, Redacted};

/// Who asked, from where, for what: what an alarm shows of the request that was one too many.
#[derive(Clone)]
pub struct Who {
    /// Who proved to be the caller.
    pub identity: Option<Arc<Identity>>,
    /// The client's address.
    pub address: IpAddr,
    /// The route that was found.
    pub route: Option<Arc<RouteRecord>>,
    /// The issuer of the token that was shown.
    pub issuer: Option<Name>,
}

/// What a record of an alarm shows; kept with the alarm, for its further records.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The caller.
    pub caller: Option<CallerRecord>,
    /// The address, in the policy's form.
    pub source: Option<Redacted>,
    /// The route.
    pub route: Option<Arc<RouteRecord>>,
    /// The issuer of tokens, where alarms are by issuer.
    pub issuer: Option<Name>,
}

/// What a detector's alarm is about.
pub const fn behaviour(detector: &Detector) -> Behaviour {
    match &detector.pattern {
        Pattern::Count { measure: Measure::Moves, .. } => Behaviour::SharedCredential,
        Pattern::Count { measure: Measure::Bytes | Measure::Records, .. }
        | Pattern::Baseline { measure: Measure::Bytes | Measure::Records, .. } => Behaviour::Volume,
        Pattern::Distinct { .. } if matches!(detector.per, Per::Credential) => Behaviour::SharedCredential,
        Pattern::Distinct { .. } if matches!(detector.of, Class::UnknownRoutes) => Behaviour::Scan,
        Pattern::Distinct { .. } | Pattern::Baseline { measure: Measure::Distinct(_), .. } => Behaviour::Distinct,
        Pattern::Sequence { .. } => Behaviour::Enumeration,
        Pattern::First { what: First::Caller, .. } => Behaviour::NewCaller,
        Pattern::First { what: First::Route, .. } => Behaviour::NewRoute,
        Pattern::First { what: First::Network | First::Origin, .. } => Behaviour::NewOrigin,
        Pattern::OffHours { .. } => Behaviour::OffHours,
        Pattern::Count { .. } | Pattern::Baseline { .. } => match detector.of {
            Class::Requests | Class::Passed => Behaviour::Rate,
            Class::Refusals => Behaviour::Refusals,
            Class::CredentialFailures => Behaviour::CredentialFailures,
            Class::TokenFailures => Behaviour::TokenFailures,
            Class::UnknownRoutes => Behaviour::Scan,
            Class::Errors => Behaviour::Errors,
        },
    }
}

impl Evidence {
    /// What is shown of the request that opened an alarm counted by `per`: nothing of who it was where many add up.
    pub fn of(who: &Who, per: Per, brief: &Brief, now: UnixMillis) -> Self {
        let of_one = matches!(per, Per::Caller | Per::Address | Per::Credential | Per::CallerRoute);
        let by_address = per == Per::Address;
        Self {
            caller: who
                .identity
                .as_deref()
                .filter(|_| of_one && !by_address)
                .map(|who| CallerRecord::of(who, now.seconds())),
            source: of_one.then(|| brief.redactor.address(who.address, brief.address_form)),
            route: who.route.clone().filter(|_| !matches!(per, Per::Upstream | Per::Role | Per::Issuer)),
            issuer: who.issuer.clone().filter(|_| per == Per::Issuer),
        }
    }

    /// A record of an alarm.
    pub fn record(&self, open: &Open, step: Step, rule: &AlarmRule, detector: &Detector, brief: &Brief) -> Detected {
        let shadow = rule.mode == Mode::Shadow;
        let (id, at) =
            if step == Step::Opened { (open.id, open.opened) } else { (RequestId::new(open.last), open.last) };
        let window = detector.pattern.window();
        Detected {
            id,
            alarm: Alarm {
                id: open.id,
                at,
                kind: AlarmKind::Behaviour(behaviour(detector)),
                rule: rule.name.clone(),
                first: open.opened,
                last: open.last,
                observed: open.excess.observed,
                allowed: Some(open.excess.allowed),
                caller: self.caller.clone(),
                source: self.source.clone(),
                route: self.route.clone(),
                subject: self.issuer.clone(),
                requests: open.requests.clone(),
                policy: Arc::clone(&brief.policy),
            },
            step,
            window: (!window.is_zero()).then_some(window.as_secs()),
            count: open.count,
            due: open.due,
            actions: SmallVec::new(),
            shadow,
            learning: open.excess.learning,
            signs: open.excess.signs.words().collect(),
            shared: open.shared,
        }
    }
}

/// Does what a rule says is to follow, to the caller of the request that was one too many, or to its address where nobody
/// proved to be one; says what was imposed.
///
/// Where a table was full and others added to what was found, one is throttled and nothing worse: it is not certain whose
/// doing it was. A trusted proxy's own address stands for everybody behind it, and nothing is done to it.
pub(super) fn respond(
    sanctions: &Sanctions,
    clock: &Clock,
    rule: &AlarmRule,
    detected: &Detected,
    who: &Who,
    brief: &Brief,
) -> SmallVec<[&'static str; 4]> {
    let by_address = matches!(&rule.when, When::Behaviour(detector) if detector.per == Per::Address);
    let (subject, shown) = match who.identity.as_deref().filter(|_| !by_address) {
        Some(identity) => {
            let shown = Shown::Caller(Box::new(CallerRecord::of(identity, detected.alarm.last.seconds())));
            (Subject::Caller(sanctions.keys().caller(identity)), shown)
        }
        None => {
            let shown = Shown::Address(brief.redactor.address(who.address, brief.address_form));
            (Subject::Address(sanctions.keys().address(who.address)), shown)
        }
    };
    let is_caller = matches!(subject, Subject::Caller(_));
    let may = |action: &Action| match action {
        Action::Alarm | Action::Cut => false,
        Action::Throttle => true,
        // An address has no second factor.
        Action::RequireMfa => is_caller && !detected.shared,
        Action::Lock | Action::Quarantine => !detected.shared,
    };
    let then: Vec<Action> = rule.then.iter().copied().filter(may).collect();
    if rule.mode == Mode::Shadow || (!is_caller && brief.proxies.contains(who.address)) {
        return SmallVec::new();
    }
    let words = then.iter().map(|action| action.word()).collect();
    let culprit = Culprit { subject, shown, request: detected.alarm.requests.last().copied(), policy: &brief.policy };
    sanctions.act(&AlarmRule { then, ..rule.clone() }, &culprit, clock.ticks());
    words
}
