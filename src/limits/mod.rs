//! Request limits: GCRA by `governor`, over tables of our own that stay bounded whatever clients send.

mod table;

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::{Quota, RateLimiter};

use crate::clock::Clock;
use crate::identity::Identity;
use crate::policy::Policy;
use crate::policy::roles::RoleIndex;
use crate::policy::settings::{Limit, LimitKey};
use crate::redact::Name;
use table::{Buckets, Table};

/// The gate's monotonic clock, as `governor` reads it.
#[derive(Clone, Debug)]
struct LimitClock(Clock);

impl governor::clock::Clock for LimitClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(self.0.ticks().0)
    }
}

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

/// All limits of a policy. Shared by the workers.
pub struct Limits {
    /// Those of limits that a change of the policy left as they were are the old ones.
    counters: Vec<Arc<Counter>>,
    /// Keyed by chance at start, so that nobody can aim at another one's bucket.
    hasher: RandomState,
    /// What a route's and a role's place in the policy counts as: by its name, for places move.
    routes: Vec<u64>,
    roles: Vec<u64>,
}

struct Counter {
    per: LimitKey,
    each: Duration,
    burst: u32,
    limiter: RateLimiter<u64, Buckets, LimitClock, NoOpMiddleware<Duration>>,
    table: Arc<Table>,
    clock: LimitClock,
    overflowed: Arc<AtomicU64>,
}

impl Limits {
    /// Counters for a policy's limits, all buckets full.
    pub fn new(policy: &Policy, clock: &Clock) -> Self {
        let new = |limit: &Arc<Limit>| Arc::new(Counter::new(limit, LimitClock(clock.clone())));
        Self::of(policy, RandomState::new(), policy.limits.iter().map(new).collect())
    }

    /// Counters for a changed policy. A limit that is as it was keeps its buckets. One whose rate or burst changed
    /// begins with what is spent: as many requests as a bucket lacked, it lacks again. Only a limit that counts by
    /// something else begins with full buckets.
    pub fn renewed(&self, old: &Policy, new: &Policy, clock: &Clock) -> Self {
        let counter = |limit: &Arc<Limit>| {
            let known = old.limits.iter().zip(&self.counters).find(|(known, _)| known.name == limit.name);
            match known {
                Some((known, counter)) if known.is_like(limit) => Arc::clone(counter),
                Some((known, counter)) if known.per == limit.per => Arc::new(counter.changed(limit)),
                _ => Arc::new(Counter::new(limit, LimitClock(clock.clone()))),
            }
        };
        Self::of(new, self.hasher.clone(), new.limits.iter().map(counter).collect())
    }

    fn of(policy: &Policy, hasher: RandomState, counters: Vec<Arc<Counter>>) -> Self {
        let place = |kind: &str, name: &Name| hasher.hash_one((kind, name.as_str()));
        let routes = policy.routes.routes().iter().map(|route| place("route", &route.name)).collect();
        let roles = policy.roles.names().iter().map(|role| place("role", role)).collect();
        Self { counters, hasher, routes, roles }
    }

    /// Takes one request from the limit at `index`; how long to wait if there is none left.
    pub fn admit(&self, index: usize, subject: &Subject<'_>) -> Result<(), Duration> {
        // Indices come from the same policy as the counters; what nobody counts is not let through.
        let Some(counter) = self.counters.get(index) else { return Err(Duration::from_secs(1)) };
        counter
            .limiter
            .check_key(&self.key(counter.per, subject))
            .map_err(|not_until| not_until.wait_time_from(governor::clock::Clock::now(&counter.clock)))
    }

    /// How many requests of newcomers found a table full and shared a bucket, over all limits.
    pub fn overflowed(&self) -> u64 {
        self.counters.iter().map(|counter| counter.overflowed.load(Ordering::Relaxed)).sum()
    }

    fn key(&self, per: LimitKey, subject: &Subject<'_>) -> u64 {
        let address = folded(subject.address);
        match (per, subject.caller) {
            (LimitKey::Caller, Some(caller)) => self.hasher.hash_one((caller.kind, caller.subject())),
            (LimitKey::CallerRoute, Some(caller)) => {
                self.hasher.hash_one((caller.kind, caller.subject(), self.route(subject)))
            }
            (LimitKey::CallerRoute, None) => self.hasher.hash_one(("address", address, self.route(subject))),
            (LimitKey::Caller, None) | (LimitKey::Address, _) => self.hasher.hash_one(("address", address)),
            (LimitKey::Role, _) => {
                subject.role.and_then(|role| self.roles.get(usize::from(role.0))).copied().unwrap_or_default()
            }
            (LimitKey::Route, _) => self.route(subject),
        }
    }

    fn route(&self, subject: &Subject<'_>) -> u64 {
        self.routes.get(subject.route).copied().unwrap_or_default()
    }
}

impl Counter {
    fn new(limit: &Limit, clock: LimitClock) -> Self {
        // The policy's compiler refuses zeros; should one come here, the strictest quota stands in.
        let burst = NonZeroU32::new(limit.burst).unwrap_or(NonZeroU32::MIN);
        let each = limit.period / limit.requests.max(1);
        let quota = Quota::with_period(each.max(Duration::from_nanos(1)))
            .unwrap_or(Quota::per_hour(NonZeroU32::MIN))
            .allow_burst(burst);
        let overflowed = Arc::new(AtomicU64::new(0));
        let table = Arc::new(Table::new(clock.clone(), Arc::clone(&overflowed)));
        let limiter = RateLimiter::new(quota, Buckets(Arc::clone(&table)), clock.clone());
        Self { per: limit.per, each, burst: burst.get(), limiter, table, clock, overflowed }
    }

    /// Another rate or burst, and what is spent stays spent.
    fn changed(&self, limit: &Limit) -> Self {
        let made = Self::new(limit, self.clock.clone());
        let spent = |ahead: Duration| {
            // Nanoseconds of a bucket's debt by those of one request, rounded up.
            let requests = ahead.as_nanos().div_ceil(self.each.as_nanos().max(1));
            let requests = u32::try_from(requests).unwrap_or(u32::MAX).min(made.burst);
            made.each.saturating_mul(requests)
        };
        made.table.take_over(&self.table, spent);
        made
    }
}

/// One subscriber's addresses: IPv4 as it is, IPv6 by /64.
fn folded(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u64::from(v4.to_bits()),
        IpAddr::V6(v6) => (v6.to_bits() >> 64) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixMillis;
    use crate::redact::Name;

    fn limit(per: LimitKey, requests: u32, burst: u32) -> Arc<Limit> {
        let name = Name::configured("limit").expect("a name");
        Arc::new(Limit { name, index: 0, per, requests, period: Duration::from_secs(60), burst })
    }

    fn policy(limit: Arc<Limit>) -> Policy {
        Policy { limits: vec![limit], ..crate::policy::testing::policy([]) }
    }

    #[test]
    fn a_limit_that_stays_keeps_what_is_spent() {
        let (clock, hands) = Clock::manual(UnixMillis(0));
        hands.advance(Duration::from_secs(7));
        let old = policy(limit(LimitKey::Caller, 60, 3));
        let limits = Limits::new(&old, &clock);
        let (one, two) = (subject("10.0.0.1"), subject("10.0.0.2"));
        assert!((0..3).all(|_| limits.admit(0, &one).is_ok()) && limits.admit(0, &two).is_ok());
        hands.advance(Duration::from_millis(10));

        let same = limits.renewed(&old, &old, &clock);
        assert!(same.admit(0, &one).is_err());

        // Twice the rate and the burst: of six requests, the three that were spent are still spent.
        let more = policy(limit(LimitKey::Caller, 120, 6));
        let renewed = limits.renewed(&old, &more, &clock);
        assert_eq!((0..6).filter(|_| renewed.admit(0, &one).is_ok()).count(), 3);
        assert_eq!((0..6).filter(|_| renewed.admit(0, &two).is_ok()).count(), 5);

        // A smaller burst is used up at once, and comes back at the new rate.
        let fewer = policy(limit(LimitKey::Caller, 30, 2));
        let renewed = limits.renewed(&old, &fewer, &clock);
        assert!(renewed.admit(0, &one).is_err());
        hands.advance(Duration::from_secs(2));
        assert!(renewed.admit(0, &one).is_ok());

        let other = policy(limit(LimitKey::Address, 60, 3));
        assert!(limits.renewed(&old, &other, &clock).admit(0, &one).is_ok());
    }

    fn subject(address: &str) -> Subject<'static> {
        Subject { caller: None, address: address.parse().expect("an address"), role: None, route: 0 }
    }

    #[test]
    fn a_burst_passes_and_then_one_for_each_share_of_the_period() {
        let (clock, hands) = Clock::manual(UnixMillis(0));
        let limits = Limits::new(&policy(limit(LimitKey::Caller, 60, 3)), &clock);
        let one = subject("10.0.0.1");
        for _ in 0..3 {
            assert_eq!(limits.admit(0, &one), Ok(()));
        }
        let wait = limits.admit(0, &one).expect_err("used up");
        assert!(wait > Duration::from_millis(900) && wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(limits.admit(0, &subject("10.0.0.2")), Ok(()), "another one has his own");
        hands.advance(Duration::from_secs(1));
        assert_eq!(limits.admit(0, &one), Ok(()));
        assert!(limits.admit(0, &one).is_err());
    }

    #[test]
    fn one_ipv6_subscriber_is_one_address() {
        let (clock, _) = Clock::manual(UnixMillis(0));
        let limits = Limits::new(&policy(limit(LimitKey::Address, 1, 1)), &clock);
        assert!(limits.admit(0, &subject("2001:db8::1")).is_ok());
        assert!(limits.admit(0, &subject("2001:db8::2")).is_err());
        assert!(limits.admit(0, &subject("2001:db8:0:1::2")).is_ok());
        assert!(limits.admit(0, &subject("::ffff:10.0.0.1")).is_ok());
        assert!(limits.admit(0, &subject("10.0.0.1")).is_err());
    }
}
