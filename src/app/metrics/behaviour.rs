//! What a scrape gathers of behaviour: detectors, their alarms, canaries, and what is imposed.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::gate::Terms;
use crate::policy::settings::{AlarmRule, When};
use crate::telemetry::metrics::{self as families, Counter, Family, Label, MOST_RULES, OTHER, Sheet, Source};
use crate::watch::{Lookout, OpenAlarm, Sanctions, Sort, Whom};

/// The numbers.
pub(super) struct BehaviourSource {
    pub terms: watch::Receiver<Arc<Terms>>,
    pub lookout: Arc<Lookout>,
    pub sanctions: Arc<Sanctions>,
}

impl Source for BehaviourSource {
    fn gather(&self, sheet: &mut Sheet) {
        let terms = Arc::clone(&self.terms.borrow());
        let (canaries, detectors): (Vec<_>, Vec<_>) =
            terms.policy.alarms.iter().partition(|rule| matches!(rule.when, When::Canary { .. }));
        let counts = self.lookout.counts();
        sheet.counter(&families::DETECTOR_REQUESTS, ["seen".into()], counts.seen);
        sheet.counter(&families::DETECTOR_REQUESTS, ["lost".into()], counts.lost);
        sheet.gauge(&families::DETECTOR_KEYS, [], counts.keys as u64);
        sheet.counter(&families::DETECTOR_OVERFLOW, [], counts.overflowed);
        by_rule(sheet, &families::FINDINGS, &detectors, &counts.opened);
        by_rule(sheet, &families::CANARY_HITS, &canaries, &counts.canaries);
        open(sheet, &detectors, &self.lookout.open(), &self.lookout.incidents());
        self.sanctions(sheet);
    }
}

impl BehaviourSource {
    fn sanctions(&self, sheet: &mut Sheet) {
        let tally = self.sanctions.tally();
        for (sort, by_whom) in Sort::ALL.into_iter().zip(tally) {
            for (whom, counts) in Whom::ALL.into_iter().zip(by_whom) {
                for (mode, count) in ["enforce", "shadow"].into_iter().zip(counts) {
                    let labels = [sort.word().into(), whom.word().into(), mode.into()];
                    sheet.gauge(&families::SANCTIONS, labels, count);
                }
            }
        }
        sheet.counter(&families::SANCTIONS_FULL, [], self.sanctions.overfull());
        sheet.counter(&families::FAILURES_CROWDED, [], self.sanctions.crowded());
    }
}

/// Every rule has its series from the start, so that its first alarm is an increase; a rule that is gone has none.
fn by_rule(sheet: &mut Sheet, family: &Family<Counter, 1>, rules: &[&Arc<AlarmRule>], counts: &BTreeMap<String, u64>) {
    let count = |rule: &AlarmRule| counts.get(rule.name.as_str()).copied().unwrap_or_default();
    let (own, others) = rules.split_at(rules.len().min(MOST_RULES));
    for rule in own {
        sheet.counter(family, [label(rule)], count(rule));
    }
    if !others.is_empty() {
        sheet.counter(family, [OTHER.into()], others.iter().map(|rule| count(rule)).sum());
    }
}

fn label(rule: &AlarmRule) -> Label<'_> {
    (&rule.name).into()
}

fn open(sheet: &mut Sheet, rules: &[&Arc<AlarmRule>], open: &[OpenAlarm], over: &[OpenAlarm]) {
    let (own, others) = rules.split_at(rules.len().min(MOST_RULES));
    let mut show = |label: Label<'_>, of: &dyn Fn(&OpenAlarm) -> bool| {
        let of_these = || open.iter().filter(|alarm| of(alarm));
        for (mode, shadow) in [("enforce", false), ("shadow", true)] {
            let count = of_these().filter(|alarm| alarm.shadow == shadow).count();
            sheet.gauge(&families::ALARMS_OPEN, [label, mode.into()], count as u64);
        }
        let incidents =
            of_these().chain(over.iter().filter(|alarm| of(alarm))).filter(|alarm| alarm.due.is_some()).count();
        sheet.gauge(&families::INCIDENTS_OPEN, [label], incidents as u64);
    };
    for rule in own {
        show(label(rule), &|alarm| alarm.rule == rule.name);
    }
    if !others.is_empty() {
        show(OTHER.into(), &|alarm| others.iter().any(|rule| rule.name == alarm.rule));
    }
    if let Some(due) = open.iter().chain(over).filter_map(|alarm| alarm.due).min() {
        sheet.gauge(&families::INCIDENT_DUE, [], due.seconds());
    }
}
