//! Requests, by `governor`'s GCRA over our own table: it decides, the table keeps what is spent.
//!
//! A bucket with `spent` requests, settled at a moment, is the same as a theoretical arrival time of that moment and
//! `spent` intervals. It is kept as a count, since that says nothing of the rate: a policy that changes the rate goes on
//! with the same table.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use super::bucket::Rate;
use super::table::Table;
use crate::clock::Ticks;

thread_local! {
    /// The moment that the request at hand brought along, in microseconds: no further look at a clock.
    static MOMENT: Cell<u64> = const { Cell::new(0) };
}

/// The clock as `governor` reads it.
#[derive(Clone, Copy, Debug)]
struct Moment;

impl governor::clock::Clock for Moment {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(MOMENT.get())
    }
}

/// The table as `governor` uses it.
struct Buckets {
    table: Arc<Table>,
    rate: Rate,
}

impl StateStore for Buckets {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.table.with(*key, &self.rate, Ticks(MOMENT.get()), |bucket| {
            // What it would put in place is the arrival of one request more.
            let (answer, _) = decide(bucket.arrival(&self.rate).map(Nanos::from))?;
            bucket.take_one();
            Ok(answer)
        })
    }
}

/// A quota of requests for each key.
pub(super) struct Requests {
    pub rate: Rate,
    pub table: Arc<Table>,
    limiter: RateLimiter<u64, Buckets, Moment, NoOpMiddleware<Duration>>,
}

impl Requests {
    /// A quota over a table, which may be one in use.
    pub(super) fn new(quota: &crate::policy::settings::Quota, table: Arc<Table>) -> Self {
        // The policy's compiler refuses zeros; should one come here, the strictest quota stands in.
        let narrow =
            |amount: u64| NonZeroU32::new(u32::try_from(amount).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN);
        let each = quota.period / narrow(quota.amount).get();
        let gcra = Quota::with_period(each.max(Duration::from_nanos(1)))
            .unwrap_or(Quota::per_hour(NonZeroU32::MIN))
            .allow_burst(narrow(quota.burst));
        let rate = Rate::new(quota);
        // Arrivals are counted from the clock's own begin.
        MOMENT.set(0);
        let limiter = RateLimiter::new(gcra, Buckets { table: Arc::clone(&table), rate }, Moment);
        Self { rate, table, limiter }
    }

    /// Takes one request, or says how long it takes until there is one.
    pub(super) fn take(&self, key: u64, now: Ticks) -> Result<(), Duration> {
        MOMENT.set(now.0);
        self.limiter.check_key(&key).map_err(|not_until| not_until.wait_time_from(Duration::from_micros(now.0)))
    }

    /// Gives back what a refusal elsewhere took in vain.
    pub(super) fn give_back(&self, key: u64, now: Ticks) {
        self.table.with(key, &self.rate, now, |bucket| bucket.give_back(1));
    }
}
