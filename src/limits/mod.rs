//! How much in how long: requests, bytes and records of answers, and requests in progress, in tables that stay bounded
//! whatever clients send.

mod bucket;
mod counted;
mod gcra;
mod grant;
mod keyed;
mod past;
mod records;
pub mod shared;
mod slots;
mod spending;
mod table;

use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Ticks;
use crate::identity::Identity;
use crate::policy::Policy;
use crate::policy::roles::{PrincipalKind, RoleIndex};
use crate::policy::settings::{Limit, LimitKey, Mode, Quota};
use crate::redact::Name;
use bucket::Rate;
use counted::{Counted, NOTHING, Quotas};
use gcra::Requests;
use grant::Meter;
pub use grant::{Grant, Over, Spent};
use keyed::Keyed;
pub use keyed::SharedKey;
pub use past::PastQuota;
use records::Scanner;
use shared::{Pool, SharedQuota};
use slots::Slots;
pub use spending::Spending;
pub use table::MAX_KEYS;
use table::Table;

/// What comes free when a request in progress ends, nobody knows when.
const SOON: Duration = Duration::from_secs(1);

/// Who a request counts for.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The caller; an anonymous one counts by address.
    pub caller: Option<&'a Identity>,
    /// The client's address.
    pub address: IpAddr,
    /// The role that lets the request through.
    pub role: Option<RoleIndex>,
    /// The route's place in the policy.
    pub route: usize,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Requests.
    Requests,
    /// Bytes of answers.
    Bytes,
    /// Records in answers.
    Records,
    /// Requests in progress.
    Concurrent,
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The limit's place in the policy.
    pub limit: usize,
    /// Which of what it counts.
    pub measure: Measure,
    /// How much may be taken at once.
    pub most: u64,
    /// How much is left of it.
    pub left: u64,
    /// How long until all of it is back.
    pub full_in: Duration,
}

/// All limits of a policy. Shared by the workers.
pub struct Limits {
    counters: Vec<Counter>,
    /// Keyed, so that nobody can aim at another one's bucket.
    hasher: Keyed,
    /// What replicas count together, if they do.
    pool: Option<Arc<Pool>>,
    /// What a route's and a role's place in the policy counts as: by its name, for places move.
    routes: Vec<u64>,
    roles: Vec<u64>,
}

/// One limit's counters. What it counts in, it may share with the limit of this name in an older policy, by which
/// requests still run.
struct Counter {
    limit: Arc<Limit>,
    requests: Option<Counted<Requests>>,
    bytes: Option<Counted<Quotas>>,
    records: Option<Counted<Quotas>>,
    concurrent: Option<Arc<Slots>>,
}

impl Limits {
    /// Counters for a policy's limits, all buckets full.
    pub fn new(policy: &Policy) -> Self {
        Self::sharing(policy, None)
    }

    /// The same; limits that are shared count in `pool`.
    pub fn sharing(policy: &Policy, pool: Option<(Arc<Pool>, &SharedKey)>) -> Self {
        let hasher = pool.as_ref().map_or_else(Keyed::by_chance, |(_, key)| Keyed::by(key));
        Self::of(policy, hasher, pool.map(|(pool, _)| pool), None)
    }

    /// Counters for a changed policy. A limit of the same name that counts by the same key goes on with what is spent,
    /// at its new rates; requests in progress stay counted. Only what counts by something else begins anew.
    pub fn renewed(&self, new: &Policy) -> Self {
        Self::of(new, self.hasher.clone(), self.pool.clone(), Some(self))
    }

    fn of(policy: &Policy, hasher: Keyed, pool: Option<Arc<Pool>>, old: Option<&Self>) -> Self {
        let counter = |limit: &Arc<Limit>| {
            let known = old.and_then(|old| old.counters.iter().find(|known| known.limit.name == limit.name));
            let known = known.filter(|known| known.limit.per == limit.per && known.limit.shared == limit.shared);
            Counter::new(limit, known, pool.as_ref())
        };
        let place = |kind: &str, name: &Name| hasher.hash_one((kind, name.as_str()));
        let routes = policy.routes.routes().iter().map(|route| place("route", &route.name)).collect();
        let roles = policy.roles.names().iter().map(|role| place("role", role)).collect();
        let counters = policy.limits.iter().map(counter).collect();
        Self { counters, hasher, pool, routes, roles }
    }

    /// Takes one request from each of a route's `limits`, or from none of them: then the one that holds longest says
    /// why. What the limits count of the answer is for the grant to say as it passes.
    pub fn admit(&self, limits: &[Arc<Limit>], subject: &Subject<'_>, now: Ticks) -> Result<Grant, Spent> {
        let mut grant = Grant::default();
        let mut refused: Option<Spent> = None;
        for limit in limits {
            // Indices come from the same policy as the counters; what nobody counts is not let through.
            let Some(counter) = self.counters.get(limit.index) else {
                return Err(Spent { limit: limit.index, measure: Measure::Requests, wait: SOON });
            };
            let key = self.key(limit.per, subject);
            let Some(spent) = counter.admit(key, now, self.pool.as_ref(), &mut grant) else { continue };
            if limit.mode == Mode::Shadow {
                grant.shadowed = grant.shadowed.or(Some(Over::Spent(spent)));
            } else if refused.is_none_or(|before| before.wait < spent.wait) {
                refused = Some(spent);
            }
        }
        let Some(refused) = refused else { return Ok(grant) };
        for limit in limits {
            if let Some(requests) = self.counters.get(limit.index).and_then(|counter| counter.requests.as_ref())
                && grant.took(limit.index)
            {
                let key = self.key(limit.per, subject);
                requests.give_back(key, now);
            }
        }
        Err(refused)
    }

    /// Takes up to `wanted` of a quota for an answer: how much was left, and how long until there is some again.
    fn charge(&self, limit: usize, measure: Measure, key: u64, wanted: u64, now: Ticks) -> (u64, Duration) {
        let quotas = self.counters.get(limit).and_then(|counter| match measure {
            Measure::Bytes => counter.bytes.as_ref(),
            Measure::Records => counter.records.as_ref(),
            Measure::Requests | Measure::Concurrent => None,
        });
        // A grant names only what its limits count; what nobody counts does not pass.
        quotas.map_or(NOTHING, |quotas| quotas.charge(key, wanted, now))
    }

    /// What replicas count together, if they do.
    pub fn pool(&self) -> Option<Arc<Pool>> {
        self.pool.clone()
    }

    /// How many requests of newcomers found a table full and shared a bucket, over all limits.
    pub fn overflowed(&self) -> u64 {
        let of = |counter: &Counter| {
            let others = [&counter.bytes, &counter.records].into_iter().flatten().map(Counted::<Quotas>::overflowed);
            others.chain(counter.requests.as_ref().map(Counted::<Requests>::overflowed)).sum::<u64>()
        };
        self.counters.iter().map(of).sum()
    }

    fn key(&self, per: LimitKey, subject: &Subject<'_>) -> u64 {
        let address = folded(subject.address);
        match (per, subject.caller) {
            (LimitKey::Caller, Some(caller)) => self.of_caller((caller.kind, caller.subject())),
            (LimitKey::CallerRoute, Some(caller)) => {
                self.of_caller_on((caller.kind, caller.subject()), self.route(subject))
            }
            (LimitKey::CallerRoute, None) => self.hasher.hash_one(("address", address, self.route(subject))),
            (LimitKey::Caller, None) | (LimitKey::Address, _) => self.hasher.hash_one(("address", address)),
            (LimitKey::Role, _) => {
                subject.role.and_then(|role| self.roles.get(usize::from(role.0))).copied().unwrap_or_default()
            }
            (LimitKey::Route, _) => self.route(subject),
        }
    }

    fn of_caller(&self, caller: (PrincipalKind, &str)) -> u64 {
        self.hasher.hash_one(caller)
    }

    fn of_caller_on(&self, (kind, subject): (PrincipalKind, &str), route: u64) -> u64 {
        self.hasher.hash_one((kind, subject, route))
    }

    fn route(&self, subject: &Subject<'_>) -> u64 {
        self.routes.get(subject.route).copied().unwrap_or_default()
    }
}

impl Counter {
    fn new(limit: &Arc<Limit>, known: Option<&Self>, pool: Option<&Arc<Pool>>) -> Self {
        let pool = pool.filter(|_| limit.shared);
        let shared = |quota: &Quota, measure: &str| {
            pool.map(|pool| SharedQuota::new(pool, format!("{}:{measure}", limit.name), Rate::new(quota)))
        };
        let quotas = |quota: Option<Quota>, known: Option<&Counted<Quotas>>, measure| {
            quota.map(|quota| match shared(&quota, measure) {
                Some(shared) => Counted::Shared(shared),
                None => {
                    let table = known.and_then(Counted::own).map(|known| Arc::clone(&known.table));
                    let table = table.unwrap_or_else(|| Arc::new(Table::new()));
                    Counted::Own(Quotas { rate: Rate::new(&quota), table })
                }
            })
        };
        let slots = || known.and_then(|known| known.concurrent.clone()).unwrap_or_else(|| Arc::new(Slots::new()));
        // What is found at another path is something else.
        let path = |limit: &Limit| limit.records.as_ref().map(|records| Arc::clone(&records.at));
        let same_path = known.filter(|known| path(&known.limit) == path(limit));
        Self {
            limit: Arc::clone(limit),
            requests: limit.requests.map(|quota| {
                let known = known.and_then(|known| known.requests.as_ref());
                match shared(&quota, "requests") {
                    Some(shared) => Counted::Shared(shared),
                    None => {
                        let table = known.and_then(Counted::own).map(|known| Arc::clone(&known.table));
                        Counted::Own(Requests::new(&quota, table.unwrap_or_else(|| Arc::new(Table::new()))))
                    }
                }
            }),
            bytes: quotas(limit.bytes, known.and_then(|known| known.bytes.as_ref()), "bytes"),
            records: quotas(
                limit.records.as_ref().map(|records| records.quota),
                same_path.and_then(|known| known.records.as_ref()),
                "records",
            ),
            concurrent: limit.concurrent.map(|_| slots()),
        }
    }

    /// Takes one request, and enters what is to be counted later; what holds longest, if something is used up.
    fn admit(&self, key: u64, now: Ticks, pool: Option<&Arc<Pool>>, grant: &mut Grant) -> Option<Spent> {
        let index = self.limit.index;
        let mut longest: Option<Spent> = None;
        let mut spent = |measure, wait| {
            if longest.is_none_or(|before| before.wait < wait) {
                longest = Some(Spent { limit: index, measure, wait });
            }
        };
        let mut reported = self.limit.headers.then_some(grant.standing).flatten();
        let mut report = |measure, (most, left, full_in): counted::Left| {
            if self.limit.headers {
                let standing = Standing { limit: index, measure, most, left, full_in };
                reported = Some(reported.map_or(standing, |before| before.lesser(standing)));
            }
        };
        for (quotas, measure) in [(&self.bytes, Measure::Bytes), (&self.records, Measure::Records)] {
            let Some(quotas) = quotas else { continue };
            let (left, room) = quotas.look(key, now);
            report(measure, left);
            if let Err(wait) = room {
                spent(measure, wait);
            }
        }
        if let (Some(slots), Some(most)) = (&self.concurrent, self.limit.concurrent) {
            // Requests in progress end too soon to be counted elsewhere: of a shared limit each replica has its part.
            let part = |pool: &Arc<Pool>| (u64::from(most) / pool.replicas()).max(1);
            let part = pool.filter(|_| self.limit.shared).and_then(|pool| u32::try_from(part(pool)).ok());
            let most = part.unwrap_or(most);
            match slots.enter(key, most) {
                Some((slot, count)) => {
                    let left = u64::from(most.saturating_sub(count));
                    report(Measure::Concurrent, (u64::from(most), left, Duration::ZERO));
                    grant.slots.push(slot);
                }
                None => spent(Measure::Concurrent, SOON),
            }
        }
        if let Some(requests) = &self.requests {
            let taken = requests.take(key, now);
            if self.limit.headers {
                report(Measure::Requests, requests.left(key, now));
            }
            match taken {
                Ok(()) => grant.taken.push(index),
                Err(wait) => spent(Measure::Requests, wait),
            }
        }
        if self.limit.headers {
            grant.standing = reported;
        }
        // A limit in shadow whose quota is used up has said what there is to say of this request.
        if longest.is_none() && (self.bytes.is_some() || self.records.is_some()) {
            let scanner = self.limit.records.as_ref().map(|records| Box::new(Scanner::new(&records.at)));
            let bytes = self.bytes.is_some();
            let seen = scanner.as_ref().map(|_| 0);
            grant.meters.push(Meter { limit: index, key, mode: self.limit.mode, bytes, records: scanner, seen });
        }
        longest
    }
}

impl Standing {
    /// Of two, that of which the smaller part is left.
    fn lesser(self, other: Self) -> Self {
        let part = |one: &Self, by: &Self| u128::from(one.left) * u128::from(by.most);
        if part(&other, &self) < part(&self, &other) { other } else { self }
    }
}

/// One subscriber's addresses: IPv4 as it is, IPv6 by /64.
fn folded(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u64::from(v4.to_bits()),
        IpAddr::V6(v6) => (v6.to_bits() >> 64) as u64,
    }
}

/// How many values at a path a document holds that passes in pieces; `None` if that cannot be told.
#[cfg(fuzzing)]
pub fn count_records<'p>(
    path: &Arc<crate::policy::json_path::JsonPath>,
    mut pieces: impl Iterator<Item = &'p [u8]>,
) -> Option<u64> {
    let mut scanner = Scanner::new(path);
    let count = pieces.try_fold(0, |count, piece| scanner.read(piece).map(|more| count + more)).ok()?;
    scanner.ended().ok().map(|()| count)
}

#[cfg(test)]
mod tests;
