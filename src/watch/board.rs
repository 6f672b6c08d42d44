//! What operators and metrics see of detectors.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::alarms::Open;
use super::detect::Signs;
use super::respond::{Evidence, behaviour};
use crate::audit::{Behaviour, CallerRecord, RequestId, Step};
use crate::clock::UnixMillis;
use crate::policy::settings::detect::Detector;
use crate::policy::settings::{AlarmRule, Mode};
use crate::redact::{Name, Redacted};

/// What is shown.
#[derive(Default)]
pub(super) struct Board {
    pub open: Vec<OpenAlarm>,
    pub incidents: Vec<OpenAlarm>,
    pub counts: Counts,
}

/// An alarm that is open, for operators: nothing in it is anybody's datum.
#[derive(Clone, Debug)]
pub struct OpenAlarm {
    /// `finding_info.uid` of its records.
    pub id: RequestId,
    /// The rule.
    pub rule: Name,
    /// What it is about; not known where its rule is gone.
    pub behaviour: Option<Behaviour>,
    /// When it began.
    pub opened: UnixMillis,
    /// When something was last found.
    pub last: UnixMillis,
    /// Requests that were too much.
    pub count: u64,
    /// The most that was found, and as much as would not have been too much.
    pub observed: u64,
    /// See `observed`.
    pub allowed: u64,
    /// When the incident that it opened must be reported.
    pub due: Option<UnixMillis>,
    /// When it was quiet: then it is shown for its incident alone, until that is due.
    pub over: Option<UnixMillis>,
    /// Who did it.
    pub caller: Option<CallerRecord>,
    /// From where.
    pub source: Option<Redacted>,
    /// What was called.
    pub route: Option<Name>,
    /// What followed: `throttle`, `require-mfa`, `lock`, `quarantine`.
    pub actions: SmallVec<[&'static str; 4]>,
    /// What was new, where it is of that.
    pub signs: Signs,
    /// Whether the rule is in shadow, so that nothing followed.
    pub shadow: bool,
    /// Whether a table was full, and others had a part in it.
    pub shared: bool,
    /// Whether what is usual is not known yet.
    pub learning: bool,
}

/// What is counted since the start.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Requests that detectors looked at.
    pub seen: u64,
    /// Requests that they could not look at, because the queue was full.
    pub lost: u64,
    /// Keys in tables.
    pub keys: usize,
    /// Requests of newcomers that found a table full.
    pub overflowed: u64,
    /// Whether a table is full.
    pub full: bool,
    /// Alarms that are open.
    pub open: usize,
    /// Alarms that were opened, by rule.
    pub opened: BTreeMap<String, u64>,
    /// Planted records that were seen, by rule.
    pub canaries: BTreeMap<String, u64>,
}

impl Counts {
    pub(super) fn told(&mut self, rule: &Name, step: Step) {
        if step == Step::Opened {
            // As many names as policies had: an operator gives them.
            *self.opened.entry(rule.to_string()).or_default() += 1;
        }
    }
}

impl OpenAlarm {
    pub(super) fn new(
        open: &Open,
        rule: &AlarmRule,
        detector: &Detector,
        evidence: &Evidence,
        actions: &SmallVec<[&'static str; 4]>,
    ) -> Self {
        Self {
            behaviour: Some(behaviour(detector)),
            shadow: rule.mode == Mode::Shadow,
            ..Self::of(open, &rule.name, evidence, actions)
        }
    }

    /// One that is over, and whose incident is not.
    pub(super) fn over(
        open: &Open,
        at: UnixMillis,
        behaviour: Option<Behaviour>,
        rule: &Name,
        evidence: &Evidence,
        actions: &SmallVec<[&'static str; 4]>,
    ) -> Self {
        Self { over: Some(at), behaviour, ..Self::of(open, rule, evidence, actions) }
    }

    fn of(open: &Open, rule: &Name, evidence: &Evidence, actions: &SmallVec<[&'static str; 4]>) -> Self {
        Self {
            id: open.id,
            rule: rule.clone(),
            behaviour: None,
            opened: open.opened,
            last: open.last,
            count: open.count,
            observed: open.excess.observed,
            allowed: open.excess.allowed,
            due: open.due,
            over: None,
            caller: evidence.caller.clone(),
            source: evidence.source.clone(),
            route: evidence.route.as_ref().map(|route| route.name.clone()),
            actions: actions.clone(),
            signs: open.excess.signs,
            shadow: false,
            shared: open.shared,
            learning: open.excess.learning,
        }
    }
}
