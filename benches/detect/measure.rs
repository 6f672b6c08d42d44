//! Runs the gate's own detectors and alarms over made-up weeks, and counts what they found.

#![allow(dead_code, reason = "the bench uses more of it than the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use portcullis::audit::Step;
use portcullis::policy::Policy;
use portcullis::policy::settings::detect::{Detector, Per};
use portcullis::watch::alarms::Alarms;
use portcullis::watch::detect::{Detectors, Finding, Spec};
use portcullis::watch::specs;

use super::world::{ATTACKS, Attack, DAY, World, since_begin};

/// After its end an attack may still be told of: a rule of days looks back that far.
const LATE: u64 = DAY;

#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub requests: u64,
    /// CPU time of the detectors and alarms, without that of making the requests up.
    pub judging: Duration,
    /// Alarms that told of an attack.
    pub right: u64,
    /// And those that told of nothing.
    pub wrong: BTreeMap<String, u64>,
    /// Of each attack, seconds until its first alarm.
    pub found: BTreeMap<&'static str, Option<u64>>,
    /// The rules that told of each.
    pub told: BTreeMap<&'static str, BTreeSet<String>>,
    pub caller_months: f64,
}

impl Outcome {
    pub fn false_alarms(&self) -> u64 {
        self.wrong.values().sum()
    }

    pub fn missed(&self) -> Vec<&'static str> {
        self.found.iter().filter(|(_, found)| found.is_none()).map(|(name, _)| *name).collect()
    }
}

/// Runs a policy's rules over the weeks of a seed.
pub fn run(policy: &Policy, seed: u64, callers: usize, weeks: u64) -> Outcome {
    let (places, specs): (Vec<usize>, Vec<Spec>) = specs(policy).unzip();
    let rules: Vec<_> = places.iter().map(|place| &policy.alarms[*place]).collect();
    let mut world = World::new(seed, callers, weeks);
    let (mut detectors, mut alarms) = (Detectors::new(&specs), Alarms::default());
    let months = u32::try_from(weeks * 7 * u64::try_from(callers).unwrap_or(0)).unwrap_or(0);
    let mut outcome = Outcome { caller_months: f64::from(months) / 30.0, ..Outcome::default() };
    outcome.found = ATTACKS.into_iter().chain(["outage"]).map(|name| (name, None)).collect();
    let mut found: Vec<Finding> = Vec::new();
    for day in 0..weeks * 7 {
        let requests = world.day(day);
        let attacks = world.attacks.clone();
        let start = cpu_of_thread();
        for o in &requests {
            outcome.requests += 1;
            detectors.observe(o, &mut found);
            for finding in found.drain(..) {
                let spec = &specs[finding.rule];
                let window = spec.detector.pattern.window();
                let (step, _) = alarms.take(finding.rule, rules[finding.rule], window, &finding);
                if step == Some(Step::Opened) {
                    outcome.opened(&finding, spec, &attacks);
                }
            }
            alarms.close(o.ticks);
        }
        outcome.judging += cpu_of_thread().saturating_sub(start);
    }
    outcome
}

impl Outcome {
    fn opened(&mut self, finding: &Finding, spec: &Spec, attacks: &[Attack]) {
        let at = since_begin(finding.at);
        let about = |attack: &&Attack| {
            // Failures of the app are the outage's doing, and nothing else is.
            if (attack.name == "outage") != (spec.name.as_str() == "app-errors") {
                return false;
            }
            let in_time = (attack.begin..attack.end + LATE).contains(&at);
            in_time && (attack.keys.contains(&finding.subject) || attack.common && is_common(&spec.detector))
        };
        let mut told = attacks.iter().filter(about).peekable();
        if told.peek().is_none() {
            *self.wrong.entry(spec.name.to_string()).or_default() += 1;
            return;
        }
        self.right += 1;
        for attack in told {
            self.found.entry(attack.name).or_default().get_or_insert(at - attack.begin);
            self.told.entry(attack.name).or_default().insert(spec.name.to_string());
        }
    }
}

/// User and system time of this thread.
fn cpu_of_thread() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(used.tv_sec).unwrap_or(0), u32::try_from(used.tv_nsec).unwrap_or(0))
}

const fn is_common(detector: &Detector) -> bool {
    matches!(detector.per, Per::Upstream)
}

/// The middle of some numbers, and the largest.
pub fn middle(numbers: &mut [u64]) -> (Duration, Duration) {
    numbers.sort_unstable();
    let at = |place: usize| Duration::from_secs(numbers.get(place).copied().unwrap_or(0));
    (at(numbers.len() / 2), at(numbers.len().saturating_sub(1)))
}
