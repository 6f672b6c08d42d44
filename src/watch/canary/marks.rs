//! By what a spelling is recognised, before its hash is asked: keyed digests of its beginning and of all of it.

use super::key::{BLOCK, Digests};

/// Largest step between two places that are looked at: each of the bytes at which a step may meet a spelling needs marks.
pub(super) const MAX_STEP: usize = 16;

/// Bytes of which a sketch is made: fewer than a block, so that steps can be longer.
pub(super) const SKETCH: usize = 6;

/// Which bits of each byte a sketch is made of. The first tells digits, punctuation and four kinds of letters apart, so
/// that thousands of order ids have a few hundred sketches; the second tells more, for which there must be room.
pub(super) const MASKS: [u64; 2] = [0x0000_5252_5252_5252, 0x0000_5656_5656_5656];

/// Bytes of a sketch in a file.
const SKETCH_WIDTH: usize = 3;

/// How many blocks of a spelling of so many bytes have digests.
pub(super) const fn blocks_of(bytes: usize) -> usize {
    least(bytes.saturating_sub(BLOCK - 1), MAX_STEP)
}

/// How many sketches it has, under each mask.
pub(super) const fn sketches_of(bytes: usize) -> usize {
    least(bytes.saturating_sub(SKETCH - 1), MAX_STEP)
}

const fn least(one: usize, other: usize) -> usize {
    if one < other { one } else { other }
}

/// What is known of a spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// Of all of it; none in entries of the first form of files.
    pub whole: Option<u64>,
    /// Of its first blocks.
    pub blocks: Digests,
    /// Of its first bytes, under each mask; none in entries of the first form.
    pub sketches: [Digests; MASKS.len()],
}

impl Marks {
    /// Those of an entry of the first form.
    pub fn plain(blocks: Digests) -> Self {
        Self { whole: None, blocks, sketches: Default::default() }
    }

    /// In the order in which files have them.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 4 * MAX_STEP + 2 * SKETCH_WIDTH * MAX_STEP);
        bytes.extend_from_slice(&self.whole.unwrap_or_default().to_le_bytes());
        self.blocks.iter().for_each(|digest| bytes.extend_from_slice(&digest.to_le_bytes()));
        for digest in self.sketches.iter().flatten() {
            bytes.extend_from_slice(&digest.to_le_bytes()[..SKETCH_WIDTH]);
        }
        bytes
    }

    /// Reads as many blocks and sketches; nothing may be left.
    pub fn read(bytes: &[u8], blocks: usize, sketches: usize) -> Option<Self> {
        let (whole, rest) = bytes.split_first_chunk()?;
        let (of_blocks, rest) = rest.split_at_checked(4 * blocks)?;
        if rest.len() != MASKS.len() * SKETCH_WIDTH * sketches {
            return None;
        }
        let digest = |bytes: &[u8]| {
            let mut whole = [0; 4];
            whole[..bytes.len()].copy_from_slice(bytes);
            u32::from_le_bytes(whole)
        };
        let (first, second) = rest.split_at(SKETCH_WIDTH * sketches);
        Some(Self {
            whole: Some(u64::from_le_bytes(*whole)),
            blocks: of_blocks.chunks_exact(4).map(digest).collect(),
            sketches: [first, second].map(|part| part.chunks_exact(SKETCH_WIDTH).map(digest).collect()),
        })
    }
}
