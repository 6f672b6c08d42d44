//! What was learned, carried over: to the rules of a changed policy, and as bytes to the next start.
//!
//! Counts in windows are not kept over a restart: their clock begins anew, and they fill again within their window. What
//! takes weeks to learn is.

use std::collections::HashMap;

use super::baseline::{Baseline, Slot};
use super::calendar::{WEEK_HOURS, slots};
use super::learned::{Routes, Seen};
use super::origin::Origins;
use super::rule::Rule;
use super::state::State;
use super::{Block, Detectors, Group, Spec, name_id};
use crate::clock::{Moment, UnixMillis};
use crate::policy::settings::detect::{Pattern, Per};

/// What a store begins with: the version of its form.
const MAGIC: &[u8; 8] = b"pcwatch1";
/// Most that is read back: 8192 callers with a dozen rules by the hour.
pub(in crate::watch) const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// Why a store is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// Not of this form.
    #[error("it is of another version")]
    Version,
    /// It ends early, or holds what it cannot.
    #[error("it is cut short or damaged")]
    Damaged,
}

impl Detectors {
    /// Detectors for a changed policy: rules that look for the same go on with what they know, the others begin now.
    pub fn renewed(mut self, specs: &[Spec], now: UnixMillis) -> Self {
        let mut new = Self::new(specs);
        // Of each new rule, the old one whose state it takes.
        let mut from: Vec<Option<usize>> = Vec::with_capacity(new.rules.len());
        for rule in &mut new.rules {
            let old = self.rules.iter_mut().enumerate().find(|(_, old)| rule.keeps_state_of(old));
            if let Some((_, old)) = &old {
                rule.since = old.since;
                rule.all.clone_from(&old.all);
                rule.familiar.clone_from(&old.familiar);
            }
            from.push(old.map(|(place, _)| place));
        }
        let rules = &new.rules;
        for group in &mut new.groups {
            let Some(old) = self.groups.iter_mut().find(|old| old.per == group.per) else { continue };
            let places: Vec<Option<usize>> = group
                .rules
                .iter()
                .map(|place| from.get(*place).copied().flatten())
                .map(|was| was.and_then(|was| old.rules.iter().position(|place| *place == was)))
                .collect();
            if places.iter().all(Option::is_none) {
                continue;
            }
            let own = group.rules.clone();
            for (into, out) in [(&mut group.table, &mut old.table), (&mut group.anonymous, &mut old.anonymous)] {
                for (key, block) in out.blocks.drain() {
                    into.put(key, carried((rules, now.seconds()), &own, &places, block));
                }
            }
        }
        new
    }

    /// What was learned, as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for group in &self.groups {
            for (at, place) in group.rules.iter().enumerate() {
                let Some(rule) = self.rules.get(*place).filter(|rule| rule.detector.pattern.learns()) else { continue };
                put(&mut out, u64::from(rule.fingerprint()));
                put(&mut out, rule.since.unwrap_or(0));
                put(&mut out, u64::from(rule.all.is_some()));
                if let Some(all) = &rule.all {
                    put_baseline(&mut out, all);
                }
                put(&mut out, group.table.blocks.len() as u64);
                for (key, block) in &group.table.blocks {
                    put(&mut out, *key);
                    if let Some(state) = block.states.get(at) {
                        put_state(&mut out, state);
                    }
                }
            }
        }
        out
    }

    /// Takes up what [`Self::encode`] gave, of rules that are still there; how many keys of rules were taken up. On a
    /// fault, what was taken up until there stays: every part of it is sound.
    pub fn decode(&mut self, bytes: &[u8], now: Moment) -> Result<usize, StoreFault> {
        let mut bytes = Bytes(bytes.strip_prefix(MAGIC).ok_or(StoreFault::Version)?);
        let mut taken = 0;
        let mut known: HashMap<u64, (Per, usize)> = HashMap::new();
        for group in &self.groups {
            for (at, place) in group.rules.iter().enumerate() {
                let Some(rule) = self.rules.get(*place) else { continue };
                known.insert(u64::from(rule.fingerprint()), (group.per, at));
            }
        }
        while !bytes.0.is_empty() {
            let fingerprint = bytes.number()?;
            let (since, has_all) = (bytes.number()?, bytes.number()? == 1);
            let all = if has_all { Some(bytes.baseline()?) } else { None };
            let target = known.get(&fingerprint).copied();
            if let Some((per, at)) = target
                && let Some(group) = self.groups.iter().find(|group| group.per == per)
                && let Some(rule) = group.rules.get(at).and_then(|place| self.rules.get_mut(*place))
            {
                rule.since = Some(since).filter(|since| *since > 0);
                rule.all = all;
            }
            for _ in 0..bytes.number()? {
                let (key, state) = (bytes.number()?, bytes.state()?);
                let Some((per, at)) = target else { continue };
                taken += usize::from(self.place(per, at, key, state, now));
            }
        }
        Ok(taken)
    }

    fn place(&mut self, per: Per, at: usize, key: u64, state: State, now: Moment) -> bool {
        let rules = &self.rules;
        let Some(group) = self.groups.iter_mut().find(|group| group.per == per) else { return false };
        let Group { rules: places, table, .. } = group;
        if !table.blocks.contains_key(&key) {
            let states = places.iter().filter_map(|place| rules.get(*place)).map(|rule| rule.state(now.wall.seconds()));
            table.put(key, Block { seen: now.ticks, states: states.collect() });
        }
        let Some(slot) = table.blocks.get_mut(&key).and_then(|block| block.states.get_mut(at)) else { return false };
        // A state of another kind is no use to the rule; the fingerprint says that there is none.
        let fits = std::mem::discriminant(slot) == std::mem::discriminant(&state);
        let networks = if let State::Origins(origins) = &state { origins.networks() } else { Vec::new() };
        if fits {
            *slot = state;
            let rule = places.get(at).copied();
            if let Some(rule) = rule.and_then(|rule| self.rules.get_mut(rule)) {
                rule.familiar.add(key, &networks);
            }
        }
        fits
    }
}

/// A block of the old rules' states, as one of the new rules'.
fn carried((rules, now): (&[Rule], u64), own: &[usize], from: &[Option<usize>], block: Block) -> Block {
    let mut old: Vec<Option<State>> = block.states.into_iter().map(Some).collect();
    let states = own.iter().zip(from).filter_map(|(place, was)| {
        let kept = was.and_then(|was| old.get_mut(was)).and_then(Option::take);
        kept.or_else(|| rules.get(*place).map(|rule| rule.state(now)))
    });
    Block { seen: block.seen, states: states.collect() }
}

impl Rule {
    /// What must be the same for learned state to be of use.
    fn fingerprint(&self) -> u32 {
        let detector = &self.detector;
        let kind = match &detector.pattern {
            Pattern::Baseline { measure, every, .. } => format!("{measure:?} {every:?}"),
            Pattern::First { what, .. } => format!("{what:?}"),
            Pattern::OffHours { .. } => "hours".to_owned(),
            other => format!("{other:?}"),
        };
        let zone = detector.zone.iana_name().unwrap_or("");
        let (per, of, routes) = (detector.per, detector.of, &detector.routes);
        name_id(&format!("{}|{kind}|{per:?}|{of:?}|{routes:?}|{zone}", self.name))
    }
}

pub(super) fn put(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_baseline(out: &mut Vec<u8>, baseline: &Baseline) {
    put(out, baseline.since);
    put(out, baseline.period);
    put(out, baseline.count);
    put(out, baseline.week.len() as u64);
    for slot in &baseline.week {
        out.extend_from_slice(&slot.mean.to_le_bytes());
        out.extend_from_slice(&slot.variance.to_le_bytes());
        out.extend_from_slice(&slot.weeks.to_le_bytes());
    }
}

fn put_state(out: &mut Vec<u8>, state: &State) {
    match state {
        State::Known => put(out, 1),
        State::Baseline(baseline) => {
            put(out, 2);
            put_baseline(out, baseline);
        }
        State::Routes(routes) => {
            put(out, 3);
            put(out, routes.since);
            put(out, routes.known.len() as u64);
            routes.known.iter().for_each(|route| put(out, u64::from(*route)));
        }
        State::Seen(both) => {
            put(out, 4);
            put(out, both.0.since);
            put(out, both.0.period);
            out.extend_from_slice(&both.0.week[..]);
        }
        State::Origins(origins) => {
            put(out, 5);
            origins.put(out);
        }
        // Only learned states are written.
        State::Count(_) | State::Share(_) | State::Moves(_) | State::Distinct(_) | State::Sequence(_) => put(out, 1),
    }
}

/// Bytes that are read in order.
pub(super) struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    /// Of these.
    #[cfg(test)]
    pub(super) const fn of(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<&'b [u8; N], StoreFault> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(StoreFault::Damaged)?;
        self.0 = rest;
        Ok(head)
    }

    pub(super) fn number(&mut self) -> Result<u64, StoreFault> {
        Ok(u64::from_le_bytes(*self.take()?))
    }

    fn real(&mut self) -> Result<f32, StoreFault> {
        let real = f32::from_le_bytes(*self.take()?);
        if real.is_finite() && real >= 0.0 { Ok(real) } else { Err(StoreFault::Damaged) }
    }

    fn baseline(&mut self) -> Result<Baseline, StoreFault> {
        use crate::policy::settings::detect::Every;
        let (since, period, count, length) = (self.number()?, self.number()?, self.number()?, self.number()?);
        let every = [Every::Hour, Every::Day].into_iter().find(|every| slots(*every) as u64 == length);
        let mut baseline = Baseline::new(every.ok_or(StoreFault::Damaged)?, since);
        (baseline.period, baseline.count) = (period, count);
        for slot in &mut baseline.week {
            let (mean, variance) = (self.real()?, self.real()?);
            *slot = Slot { mean, variance, weeks: u32::from_le_bytes(*self.take()?) };
        }
        Ok(baseline)
    }

    fn state(&mut self) -> Result<State, StoreFault> {
        Ok(match self.number()? {
            1 => State::Known,
            2 => State::Baseline(Box::new(self.baseline()?)),
            3 => {
                let mut routes = Routes::new(self.number()?);
                for _ in 0..self.number()? {
                    let route = u32::try_from(self.number()?).map_err(|_| StoreFault::Damaged)?;
                    routes.is_first(route);
                }
                State::Routes(Box::new(routes))
            }
            4 => {
                let mut seen = Seen::new(self.number()?);
                seen.period = self.number()?;
                *seen.week = *self.take::<WEEK_HOURS>()?;
                State::Seen(Box::new((seen, super::window::Window::default())))
            }
            5 => State::Origins(Box::new(Origins::read(self)?)),
            _ => return Err(StoreFault::Damaged),
        })
    }
}
