//! A bounded table of buckets. When it is full, newcomers share one: nobody gets a fresh bucket by crowding the table,
//! and no offender is put out of it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::bucket::{Bucket, Rate};
use crate::clock::Ticks;

/// Parts with a lock each, so that workers rarely meet.
pub(super) const SHARDS: usize = 64;
/// Keys of a part: what a hash map of 32,768 places takes before it grows.
const SHARD_KEYS: usize = 28_672;
/// Keys of a table: 1.8 million. At 25 bytes a place (key, bucket, and one of the map's) they take 50 MiB; a million
/// take the same.
pub const MAX_KEYS: usize = SHARDS * SHARD_KEYS;
/// A full part is looked through for empty buckets at most once in this many microseconds.
const SWEEP_EVERY: u64 = 1_000_000;

/// Buckets by key.
pub(super) struct Table {
    shards: [Mutex<Shard>; SHARDS],
    overflowed: AtomicU64,
}

#[derive(Default)]
struct Shard {
    buckets: HashMap<u64, Bucket, BuildHasherDefault<Hashed>>,
    /// Whom newcomers share while the shard is full.
    penalty: Bucket,
    swept: Option<Ticks>,
}

/// Keys are hashes already.
#[derive(Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// The part of a key. A hash map reads the lowest bits and the highest seven; these are others.
pub(super) const fn shard_of(key: u64) -> usize {
    (key >> 48) as usize % SHARDS
}

impl Table {
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), overflowed: AtomicU64::new(0) }
    }

    /// Does something with a key's bucket, settled at `now`. A bucket that stays empty is not kept.
    pub(super) fn with<T>(&self, key: u64, rate: &Rate, now: Ticks, f: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut shard = self.shards[shard_of(key)].lock();
        let shard = &mut *shard;
        if let Some(bucket) = shard.buckets.get_mut(&key) {
            bucket.settle(rate, now);
            return f(bucket);
        }
        if shard.buckets.len() >= SHARD_KEYS {
            shard.sweep(rate, now);
        }
        if shard.buckets.len() >= SHARD_KEYS {
            self.overflowed.fetch_add(1, Ordering::Relaxed);
            shard.penalty.settle(rate, now);
            return f(&mut shard.penalty);
        }
        let mut bucket = Bucket::default();
        bucket.settle(rate, now);
        let answer = f(&mut bucket);
        if !bucket.is_empty() {
            shard.buckets.insert(key, bucket);
        }
        answer
    }

    /// How often a newcomer found its part full.
    pub(super) fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }
}

impl Shard {
    /// Takes out buckets that are empty: without them their keys find the same.
    fn sweep(&mut self, rate: &Rate, now: Ticks) {
        if self.swept.is_some_and(|swept| now.since(swept) < SWEEP_EVERY) {
            return;
        }
        self.swept = Some(now);
        self.buckets.retain(|_, bucket| {
            bucket.settle(rate, now);
            !bucket.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::policy::settings::Quota;

    const NOW: Ticks = Ticks(1_000_000);

    fn key(number: u64) -> u64 {
        // Well spread, as a keyed hash is.
        let mixed = (number ^ (number >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    }

    fn take(bucket: &mut Bucket, rate: &Rate, now: Ticks) -> Result<(), Duration> {
        bucket.room(rate, now)?;
        bucket.take_one();
        Ok(())
    }

    fn rate() -> Rate {
        Rate::new(&Quota { amount: 1, period: Duration::from_secs(3600), burst: 1 })
    }

    #[test]
    fn a_crowd_gets_no_fresh_buckets_and_evicts_nobody() {
        let (table, rate) = (Table::new(), rate());
        let admit = |number| table.with(key(number), &rate, NOW, |bucket| take(bucket, &rate, NOW)).is_ok();
        assert!(admit(1));
        let crowd = MAX_KEYS as u64 + 300_000;
        let fresh = (2..crowd).filter(|number| admit(*number)).count();
        assert!(fresh < MAX_KEYS + SHARDS, "{fresh} newcomers had a bucket");
        assert!(!admit(1), "the first one still has used up its own");
        assert!(table.overflowed() > 0);
        // Once the crowd's buckets are empty they make room.
        let later = NOW.plus(Duration::from_secs(3600));
        assert!(table.with(key(crowd + 1), &rate, later, |bucket| take(bucket, &rate, later)).is_ok());
        assert!(table.with(key(crowd + 1), &rate, later, |bucket| take(bucket, &rate, later)).is_err());
    }

    #[test]
    fn a_million_keys_keep_their_buckets_in_sixty_four_megabytes() {
        let (table, rate) = (Table::new(), rate());
        for number in 0..1_000_000 {
            table.with(key(number), &rate, NOW, |bucket| take(bucket, &rate, NOW)).expect("a fresh bucket");
        }
        let refilled = (0..1_000_000)
            .filter(|number| table.with(key(*number), &rate, NOW, |bucket| take(bucket, &rate, NOW)).is_ok())
            .count();
        assert_eq!((refilled, table.overflowed()), (0, 0));
        // A place is a key, a bucket and a byte of the map's; places are a power of two, of which seven eighths are used.
        let places: usize =
            table.shards.iter().map(|shard| (shard.lock().buckets.capacity() * 8 / 7).next_power_of_two()).sum();
        let bytes = places * (size_of::<(u64, Bucket)>() + 1);
        assert!(bytes <= 64_000_000, "{bytes} bytes");
    }
}
