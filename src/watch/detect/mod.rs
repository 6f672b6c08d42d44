//! Detectors: what a caller does, compared with what the policy and the caller's own weeks before expect. A pure core:
//! numbers in, findings out, no clock, no locks, no input or output. The gate runs it on a thread of its own, `simulate`
//! over past records, and the generator of traffic over made-up weeks: they cannot disagree.
//!
//! ```text
//! Observation ─► for each table (caller, address, credential, …) one block ─► each rule's state ─► Finding
//! ```
//!
//! Reading order: `rule`, `state`, then what states are made of: `window`, `distinct`, `sequence`, `baseline`, `learned`, `origin`.

mod baseline;
mod calendar;
mod distinct;
mod learned;
mod origin;
mod real;
mod rule;
pub(super) mod sequence;
mod state;
pub(super) mod store;
mod table;
mod window;

#[cfg(test)]
mod tests;

use smallvec::SmallVec;

use super::key::Keyed;
use crate::audit::RequestId;
use crate::clock::{Ticks, UnixMillis};
use crate::policy::settings::detect::{Pattern, Per, Value};
pub use origin::Signs;
use rule::Rule;
pub use rule::{Marks, Spec};
use state::{Look, State};
pub use store::StoreFault;
use table::{Block, Owner, Table};

/// One request, at its end, as detectors see it: numbers and keyed hashes.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The request.
    pub id: RequestId,
    /// When it ended: hours and days are told by this clock.
    pub at: UnixMillis,
    /// The same by the monotonic clock: windows are told by this one.
    pub ticks: Ticks,
    /// The caller, if one was proved.
    pub caller: Option<u64>,
    /// The client's address, IPv6 by /64.
    pub address: u64,
    /// The client's network, IPv4 by /24, IPv6 by /48.
    pub network: u64,
    /// What proved the caller.
    pub credential: Option<u64>,
    /// The issuer of the token that was shown, as [`name_id`].
    pub issuer: Option<u32>,
    /// The program that the caller uses, as a keyed hash; 0 where nobody wants to know.
    pub client: u64,
    /// The role that let it through, as [`name_id`].
    pub role: Option<u32>,
    /// The route, as [`name_id`].
    pub route: Option<u32>,
    /// What became of it.
    pub marks: Marks,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// Records in the answer, as limits counted them.
    pub records: u64,
    /// Values that rules watch.
    pub watched: SmallVec<[SeenValue; 4]>,
}

/// A value of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenValue {
    /// Of what, as [`value_id`].
    pub what: u32,
    /// Its keyed hash.
    pub value: u64,
    /// The keyed hash of the number behind it, if it is one and somebody wants to know; or 0.
    pub next: u64,
}

/// What was too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// How much there was.
    pub observed: u64,
    /// As much would not have been too much.
    pub allowed: u64,
    /// Whether it is not yet known what is usual for this key.
    pub learning: bool,
    /// What else was new, where that is what was counted.
    pub signs: Signs,
}

/// Something odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's place among those that the core was made of.
    pub rule: usize,
    /// Whose doing it is: a key of the rule's table.
    pub subject: u64,
    /// Whether the table was full, so that others added to it: then it tells nothing of this one alone.
    pub shared: bool,
    /// How much there was.
    pub excess: Excess,
    /// The request that was one too many.
    pub request: RequestId,
    /// When.
    pub at: UnixMillis,
    /// The same by the monotonic clock.
    pub ticks: Ticks,
}

/// All detectors of a policy, and what they know.
pub struct Detectors {
    rules: Vec<Rule>,
    groups: Vec<Group>,
}

/// Rules that count by the same key.
struct Group {
    per: Per,
    /// Places in the list of rules.
    rules: Vec<usize>,
    table: Table,
    /// Requests without a caller count by address, and have no place among callers: anybody can make them up.
    anonymous: Table,
}

/// How full tables are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Keys, over all tables.
    pub keys: usize,
    /// Whether newcomers share a place in one of them.
    pub full: bool,
    /// Requests of such newcomers.
    pub overflowed: u64,
}

/// Keys are forgotten, where there is no room for newcomers, when they were not seen for this long and something was
/// learned of them: a quarter of a year covers holidays and parental leave's begin.
const KEEP_LEARNED: u64 = 91 * 86_400 * 1_000_000;

impl Detectors {
    /// Detectors that know nothing yet.
    pub fn new(specs: &[Spec]) -> Self {
        let rules: Vec<Rule> = specs.iter().map(Rule::new).collect();
        let mut groups: Vec<Group> = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            let per = rule.detector.per;
            match groups.iter_mut().find(|group| group.per == per) {
                Some(group) => group.rules.push(place),
                None => groups.push(Group {
                    per,
                    rules: vec![place],
                    table: Table::new(true, 0),
                    anonymous: Table::new(false, 0),
                }),
            }
        }
        for group in &mut groups {
            let patterns = group.rules.iter().filter_map(|place| rules.get(*place)).map(|rule| &rule.detector.pattern);
            let keep = patterns.map(keep).max().unwrap_or(0);
            group.table = Table::new(!matches!(group.per, Per::Address), keep);
            group.anonymous = Table::new(false, keep);
        }
        Self { rules, groups }
    }

    /// Takes note of a request; appends what is odd.
    pub fn observe(&mut self, o: &Observation, found: &mut Vec<Finding>) {
        let now = o.at.seconds();
        for Group { per, rules: places, table, anonymous } in &mut self.groups {
            let Some(key) = o.key(*per) else { continue };
            let by_caller = matches!(per, Per::Caller | Per::CallerRoute);
            let table = if by_caller && o.caller.is_none() { anonymous } else { table };
            let rules = &mut self.rules;
            let make = || {
                let states = places.iter().filter_map(|place| rules.get(*place));
                states.map(|rule| rule.state(now)).collect::<Box<[State]>>()
            };
            let (block, owner, most) = table.find(key, o.ticks, make);
            let (mut before, mut after) = (0, 0);
            for (place, state) in places.iter().zip(&mut block.states) {
                let Some(rule) = rules.get_mut(*place) else { continue };
                if !rule.sees_route(o) {
                    continue;
                }
                rule.since = Some(rule.since.unwrap_or(now).min(now));
                let look = Look { observation: o, owner, period: rule.period(o.at), most };
                before += state.weight();
                let counts = rule.counts(o);
                if let Some(excess) = state.see(rule, &look, counts) {
                    let shared = owner == Owner::Crowd;
                    let (request, at, ticks) = (o.id, o.at, o.ticks);
                    found.push(Finding { rule: *place, subject: key, shared, excess, request, at, ticks });
                }
                after += state.weight();
            }
            table.weigh(before, after);
        }
    }

    /// Whether the rule at this place looks at a request.
    pub fn looks_at(&self, place: usize, o: &Observation) -> bool {
        self.rules.get(place).is_some_and(|rule| rule.counts(o))
    }

    /// How full its tables are.
    pub fn load(&self) -> Load {
        let mut load = Load::default();
        for table in self.groups.iter().flat_map(|group| [&group.table, &group.anonymous]) {
            load.keys += table.len();
            load.full |= table.is_full();
            load.overflowed += table.overflowed();
        }
        load
    }

    /// Whose doing it was begins anew for a rule: an operator lifted what followed.
    pub fn forgive(&mut self, rule: usize, subject: u64) {
        for Group { rules, table, anonymous, .. } in &mut self.groups {
            let Some(place) = rules.iter().position(|place| *place == rule) else { continue };
            for block in [table, anonymous].into_iter().filter_map(|table| table.blocks.get_mut(&subject)) {
                if let Some(state) = block.states.get_mut(place) {
                    state.forgive();
                }
            }
        }
    }
}

/// How long a rule needs a key that is not seen, in microseconds.
fn keep(pattern: &Pattern) -> u64 {
    if pattern.learns() { KEEP_LEARNED } else { u64::try_from(pattern.window().as_micros()).unwrap_or(u64::MAX) }
}

impl Observation {
    /// The key of a table, if the request has one.
    pub fn key_of(&self, per: Per) -> Option<u64> {
        self.key(per)
    }

    fn key(&self, per: Per) -> Option<u64> {
        let caller = self.caller.unwrap_or(self.address);
        match per {
            Per::Caller => Some(caller),
            Per::Address => Some(self.address),
            Per::Credential => self.credential,
            Per::Role => self.role.map(u64::from).map(mixed),
            Per::Route => self.route.map(u64::from).map(mixed),
            Per::CallerRoute => self.route.map(|route| mixed(caller ^ u64::from(route) << 16)),
            Per::Upstream => Some(1),
            Per::Issuer => self.issuer.map(u64::from).map(mixed),
        }
    }
}

/// A key of a number that is none.
const fn mixed(number: u64) -> u64 {
    let mixed = (number ^ (number >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// What a configured name stands for in tables: the same in every policy and every process.
pub fn name_id(name: &str) -> u32 {
    let hash = Keyed::new(*b"portcullis names").hash(name.as_bytes());
    u32::try_from(hash >> 32).unwrap_or(u32::MAX)
}

/// What a watched value is, in tables and records.
pub fn value_id(value: &Value) -> u32 {
    name_id(&value_name(value))
}

/// As the policy spells it: `path.order_id`.
pub fn value_name(value: &Value) -> String {
    match value {
        Value::Path(name) => format!("path.{name}"),
        Value::Query(name) => format!("query.{name}"),
        Value::WholePath => "path".to_owned(),
        Value::Address => "address".to_owned(),
        Value::Network => "network".to_owned(),
    }
}
