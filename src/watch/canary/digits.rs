//! Spellings of digits and hyphens: order ids. What is looked at is a run of these that is long enough.

use smallvec::SmallVec;

use super::anchor::Anchor;
use super::blocks::{Blocks, Part};
use super::key::{BLOCK, CanaryKey};
use super::marks::{Marks, blocks_of};
use super::sieve::Run;
use super::sketch::block_at;

/// Patterns at most of which each is tried at every place of a run; with more, blocks are looked up.
const FEW: usize = 4;

/// How many more places than the shortest spelling a run may have for that.
const MORE: u8 = 7;

/// Parts to a word of the filter.
const DENSE: usize = 6;

/// What may be in runs of a length, with hyphens at some places: how far behind the begin, and how long it is.
#[derive(Default)]
struct Candidates {
    length: u32,
    hyphens: u64,
    places: [(u8, u8); FEW * (MORE as usize + 1)],
    count: usize,
}

/// Length, and where the hyphens are.
type Pattern = (u8, u64);

/// Spellings of digits and hyphens.
pub(super) struct Digits {
    /// None if they are more than a few.
    patterns: SmallVec<[Pattern; FEW]>,
    /// Length of the shortest.
    shortest: u8,
    /// First and last blocks.
    ends: Blocks,
    /// The first blocks, for runs in which a spelling may begin at many places.
    blocks: Blocks,
    step: usize,
}

impl Digits {
    /// Of those spellings that are such, which are given with their lengths.
    pub fn new(forms: &[(&Marks, u8)]) -> Self {
        let mut patterns: SmallVec<[Pattern; FEW]> = SmallVec::new();
        let (mut ends, mut blocks) = (Vec::new(), Vec::new());
        let of_digits = || {
            forms.iter().filter_map(|(marks, bytes)| match marks.anchor {
                Anchor::Digits { hyphens, digest } => Some((*marks, *bytes, hyphens, digest)),
                _ => None,
            })
        };
        let shortest = of_digits().map(|(_, bytes, ..)| bytes).min().unwrap_or(0);
        // Wherever a spelling begins, one of the blocks that are looked at lies in it.
        let step = blocks_of(usize::from(shortest)).max(1);
        for (marks, bytes, hyphens, digest) in of_digits() {
            if !patterns.contains(&(bytes, hyphens)) && patterns.len() <= FEW {
                patterns.push((bytes, hyphens));
            }
            ends.push(Part { digest, offset: 0, bytes, plain: false });
            let part = |(offset, digest): (u8, &u32)| Part { digest: *digest, offset, bytes, plain: false };
            blocks.extend((0..).zip(marks.blocks.iter().take(step)).map(part));
        }
        if patterns.len() > FEW {
            patterns.clear();
        }
        Self { patterns, shortest, ends: Blocks::new(ends, DENSE), blocks: Blocks::new(blocks, DENSE), step }
    }

    /// Whether such a spelling is looked for.
    pub const fn holds(anchor: Anchor) -> bool {
        matches!(anchor, Anchor::Digits { .. })
    }

    /// Lengths of the runs that are looked for: from the shortest on, and up to which each place of them is tried.
    pub fn runs(&self) -> Option<(u32, u32)> {
        let most = if self.patterns.is_empty() { 0 } else { self.shortest + MORE };
        (!self.ends.is_empty()).then_some((u32::from(self.shortest), u32::from(most)))
    }

    /// Gives what may be in a window, and where it would begin.
    pub fn look(&self, key: &CanaryKey, text: &[u8], runs: &[Run], found: &mut dyn FnMut(usize, Part)) {
        let (mut known, mut done) = (Candidates::default(), 0);
        for run in runs {
            let begin = run.begin as usize;
            if run.length == 0 {
                if begin >= done {
                    done = self.look_through(key, text, begin, found);
                }
                continue;
            }
            if (run.length, run.hyphens) != (known.length, known.hyphens) {
                known = self.candidates_in(run);
            }
            for (more, bytes) in known.places.iter().take(known.count) {
                let begin = begin + usize::from(*more);
                let Some(spelt) = text.get(begin..begin + usize::from(*bytes)) else { continue };
                let Some((first, last)) = spelt.first_chunk().zip(spelt.last_chunk()) else { continue };
                let digest = key.digest_of_two(*first, *last);
                if self.ends.passes(digest) & 1 != 0 {
                    let parts = self.ends.of(digest).filter(|part| part.bytes == *bytes);
                    parts.for_each(|part| found(begin, part));
                }
            }
        }
    }

    /// What may be where in a run.
    fn candidates_in(&self, run: &Run) -> Candidates {
        let Run { length, hyphens: here, .. } = *run;
        let mut known = Candidates { length, hyphens: here, ..Candidates::default() };
        for (bytes, hyphens) in &self.patterns {
            let last = length.checked_sub(u32::from(*bytes)).and_then(|last| u8::try_from(last).ok());
            for more in 0..last.map_or(0, |last| last.min(MORE) + 1) {
                if (here >> more ^ hyphens) << (u64::BITS - u32::from(*bytes)) == 0 {
                    known.places[known.count % known.places.len()] = (more, *bytes);
                    known.count += 1;
                }
            }
        }
        known
    }

    /// Looks at a block in every so many of the run around a place, however long that is; gives the run's end.
    #[cold]
    fn look_through(&self, key: &CanaryKey, text: &[u8], at: usize, found: &mut dyn FnMut(usize, Part)) -> usize {
        let is_of_run = |byte: &&u8| matches!(byte, b'-'..=b'9');
        let begin = at - text[..at].iter().rev().take_while(is_of_run).count();
        let end = at + text[at..].iter().take_while(is_of_run).count();
        for at in (begin..(end + 1).saturating_sub(BLOCK)).step_by(self.step) {
            let digest = key.digest(block_at(text, at));
            if self.blocks.passes(digest) & 1 != 0 {
                for part in self.blocks.of(digest) {
                    if let Some(begin) = at.checked_sub(usize::from(part.offset)) {
                        found(begin, part);
                    }
                }
            }
        }
        end
    }
}
