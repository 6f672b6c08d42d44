//! The chain that records make: each names the leaf before it, and all are leaves of one Merkle tree. A record's
//! sequence number is the tree's size once it is in.

use super::proof::{Leaf, Tree};

/// A chain's head: all that is needed to go on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The tree over its records.
    pub tree: Tree,
    /// The last record's leaf.
    pub leaf: Leaf,
}

impl Default for Chain {
    fn default() -> Self {
        Self { tree: Tree::new(), leaf: Leaf::NONE }
    }
}

impl Chain {
    /// Takes in a record: its bytes without the line's end.
    pub fn push(&mut self, record: &[u8]) -> Leaf {
        self.leaf = Leaf::of(record);
        self.tree.push(self.leaf);
        self.leaf
    }

    /// Records in it, which is the last one's sequence number.
    pub const fn size(&self) -> u64 {
        self.tree.size()
    }
}
