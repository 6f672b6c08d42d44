//! Whom lockout would have locked, and what it would have refused meanwhile.

use std::collections::BTreeSet;

use super::peaks::{Peaks, Quantiles};
use crate::clock::Ticks;
use crate::gate::is_misuse;
use crate::policy::settings::{LockoutSettings, Mode, Threshold};
use crate::report::record::Sighted;
use crate::watch::PastFailures;
use crate::watch::detect::Observation;

/// What one part of lockout would have done.
#[derive(Debug)]
pub struct LockoutReport {
    /// `caller` or `address`.
    pub of: &'static str,
    /// So many failures lock.
    pub after: u64,
    /// In so many seconds.
    pub window: u64,
    /// Failures.
    pub failures: u64,
    /// Locks.
    pub locks: u64,
    /// The longest, in seconds.
    pub longest: u64,
    /// Requests that would have been refused by them.
    pub refused: u64,
    /// Who would have been locked.
    pub subjects: BTreeSet<String>,
    /// When first, in Unix milliseconds.
    pub first: Option<u64>,
    /// What offenders came to at their most in each window.
    pub observed: Option<Quantiles>,
    /// Whether it is in shadow.
    pub shadow: bool,
}

/// Lockout, at work.
pub(super) struct Simulated<'p> {
    settings: &'p LockoutSettings,
    parts: [Option<Part<'p>>; 2],
}

struct Part<'p> {
    threshold: &'p Threshold,
    failures: PastFailures,
    peaks: Peaks,
    report: LockoutReport,
}

impl<'p> Simulated<'p> {
    pub(super) fn new(settings: &'p LockoutSettings) -> Self {
        let part = |of, threshold: &'p Option<Threshold>| {
            threshold.as_ref().map(|threshold| Part::new(of, threshold, settings))
        };
        Self { settings, parts: [part("caller", &settings.caller), part("address", &settings.address)] }
    }

    /// A request, which was or was not a failure.
    pub(super) fn see(&mut self, o: &Observation, sighted: &Sighted<'_>) {
        let Self { settings, parts: [callers, addresses] } = self;
        let held = |part: &mut Option<Part<'p>>, key: u64| part.as_mut().is_some_and(|part| part.holds(key, o.ticks));
        // Who proves itself passes although its address is locked, unless the policy says otherwise.
        let spared = settings.spares_proven && o.caller.is_some();
        if o.caller.is_some_and(|caller| held(callers, caller)) || (!spared && held(addresses, o.address)) {
            return;
        }
        if sighted.passed || !is_misuse(sighted.code) {
            return;
        }
        match o.caller {
            Some(caller) => callers.as_mut().map(|part| part.fail(caller, o.ticks, sighted)),
            None => addresses.as_mut().map(|part| part.fail(o.address, o.ticks, sighted)),
        };
    }

    pub(super) fn end(self) -> Vec<LockoutReport> {
        let parts = self.parts.into_iter().flatten();
        parts.map(|part| LockoutReport { observed: part.peaks.quantiles(), ..part.report }).collect()
    }
}

impl<'p> Part<'p> {
    fn new(of: &'static str, threshold: &'p Threshold, settings: &LockoutSettings) -> Self {
        let report = LockoutReport {
            of,
            after: u64::from(threshold.failures),
            window: threshold.window.as_secs(),
            failures: 0,
            locks: 0,
            longest: 0,
            refused: 0,
            subjects: BTreeSet::new(),
            first: None,
            observed: None,
            shadow: settings.mode == Mode::Shadow,
        };
        Self { threshold, failures: PastFailures::default(), peaks: Peaks::default(), report }
    }

    fn holds(&mut self, key: u64, now: Ticks) -> bool {
        let locked = self.failures.is_locked(key, now);
        self.report.refused += u64::from(locked);
        locked
    }

    fn fail(&mut self, key: u64, now: Ticks, of: &Sighted<'_>) {
        self.report.failures += 1;
        let window = u64::try_from(self.threshold.window.as_micros()).unwrap_or(u64::MAX).max(1);
        self.peaks.add(key, now.0 / window, 1);
        let Some(lasts) = self.failures.fail(key, self.threshold, now) else { return };
        self.report.locks += 1;
        self.report.longest = self.report.longest.max(lasts.as_secs());
        let whom = if self.report.of == "caller" { of.caller } else { of.address };
        self.report.subjects.insert(whom.unwrap_or("not shown").to_owned());
        self.report.first.get_or_insert(of.ended);
    }
}
