//! Spellings with an `@` or a space: only what is beside these is looked at.

use super::anchor::{Anchor, BEFORE};
use super::blocks::{Blocks, Part};
use super::key::CanaryKey;
use super::sieve::Places;
use super::sketch::block_at;

/// Parts to a word of the filters.
const DENSE: usize = 6;

/// Blocks beside an `@`, or beside a space.
pub(super) struct Beside {
    /// For each of [`BEFORE`].
    blocks: [Blocks; BEFORE.len()],
}

impl Beside {
    /// Of those spellings that have this byte, of all, which are given with their lengths.
    pub fn new(rare: u8, anchors: impl Iterator<Item = (Anchor, u8)>) -> Self {
        let mut parts = BEFORE.map(|_| Vec::new());
        for (anchor, bytes) in anchors {
            let Anchor::Beside { byte, at, before, digest } = anchor else { continue };
            let which = BEFORE.into_iter().position(|other| other == before);
            if let Some(which) = which.filter(|_| byte == rare) {
                parts[which].push(Part { digest, offset: at - before, bytes, plain: false });
            }
        }
        Self { blocks: parts.map(|parts| Blocks::new(parts, DENSE)) }
    }

    /// Whether such a spelling is looked for.
    pub fn holds(anchor: Anchor) -> bool {
        matches!(anchor, Anchor::Beside { .. })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.blocks.iter().all(Blocks::is_empty)
    }

    /// Gives what may be in a window, and where it would begin.
    pub fn look(&self, key: &CanaryKey, text: &[u8], places: &Places, found: &mut dyn FnMut(usize, Part)) {
        for (before, blocks) in BEFORE.into_iter().zip(&self.blocks).filter(|(_, blocks)| !blocks.is_empty()) {
            places.each(|at| {
                let Some(begin) = at.checked_sub(usize::from(before)) else { return };
                let digest = key.digest(block_at(text, begin));
                if blocks.passes(digest) & 1 != 0 {
                    Self::passed(blocks, begin, digest, found);
                }
            });
        }
    }

    #[cold]
    fn passed(blocks: &Blocks, begin: usize, digest: u32, found: &mut dyn FnMut(usize, Part)) {
        for part in blocks.of(digest) {
            if let Some(begin) = begin.checked_sub(usize::from(part.offset)) {
                found(begin, part);
            }
        }
    }
}
