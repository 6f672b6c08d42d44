//! Whether a change hurts: the shares of refusals and errors after it, beside those before it.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Ticks;
use crate::gate::Counts;
use crate::policy::settings::RollbackSettings;
use crate::redact::{Part, Redacted};

/// Looks at the counters in one window.
const LOOKS: u32 = 16;

/// What the counters said over the last window, and what they have said since a change that is on trial.
#[derive(Debug, Default)]
pub(super) struct Guard {
    samples: VecDeque<(Ticks, Counts)>,
    trial: Option<Trial>,
}

#[derive(Debug)]
struct Trial {
    budget: RollbackSettings,
    began: Ticks,
    from: Counts,
    before: Counts,
}

/// What is to be done about a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// None is on trial.
    Idle,
    /// It is too early to say.
    Waiting,
    /// Its window is over, and its budget was kept.
    Passed,
    /// It goes: why.
    Exceeded(Redacted),
}

/// Between two looks.
pub(super) fn pause(settings: &RollbackSettings) -> Duration {
    (settings.window / LOOKS).clamp(Duration::from_millis(50), Duration::from_secs(10))
}

impl Guard {
    /// Takes the counters down, as often as the window asks for.
    pub fn look(&mut self, now: Ticks, counts: Counts, settings: &RollbackSettings) {
        let is_due = self.samples.back().is_none_or(|(at, _)| at.plus(settings.window / LOOKS) <= now);
        if is_due {
            self.samples.push_back((now, counts));
        }
        // One sample at or before the window's begin is what a share is counted from.
        while self.samples.get(1).is_some_and(|(at, _)| at.plus(settings.window) <= now) {
            self.samples.pop_front();
        }
    }

    /// A change comes into force. One after another that is on trial is compared with what was before both.
    pub fn begin(&mut self, now: Ticks, counts: Counts, budget: RollbackSettings) {
        let earliest = self.samples.front().map_or(counts, |(_, earliest)| *earliest);
        let before = self.trial.take().map_or_else(|| counts.since(earliest), |trial| trial.before);
        self.trial = Some(Trial { budget, began: now, from: counts, before });
    }

    /// Whether the change on trial stays.
    pub fn judge(&mut self, now: Ticks, counts: Counts) -> Judgement {
        let Some(trial) = &self.trial else { return Judgement::Idle };
        let after = counts.since(trial.from);
        if after.requests >= trial.budget.least {
            let budget = &trial.budget;
            let rises = [
                ("refusals", trial.before.refusals, after.refusals, budget.refusals),
                ("errors", trial.before.errors, after.errors, budget.errors),
            ];
            for (what, before, after_count, points) in rises {
                let (old, new) = (share(before, trial.before.requests), share(after_count, after.requests));
                if new > old + u64::from(points) * 100 {
                    self.trial = None;
                    return Judgement::Exceeded(sentence(what, old, new, points));
                }
            }
        }
        if trial.began.plus(trial.budget.window) <= now {
            self.trial = None;
            return Judgement::Passed;
        }
        Judgement::Waiting
    }
}

/// Hundredths of a hundredth; none of nothing.
const fn share(count: u64, all: u64) -> u64 {
    match (count * 10_000).checked_div(all) {
        Some(share) => share,
        None => 0,
    }
}

fn sentence(what: &'static str, old: u64, new: u64, points: u8) -> Redacted {
    let whole = |share: u64| Part::Count(usize::try_from(share / 100).unwrap_or(usize::MAX));
    Redacted::sentence(&[
        Part::Text(what),
        Part::Text(" rose from "),
        whole(old),
        Part::Text("% to "),
        whole(new),
        Part::Text("%; the budget is "),
        Part::Count(usize::from(points)),
        Part::Text(" points"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, Manual, UnixMillis};

    const BUDGET: RollbackSettings =
        RollbackSettings { window: Duration::from_secs(300), refusals: 20, errors: 5, least: 100 };

    /// A guard, a clock that a test owns, and counters.
    struct Trial {
        guard: Guard,
        clock: Clock,
        hands: std::sync::Arc<Manual>,
        counts: Counts,
    }

    impl Trial {
        fn new() -> Self {
            let (clock, hands) = Clock::manual(UnixMillis(0));
            Self { guard: Guard::default(), clock, hands, counts: Counts::default() }
        }

        /// So many seconds with so many requests in each, of which so many in a hundred are refused or fail.
        fn pass(&mut self, seconds: u64, requests: u64, refused: u64, failed: u64) -> Vec<Judgement> {
            let mut said = Vec::new();
            for _ in 0..seconds {
                self.hands.advance(Duration::from_secs(1));
                let more = Counts { requests, refusals: requests * refused / 100, errors: requests * failed / 100 };
                self.counts = self.counts.and(more);
                self.guard.look(self.clock.ticks(), self.counts, &BUDGET);
                said.push(self.guard.judge(self.clock.ticks(), self.counts));
            }
            said
        }

        fn change(&mut self) {
            self.guard.begin(self.clock.ticks(), self.counts, BUDGET);
        }
    }

    #[test]
    fn a_change_that_keeps_its_budget_stays() {
        let mut trial = Trial::new();
        trial.pass(1000, 100, 10, 1);
        trial.change();
        let said = trial.pass(301, 100, 29, 5);
        assert!(said[..299].iter().all(|one| *one == Judgement::Waiting));
        assert_eq!(said[299..], [Judgement::Passed, Judgement::Idle]);
    }

    #[test]
    fn a_change_that_refuses_too_many_goes_as_soon_as_that_is_sure() {
        let mut trial = Trial::new();
        trial.pass(1000, 50, 10, 0);
        trial.change();
        let said = trial.pass(3, 50, 32, 0);
        let why = Redacted::sentence(&[Part::Text("refusals rose from 10% to 32%; the budget is 20 points")]);
        assert_eq!(said, [Judgement::Waiting, Judgement::Exceeded(why), Judgement::Idle]);
    }

    #[test]
    fn a_change_that_breaks_the_app_goes() {
        let mut trial = Trial::new();
        trial.pass(10, 100, 0, 2);
        trial.change();
        assert!(matches!(trial.pass(1, 100, 0, 8)[0], Judgement::Exceeded(_)));
    }

    #[test]
    fn a_change_is_compared_with_the_last_window_and_not_with_years() {
        let mut trial = Trial::new();
        trial.pass(5000, 100, 0, 0);
        trial.pass(400, 100, 50, 0);
        trial.change();
        assert!(trial.pass(299, 100, 60, 0).iter().all(|one| *one == Judgement::Waiting));
    }

    #[test]
    fn a_second_change_is_compared_with_what_was_before_the_first() {
        let mut trial = Trial::new();
        trial.pass(400, 100, 0, 0);
        trial.change();
        trial.pass(200, 100, 15, 0);
        trial.change();
        assert!(matches!(trial.pass(1, 100, 30, 0)[0], Judgement::Exceeded(_)));
    }

    #[test]
    fn few_requests_say_nothing() {
        let mut trial = Trial::new();
        trial.change();
        let said = trial.pass(99, 1, 100, 0);
        assert!(said.iter().all(|one| *one == Judgement::Waiting));
        assert!(matches!(trial.pass(1, 1, 100, 0)[0], Judgement::Exceeded(_)));
    }
}
