//! One offender's failures, and how long it is locked for them. Plain state and a moment in, plain state out.

use std::time::Duration;

use smallvec::SmallVec;

use crate::clock::Ticks;
use crate::policy::settings::Threshold;

/// Failures of one caller or address.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// When it failed, within the window, oldest first.
    failures: SmallVec<[Ticks; 5]>,
    /// How many locks are remembered.
    pub locks: u8,
    /// The last failure, or the end of the last lock: good behaviour counts from there.
    pub last: Ticks,
}

impl Record {
    /// What is known of it from before the start.
    pub(super) fn remembered(locks: u8, last: Ticks) -> Self {
        Self { failures: SmallVec::new(), locks, last }
    }

    /// It failed. How long it is locked, if that was one failure too many.
    ///
    /// What is asked for while it is locked is refused unread and is no failure, so that a lock ends however long
    /// somebody hammers at it.
    pub(super) fn fail(&mut self, threshold: &Threshold, now: Ticks) -> Option<Duration> {
        self.settle(threshold, now);
        if now < self.last {
            return None;
        }
        self.last = now;
        if self.failures.len() >= threshold.failures as usize {
            // The policy asks for fewer than it did.
            self.failures.drain(..=self.failures.len() - threshold.failures as usize);
        }
        self.failures.push(now);
        if self.failures.len() < threshold.failures as usize {
            return None;
        }
        self.failures.clear();
        let lasts = duration(threshold, self.locks);
        self.locks = self.locks.saturating_add(1);
        self.last = now.plus(lasts);
        Some(lasts)
    }

    /// Forgets what is old enough.
    pub(super) fn settle(&mut self, threshold: &Threshold, now: Ticks) {
        self.failures.retain(|failure| failure.plus(threshold.window) > now);
        let forget = u64::try_from(threshold.forget.as_micros()).unwrap_or(u64::MAX).max(1);
        let forgotten = now.since(self.last) / forget;
        if forgotten > 0 {
            self.locks = self.locks.saturating_sub(u8::try_from(forgotten).unwrap_or(u8::MAX));
            self.last = Ticks(self.last.0 + forgotten * forget);
        }
    }

    /// Whether nothing is remembered.
    pub(super) fn is_clean(&self) -> bool {
        self.failures.is_empty() && self.locks == 0
    }

    /// How many failures count at this moment.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.failures.len()
    }
}

/// How long the next lock holds after so many.
fn duration(threshold: &Threshold, locks: u8) -> Duration {
    let mut lasts = threshold.lasts;
    for _ in 0..locks {
        if lasts >= threshold.max {
            break;
        }
        lasts = lasts.saturating_mul(u32::from(threshold.grow));
        if threshold.grow <= 1 {
            break;
        }
    }
    lasts.min(threshold.max.max(threshold.lasts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn threshold(failures: u32, window: u64, lasts: u64, grow: u8, max: u64, forget: u64) -> Threshold {
        let [window, lasts, max, forget] = [window, lasts, max, forget].map(Duration::from_secs);
        Threshold { failures, window, lasts, grow, max, forget }
    }

    fn at(seconds: u64) -> Ticks {
        Ticks(seconds * 1_000_000)
    }

    #[test]
    fn five_in_ten_minutes_lock_and_four_do_not() {
        let rule = threshold(5, 600, 900, 2, 86_400, 86_400);
        let mut record = Record::remembered(0, at(0));
        for second in [0, 1, 2, 3] {
            assert_eq!(record.fail(&rule, at(second)), None);
        }
        // The first has left the window.
        assert_eq!(record.fail(&rule, at(600)), None);
        assert_eq!(record.fail(&rule, at(600)), Some(Duration::from_secs(900)));
        assert_eq!(record.fail(&rule, at(700)), None, "what is asked for while it is locked is no failure");
    }

    #[test]
    fn locks_grow_to_their_ceiling_and_are_forgotten_one_by_one() {
        let rule = threshold(1, 60, 100, 3, 1000, 10_000);
        let mut record = Record::remembered(0, at(0));
        let mut now = at(0);
        for lasts in [100, 300, 900, 1000, 1000] {
            assert_eq!(record.fail(&rule, now), Some(Duration::from_secs(lasts)));
            now = now.plus(Duration::from_secs(lasts));
        }
        // Of five locks, three are forgotten.
        now = now.plus(Duration::from_secs(30_000));
        assert_eq!(record.fail(&rule, now), Some(Duration::from_secs(900)));
        now = now.plus(Duration::from_secs(900 + 30_000));
        record.settle(&rule, now);
        assert!(record.is_clean());
    }

    proptest! {
        /// Whatever comes when: nobody is locked with fewer failures in the window than the rule says, everybody is with
        /// as many, no lock is shorter than the first or longer than the ceiling, and the state stays bounded.
        #[test]
        fn a_lock_is_as_the_rule_says(
            failures in 1_u32..8, window in 1_u64..100, lasts in 1_u64..50, grow in 1_u8..=10, more in 0_u64..500,
            forget in 60_u64..1000, steps in prop::collection::vec(0_u64..120, 1..200),
        ) {
            let rule = threshold(failures, window, lasts, grow, lasts + more, forget);
            let mut record = Record::remembered(0, at(0));
            let (mut now, mut until) = (0, 0);
            let mut seen: Vec<u64> = Vec::new();
            for step in steps {
                now += step;
                let locked = record.fail(&rule, at(now));
                prop_assert!(record.count() < failures as usize);
                if now < until {
                    prop_assert_eq!(locked, None);
                    continue;
                }
                seen.push(now);
                seen.retain(|second| second + window > now);
                prop_assert_eq!(locked.is_some(), seen.len() >= failures as usize);
                if let Some(time) = locked {
                    prop_assert!(time >= rule.lasts && time <= rule.max);
                    until = now + time.as_secs();
                    seen.clear();
                }
            }
            // A long time of good behaviour, and nothing is remembered.
            record.settle(&rule, at(now + until + window + 256 * forget));
            prop_assert!(record.is_clean());
        }
    }
}
