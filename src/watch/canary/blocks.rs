//! The second look: digests of blocks, in a filter that a core's second cache can hold, and whose they may be.

use super::key::{BLOCK, CanaryKey};
use super::sketch::block_at;

/// Words of the filter at most: 512 KiB. The 200,000 blocks of 10,000 order ids leave three in each; one block in 120 that
/// is none of them passes.
const WORDS: usize = 1 << 16;

/// A block of spellings: those of the same length that have it at the same place are one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// Of the block.
    pub digest: u32,
    /// How far it is from the begin.
    pub offset: u8,
    /// How long the spelling is.
    pub bytes: u8,
    /// Whether its other blocks are all that is known of it.
    pub plain: bool,
}

/// Blocks of all spellings.
pub(super) struct Blocks {
    /// Two bits for each digest of a block.
    filter: Box<[u64; WORDS]>,
    /// Words of the filter that are used, less one: a small file has a small filter.
    spread: usize,
    /// For each word, where the parts with bits in it begin; and at last, how many there are.
    begins: Box<[u32]>,
    /// In the order of their words.
    parts: Box<[Part]>,
}

impl Blocks {
    pub fn new(mut parts: Vec<Part>) -> Self {
        parts.sort_unstable();
        parts.dedup();
        let words = (parts.len() / 2).next_power_of_two().clamp(64, WORDS);
        let spread = words - 1;
        let mut filter: Box<[u64; WORDS]> =
            vec![0; WORDS].into_boxed_slice().try_into().expect("a box of as many words");
        let mut begins = vec![0_u32; words + 1];
        for part in &parts {
            let word = word_of(part.digest, spread);
            filter[word] |= 1 << (part.digest & 63) | 1 << (part.digest >> 6 & 63);
            begins[word + 1] += 1;
        }
        for word in 1..begins.len() {
            begins[word] += begins[word - 1];
        }
        parts.sort_by_key(|part| word_of(part.digest, spread));
        Self { filter, spread, begins: begins.into(), parts: parts.into() }
    }

    /// Whether the block at a place may be one of those that are looked for: then the lowest bit is set.
    #[inline]
    pub fn passes(&self, key: &CanaryKey, text: &[u8], at: usize) -> u64 {
        let digest = key.digest(block_at(text, at));
        let word = self.filter[word_of(digest, self.spread) % WORDS];
        word >> (digest & 63) & word >> (digest >> 6 & 63)
    }

    /// Whose the block at a place is.
    pub fn at(&self, key: &CanaryKey, text: &[u8], at: usize) -> impl Iterator<Item = Part> {
        let block = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>());
        let digest = block.map(|block| key.digest(*block));
        let parts = digest.map_or(0..0, |digest| {
            let word = word_of(digest, self.spread);
            self.begins[word] as usize..self.begins[word + 1] as usize
        });
        self.parts[parts].iter().copied().filter(move |part| Some(part.digest) == digest)
    }
}

/// Where a digest's bits are.
#[inline]
const fn word_of(digest: u32, spread: usize) -> usize {
    (digest >> 16) as usize & spread
}
