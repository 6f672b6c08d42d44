//! What is usual for one key at this hour, or on this day, of the week: mean and variance of earlier weeks, weighed by age
//! (EWMA), learned as each hour or day ends.
//!
//! What is too much is not learned as usual: an hour counts for no more than what was allowed in it, so that a thief who
//! takes much once does not raise the mean for the next time.

use super::calendar::{alike, slot, slots};
use super::distinct::Distinct;
use super::real::{real, whole};
use super::window::Span;
use crate::clock::Ticks;
use crate::policy::settings::detect::Every;

/// What the newest week weighs, once there are more than four.
const NEWEST: f64 = 0.25;
/// What is within so many standard deviations is not odd.
const DEVIATIONS: f64 = 4.0;
/// How much more than usual others may do for it to count as the day's doing rather than one caller's: after an outage,
/// or before a holiday.
const MOST_COMMON: f64 = 4.0;

/// What was learned of one hour or day of the week. 12 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Slot {
    pub(super) mean: f32,
    pub(super) variance: f32,
    pub(super) weeks: u32,
}

/// One key's baseline: 2 KB by the hour, 84 bytes by the day.
#[derive(Clone, Debug)]
pub(super) struct Baseline {
    /// When it was first seen, in Unix seconds.
    pub(super) since: u64,
    /// The hour or day that is being counted, since 1970; 0 before the first.
    pub(super) period: u64,
    pub(super) count: u64,
    /// Whether it began in the middle of that hour or day.
    partial: bool,
    /// The values of this hour or day, where different ones are counted.
    values: Distinct,
    pub(super) week: Box<[Slot]>,
}

/// What is usual.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usual {
    pub(super) mean: f64,
    deviation: f64,
}

/// What a baseline is held to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) every: Every,
    pub(super) times: u64,
    pub(super) floor: u64,
}

impl Baseline {
    pub(super) fn new(every: Every, now: u64) -> Self {
        let week = vec![Slot::default(); slots(every)].into_boxed_slice();
        Self { since: now, period: 0, count: 0, partial: false, values: Distinct::default(), week }
    }

    /// Counts in `period`, after what was counted in earlier ones was learned.
    pub(super) fn add(&mut self, bound: &Bound, period: u64, count: u64) -> u64 {
        self.turn(bound, period);
        self.count = self.count.saturating_add(count);
        self.count
    }

    /// Counts a value, by its keyed hash, in `period`; so many values may be kept.
    pub(super) fn add_value(&mut self, bound: &Bound, period: u64, value: (u64, usize), at: (Span, Ticks)) -> u64 {
        self.turn(bound, period);
        self.count = self.values.add(at.0, at.1, value.0, value.1).max(self.count);
        self.count
    }

    fn turn(&mut self, bound: &Bound, period: u64) {
        // A clock that is put back by an hour makes that hour longer, and nothing else. One that goes back by more was put
        // forward before: the weeks in between did not pass, and nothing is learned of them.
        if period.saturating_add(1) < self.period {
            (self.period, self.count, self.partial) = (period, 0, true);
            self.values.clear();
        }
        if period <= self.period {
            return;
        }
        let most = if self.period == 0 { 0 } else { slots(bound.every) as u64 };
        for gone in self.period..period.min(self.period + most) {
            match gone == self.period {
                true if self.partial => {}
                true => self.learn(bound, gone, self.count),
                false => self.learn(bound, gone, 0),
            }
        }
        (self.period, self.count, self.partial) = (period, 0, false);
        self.values.clear();
    }

    fn learn(&mut self, bound: &Bound, period: u64, count: u64) {
        let place = slot(period, bound.every);
        let known = self.week.get(place).is_some_and(|slot| slot.weeks > 0);
        let most = if known { whole(self.usual(bound, period).mean).saturating_mul(bound.times) } else { 0 };
        let count = real(count.min(most.max(bound.floor)));
        let Some(slot) = self.week.get_mut(place) else { return };
        let weight = NEWEST.max(1.0 / f64::from(slot.weeks + 1));
        let difference = count - f64::from(slot.mean);
        let variance = (1.0 - weight) * (f64::from(slot.variance) + weight * difference * difference);
        slot.mean = narrow(f64::from(slot.mean) + weight * difference);
        slot.variance = narrow(variance);
        slot.weeks = slot.weeks.saturating_add(1);
    }

    /// What is usual in `period`: the most of what is usual in those that are like it, for people are not punctual.
    pub(super) fn usual(&self, bound: &Bound, period: u64) -> Usual {
        let mut usual = Usual::default();
        for slot in alike(slot(period, bound.every), bound.every).filter_map(|place| self.week.get(place)) {
            usual.mean = usual.mean.max(f64::from(slot.mean));
            usual.deviation = usual.deviation.max(f64::from(slot.variance));
        }
        usual.deviation = usual.deviation.sqrt();
        usual
    }

    /// How many times more than usual all others do in this period; 1 if they do not.
    pub(super) fn common(&self, bound: &Bound, period: u64, own: u64, usual: Usual) -> f64 {
        let others = real(self.count.saturating_sub(own));
        let expected = self.usual(bound, period).mean - usual.mean;
        if expected < 1.0 { 1.0 } else { (others / expected).clamp(1.0, MOST_COMMON) }
    }

    /// Values that are kept.
    pub(super) fn weight(&self) -> usize {
        self.values.weight()
    }
}

impl Bound {
    /// As much as this is not too much.
    pub(super) fn allows(&self, usual: Usual, common: f64) -> u64 {
        let times = usual.mean * real(self.times) * common;
        let odd = usual.mean * common + DEVIATIONS * usual.deviation;
        whole(times.max(odd)).max(self.floor)
    }

    /// As much as this is not too much for a key that is not learned yet.
    pub(super) const fn allows_unknown(&self) -> u64 {
        self.floor.saturating_mul(self.times)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a mean and a variance need no more digits")]
const fn narrow(number: f64) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Bound = Bound { every: Every::Hour, times: 4, floor: 50 };

    /// Eight weeks of forty an hour from nine to five on working days.
    fn learned() -> (Baseline, u64) {
        let mut baseline = Baseline::new(Every::Hour, 0);
        let mut period = 96;
        while period < 96 + 8 * 168 {
            let (day, hour) = (slot(period, Every::Day).max(slot(period, Every::Hour) / 24), period % 24);
            baseline.add(&BOUND, period, if day < 5 && (9..17).contains(&hour) { 40 } else { 0 });
            period += 1;
        }
        (baseline, period)
    }

    #[test]
    fn what_is_usual_is_known_by_the_hour_of_the_week() {
        let (mut baseline, monday) = learned();
        assert_eq!(slot(monday, Every::Hour), 0);
        baseline.add(&BOUND, monday, 0);
        let at = |hour: u64| BOUND.allows(baseline.usual(&BOUND, monday + hour), 1.0);
        assert_eq!((at(3), at(12), at(5 * 24 + 12)), (50, 160, 50));
        assert_eq!((at(8), at(17)), (160, 160), "an hour early and an hour late");
    }

    #[test]
    fn what_is_too_much_does_not_become_usual_at_once() {
        let (mut baseline, monday) = learned();
        baseline.add(&BOUND, monday + 12, 1_000_000);
        baseline.add(&BOUND, monday + 13, 0);
        let usual = baseline.usual(&BOUND, monday + 12).mean;
        assert!(usual < 100.0, "{usual}");
    }

    #[test]
    fn a_clock_that_is_put_forward_and_back_teaches_nothing() {
        for forward in [1, 2, 24, 168 * 52] {
            let (mut baseline, monday) = learned();
            let before = baseline.week.clone();
            let (noon, usual) = (monday + 12, |baseline: &Baseline| baseline.usual(&BOUND, monday + 12).mean);
            for hour in monday..noon {
                baseline.add(&BOUND, hour, if hour < monday + 9 { 0 } else { 40 });
            }
            baseline.add(&BOUND, noon, 20);
            assert!(baseline.add(&BOUND, noon + forward, 1) <= 20, "put forward by {forward}");
            assert!(baseline.add(&BOUND, noon, 20) <= 41, "and back");
            // The day goes on; neither what is counted nor what is usual is beyond the day's own.
            for hour in noon + 1..monday + 17 {
                assert!(baseline.add(&BOUND, hour, 40) <= 82, "{forward}: hour {}", hour - monday);
            }
            assert!((29.0..=50.0).contains(&usual(&baseline)), "{forward}: {}", usual(&baseline));
            let most =
                baseline.week.iter().zip(&before).map(|(now, was)| (now.mean - was.mean).abs()).fold(0.0, f32::max);
            assert!(most <= 11.0, "{forward}: {most}");
            baseline.add(&BOUND, monday + 168, 0);
            assert_eq!(baseline.count, 0, "a week later it counts as ever");
        }
    }

    #[test]
    fn long_absence_is_learned_once_around_the_week() {
        let (mut baseline, monday) = learned();
        baseline.add(&BOUND, monday + 168 * 50, 1);
        assert!((25.0..35.0).contains(&baseline.usual(&BOUND, monday + 12).mean));
    }

    #[test]
    fn what_all_do_at_once_is_nobodys_doing() {
        let (mut all, monday) = learned();
        let usual = Usual { mean: 4.0, deviation: 0.0 };
        all.add(&BOUND, monday + 12, 130);
        assert!((2.9..3.4).contains(&all.common(&BOUND, monday + 12, 12, usual)));
        assert!(all.common(&BOUND, monday + 12, 120, usual) <= 1.0, "it is this one alone");
    }
}
