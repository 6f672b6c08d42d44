//! The Merkle tree of RFC 6962, section 2.1: hashes, and a tree that keeps its right edge only.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

/// Length of a SHA-256 hash in bytes.
const LENGTH: usize = 32;

/// Most nodes of a frontier: one for each bit of a size.
const MOST_NODES: usize = 64;

/// The hash of a node: of a subtree, or of the whole tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; LENGTH]);

/// The hash of a record as a leaf of the tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Leaf(pub [u8; LENGTH]);

impl Leaf {
    /// What the first record of a chain names as the leaf before it.
    pub const NONE: Self = Self([0; LENGTH]);

    /// SHA-256 of 0x00 and the record's bytes, without the line's end.
    pub fn of(record: &[u8]) -> Self {
        Self(sha256(&[&[0], record]).0)
    }

    /// The leaf as a node.
    pub const fn node(self) -> Hash {
        Hash(self.0)
    }

    /// 64 lower-case hexadecimal digits.
    pub fn hex(self) -> [u8; LENGTH * 2] {
        hex(self.0)
    }

    /// The leaf of a text that [`Self::hex`] gave.
    pub fn parse_hex(digits: &[u8]) -> Option<Self> {
        unhex(digits).map(Self)
    }
}

impl Hash {
    /// The root of the tree without leaves: SHA-256 of nothing.
    pub fn empty() -> Self {
        sha256(&[])
    }

    /// SHA-256 of 0x01, the left and the right child.
    pub fn parent(left: Self, right: Self) -> Self {
        sha256(&[&[1], &left.0, &right.0])
    }

    /// 64 lower-case hexadecimal digits.
    pub fn hex(self) -> [u8; LENGTH * 2] {
        hex(self.0)
    }

    /// The hash of a text that [`Self::hex`] gave.
    pub fn parse_hex(digits: &[u8]) -> Option<Self> {
        unhex(digits).map(Self)
    }
}

/// A tree that grows to the right. It keeps the roots of its perfect subtrees, at most 64 hashes, whatever its size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the perfect subtrees, the largest first: one for each bit of `size` that is set.
    frontier: Vec<Hash>,
}

impl Tree {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self { size: 0, frontier: Vec::with_capacity(MOST_NODES) }
    }

    /// The tree whose size and frontier were kept; `None` if they do not belong to one another.
    pub fn resume(size: u64, frontier: &[Hash]) -> Option<Self> {
        (frontier.len() == size.count_ones() as usize).then(|| {
            let mut tree = Self::new();
            tree.frontier.extend_from_slice(frontier);
            tree.size = size;
            tree
        })
    }

    /// Adds a leaf at the right.
    pub fn push(&mut self, leaf: Leaf) {
        let mut node = leaf.node();
        // One merge for each bit that the carry passes.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.frontier.pop() else { break };
            node = Hash::parent(left, node);
        }
        self.frontier.push(node);
        self.size += 1;
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root; of the tree without leaves, the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut nodes = self.frontier.iter().rev();
        let Some(last) = nodes.next() else { return Hash::empty() };
        nodes.fold(*last, |right, left| Hash::parent(*left, right))
    }

    /// Roots of the perfect subtrees, the largest first: with [`Self::size`], all that [`Self::resume`] needs.
    pub fn frontier(&self) -> &[Hash] {
        &self.frontier
    }
}

/// SHA-256 of all parts, one after the other.
pub(super) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; LENGTH];
    hash.copy_from_slice(context.finish().as_ref());
    Hash(hash)
}

fn hex(bytes: [u8; LENGTH]) -> [u8; LENGTH * 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; LENGTH * 2];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    text
}

/// Lower-case digits only: one hash has one text.
fn unhex(digits: &[u8]) -> Option<[u8; LENGTH]> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    if digits.len() != LENGTH * 2 {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn show(bytes: [u8; LENGTH], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(str::from_utf8(&hex(bytes)).unwrap_or_default())
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, f)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, f)
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, f)
    }
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, f)
    }
}
