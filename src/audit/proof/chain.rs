//! One sequence of records: each names the leaf of the one before it, and all are leaves of one tree.

use super::tree::{Hash, Leaf, Tree};

/// The state of a chain: all that the next record needs to know of those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    tree: Tree,
    last: Leaf,
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

impl Chain {
    /// A chain without records.
    pub fn new() -> Self {
        Self { tree: Tree::new(), last: Leaf::NONE }
    }

    /// The chain that was left with these; `None` if they do not belong to one another.
    pub fn resume(size: u64, frontier: &[Hash], last: Leaf) -> Option<Self> {
        let fits = match (size, frontier.last()) {
            (0, _) => last == Leaf::NONE,
            // With an odd number of records, the last is a node of the frontier.
            (_, Some(node)) if size & 1 == 1 => *node == last.node(),
            _ => true,
        };
        Tree::resume(size, frontier).filter(|_| fits).map(|tree| Self { tree, last })
    }

    /// Adds a record: its bytes without the line's end.
    pub fn push(&mut self, record: &[u8]) -> Leaf {
        let leaf = Leaf::of(record);
        self.tree.push(leaf);
        self.last = leaf;
        leaf
    }

    /// Records so far; the next one has this plus one as its sequence number.
    pub const fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root over all records.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The leaf of the last record: `unmapped.portcullis.prev` of the next one.
    pub const fn last(&self) -> Leaf {
        self.last
    }

    /// The tree's right edge.
    pub fn frontier(&self) -> &[Hash] {
        self.tree.frontier()
    }
}
