//! A quota over requests of the past: the buckets are those of the gate, in a map instead of its table, whose bound and
//! whose hashes the past does not need.

use std::collections::HashMap;

use super::bucket::{Bucket, Rate};
use crate::clock::Ticks;
use crate::policy::settings::Quota;

/// Keys of one quota: at 40 bytes, 80 MB. Further ones are let through.
const MOST_KEYS: usize = 2_000_000;

/// A quota for each key.
pub struct PastQuota {
    rate: Rate,
    buckets: HashMap<u64, Bucket>,
}

impl PastQuota {
    /// All buckets full.
    pub fn new(quota: &Quota) -> Self {
        Self { rate: Rate::new(quota), buckets: HashMap::new() }
    }

    /// Whether there is anything left for a key: without it a request is refused.
    pub fn has_room(&mut self, key: u64, now: Ticks) -> bool {
        let Some(bucket) = self.buckets.get_mut(&key) else { return true };
        bucket.settle(&self.rate, now);
        bucket.room(&self.rate, now).is_ok()
    }

    /// Takes up to `wanted`; how much there was.
    pub fn take(&mut self, key: u64, wanted: u64, now: Ticks) -> u64 {
        if self.buckets.len() >= MOST_KEYS && !self.buckets.contains_key(&key) {
            return wanted;
        }
        let bucket = self.buckets.entry(key).or_default();
        bucket.settle(&self.rate, now);
        bucket.take_up_to(&self.rate, wanted)
    }

    /// Takes one, if there is one.
    pub fn take_one(&mut self, key: u64, now: Ticks) -> bool {
        let room = self.has_room(key, now);
        if room {
            self.take(key, 1, now);
        }
        room
    }
}
