//! What a key was seen to do: the routes that it called, and the hours of the week at which it called.

use super::calendar::{WEEK_HOURS, alike, slot};
use crate::policy::settings::detect::Every;

/// Routes of one caller that are known; a policy has at most a thousand.
const MOST_ROUTES: usize = 1000;
/// What one week with a request at an hour adds, as a part of what is missing to 255.
const SEEN: u8 = 8;
/// An hour counts as one of work from here on: after two weeks with a request in it.
const USUAL: u8 = 40;

/// The routes that a caller called.
#[derive(Clone, Debug)]
pub(super) struct Routes {
    /// When the caller was first seen, in Unix seconds.
    pub(super) since: u64,
    /// Ids of routes, in order.
    pub(super) known: Vec<u32>,
}

impl Routes {
    pub(super) const fn new(now: u64) -> Self {
        Self { since: now, known: Vec::new() }
    }

    /// Whether it was called before.
    pub(super) fn knows(&self, route: u32) -> bool {
        self.known.binary_search(&route).is_ok()
    }

    /// Takes note of a call, and says whether it is the first one.
    pub(super) fn is_first(&mut self, route: u32) -> bool {
        match self.known.binary_search(&route) {
            Ok(_) => false,
            Err(place) => {
                if self.known.len() < MOST_ROUTES {
                    self.known.insert(place, route);
                }
                true
            }
        }
    }
}

/// The hours of the week at which a key was seen: 192 bytes.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// When it was first seen, in Unix seconds.
    pub(super) since: u64,
    /// The hour that is being looked at, since 1970; 0 before the first.
    pub(super) period: u64,
    /// How sure it is that the hour is one of work, of 255.
    pub(super) week: Box<[u8; WEEK_HOURS]>,
}

impl Seen {
    pub(super) fn new(now: u64) -> Self {
        Self { since: now, period: 0, week: Box::new([0; WEEK_HOURS]) }
    }

    /// Whether a period is an hour of work.
    pub(super) fn knows(&self, period: u64) -> bool {
        alike(slot(period, Every::Hour), Every::Hour)
            .any(|place| self.week.get(place).is_some_and(|sure| *sure >= USUAL))
    }

    /// Takes note of a request in `period`, and says whether that is an hour of work.
    pub(super) fn is_usual(&mut self, period: u64) -> bool {
        let usual = self.knows(period);
        if period.saturating_add(1) < self.period {
            // The clock was put forward and back again: those hours did not pass.
            self.period = period;
        }
        if period > self.period {
            // Hours that passed without a request.
            let first = if self.period == 0 { period } else { self.period + 1 };
            for gone in (first..period).rev().take(WEEK_HOURS) {
                if let Some(sure) = self.week.get_mut(slot(gone, Every::Hour)) {
                    *sure -= *sure / SEEN;
                }
            }
            if let Some(sure) = self.week.get_mut(slot(period, Every::Hour)) {
                *sure += (u8::MAX - *sure) / SEEN;
            }
            self.period = period;
        }
        usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_new_once() {
        let mut routes = Routes::new(0);
        assert!(routes.is_first(7) && routes.is_first(3));
        assert!(!routes.is_first(7) && !routes.is_first(3));
    }

    #[test]
    fn hours_of_two_weeks_are_usual_and_those_beside_them() {
        let mut seen = Seen::new(0);
        let monday = 96;
        let morning = |week: u64, day: u64, hour: u64| monday + week * 168 + day * 24 + hour;
        for week in 0..2 {
            for day in 0..5 {
                seen.is_usual(morning(week, day, 9));
            }
        }
        assert!(seen.is_usual(morning(2, 0, 9)) && seen.is_usual(morning(2, 0, 10)));
        assert!(!seen.is_usual(morning(2, 0, 23)) && !seen.is_usual(morning(2, 5, 9)));
        assert!(!seen.is_usual(morning(3, 0, 23)), "seen once at night");
    }
}
