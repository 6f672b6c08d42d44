//! By what a spelling is recognised, before its hash is asked: keyed digests of its beginning and of all of it.

use super::anchor::Anchor;
use super::key::{BLOCK, Digests, TAG};

/// Largest step between two places that are looked at: each of the bytes at which a step may meet a spelling needs marks.
pub(super) const MAX_STEP: usize = 16;

/// Which bits of each byte a sketch is made of. The first tell digits, punctuation and two kinds of letters apart, so that
/// thousands of order ids have nine sketches; each of the others tells more, for which there must be room.
pub(super) const MASKS: [u64; 3] = [0x5050_5050_5050_5050, 0x5252_5252_5252_5252, 0x5656_5656_5656_5656];

/// Bytes of a sketch in a file.
const SKETCH_WIDTH: usize = 3;

/// How many blocks of a spelling of so many bytes have digests, and sketches under each mask.
pub(super) const fn blocks_of(bytes: usize) -> usize {
    let places = bytes.saturating_sub(BLOCK - 1);
    if places < MAX_STEP { places } else { MAX_STEP }
}

/// What is known of a spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// Of all of it; none in entries of the first form of files.
    pub whole: Option<u64>,
    /// Of its first blocks.
    pub blocks: Digests,
    /// Of some bits of the same blocks, under each mask; none in entries of the first form.
    pub sketches: [Digests; MASKS.len()],
    /// What is rare in it. Entries of the first two forms say nothing of it.
    pub anchor: Anchor,
}

impl Marks {
    /// Those of an entry of the first form.
    pub fn plain(blocks: Digests) -> Self {
        Self { whole: None, blocks, sketches: Default::default(), anchor: Anchor::Unknown }
    }

    /// In the order in which files have them.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + (4 + MASKS.len() * SKETCH_WIDTH) * MAX_STEP + TAG);
        bytes.extend_from_slice(&self.whole.unwrap_or_default().to_le_bytes());
        self.blocks.iter().for_each(|digest| bytes.extend_from_slice(&digest.to_le_bytes()));
        for digest in self.sketches.iter().flatten() {
            bytes.extend_from_slice(&digest.to_le_bytes()[..SKETCH_WIDTH]);
        }
        bytes.extend_from_slice(&self.anchor.bytes());
        bytes
    }

    /// Reads those of a spelling of so many bytes, with an anchor or without; nothing may be left.
    pub fn read(bytes: &[u8], length: u8, anchored: bool) -> Option<Self> {
        let blocks = blocks_of(usize::from(length));
        let (whole, rest) = bytes.split_first_chunk()?;
        let (of_blocks, rest) = rest.split_at_checked(4 * blocks)?;
        let (rest, anchor) = rest.split_at_checked(MASKS.len() * SKETCH_WIDTH * blocks)?;
        let anchor = match anchored {
            true => Anchor::read(anchor, length)?,
            false if anchor.is_empty() => Anchor::Unknown,
            false => return None,
        };
        let digest = |bytes: &[u8]| {
            let mut whole = [0; 4];
            whole[..bytes.len()].copy_from_slice(bytes);
            u32::from_le_bytes(whole)
        };
        let mut sketches = rest.chunks_exact(SKETCH_WIDTH).map(digest);
        Some(Self {
            whole: Some(u64::from_le_bytes(*whole)),
            blocks: of_blocks.chunks_exact(4).map(digest).collect(),
            sketches: MASKS.map(|_| sketches.by_ref().take(blocks).collect()),
            anchor,
        })
    }
}
