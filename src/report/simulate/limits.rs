//! What limits would have refused, or ended on its way: all that a limit counts, from what records show of it.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

use super::peaks::{Peaks, Quantiles};
use crate::clock::Ticks;
use crate::limits::{Measure, PastQuota};
use crate::policy::Policy;
use crate::policy::settings::{Limit, LimitKey, Quota};
use crate::report::record::Sighted;
use crate::watch::detect::Observation;

/// Requests whose overlap is looked at, for each limit: 48 MB.
const MOST_SPANS: usize = 2_000_000;

/// What one part of a limit would have done.
#[derive(Debug)]
pub struct LimitReport {
    /// Its name.
    pub name: String,
    /// What of it: `requests`, `bytes`, `records` or `concurrent`.
    pub measure: &'static str,
    /// What it allows, in the policy's words: `60/m`.
    pub allows: String,
    /// The amount of that.
    pub amount: u64,
    /// In which time, in seconds; 0 for requests in progress.
    pub period: u64,
    /// Requests that it would have refused.
    pub refused: u64,
    /// Answers that it would have ended on their way.
    pub ended: u64,
    /// Of whom.
    pub subjects: BTreeSet<String>,
    /// The first, in Unix milliseconds.
    pub first: Option<u64>,
    /// What keys came to at their most in each period.
    pub observed: Option<Quantiles>,
    /// Whether it is in shadow.
    pub shadow: bool,
}

/// A part of a limit, at work.
struct Part {
    limit: Arc<Limit>,
    measure: Measure,
    quota: Option<(Quota, PastQuota)>,
    peaks: Peaks,
    spans: Vec<Span>,
    names: HashMap<u64, String>,
    report: LimitReport,
}

/// One request in progress.
#[derive(Clone, Copy)]
struct Span {
    started: u64,
    ended: u64,
    key: u64,
}

/// All limits, at work.
pub(super) struct Simulated {
    parts: Vec<Part>,
    /// Whether any record shows how many records its answer had.
    counted: bool,
    overflowed: bool,
}

impl Simulated {
    pub(super) fn new(policy: &Policy) -> Self {
        let mut parts = Vec::new();
        for limit in &policy.limits {
            let quotas = [
                (Measure::Requests, limit.requests),
                (Measure::Bytes, limit.bytes),
                (Measure::Records, limit.records.as_ref().map(|records| records.quota)),
            ];
            let quotas = quotas.into_iter().filter_map(|(measure, quota)| Some((measure, Some(quota?), 0)));
            let concurrent = limit.concurrent.map(|most| (Measure::Concurrent, None, u64::from(most)));
            for (measure, quota, most) in quotas.chain(concurrent) {
                parts.push(Part::new(limit, measure, quota, most));
            }
        }
        Self { parts, counted: false, overflowed: false }
    }

    /// A request that came to its route's limits.
    pub(super) fn see(&mut self, route: &[Arc<Limit>], o: &Observation, sighted: &Sighted<'_>, begin: u64) {
        self.counted |= sighted.records > 0;
        let ticks = |millis: u64| Ticks(millis.saturating_sub(begin).saturating_mul(1000));
        let (started, ended) = (ticks(sighted.started), ticks(sighted.ended));
        let is_of = |part: &Part| route.iter().any(|limit| limit.index == part.limit.index);
        // All of them hold: what one refuses is taken from none.
        let mut refused = false;
        for part in self.parts.iter_mut().filter(|part| is_of(part)) {
            let Some(key) = key(part.limit.per, o) else { continue };
            if let Some((_, quota)) = &mut part.quota
                && !quota.has_room(key, started)
            {
                refused = true;
                part.refuse(sighted);
            }
        }
        for part in self.parts.iter_mut().filter(|part| is_of(part)) {
            let Some(key) = key(part.limit.per, o) else { continue };
            let amount = match part.measure {
                Measure::Requests => 1,
                Measure::Bytes => sighted.bytes,
                Measure::Records => sighted.records,
                Measure::Concurrent => {
                    self.overflowed |= !part.in_progress(key, (started.0, ended.0), sighted);
                    continue;
                }
            };
            part.take(key, amount, refused, (started, ended), sighted);
        }
    }

    /// What came of it, and what cannot be told.
    pub(super) fn end(self, unjudged: &mut BTreeSet<String>) -> Vec<LimitReport> {
        let Self { parts, counted, overflowed } = self;
        let mut reports = Vec::new();
        for mut part in parts {
            let name = &part.limit.name;
            if part.measure == Measure::Records && !counted {
                unjudged.insert(format!(
                    "{name}, records: no record shows how many its answer had; a gate counts them once a limit of the \
                     route does"
                ));
            }
            if part.measure == Measure::Concurrent && overflowed {
                unjudged.insert(format!("{name}, concurrent: only the first {MOST_SPANS} requests were looked at"));
            }
            if part.limit.shared {
                unjudged.insert(format!(
                    "{name}: it is shared by replicas; only those whose records are here were counted"
                ));
            }
            part.sweep();
            part.report.observed = part.peaks.quantiles();
            reports.push(part.report);
        }
        reports
    }
}

impl Part {
    fn new(limit: &Arc<Limit>, measure: Measure, quota: Option<Quota>, most: u64) -> Self {
        let amount = quota.map_or(most, |quota| quota.amount);
        let allows = quota.map_or_else(|| format!("{most} at once"), |quota| shown(&quota));
        let report = LimitReport {
            name: limit.name.to_string(),
            measure: measure.word(),
            allows,
            amount,
            period: quota.map_or(0, |quota| quota.period.as_secs().max(1)),
            refused: 0,
            ended: 0,
            subjects: BTreeSet::new(),
            first: None,
            observed: None,
            shadow: limit.mode == crate::policy::settings::Mode::Shadow,
        };
        Self {
            limit: Arc::clone(limit),
            measure,
            quota: quota.map(|quota| (quota, PastQuota::new(&quota))),
            peaks: Peaks::default(),
            spans: Vec::new(),
            names: HashMap::new(),
            report,
        }
    }

    fn take(&mut self, key: u64, amount: u64, refused: bool, (started, ended): (Ticks, Ticks), of: &Sighted<'_>) {
        let Some((quota, buckets)) = &mut self.quota else { return };
        let period = u64::try_from(quota.period.as_micros()).unwrap_or(u64::MAX).max(1);
        // What was asked for, allowed or not, is what a threshold is to be above.
        self.peaks.add(key, started.0 / period, amount);
        if refused {
            return;
        }
        let at = if self.measure == Measure::Requests { started } else { ended };
        let left = buckets.take(key, amount, at);
        // A limit in progress ends the answer that finds nothing left.
        if left < amount {
            self.report.ended += 1;
            self.blame(of);
        }
    }

    fn refuse(&mut self, of: &Sighted<'_>) {
        self.report.refused += 1;
        self.blame(of);
    }

    fn blame(&mut self, of: &Sighted<'_>) {
        self.report.subjects.insert(whom(of));
        self.report.first = Some(self.report.first.map_or(of.started, |first| first.min(of.started)));
    }

    /// `false` if there is no room to look at it.
    fn in_progress(&mut self, key: u64, (started, ended): (u64, u64), of: &Sighted<'_>) -> bool {
        let room = self.spans.len() < MOST_SPANS;
        if room {
            self.spans.push(Span { started, ended, key });
            self.names.entry(key).or_insert_with(|| whom(of));
        }
        room
    }

    /// Requests in progress, by when they began: records come in the order of ends.
    fn sweep(&mut self) {
        if self.measure != Measure::Concurrent {
            return;
        }
        let most = self.report.amount;
        self.spans.sort_unstable_by_key(|span| (span.started, span.ended));
        let mut open: HashMap<u64, BinaryHeap<Reverse<u64>>> = HashMap::new();
        for span in std::mem::take(&mut self.spans) {
            let ends = open.entry(span.key).or_default();
            while ends.peek().is_some_and(|Reverse(end)| *end <= span.started) {
                ends.pop();
            }
            let count = ends.len() as u64 + 1;
            // Of each key the most in each hour.
            self.peaks.reach(span.key, span.started / 3_600_000_000, count);
            if count > most {
                self.report.refused += 1;
                self.report.subjects.extend(self.names.get(&span.key).cloned());
            } else {
                ends.push(Reverse(span.ended));
            }
        }
    }
}

fn whom(of: &Sighted<'_>) -> String {
    of.caller.or(of.address).unwrap_or("anonymous").to_owned()
}

/// As the policy spells it.
fn shown(quota: &Quota) -> String {
    let period = match quota.period.as_secs() {
        1 => "s".to_owned(),
        60 => "m".to_owned(),
        3600 => "h".to_owned(),
        86_400 => "d".to_owned(),
        seconds => format!("{seconds}s"),
    };
    format!("{}/{period}", quota.amount)
}

fn key(per: LimitKey, o: &Observation) -> Option<u64> {
    let route = u64::from(o.route.unwrap_or(0));
    let caller = o.caller.unwrap_or(o.address);
    Some(match per {
        LimitKey::Caller => caller,
        LimitKey::Address => o.address,
        LimitKey::Role => u64::from(o.role?),
        LimitKey::Route => route,
        LimitKey::CallerRoute => caller ^ route.rotate_left(32),
    })
}
