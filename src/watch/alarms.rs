//! Which alarms are open: findings of one rule about one subject are one alarm, told when it begins, at growing intervals
//! while it goes on, and when it has been quiet. Pure; the gate and `simulate` both keep one.

use std::collections::HashMap;
use std::time::Duration;

use smallvec::SmallVec;

use super::detect::{Excess, Finding};
use crate::audit::{RequestId, Step};
use crate::clock::{Ticks, UnixMillis};
use crate::policy::settings::AlarmRule;

/// Alarms that are open at once. Beyond it there is one more for each rule, for all others together.
const MOST_OPEN: usize = 4096;
/// Between an alarm's begin and its first update; twice as long to the next.
const FIRST_PAUSE: u64 = 600_000_000;
/// Longest time between two updates.
const LAST_PAUSE: u64 = 86_400_000_000;
/// An alarm is closed when it has been quiet for its rule's window, and at least for this long.
const LEAST_QUIET: u64 = 600_000_000;
/// Requests that an alarm names: the first ones, and the last.
const MOST_REQUESTS: usize = 8;

/// Whose doing an alarm is about: the subject of all that had no place of their own.
const CROWD: u64 = 0;

/// An alarm that is open.
#[derive(Clone, Debug)]
pub struct Open {
    /// Its id, the same in all its records.
    pub id: RequestId,
    /// The place of its rule among those of the policy.
    pub rule: usize,
    /// Whose doing it is: a key of the rule's table.
    pub subject: u64,
    /// Whether others had a part in it.
    pub shared: bool,
    /// When it began.
    pub opened: UnixMillis,
    /// When something was last found.
    pub last: UnixMillis,
    /// The most that was found.
    pub excess: Excess,
    /// Requests that were too much.
    pub count: u64,
    /// Some of them.
    pub requests: SmallVec<[RequestId; 8]>,
    /// When the incident that it opened must be reported.
    pub due: Option<UnixMillis>,
    /// How long it must be quiet to be over, in microseconds.
    pub(super) quiet: u64,
    pub(super) seen: Ticks,
    pub(super) told: Ticks,
    pub(super) pause: u64,
}

/// All open alarms.
#[derive(Debug, Default)]
pub struct Alarms {
    open: HashMap<(usize, u64), Open>,
}

impl Alarms {
    /// Takes up what was found by the rule at `place` in the policy; gives the alarm, and whether something is to be told of
    /// it.
    pub fn take(
        &mut self,
        place: usize,
        rule: &AlarmRule,
        window: Duration,
        finding: &Finding,
    ) -> (Option<Step>, &Open) {
        // What newcomers to a full table did together is one alarm.
        let mut key = (place, if finding.shared { CROWD } else { finding.subject });
        if !self.open.contains_key(&key) && self.open.len() >= MOST_OPEN {
            key = (place, CROWD);
        }
        let mut step = None;
        let open = self.open.entry(key).or_insert_with(|| {
            step = Some(Step::Opened);
            let incident = rule.incident.map(|incident| u64::try_from(incident.as_millis()).unwrap_or(u64::MAX));
            let window = u64::try_from(window.as_micros()).unwrap_or(u64::MAX);
            Open {
                id: RequestId::new(finding.at),
                rule: place,
                subject: key.1,
                shared: false,
                opened: finding.at,
                last: finding.at,
                excess: finding.excess,
                count: 0,
                requests: SmallVec::new(),
                due: incident.map(|incident| UnixMillis(finding.at.0.saturating_add(incident))),
                quiet: window.clamp(LEAST_QUIET, LAST_PAUSE),
                seen: finding.ticks,
                told: finding.ticks,
                pause: FIRST_PAUSE,
            }
        });
        open.add(finding);
        if step.is_none() && finding.ticks.since(open.told) >= open.pause {
            step = Some(Step::Updated);
            open.told = finding.ticks;
            open.pause = open.pause.saturating_mul(2).min(LAST_PAUSE);
        }
        (step, open)
    }

    /// Takes out those that have been quiet.
    pub fn close(&mut self, now: Ticks) -> Vec<Open> {
        let is_over = |open: &Open| now.since(open.seen) >= open.quiet;
        let mut closed: Vec<Open> = self.open.extract_if(|_, open| is_over(open)).map(|(_, open)| open).collect();
        closed.sort_by_key(|open| (open.opened, open.id));
        closed
    }

    /// Takes up an alarm that was open before the start, if there is room.
    pub(super) fn take_up(&mut self, open: Open) -> bool {
        let room = self.open.len() < MOST_OPEN;
        if room {
            self.open.insert((open.rule, open.subject), open);
        }
        room
    }

    /// Gives every alarm the new place of its rule; takes out those whose rule is gone.
    pub fn renew(&mut self, place: impl Fn(usize) -> Option<usize>) -> Vec<Open> {
        let mut gone = Vec::new();
        for (_, mut open) in std::mem::take(&mut self.open) {
            match place(open.rule) {
                Some(new) => {
                    open.rule = new;
                    self.open.insert((new, open.subject), open);
                }
                None => gone.push(open),
            }
        }
        gone
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> Vec<&Open> {
        let mut all: Vec<&Open> = self.open.values().collect();
        all.sort_by_key(|open| (open.opened, open.id));
        all
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

impl Open {
    fn add(&mut self, finding: &Finding) {
        self.count += 1;
        self.shared |= finding.shared || self.subject == CROWD;
        self.last = self.last.max(finding.at);
        self.seen = self.seen.max(finding.ticks);
        if finding.excess.observed >= self.excess.observed {
            self.excess = finding.excess;
        }
        if self.requests.len() == MOST_REQUESTS {
            self.requests.pop();
        }
        self.requests.push(finding.request);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::settings::{Mode, Quota, When};
    use crate::redact::Name;
    use crate::watch::detect::Signs;

    const WINDOW: Duration = Duration::from_secs(60);
    const MINUTE: u64 = 60_000_000;

    fn rule() -> AlarmRule {
        AlarmRule {
            name: Name::configured("scraping").expect("a name"),
            index: 0,
            when: When::Canary { file: "none".into(), places: Vec::new() },
            then: Vec::new(),
            mode: Mode::Enforce,
            incident: Some(Duration::from_secs(86_400)),
            lasts: WINDOW,
            rate: Quota { amount: 1, period: WINDOW, burst: 1 },
        }
    }

    fn finding(subject: u64, minute: u64) -> Finding {
        let at = UnixMillis(minute * 60_000);
        let excess = Excess { observed: minute, allowed: 0, learning: false, signs: Signs::default() };
        let request = RequestId::new(at);
        Finding { rule: 0, subject, shared: false, excess, request, at, ticks: Ticks(minute * MINUTE) }
    }

    #[test]
    fn one_alarm_is_told_at_growing_intervals_and_closed_when_it_is_quiet() {
        let (mut alarms, rule) = (Alarms::default(), rule());
        let mut told = Vec::new();
        for minute in 1..=200 {
            let (step, open) = alarms.take(0, &rule, WINDOW, &finding(7, minute));
            told.extend(step.map(|step| (minute, step, open.count)));
        }
        let updates: Vec<u64> = told.iter().map(|(minute, ..)| *minute).collect();
        assert_eq!(updates, [1, 11, 31, 71, 151]);
        assert!(matches!(told[0], (_, Step::Opened, 1)) && matches!(told[4], (_, Step::Updated, 151)));
        assert!(alarms.close(Ticks(209 * MINUTE)).is_empty());
        let closed = alarms.close(Ticks(210 * MINUTE));
        let [open] = &closed[..] else { panic!("{closed:?}") };
        assert_eq!((open.count, open.requests.len(), open.excess.observed), (200, 8, 200));
        assert_eq!(open.due, Some(UnixMillis(open.opened.0 + 86_400_000)));
        assert!(matches!(alarms.take(0, &rule, WINDOW, &finding(7, 300)), (Some(Step::Opened), _)));
    }

    #[test]
    fn a_crowd_of_subjects_has_one_alarm_beyond_the_bound() {
        let (mut alarms, rule) = (Alarms::default(), rule());
        let opened =
            (1..=5000).filter(|subject| alarms.take(0, &rule, WINDOW, &finding(*subject, 1)).0.is_some()).count();
        assert_eq!((opened, alarms.len()), (4097, 4097));
        assert!(alarms.all().iter().any(|open| open.shared && open.count == 904));
        assert!(alarms.take(0, &rule, WINDOW, &finding(5, 2)).0.is_none(), "it has its own");
        let gone = alarms.renew(|_| None);
        assert_eq!((gone.len(), alarms.is_empty()), (4097, true));
    }
}
