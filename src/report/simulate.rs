//! Past requests, shown to the limits and detectors of a policy: who would have been slowed, locked or reported, when, and
//! by which rule. The detectors and the book of alarms are those of the gate; what records do not show is said.

use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use super::record::Sighted;
use super::source::{Counts, Records, SourceFault};
use crate::audit::{RequestId, Step};
use crate::clock::{Ticks, UnixMillis};
use crate::policy::Policy;
use crate::policy::settings::detect::{Measure, Pattern};
use crate::policy::settings::{AlarmRule, Limit, LimitKey, Mode};
use crate::watch::alarms::Alarms;
use crate::watch::detect::{Detectors, Finding, Marks, Observation, SeenValue, Spec, name_id};
use crate::watch::key::Keyed;
use crate::watch::specs;

mod bucket;

use bucket::Buckets;

/// Alarms that are listed; all are counted.
const MOST_LISTED: usize = 1000;
/// Values of a rule by which thresholds are suggested: one of each key and window.
const MOST_PEAKS: usize = 1_000_000;

/// What would have happened.
#[derive(Debug, Default)]
pub struct Report {
    /// What was read.
    pub counts: Counts,
    /// Time of the first and the last request, in Unix milliseconds.
    pub span: Option<(u64, u64)>,
    /// By rule, in the policy's order.
    pub rules: Vec<RuleReport>,
    /// By limit, in the policy's order.
    pub limits: Vec<LimitReport>,
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
    /// Of what each key came to at its most in each window: 50, 90, 99 and 99.9 of a hundred, and the most.
    pub observed: Option<[u64; 5]>,
}

/// What a limit would have refused.
#[derive(Debug, Default)]
pub struct LimitReport {
    /// Its name.
    pub name: String,
    /// Requests that it would have refused.
    pub refused: u64,
    /// Of whom.
    pub subjects: BTreeSet<String>,
    /// The first, in Unix milliseconds.
    pub first: Option<u64>,
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
    peaks: Vec<Peaks>,
    buckets: Vec<Option<Buckets>>,
    keyed: Keyed,
    report: Report,
    names: BTreeSet<u32>,
    found: Vec<Finding>,
    begin: Option<u64>,
}

/// The most of each key and window.
#[derive(Default)]
struct Peaks {
    most: BTreeMap<(u64, u64), u64>,
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
            let over = match &spec.detector.pattern {
                Pattern::Count { over, .. } | Pattern::Distinct { over, .. } => Some(*over),
                _ => None,
            };
            report.rules.push(RuleReport { name: rule.name.to_string(), then, over, ..RuleReport::default() });
        }
        for rule in policy.alarms.iter().filter(|rule| !rules.iter().any(|known| known.index == rule.index)) {
            report.unjudged.insert(format!(
                "{}: canaries are found in paths and answers, of which records hold neither",
                rule.name
            ));
        }
        let buckets = policy.limits.iter().map(|limit| limit.requests.map(|quota| Buckets::new(&quota))).collect();
        for limit in &policy.limits {
            report.limits.push(LimitReport { name: limit.name.to_string(), ..LimitReport::default() });
            if limit.bytes.is_some() || limit.records.is_some() || limit.concurrent.is_some() {
                let what = "bytes, records and requests in progress end answers on their way, of which records show the end alone";
                report.unjudged.insert(format!("{}: {what}", limit.name));
            }
        }
        Self {
            policy,
            detectors: Detectors::new(&specs),
            alarms: Alarms::default(),
            peaks: specs.iter().map(|_| Peaks::default()).collect(),
            rules,
            specs,
            buckets,
            // What records hold are pseudonyms already.
            keyed: Keyed::new(*b"portcullis again"),
            report,
            names: BTreeSet::new(),
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
        self.limits(sighted, &o);
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

    /// What a count comes to in each of its windows, by key: what thresholds are suggested from.
    fn peak(&mut self, o: &Observation) {
        let rules = self.specs.iter().zip(&mut self.peaks).zip(&self.report.rules).enumerate();
        for (place, ((spec, peaks), report)) in rules {
            let Pattern::Count { measure, window, .. } = &spec.detector.pattern else { continue };
            if report.over.is_none() || !self.detectors.looks_at(place, o) {
                continue;
            }
            let amount = match measure {
                Measure::Requests => 1,
                Measure::Bytes => o.bytes,
                Measure::Records => o.records,
                Measure::Moves | Measure::Distinct(_) => continue,
            };
            let window = o.ticks.0 / u64::try_from(window.as_micros()).unwrap_or(u64::MAX).max(1);
            let Some(key) = o.key_of(spec.detector.per) else { continue };
            if peaks.most.len() < MOST_PEAKS || peaks.most.contains_key(&(key, window)) {
                *peaks.most.entry((key, window)).or_default() += amount;
            }
        }
    }

    fn limits(&mut self, sighted: &Sighted<'_>, o: &Observation) {
        let routes = self.policy.routes.routes();
        let Some(route) = routes.iter().find(|route| Some(route.name.as_str()) == sighted.route) else { return };
        // What was refused before it came to the limits was taken from none of them.
        if !o.marks.reached_limits() {
            return;
        }
        let now = Ticks(sighted.started.saturating_sub(self.begin.unwrap_or(0)).saturating_mul(1000));
        for limit in &route.limits {
            let (Some(Some(buckets)), Some(report)) =
                (self.buckets.get_mut(limit.index), self.report.limits.get_mut(limit.index))
            else {
                continue;
            };
            let Some(key) = limit_key(limit, o) else { continue };
            if !buckets.take(key, now) {
                report.refused += 1;
                report.subjects.insert(sighted.caller.or(sighted.address).unwrap_or("anonymous").to_owned());
                report.first.get_or_insert(sighted.started);
            }
        }
    }

    fn end(mut self, counts: Counts) -> Report {
        self.report.counts = counts;
        for ((spec, peaks), report) in self.specs.iter().zip(&self.peaks).zip(&mut self.report.rules) {
            let mut most: Vec<u64> = peaks.most.values().copied().collect();
            most.sort_unstable();
            let at = |thousandth: usize| {
                most.get((most.len() * thousandth / 1000).min(most.len().saturating_sub(1))).copied()
            };
            if let (Some(p50), Some(p90), Some(p99), Some(p999), Some(top)) =
                (at(500), at(900), at(990), at(999), most.last())
            {
                report.observed = Some([p50, p90, p99, p999, *top]);
            }
            if let Some(value) = spec.detector.pattern.watched()
                && !self.names.contains(&crate::watch::detect::value_id(value))
            {
                let value = crate::watch::detect::value_name(value);
                self.report.unjudged.insert(format!(
                    "{}: no record holds a hash of {value}; a gate writes it once its policy has a rule that watches it",
                    spec.name
                ));
            }
            if matches!(spec.detector.pattern, Pattern::Count { measure: Measure::Moves, .. }) {
                self.report.unjudged.insert(format!(
                    "{}: records show addresses and not networks, so that a move within a network counts as well",
                    spec.name
                ));
            }
        }
        self.report
    }
}

fn limit_key(limit: &Limit, o: &Observation) -> Option<u64> {
    let route = u64::from(o.route.unwrap_or(0));
    let caller = o.caller.unwrap_or(o.address);
    Some(match limit.per {
        LimitKey::Caller => caller,
        LimitKey::Address => o.address,
        LimitKey::Role => u64::from(o.role?),
        LimitKey::Route => route,
        LimitKey::CallerRoute => caller ^ route.rotate_left(32),
    })
}

/// Whom an alarm is about, as records show them.
fn subject(spec: &Spec, sighted: &Sighted<'_>) -> String {
    use crate::policy::settings::detect::Per;
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
