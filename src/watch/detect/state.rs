//! What one rule knows of one key, and how one more request changes it.

use std::time::Duration;

use super::baseline::{Baseline, Bound};
use super::distinct::Distinct;
use super::learned::{Routes, Seen};
use super::origin::{Call, Origins};
use super::rule::{Declared, Rule};
use super::sequence::Chain;
use super::table::Owner;
use super::window::Window;
use super::{Excess, Observation, Signs};
use crate::policy::settings::detect::{First, Hours, Measure, Pattern, Value};

/// What one rule knows of one key. What is large is boxed: most keys of most tables are counts.
pub(super) enum State {
    Count(Window),
    /// What is counted, and all there was.
    Share(Box<(Window, Window)>),
    Moves(Box<(u64, Window)>),
    Distinct(Box<Distinct>),
    Sequence(Box<Chain>),
    Baseline(Box<Baseline>),
    /// Whether the key is there is all there is to know.
    Known,
    Routes(Box<Routes>),
    Seen(Box<(Seen, Window)>),
    Origins(Box<Origins>),
}

/// One more request, as a rule sees it.
pub(super) struct Look<'o> {
    pub(super) observation: &'o Observation,
    pub(super) owner: Owner,
    /// The period of the rule's calendar.
    pub(super) period: u64,
    /// Values that the state may hold.
    pub(super) most: usize,
}

impl State {
    /// Of a key that is first seen now.
    pub(super) fn new(rule: &Rule, now: u64) -> Self {
        match &rule.detector.pattern {
            Pattern::Count { measure: Measure::Moves, .. } => Self::Moves(Box::default()),
            Pattern::Count { share: Some(_), .. } => Self::Share(Box::default()),
            Pattern::Count { .. } => Self::Count(Window::default()),
            Pattern::Distinct { .. } => Self::Distinct(Box::default()),
            Pattern::Sequence { .. } => Self::Sequence(Box::default()),
            Pattern::Baseline { every, .. } => Self::Baseline(Box::new(Baseline::new(*every, now))),
            Pattern::First { what: First::Caller, .. } => Self::Known,
            Pattern::First { what: First::Route, .. } => Self::Routes(Box::new(Routes::new(now))),
            Pattern::First { what: First::Network | First::Origin, .. } => Self::Origins(Box::new(Origins::new(now))),
            Pattern::OffHours { hours: Hours::Declared(_), .. } => Self::Count(Window::default()),
            Pattern::OffHours { hours: Hours::Learned(_), .. } => {
                Self::Seen(Box::new((Seen::new(now), Window::default())))
            }
        }
    }

    /// Values that it holds.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Distinct(distinct) => distinct.weight(),
            Self::Baseline(baseline) => baseline.weight(),
            _ => 0,
        }
    }

    /// Takes note of a request that the rule looks at (`counts`), or of one that is only a part of the whole that a
    /// share is of; what was too much, if it was.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of rule")]
    pub(super) fn see(&mut self, rule: &mut Rule, look: &Look<'_>, counts: bool) -> Option<Excess> {
        let Look { observation: o, .. } = *look;
        if let Self::Share(both) = self {
            return share(both, rule, o, counts);
        }
        if !counts {
            return None;
        }
        match (self, &rule.detector.pattern) {
            (Self::Count(window), Pattern::Count { measure, over, .. }) => {
                let count = Rule::amount(measure, o);
                above(window.add(rule.span, o.ticks, count), *over)
            }
            (Self::Count(window), Pattern::OffHours { over, .. }) => {
                let off = rule.declared.as_ref().is_some_and(|declared: &Declared| !declared.holds(look.period));
                let count = window.add(rule.span, o.ticks, u64::from(off));
                above(count, *over).filter(|_| off)
            }
            (Self::Moves(both), Pattern::Count { over, .. }) => {
                let (last, window) = &mut **both;
                let moved = *last != 0 && *last != o.network;
                *last = o.network;
                above(window.add(rule.span, o.ticks, u64::from(moved)), *over).filter(|_| moved)
            }
            (Self::Distinct(distinct), Pattern::Distinct { value, over, .. }) => {
                let hash = rule.value(value, o)?.0;
                above(distinct.add(rule.span, o.ticks, hash, look.most), *over)
            }
            (Self::Sequence(chain), Pattern::Sequence { value, over, .. }) => {
                let (hash, next) = rule.value(value, o)?;
                above(chain.add(rule.span, o.ticks, hash, next), *over)
            }
            (Self::Baseline(baseline), Pattern::Baseline { .. }) => usual(baseline, rule, look),
            (Self::Known, Pattern::First { learn, .. }) => {
                let ripe = rule.since.is_some_and(|since| is_ripe(since, learn, o));
                // Where newcomers have no place of their own, each of them is told of.
                (look.owner != Owner::Known && o.caller.is_some() && ripe).then_some(Excess {
                    observed: 1,
                    allowed: 0,
                    learning: false,
                    signs: Signs::NONE,
                })
            }
            (Self::Routes(routes), Pattern::First { learn, .. }) => {
                let ripe = is_ripe(earlier(&mut routes.since, o), learn, o);
                let first = o.route.is_some_and(|route| routes.is_first(route));
                (first && ripe).then_some(Excess { observed: 1, allowed: 0, learning: false, signs: Signs::NONE })
            }
            (Self::Origins(origins), Pattern::First { what, learn }) => {
                // Nobody in particular may come from anywhere.
                let caller = o.caller.filter(|_| look.owner != Owner::Crowd)?;
                let now = o.at.seconds();
                let call = Call {
                    caller,
                    network: o.network,
                    client: o.client,
                    route: o.route,
                    period: look.period,
                    now,
                    learning: !is_ripe(earlier(&mut origins.since, o), learn, o),
                    alone: *what == First::Network,
                };
                origins.see(&call, &mut rule.familiar)
            }
            (Self::Seen(both), Pattern::OffHours { hours: Hours::Learned(learn), over, .. }) => {
                let (seen, window) = &mut **both;
                let ripe = is_ripe(earlier(&mut seen.since, o), learn, o);
                let off = !seen.is_usual(look.period) && ripe;
                above(window.add(rule.span, o.ticks, u64::from(off)), *over).filter(|_| off)
            }
            _ => None,
        }
    }

    /// What of it was excessive begins anew, so that the next alarm has to be earned again. What was learned stays.
    pub(super) fn forgive(&mut self) {
        match self {
            Self::Count(window) => window.clear(),
            Self::Share(both) => **both = Default::default(),
            Self::Moves(both) => both.1.clear(),
            Self::Distinct(distinct) => distinct.clear(),
            Self::Sequence(chain) => chain.clear(),
            Self::Seen(both) => both.1.clear(),
            Self::Origins(origins) => origins.trust(),
            Self::Baseline(_) | Self::Known | Self::Routes(_) => {}
        }
    }
}

/// When a key was first seen. A moment that is still to come is of a clock that was put forward then, and is put back since.
fn earlier(since: &mut u64, o: &Observation) -> u64 {
    *since = (*since).min(o.at.seconds());
    *since
}

/// Whether a time of learning is over.
const fn is_ripe(since: u64, learn: &Duration, o: &Observation) -> bool {
    o.at.seconds() >= since.saturating_add(learn.as_secs())
}

const fn above(observed: u64, over: u64) -> Option<Excess> {
    if observed > over { Some(Excess { observed, allowed: over, learning: false, signs: Signs::NONE }) } else { None }
}

fn share(both: &mut (Window, Window), rule: &Rule, o: &Observation, counts: bool) -> Option<Excess> {
    let Pattern::Count { over, share: Some(share), .. } = &rule.detector.pattern else { return None };
    let (part, all) = both;
    let all = all.add(rule.span, o.ticks, 1);
    let part = part.add(rule.span, o.ticks, u64::from(counts));
    let much = part.saturating_mul(100) > all.saturating_mul(u64::from(*share));
    above(part, *over).filter(|_| much && counts)
}

/// A key's own baseline, and beside it what all keys do.
fn usual(baseline: &mut Baseline, rule: &mut Rule, look: &Look<'_>) -> Option<Excess> {
    let Pattern::Baseline { measure, times, floor, every, learn } = &rule.detector.pattern else { return None };
    let (times, floor, every, learn) = (*times, *floor, *every, learn.as_secs());
    let (o, period) = (look.observation, look.period);
    let bound = Bound { every, times, floor };
    let now = o.at.seconds();
    let before = if baseline.period == period { baseline.count } else { 0 };
    let count = match measure {
        Measure::Distinct(value) => {
            let (hash, _) = rule.value(value, o)?;
            baseline.add_value(&bound, period, (hash, look.most), (rule.span, o.ticks))
        }
        measure => baseline.add(&bound, period, Rule::amount(measure, o)),
    };
    let all = rule.all.get_or_insert_with(|| Baseline::new(every, now));
    all.add(&Bound { floor: u64::MAX, ..bound }, period, count.saturating_sub(before));
    // Without a look at what is usual: most requests end here.
    if count <= floor {
        return None;
    }
    let learning = now < earlier(&mut baseline.since, o).saturating_add(learn);
    let allowed = if learning {
        bound.allows_unknown()
    } else {
        let usual = baseline.usual(&bound, period);
        bound.allows(usual, rule.all.as_ref().map_or(1.0, |all| all.common(&bound, period, count, usual)))
    };
    (count > allowed).then_some(Excess { observed: count, allowed, learning, signs: Signs::NONE })
}

/// Whether a value is there without a request's own text.
pub(super) const fn plain(value: &Value, o: &Observation) -> Option<u64> {
    match value {
        Value::Address => Some(o.address),
        Value::Network => Some(o.network),
        Value::Path(_) | Value::Query(_) | Value::WholePath => None,
    }
}
