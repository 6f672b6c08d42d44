//! How many different values came in a window, in bounded memory: an adaptive sample (Wegman's, as analysed by Flajolet,
//! "On adaptive sampling", Computing 34, 1990), each value with the part of the window that saw it last.
//!
//! Up to [`MOST`] values the count is exact. When more come, every second of them is left out by a bit of its keyed hash,
//! then three of four, and so on; what is left is multiplied. The standard error is then 1.2 / sqrt(256), 7.5 %. Hashes
//! are keyed, so nobody can choose values that are left out.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::table::Hashed;
use super::window::{Span, Window};
use crate::clock::Ticks;

/// Values of one key that are kept. Thresholds up to this are judged exactly; beyond it at the error above.
pub(super) const MOST: usize = 256;

/// One key's values. Empty, it takes 88 bytes; full, 512 places of 17 bytes more.
#[derive(Clone, Debug, Default)]
pub(super) struct Distinct {
    /// 32 bits of each value's hash, and the part that saw it last.
    values: HashMap<u32, u64, BuildHasherDefault<Hashed>>,
    /// How many were last seen in each part.
    last_seen: Window,
    /// Values whose hash does not begin with so many zeros are left out.
    level: u32,
}

impl Distinct {
    /// Takes note of a value, by its keyed hash, and says how many there are. At most `most` are kept.
    pub(super) fn add(&mut self, span: Span, now: Ticks, hash: u64, most: usize) -> u64 {
        let hash = high(hash);
        let mut live = self.last_seen.add(span, now, 0);
        if live == 0 {
            // Nothing is left of what was left out either.
            self.values.clear();
            self.level = 0;
        }
        if hash.leading_zeros() >= self.level {
            // A worker whose clock is behind counts for the part that is being counted.
            let part = self.last_seen.part();
            let before = self.values.insert(hash, part);
            if before != Some(part) {
                if let Some(before) = before {
                    self.last_seen.take(before);
                }
                live = self.last_seen.add(span, now, 1);
            }
            if self.values.len() > most {
                live = self.make_room(span, now, most);
            }
        }
        live << self.level
    }

    #[cold]
    fn make_room(&mut self, span: Span, now: Ticks, most: usize) -> u64 {
        let oldest = self.last_seen.oldest();
        self.values.retain(|_, seen| *seen >= oldest);
        while self.values.len() > most && self.level < 31 {
            self.level += 1;
            let level = self.level;
            let last_seen = &mut self.last_seen;
            self.values.retain(|hash, seen| {
                let stays = hash.leading_zeros() >= level;
                if !stays {
                    last_seen.take(*seen);
                }
                stays
            });
        }
        self.last_seen.add(span, now, 0)
    }

    /// Values that are kept: what the table's bound of memory counts.
    pub(super) fn weight(&self) -> usize {
        self.values.len()
    }

    /// Starts again.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

const fn high(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::watch::key::Keyed;

    fn at(seconds: u64) -> Ticks {
        Ticks(seconds * 1_000_000)
    }

    #[test]
    fn few_values_are_counted_exactly_and_forgotten_with_the_window() {
        let (span, keyed) = (Span::of(Duration::from_secs(80)), Keyed::new([7; 16]));
        let mut distinct = Distinct::default();
        for round in 0..3 {
            for value in 0..200_u64 {
                distinct.add(span, at(round * 20), keyed.hash(&value.to_le_bytes()), MOST);
            }
        }
        assert_eq!(distinct.add(span, at(60), keyed.hash(b"one more"), MOST), 201);
        // All two hundred were seen in the part of second 40, and are gone at second 120.
        assert_eq!(distinct.add(span, at(119), keyed.hash(b"another"), MOST), 202);
        assert_eq!(distinct.add(span, at(120), keyed.hash(b"another"), MOST), 2);
        assert_eq!(distinct.add(span, at(1000), keyed.hash(b"another"), MOST), 1);
        assert!(distinct.weight() < 4);
    }

    #[test]
    fn many_values_are_counted_within_the_error_stated_in_bounded_memory() {
        let span = Span::of(Duration::from_secs(80));
        let mut squares = 0.0;
        for seed in 0..40_u8 {
            let keyed = Keyed::new([seed; 16]);
            let mut distinct = Distinct::default();
            let mut count = 0;
            for value in 0..20_000_u64 {
                count = distinct.add(span, at(value / 1000), keyed.hash(&value.to_le_bytes()), MOST);
                assert!(distinct.weight() <= MOST);
            }
            let error = f64::from(u32::try_from(count).unwrap()) / 20_000.0 - 1.0;
            assert!(error.abs() < 0.35, "{count}");
            squares += error * error;
        }
        let deviation = (squares / 40.0_f64).sqrt();
        assert!(deviation < 0.11, "{deviation}");
    }
}
