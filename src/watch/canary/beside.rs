//! Spellings with an `@` or a space: only what is beside these is looked at.

use super::anchor::{Anchor, BEFORE};
use super::blocks::{Blocks, Part};
use super::key::CanaryKey;
use super::sieve::Places;
use super::sketch::block_at;

/// Parts to a word of the filters.
const DENSE: usize = 6;

/// Blocks beside an `@` or a space.
pub(super) struct Beside {
    ats: bool,
    spaces: bool,
    /// For each of [`BEFORE`].
    blocks: [Blocks; BEFORE.len()],
}

impl Beside {
    /// Of those spellings that have one, which are given with their lengths.
    pub fn new(anchors: impl Iterator<Item = (Anchor, u8)>) -> Self {
        let (mut ats, mut spaces) = (false, false);
        let mut parts = BEFORE.map(|_| Vec::new());
        for (anchor, bytes) in anchors {
            let Anchor::Beside { byte, at, before, digest } = anchor else { continue };
            *(if byte == b'@' { &mut ats } else { &mut spaces }) = true;
            let which = BEFORE.into_iter().position(|other| other == before).unwrap_or_default();
            parts[which].push(Part { digest, offset: at - before, bytes, plain: false });
        }
        Self { ats, spaces, blocks: parts.map(|parts| Blocks::new(parts, DENSE)) }
    }

    /// Whether such a spelling is looked for.
    pub fn holds(anchor: Anchor) -> bool {
        matches!(anchor, Anchor::Beside { .. })
    }

    /// Whether one of them has this byte.
    pub const fn has(&self, byte: u8) -> bool {
        match byte {
            b'@' => self.ats,
            _ => self.spaces,
        }
    }

    /// Gives what may be in a window, and where it would begin.
    pub fn look(&self, key: &CanaryKey, text: &[u8], rare: &Places, found: &mut dyn FnMut(usize, Part)) {
        rare.each(|at| {
            for (before, blocks) in BEFORE.into_iter().zip(&self.blocks).filter(|(_, blocks)| !blocks.is_empty()) {
                let Some(begin) = at.checked_sub(usize::from(before)) else { continue };
                let digest = key.digest(block_at(text, begin));
                if blocks.passes(digest) & 1 != 0 {
                    Self::passed(blocks, begin, digest, found);
                }
            }
        });
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
