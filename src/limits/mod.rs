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
use crate::policy::roles::RoleIndex;
use crate::policy::settings::{Limit, LimitKey};
use table::Table;

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
    counters: Vec<Counter>,
    /// Keyed by chance at start, so that nobody can aim at another one's bucket.
    hasher: RandomState,
}

struct Counter {
    per: LimitKey,
    limiter: RateLimiter<u64, Table, LimitClock, NoOpMiddleware<Duration>>,
    clock: LimitClock,
    overflowed: Arc<AtomicU64>,
}

impl Limits {
    /// Counters for `limits`, all buckets full.
    pub fn new(limits: &[Arc<Limit>], clock: &Clock) -> Self {
        let counters = limits.iter().map(|limit| Counter::new(limit, LimitClock(clock.clone()))).collect();
        Self { counters, hasher: RandomState::new() }
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
                self.hasher.hash_one((caller.kind, caller.subject(), subject.route))
            }
            (LimitKey::CallerRoute, None) => self.hasher.hash_one(("address", address, subject.route)),
            (LimitKey::Caller, None) | (LimitKey::Address, _) => self.hasher.hash_one(("address", address)),
            (LimitKey::Role, _) => self.hasher.hash_one(("role", subject.role)),
            (LimitKey::Route, _) => self.hasher.hash_one(("route", subject.route)),
        }
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
        let table = Table::new(clock.clone(), Arc::clone(&overflowed));
        Self { per: limit.per, limiter: RateLimiter::new(quota, table, clock.clone()), clock, overflowed }
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

    fn subject(address: &str) -> Subject<'static> {
        Subject { caller: None, address: address.parse().expect("an address"), role: None, route: 0 }
    }

    #[test]
    fn a_burst_passes_and_then_one_for_each_share_of_the_period() {
        let (clock, hands) = Clock::manual(UnixMillis(0));
        let limits = Limits::new(&[limit(LimitKey::Caller, 60, 3)], &clock);
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
        let limits = Limits::new(&[limit(LimitKey::Address, 1, 1)], &clock);
        assert!(limits.admit(0, &subject("2001:db8::1")).is_ok());
        assert!(limits.admit(0, &subject("2001:db8::2")).is_err());
        assert!(limits.admit(0, &subject("2001:db8:0:1::2")).is_ok());
        assert!(limits.admit(0, &subject("::ffff:10.0.0.1")).is_ok());
        assert!(limits.admit(0, &subject("10.0.0.1")).is_err());
    }
}
