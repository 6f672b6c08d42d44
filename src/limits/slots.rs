//! Requests in progress by key. There are never more keys than requests in progress, and those are bounded by the
//! gate's connections and their streams.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use parking_lot::Mutex;

use super::table::{Hashed, SHARDS, shard_of};

type Shard = HashMap<u64, u32, BuildHasherDefault<Hashed>>;

/// How many are in progress.
pub(super) struct Slots {
    shards: [Mutex<Shard>; SHARDS],
}

/// One request in progress; it ends when this is dropped.
pub(super) struct Slot {
    slots: Arc<Slots>,
    key: u64,
}

impl Slots {
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// One more, and how many there are with it; none if there are `most` already.
    pub(super) fn enter(self: &Arc<Self>, key: u64, most: u32) -> Option<(Slot, u32)> {
        let mut shard = self.shards[shard_of(key)].lock();
        let count = match shard.entry(key) {
            Entry::Occupied(count) if *count.get() >= most => return None,
            Entry::Occupied(mut count) => {
                *count.get_mut() += 1;
                *count.get()
            }
            Entry::Vacant(vacant) => *vacant.insert(1),
        };
        drop(shard);
        Some((Slot { slots: Arc::clone(self), key }, count))
    }

    /// How many there are.
    pub(super) fn taken(&self, key: u64) -> u32 {
        self.shards[shard_of(key)].lock().get(&key).copied().unwrap_or_default()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut shard = self.slots.shards[shard_of(self.key)].lock();
        if let Entry::Occupied(mut count) = shard.entry(self.key) {
            match *count.get() {
                0 | 1 => {
                    count.remove();
                }
                more => *count.get_mut() = more - 1,
            }
        }
    }
}
