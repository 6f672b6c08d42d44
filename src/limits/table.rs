//! A bounded table of buckets. When it is full, newcomers share one: nobody gets a fresh bucket by crowding the table,
//! and no offender is put out of it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use governor::nanos::Nanos;
use governor::state::StateStore;
use parking_lot::Mutex;

use super::LimitClock;

/// Keys of one limit: at some 40 bytes each, 4 MiB.
const MAX_KEYS: usize = 100_000;
/// Parts with a lock each, so that workers rarely meet.
const SHARDS: usize = 16;

/// Buckets by key: for each, the theoretical arrival time of the GCRA.
pub(super) struct Table {
    shards: [Mutex<Shard>; SHARDS],
    clock: LimitClock,
    start: std::time::Duration,
    overflowed: Arc<AtomicU64>,
}

#[derive(Default)]
struct Shard {
    buckets: HashMap<u64, Nanos, BuildHasherDefault<Hashed>>,
    /// Whom newcomers share while the shard is full.
    penalty: Option<Nanos>,
    swept: Option<std::time::Duration>,
}

/// Keys are hashes already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

impl Table {
    pub(super) fn new(clock: LimitClock, overflowed: Arc<AtomicU64>) -> Self {
        let start = governor::clock::Clock::now(&clock);
        Self { shards: Default::default(), clock, start, overflowed }
    }

    /// Begins with the buckets of another table, which stays as it is. `spent` says how far ahead of now a bucket's
    /// next arrival is in this one, by how far ahead it was in the other.
    pub(super) fn take_over(&self, other: &Self, spent: impl Fn(std::time::Duration) -> std::time::Duration) {
        let now = governor::clock::Clock::now(&self.clock);
        let there = now.saturating_sub(other.start);
        let here = now.saturating_sub(self.start);
        let carried = |arrival: &Nanos| {
            let ahead = std::time::Duration::from(*arrival).saturating_sub(there);
            (!ahead.is_zero()).then(|| Nanos::from(here + spent(ahead)))
        };
        for (old, new) in other.shards.iter().zip(&self.shards) {
            // One lock at a time, each for some microseconds.
            let old = old.lock();
            let buckets: Vec<_> =
                old.buckets.iter().filter_map(|(key, arrival)| Some((*key, carried(arrival)?))).collect();
            let penalty = old.penalty.as_ref().and_then(carried);
            drop(old);
            let mut new = new.lock();
            new.buckets.extend(buckets);
            new.penalty = penalty;
        }
    }

    /// Takes out buckets that are full again: without them their keys find the same. At most once a second.
    fn sweep(&self, shard: &mut Shard) {
        let now = governor::clock::Clock::now(&self.clock);
        if shard.swept.is_some_and(|swept| now.saturating_sub(swept) < std::time::Duration::from_secs(1)) {
            return;
        }
        shard.swept = Some(now);
        let since_start = Nanos::from(now.saturating_sub(self.start));
        shard.buckets.retain(|_, arrival| *arrival > since_start);
    }
}

/// A table as `governor` holds it: its owner reaches it too.
pub(super) struct Buckets(pub(super) Arc<Table>);

impl StateStore for Buckets {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        // The low bits choose the bucket within a map; these are others.
        let table = &*self.0;
        let mut shard = table.shards[(key >> 57) as usize % SHARDS].lock();
        if let Some(bucket) = shard.buckets.get_mut(key) {
            let (answer, next) = f(Some(*bucket))?;
            *bucket = next;
            return Ok(answer);
        }
        if shard.buckets.len() >= MAX_KEYS / SHARDS {
            table.sweep(&mut shard);
        }
        if shard.buckets.len() >= MAX_KEYS / SHARDS {
            table.overflowed.fetch_add(1, Ordering::Relaxed);
            let (answer, next) = f(shard.penalty)?;
            shard.penalty = Some(next);
            return Ok(answer);
        }
        let (answer, next) = f(None)?;
        shard.buckets.insert(*key, next);
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::{Clock, UnixMillis};

    #[test]
    fn a_crowd_gets_no_fresh_buckets_and_evicts_nobody() {
        let (clock, hands) = Clock::manual(UnixMillis(0));
        hands.advance(Duration::from_secs(1));
        let overflowed = Arc::default();
        let table = Table::new(LimitClock(clock.clone()), Arc::clone(&overflowed));
        let quota = governor::Quota::per_hour(std::num::NonZeroU32::MIN);
        let limiter: governor::RateLimiter<_, _, _, governor::middleware::NoOpMiddleware<Duration>> =
            governor::RateLimiter::new(quota, Buckets(Arc::new(table)), LimitClock(clock));
        let key = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert!(limiter.check_key(&key(1)).is_ok());
        let fresh = (2..300_000).filter(|number| limiter.check_key(&key(*number)).is_ok()).count();
        assert!(fresh < MAX_KEYS + SHARDS, "{fresh} newcomers had a bucket");
        assert!(limiter.check_key(&key(1)).is_err(), "the first one still has used up its own");
        assert!(overflowed.load(Ordering::Relaxed) > 0);
    }
}
