//! Spellings in which nothing is rare: a block of eight bytes is looked at in every so many.

use super::blocks::{Blocks, Part};
use super::form::MIN_BYTES;
use super::key::{BLOCK, CanaryKey};
use super::marks::{Marks, blocks_of};
use super::sketch::{Sketches, block_at};

/// Blocks that are looked at before the next branch, where there are no sketches.
const TOGETHER: usize = 4;

/// Parts to a word of the filter.
const DENSE: usize = 2;

/// Spellings in which nothing is rare.
pub(super) struct Sampled {
    /// None if an entry of the first form is among them, or if the values look like anything else in an answer.
    sketches: Option<Sketches>,
    blocks: Blocks,
    step: usize,
}

impl Sampled {
    /// Of these, given with their lengths.
    pub fn new(key: &CanaryKey, forms: &[(&Marks, u8)]) -> Self {
        let shortest = forms.iter().map(|(_, bytes)| usize::from(*bytes)).min().unwrap_or(MIN_BYTES);
        // Wherever a spelling begins, one of the blocks that are looked at lies in it.
        let step = blocks_of(shortest).max(1);
        let sketches = Sketches::new(key, forms.iter().map(|(marks, _)| *marks), step);
        let parts = forms.iter().flat_map(|(marks, bytes)| {
            let part = |(offset, digest): (u8, &u32)| Part {
                digest: *digest,
                offset,
                bytes: *bytes,
                plain: marks.whole.is_none(),
            };
            (0..).zip(marks.blocks.iter().take(step)).map(part)
        });
        Self { sketches, blocks: Blocks::new(parts.collect(), DENSE), step }
    }

    /// Gives what may be in a text, and where it would begin.
    #[inline]
    pub fn scan(&self, key: &CanaryKey, text: &[u8], found: &mut dyn FnMut(usize, Part)) {
        /// A loop for each step: one that knows its step takes two thirds of the time.
        macro_rules! by_steps_of {
            ($($step:literal)*) => {
                match self.step {
                    _ if self.blocks.is_empty() => {}
                    $($step => self.steps_of::<$step>(key, text, found),)*
                    _ => self.steps_of::<1>(key, text, found),
                }
            };
        }
        by_steps_of!(2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
    }

    fn steps_of<const STEP: usize>(&self, key: &CanaryKey, text: &[u8], found: &mut dyn FnMut(usize, Part)) {
        let mut parts = |at: usize| self.parts(key, text, at, found);
        let mut begin = 0;
        if let Some(sketches) = &self.sketches {
            let likely = |at: usize| self.passes(key, text, at) & 1 != 0;
            begin = sketches.scan::<STEP>(key, text, likely, &mut parts);
        } else {
            // So many at once, with one branch that is nearly never taken.
            for group in text.windows((TOGETHER - 1) * STEP + BLOCK).step_by(TOGETHER * STEP) {
                let passes = |place| self.passes(key, group, place * STEP);
                if (0..TOGETHER).fold(0, |any, place| any | passes(place)) & 1 != 0 {
                    (0..TOGETHER).for_each(|place| parts(begin + place * STEP));
                }
                begin += TOGETHER * STEP;
            }
        }
        while begin < text.len() {
            if self.sketches.as_ref().is_none_or(|sketches| sketches.may(key, text, begin)) {
                parts(begin);
            }
            begin += STEP;
        }
    }

    #[inline]
    fn passes(&self, key: &CanaryKey, text: &[u8], at: usize) -> u64 {
        self.blocks.passes(key.digest(block_at(text, at)))
    }

    #[cold]
    fn parts(&self, key: &CanaryKey, text: &[u8], at: usize, found: &mut dyn FnMut(usize, Part)) {
        let digest = key.digest(block_at(text, at));
        if self.blocks.passes(digest) & 1 == 0 {
            return;
        }
        for part in self.blocks.of(digest) {
            if let Some(begin) = at.checked_sub(usize::from(part.offset)) {
                found(begin, part);
            }
        }
    }
}
