//! Past requests, shown to the limits and detectors of a policy: who would have been slowed, locked or reported, when, and
//! by which rule. The detectors and the book of alarms are those of the gate; what records do not show is said.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::record::Sighted;
use super::source::{Counts, Records, SourceFault};
use crate::audit::{RequestId, Step};
use crate::clock::{Ticks, UnixMillis};
use crate::policy::Policy;
use crate::policy::settings::detect::{Measure, Pattern, Per};
use crate::policy::settings::{AlarmRule, Mode};
use crate::watch::alarms::Alarms;
use crate::watch::detect::{Detectors, Finding, Marks, Observation, SeenValue, Spec, name_id};
use crate::watch::key::Keyed;
use crate::watch::specs;

mod limits;
mod lockout;
mod peaks;

pub use limits::LimitReport;
pub use lockout::LockoutReport;
use peaks::Peaks;
pub use peaks::Quantiles;

/// Alarms that are listed; all are counted.
const MOST_LISTED: usize = 1000;

/// What would have happened.
#[derive(Debug, Default)]
pub struct Report {
    /// What was read.
    pub counts: Counts,
    /// Time of the first and the last request, in Unix milliseconds.
    pub span: Option<(u64, u64)>,
    /// By rule, in the policy's order.
    pub rules: Vec<RuleReport>,
    /// By limit and what it counts, in the policy's order.
    pub limits: Vec<LimitReport>,
    /// Of callers and of addresses, if there is one.
    pub lockout: Vec<LockoutReport>,
    /// The first alarms, in order.
    pub alarms: Vec<AlarmReport>,
    /// What cannot be judged from records, and why.
    pub unjudged: BTreeSet<String>,
}

/// What a rule would have done.
#[derive(Debug, Default)]
pub struct RuleReport {
    /// Its name.
    pub name: String,
    /// What follows: `alarm`, `lock` and so on; nothing but the alarm in shadow.
    pub then: Vec<&'static str>,
    /// Alarms.
    pub alarms: u64,
    /// Whom they are about.
    pub subjects: BTreeSet<String>,
    /// Requests that were too much.
    pub requests: u64,
    /// As much as is not too much.
    pub over: Option<u64>,
    /// Which key of the policy that is: `over` or `floor`.
    pub threshold: &'static str,
    /// What keys came to at their most in each window.
    pub observed: Option<Quantiles>,
}

/// One alarm.
#[derive(Debug)]
pub struct AlarmReport {
    /// When it would have been raised, in Unix milliseconds.
    pub at: u64,
    /// The rule.
    pub rule: String,
    /// Whom it is about, as records show them.
    pub subject: String,
    /// How much there was.
    pub observed: u64,
    /// As much would not have been too much.
    pub allowed: u64,
    /// The route of the request that was one too many.
    pub route: String,
    /// Its id.
    pub request: String,
    /// Whether it was not yet known what is usual.
    pub learning: bool,
}

/// Runs a policy over records.
pub fn run(policy: &Policy, records: &Records) -> Result<Report, SourceFault> {
    let mut simulation = Simulation::new(policy);
    let counts = records.sighted_in_order(|sighted| simulation.see(sighted))?;
    Ok(simulation.end(counts))
}

struct Simulation<'p> {
    policy: &'p Policy,
    rules: Vec<&'p AlarmRule>,
    specs: Vec<Spec>,
    detectors: Detectors,
    alarms: Alarms,
    /// The same rules with nothing allowed: what they find is what keys came to.
    probes: Detectors,
    peaks: Vec<Peaks>,
    limits: limits::Simulated,
    lockout: Option<lockout::Simulated<'p>>,
    keyed: Keyed,
    report: Report,
    names: BTreeSet<u32>,
    /// Whether any record shows an issuer, and how many records an answer had.
    issuers: bool,
    records: bool,
    found: Vec<Finding>,
    begin: Option<u64>,
}

impl<'p> Simulation<'p> {
    fn new(policy: &'p Policy) -> Self {
        let (places, specs): (Vec<usize>, Vec<Spec>) = specs(policy).unzip();
        let rules: Vec<&AlarmRule> =
            places.iter().filter_map(|place| policy.alarms.get(*place)).map(AsRef::as_ref).collect();
        let mut report = Report::default();
        for (rule, spec) in rules.iter().zip(&specs) {
            let acts = rule.mode == Mode::Enforce;
            let then = rule.then.iter().filter(|_| acts).map(|action| action.word()).collect();
            let (threshold, over) = match &spec.detector.pattern {
                Pattern::Count { over, .. }
                | Pattern::Distinct { over, .. }
                | Pattern::Sequence { over, .. }
                | Pattern::OffHours { over, .. } => ("over", Some(*over)),
                Pattern::Baseline { floor, .. } => ("floor", Some(*floor)),
                Pattern::First { .. } => ("", None),
            };
            let name = rule.name.to_string();
            report.rules.push(RuleReport { name, then, over, threshold, ..RuleReport::default() });
        }
        for rule in policy.alarms.iter().filter(|rule| !rules.iter().any(|known| known.index == rule.index)) {
            report.unjudged.insert(format!(
                "{}: canaries are found in requests and answers, of which records hold neither",
                rule.name
            ));
        }
        let probes: Vec<Spec> = specs.iter().map(probe).collect();
        Self {
            policy,
            detectors: Detectors::new(&specs),
            alarms: Alarms::default(),
            peaks: specs.iter().map(|_| Peaks::default()).collect(),
            rules,
            specs,
            probes: Detectors::new(&probes),
            limits: limits::Simulated::new(policy),
            lockout: policy.lockout.as_ref().map(lockout::Simulated::new),
            // What records hold are pseudonyms already.
            keyed: Keyed::new(*b"portcullis again"),
            report,
            names: BTreeSet::new(),
            issuers: false,
            records: false,
            found: Vec::new(),
            begin: None,
        }
    }

    fn see(&mut self, sighted: &Sighted<'_>) {
        let Some(o) = self.observation(sighted) else { return };
        let begin = *self.begin.get_or_insert(o.at.0);
        self.report.span =
            Some(self.report.span.map_or((o.at.0, o.at.0), |(first, last)| (first.min(o.at.0), last.max(o.at.0))));
        let o = Observation { ticks: Ticks(o.at.0.saturating_sub(begin).saturating_mul(1000)), ..o };
        self.names.extend(o.watched.iter().map(|seen| seen.what));
        self.issuers |= sighted.issuer.is_some();
        self.records |= sighted.records > 0;
        let routes = self.policy.routes.routes();
        // What was refused before it came to the limits was taken from none of them.
        if let Some(route) = routes.iter().find(|route| Some(route.name.as_str()) == sighted.route)
            && (o.marks.reached_limits() || sighted.code == "rate_limited")
        {
            self.limits.see(&route.limits, &o, sighted, begin);
        }
        if let Some(lockout) = &mut self.lockout {
            lockout.see(&o, sighted);
        }
        self.detectors.observe(&o, &mut self.found);
        for finding in std::mem::take(&mut self.found) {
            self.found_one(&finding, sighted);
        }
        self.peak(&o);
        self.alarms.close(o.ticks);
    }

    /// A record, as the gate's detectors saw the request.
    fn observation(&self, sighted: &Sighted<'_>) -> Option<Observation> {
        let key = |kind: u64, text: &str| self.keyed.of(kind, text.as_bytes());
        let caller = sighted.caller.filter(|caller| *caller != "hidden");
        let address = key(2, sighted.address.unwrap_or(""));
        let at = UnixMillis(sighted.ended);
        let seen = |name: &str| sighted.watched.iter().find(|(known, ..)| *known == name).map(|(_, value, _)| *value);
        Some(Observation {
            id: RequestId::parse(sighted.uid)?,
            at,
            ticks: Ticks(0),
            caller: caller.map(|caller| key(1, caller)),
            address,
            network: seen("network").unwrap_or(address),
            credential: sighted.credential.map(|credential| key(4, credential)).or(caller.map(|caller| key(4, caller))),
            issuer: sighted.issuer.map(name_id),
            client: seen("client").unwrap_or(0),
            role: sighted.role.map(name_id),
            route: sighted.route.map(name_id),
            marks: Marks::of(sighted.category, sighted.code, sighted.status, sighted.passed),
            bytes: sighted.bytes,
            records: sighted.records,
            watched: sighted
                .watched
                .iter()
                .map(|(name, value, next)| SeenValue { what: name_id(name), value: *value, next: *next })
                .collect::<SmallVec<_>>(),
        })
    }

    fn found_one(&mut self, finding: &Finding, sighted: &Sighted<'_>) {
        let (Some(rule), Some(spec)) = (self.rules.get(finding.rule), self.specs.get(finding.rule)) else { return };
        let (step, _) = self.alarms.take(finding.rule, rule, spec.detector.pattern.window(), finding);
        let Some(report) = self.report.rules.get_mut(finding.rule) else { return };
        report.requests += 1;
        if step != Some(Step::Opened) {
            return;
        }
        report.alarms += 1;
        let subject = subject(spec, sighted);
        report.subjects.insert(subject.clone());
        if self.report.alarms.len() < MOST_LISTED {
            self.report.alarms.push(AlarmReport {
                at: finding.at.0,
                rule: rule.name.to_string(),
                subject,
                observed: finding.excess.observed,
                allowed: finding.excess.allowed,
                route: sighted.route.unwrap_or("").to_owned(),
                request: sighted.uid.to_owned(),
                learning: finding.excess.learning,
            });
        }
    }

    /// What a rule comes to in each of its windows, by key: what thresholds are suggested from.
    fn peak(&mut self, o: &Observation) {
        self.probes.observe(o, &mut self.found);
        for finding in self.found.drain(..) {
            let (Some(spec), Some(peaks)) = (self.specs.get(finding.rule), self.peaks.get_mut(finding.rule)) else {
                continue;
            };
            let window = u64::try_from(spec.detector.pattern.window().as_micros()).unwrap_or(u64::MAX).max(1);
            peaks.reach(finding.subject, o.ticks.0 / window, finding.excess.observed);
        }
    }

    fn end(mut self, counts: Counts) -> Report {
        self.report.counts = counts;
        for ((spec, peaks), report) in self.specs.iter().zip(&self.peaks).zip(&mut self.report.rules) {
            report.observed = peaks.quantiles();
            if let Some(value) = spec.detector.pattern.watched()
                && !self.names.contains(&crate::watch::detect::value_id(value))
            {
                let value = crate::watch::detect::value_name(value);
                self.report.unjudged.insert(format!(
                    "{}: no record holds a hash of {value}; a gate writes it once its policy has a rule that watches it",
                    spec.name
                ));
            }
            let shows = |name: &str| self.names.contains(&name_id(name));
            let pattern = &spec.detector.pattern;
            if (pattern.is_of_networks() || pattern.is_of_origin()) && !shows("network") {
                self.report.unjudged.insert(format!(
                    "{}: these records show addresses and not networks, so that a move within a network counts as well",
                    spec.name
                ));
            }
        }
        for (spec, report) in self.specs.iter().zip(&self.report.rules) {
            let pattern = &spec.detector.pattern;
            let name = &report.name;
            let mut cannot = |what: &str| {
                self.report.unjudged.insert(format!("{name}: {what}"));
            };
            if pattern.is_of_origin() && !self.names.contains(&name_id("client")) {
                cannot(
                    "these records do not show the program; a gate writes a hash of it once a rule looks at origins",
                );
            }
            if spec.detector.per == Per::Issuer && !self.issuers {
                cannot(
                    "these records do not show whose tokens they are; a gate writes it once a rule counts by issuer",
                );
            }
            if matches!(
                pattern,
                Pattern::Count { measure: Measure::Records, .. } | Pattern::Baseline { measure: Measure::Records, .. }
            ) && !self.records
            {
                cannot(
                    "no record shows how many records its answer had; a gate counts them once a limit of the route does",
                );
            }
        }
        if self.policy.lockout.is_some() {
            self.report.unjudged.insert(
                "lockout: whole sites (IPv6 /48) are not judged, nor requests that were refused while somebody was locked: \
                 what they would have been is not in the records"
                    .to_owned(),
            );
        }
        self.report.limits = self.limits.end(&mut self.report.unjudged);
        self.report.lockout = self.lockout.map(lockout::Simulated::end).unwrap_or_default();
        self.report
    }
}

/// A rule with nothing allowed. A baseline's floor is found by what keys came to in each hour or day.
fn probe(spec: &Spec) -> Spec {
    let mut probe = spec.clone();
    let window = spec.detector.pattern.window();
    probe.detector.pattern = match spec.detector.pattern.clone() {
        Pattern::Count { measure, window, .. } => Pattern::Count { measure, over: 0, window, share: None },
        Pattern::Distinct { value, window, .. } => Pattern::Distinct { value, over: 0, window },
        Pattern::Sequence { value, window, .. } => Pattern::Sequence { value, over: 0, window },
        Pattern::OffHours { hours, window, .. } => Pattern::OffHours { hours, over: 0, window },
        Pattern::Baseline { measure: Measure::Distinct(value), .. } => Pattern::Distinct { value, over: 0, window },
        Pattern::Baseline { measure, .. } => Pattern::Count { measure, over: 0, window, share: None },
        // It has no threshold, and is not looked at twice.
        Pattern::First { .. } => Pattern::Count { measure: Measure::Requests, over: u64::MAX, window, share: None },
    };
    probe
}

/// Whom an alarm is about, as records show them.
fn subject(spec: &Spec, sighted: &Sighted<'_>) -> String {
    let address = || format!("address {}", sighted.address.unwrap_or("not shown"));
    let caller = || sighted.caller.map_or_else(address, str::to_owned);
    match spec.detector.per {
        Per::Caller | Per::Credential => caller(),
        Per::Address => address(),
        Per::Role => format!("role {}", sighted.role.unwrap_or("none")),
        Per::Route => format!("route {}", sighted.route.unwrap_or("none")),
        Per::CallerRoute => format!("{} on {}", caller(), sighted.route.unwrap_or("none")),
        Per::Upstream => "everybody".to_owned(),
        Per::Issuer => format!("issuer {}", sighted.issuer.unwrap_or("not shown")),
    }
}
