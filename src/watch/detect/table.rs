//! What is known of each key, in a table of bounded size. When it is full, newcomers share one place: they are counted
//! together, so that nobody passes unseen by crowding the table, and nobody who is being watched is put out of it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::state::State;
use crate::clock::Ticks;

/// Keys that callers prove, and those made of them: more than an office has people and services. A caller with every
/// kind of state takes up to some 20 KB.
const MOST_CALLERS: usize = 8192;
/// Keys that anybody can make up, addresses above all.
const MOST_ADDRESSES: usize = 16_384;
/// Values that all keys of a table may hold, at some 34 bytes each: 34 MB. Beyond it every key holds fewer, and counts
/// less exactly.
const MOST_VALUES: usize = 1_000_000;
/// Values of one key when there are that many of all.
const FEW_VALUES: usize = 32;
/// A full table is looked through for keys that are gone at most once in this many microseconds.
const SWEEP_EVERY: u64 = 10_000_000;

/// What is known of one key: a state for each rule of the table.
pub(super) struct Block {
    /// When it was last seen.
    pub(super) seen: Ticks,
    pub(super) states: Box<[State]>,
}

/// Blocks by key.
pub(super) struct Table {
    pub(super) blocks: HashMap<u64, Block, BuildHasherDefault<Hashed>>,
    /// Whom newcomers share while the table is full.
    crowd: Option<Block>,
    most: usize,
    /// Microseconds after which a key that was not seen is forgotten, if there is no room.
    keep: u64,
    values: usize,
    swept: Option<Ticks>,
    overflowed: u64,
}

/// Whose block was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The key's own, and it was known.
    Known,
    /// The key's own, and it is new.
    New,
    /// All newcomers'.
    Crowd,
}

impl Table {
    /// A table of keys that callers prove, or of keys that anybody can make up.
    pub(super) fn new(proven: bool, keep: u64) -> Self {
        Self {
            blocks: HashMap::default(),
            crowd: None,
            most: if proven { MOST_CALLERS } else { MOST_ADDRESSES },
            keep,
            values: 0,
            swept: None,
            overflowed: 0,
        }
    }

    /// The block of a key, and how many values each of its states may hold.
    pub(super) fn find(&mut self, key: u64, now: Ticks, make: impl Fn() -> Box<[State]>) -> (&mut Block, Owner, usize) {
        let most = if self.values < MOST_VALUES { super::distinct::MOST } else { FEW_VALUES };
        if self.blocks.len() >= self.most && !self.blocks.contains_key(&key) {
            self.sweep(now);
            if self.blocks.len() >= self.most {
                self.overflowed += 1;
                let crowd = self.crowd.get_or_insert_with(|| Block { seen: now, states: make() });
                crowd.seen = now;
                return (crowd, Owner::Crowd, most);
            }
        }
        let mut owner = Owner::Known;
        let block = self.blocks.entry(key).or_insert_with(|| {
            owner = Owner::New;
            Block { seen: now, states: make() }
        });
        block.seen = block.seen.max(now);
        (block, owner, most)
    }

    /// Takes out keys that were not seen for so long that nothing of them counts.
    fn sweep(&mut self, now: Ticks) {
        if self.swept.is_some_and(|swept| now.since(swept) < SWEEP_EVERY) {
            return;
        }
        self.swept = Some(now);
        let keep = self.keep;
        self.blocks.retain(|_, block| now.since(block.seen) <= keep);
        // Counted anew, which puts right what was let go with the blocks.
        self.values = self.blocks.values().map(Block::weight).sum();
    }

    /// So many values more, or fewer, are held.
    pub(super) fn weigh(&mut self, before: usize, after: usize) {
        self.values = (self.values + after).saturating_sub(before);
    }

    /// Puts in what was known of a key, if there is room.
    pub(super) fn put(&mut self, key: u64, block: Block) {
        if self.blocks.len() < self.most {
            self.values += block.weight();
            self.blocks.insert(key, block);
        }
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// How often a newcomer found no place.
    pub(super) const fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// Whether newcomers share a place now.
    pub(super) fn is_full(&self) -> bool {
        self.blocks.len() >= self.most
    }
}

impl Block {
    fn weight(&self) -> usize {
        self.states.iter().map(State::weight).sum()
    }
}

/// Keys are hashes already; numbers of 32 bits are spread over the places and the marks of a map.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn write_u32(&mut self, key: u32) {
        self.0 = u64::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}
