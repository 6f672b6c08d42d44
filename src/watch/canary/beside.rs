//! Spellings with an `@` or a space: only what is beside these is looked at.

use memchr::{memchr, memchr2};

use super::anchor::{Anchor, BEFORE};
use super::blocks::{Blocks, Part};
use super::key::CanaryKey;
use super::sketch::block_at;

/// Parts to a word of the filters.
const DENSE: usize = 6;

/// Which bytes are looked for.
#[derive(Clone, Copy)]
enum Rare {
    Nothing,
    One(u8),
    /// Both.
    Either,
}

/// Blocks beside an `@` or a space.
pub(super) struct Beside {
    rare: Rare,
    /// For each of [`BEFORE`].
    blocks: [Blocks; BEFORE.len()],
}

impl Beside {
    /// Of those spellings that have one, which are given with their lengths.
    pub fn new(anchors: impl Iterator<Item = (Anchor, u8)>) -> Self {
        let mut rare = Rare::Nothing;
        let mut parts = BEFORE.map(|_| Vec::new());
        for (anchor, bytes) in anchors {
            let Anchor::Beside { byte, at, before, digest } = anchor else { continue };
            rare = match rare {
                Rare::Nothing => Rare::One(byte),
                Rare::One(other) if other == byte => rare,
                Rare::One(_) | Rare::Either => Rare::Either,
            };
            let which = BEFORE.into_iter().position(|other| other == before).unwrap_or_default();
            parts[which].push(Part { digest, offset: at - before, bytes, plain: false });
        }
        Self { rare, blocks: parts.map(|parts| Blocks::new(parts, DENSE)) }
    }

    /// Whether such a spelling is looked for.
    pub fn holds(anchor: Anchor) -> bool {
        matches!(anchor, Anchor::Beside { .. })
    }

    /// Gives what may be in a text, and where it would begin.
    #[inline]
    pub fn scan(&self, key: &CanaryKey, text: &[u8], found: &mut dyn FnMut(usize, Part)) {
        let next = |from: usize| {
            let rest = text.get(from..)?;
            let found = match self.rare {
                Rare::Nothing => None,
                Rare::One(byte) => memchr(byte, rest),
                Rare::Either => memchr2(b'@', b' ', rest),
            };
            found.map(|at| from + at)
        };
        let mut from = 0;
        while let Some(at) = next(from) {
            from = at + 1;
            // No spelling has two spaces side by side, and indented texts have little else. Nor has one a quote.
            match text.get(from) {
                Some(b' ') => {
                    from += text[from..].iter().take_while(|byte| **byte == b' ').count();
                    continue;
                }
                Some(b'"') => continue,
                _ => {}
            }
            for (before, blocks) in BEFORE.into_iter().zip(&self.blocks).filter(|(_, blocks)| !blocks.is_empty()) {
                let Some(begin) = at.checked_sub(usize::from(before)) else { continue };
                let digest = key.digest(block_at(text, begin));
                if blocks.passes(digest) & 1 == 0 {
                    continue;
                }
                for part in blocks.of(digest) {
                    if let Some(begin) = begin.checked_sub(usize::from(part.offset)) {
                        found(begin, part);
                    }
                }
            }
        }
    }
}
