//! What numbers are kept in between scrapes: plain memory of one thread, which others may read at any time. Nothing here
//! locks, and nothing allocates after it was made.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Bounds;

/// Different codes of one table: all that this program has are fewer.
pub const MOST_CODES: usize = 256;

/// A number that one thread adds to. Others read it; that they write, too, would lose counts.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds. A load and a store: a number that nobody else writes needs no locked instruction.
    pub fn add(&self, more: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
    }

    /// Takes away.
    pub fn subtract(&self, less: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_sub(less), Ordering::Relaxed);
    }

    /// Sets.
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A distribution of durations, one thread's.
#[derive(Debug)]
pub struct Spread {
    bounds: &'static Bounds,
    /// One for each bucket, and one for what is above the last bound.
    counts: [Count; 13],
    sum: Count,
}

impl Spread {
    /// Nothing yet.
    pub fn new(bounds: &'static Bounds) -> Self {
        Self { bounds, counts: Default::default(), sum: Count::default() }
    }

    /// A duration in microseconds.
    pub fn observe(&self, micros: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < micros);
        if let Some(count) = self.counts.get(bucket) {
            count.add(1);
        }
        self.sum.add(micros);
    }

    /// The bounds.
    pub const fn bounds(&self) -> &'static Bounds {
        self.bounds
    }

    /// Adds what this one has to a sum over several threads: each bucket's count, and the microseconds.
    pub fn add_to(&self, counts: &mut [u64; 13], micros: &mut u64) {
        for (all, own) in counts.iter_mut().zip(&self.counts) {
            *all += own.get();
        }
        *micros += self.sum.get();
    }
}

/// Counts by codes of our own source, of one thread. A code has its place from its first count on.
#[derive(Debug)]
pub struct Codes(Box<[Slot]>);

#[derive(Debug, Default)]
struct Slot {
    code: OnceLock<&'static str>,
    count: Count,
}

impl Default for Codes {
    fn default() -> Self {
        Self((0..MOST_CODES).map(|_| Slot::default()).collect())
    }
}

impl Codes {
    /// Counts one. What finds no place is not counted: there are more places than codes.
    pub fn count(&self, code: &'static str) {
        // Addresses of texts of our own differ in their low bits; the same text at two addresses has two places, which
        // a scrape adds up.
        let start = (code.as_ptr() as usize).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
        for step in 0..MOST_CODES {
            let Some(slot) = self.0.get((start + step) % MOST_CODES) else { return };
            if std::ptr::eq(*slot.code.get_or_init(|| code), code) {
                return slot.count.add(1);
            }
        }
    }

    /// All counts so far, a code perhaps more than once.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().filter_map(|slot| Some((*slot.code.get()?, slot.count.get())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::OWN_BOUNDS;
    use super::*;

    #[test]
    fn a_duration_on_a_bound_is_within_it() {
        let spread = Spread::new(&OWN_BOUNDS);
        for micros in [0, 10, 11, 1_000_000, 1_000_001] {
            spread.observe(micros);
        }
        let (mut counts, mut micros) = ([0; 13], 0);
        spread.add_to(&mut counts, &mut micros);
        assert_eq!((counts[0], counts[1], counts[11], counts[12]), (2, 1, 1, 1));
        assert_eq!(micros, 2_000_022);
    }

    #[test]
    fn codes_are_told_apart_and_bounded() {
        let codes = Codes::default();
        let all: Vec<&'static str> = (0..MOST_CODES + 9).map(|at| &*format!("code-{at}").leak()).collect();
        for code in &all {
            codes.count(code);
            codes.count(code);
        }
        let counted: Vec<_> = codes.counts().collect();
        assert_eq!(counted.len(), MOST_CODES);
        assert!(counted.iter().all(|(_, count)| *count == 2));
    }
}
