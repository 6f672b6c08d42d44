//! Proofs over the tree: that a leaf is in it, and that a larger tree continues a smaller one (RFC 6962 sections 2.1.1
//! and 2.1.2; verification as in RFC 9162 sections 2.1.3.2 and 2.1.4.2).

use super::tree::{Hash, Leaf};

/// The hashes beside the way from leaf `index` to the root, the leaf's neighbour first; `None` if there is no such leaf.
pub fn inclusion(leaves: &[Leaf], index: usize) -> Option<Vec<Hash>> {
    let mut path = Vec::new();
    (index < leaves.len()).then(|| {
        beside(leaves, index, &mut path);
        path
    })
}

/// The proof that the tree over `leaves` continues the one over its first `size`; `None` unless `size` is 1 to all.
pub fn consistency(leaves: &[Leaf], size: usize) -> Option<Vec<Hash>> {
    let mut path = Vec::new();
    (0 < size && size <= leaves.len()).then(|| {
        between(leaves, size, true, &mut path);
        path
    })
}

/// Whether `path` leads from `leaf` at `index` to the `root` of a tree of `size` leaves.
pub fn verify_inclusion(leaf: Leaf, index: u64, size: u64, path: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut node = leaf.node();
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            node = Hash::parent(*beside, node);
            if at & 1 == 0 {
                // At the right edge: up to where this subtree is a right child.
                let levels = at.trailing_zeros();
                at >>= levels;
                last >>= levels;
            }
        } else {
            node = Hash::parent(node, *beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && node == root
}

/// Whether `path` shows that the tree of `new_size` with `new_root` begins with the one of `old_size` with `old_root`.
pub fn verify_consistency(old_size: u64, old_root: Hash, new_size: u64, new_root: Hash, path: &[Hash]) -> bool {
    if old_size == new_size {
        return path.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return path.is_empty() && old_root == Hash::empty();
    }
    if old_size > new_size {
        return false;
    }
    let (first, rest) = match path.split_first() {
        _ if old_size.is_power_of_two() => (old_root, path),
        Some((first, rest)) => (*first, rest),
        None => return false,
    };
    let levels = (old_size - 1).trailing_ones();
    let (mut at, mut last) = ((old_size - 1) >> levels, (new_size - 1) >> levels);
    let (mut old, mut new) = (first, first);
    for beside in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = Hash::parent(*beside, old);
            new = Hash::parent(*beside, new);
            if at & 1 == 0 {
                let levels = at.trailing_zeros();
                at >>= levels;
                last >>= levels;
            }
        } else {
            new = Hash::parent(new, *beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old == old_root && new == new_root
}

/// Builds an inclusion proof while leaves go by, in memory that does not grow with the tree.
pub struct PathBuilder {
    index: u64,
    size: u64,
    /// Perfect subtrees, the largest first: first leaf and root.
    frontier: Vec<(u64, Hash)>,
    path: Vec<Hash>,
}

impl PathBuilder {
    /// For the leaf at `index`.
    pub const fn new(index: u64) -> Self {
        Self { index, size: 0, frontier: Vec::new(), path: Vec::new() }
    }

    /// For the leaf at `index`, which comes after the first `size` leaves, whose tree has this edge.
    pub fn resume(index: u64, size: u64, frontier: &[Hash]) -> Self {
        let mut first = 0;
        let mut edge = Vec::with_capacity(frontier.len());
        for (bit, node) in (0..u64::BITS).rev().filter(|bit| size >> bit & 1 == 1).zip(frontier) {
            edge.push((first, *node));
            first += 1 << bit;
        }
        Self { index, size, frontier: edge, path: Vec::new() }
    }

    /// The next leaf.
    pub fn push(&mut self, leaf: Leaf) {
        let mut node = (self.size, leaf.node());
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.frontier.pop() else { break };
            node = join(self.index, left, node, self.size, &mut self.path);
        }
        self.frontier.push(node);
        self.size += 1;
    }

    /// The proof in the tree of all leaves so far; `None` if the leaf is not among them.
    pub fn path(&self) -> Option<Vec<Hash>> {
        let mut path = self.path.clone();
        let mut nodes = self.frontier.iter().rev();
        let mut right = *nodes.next()?;
        let last = self.size - 1;
        for left in nodes {
            right = join(self.index, *left, right, last, &mut path);
        }
        (self.index < self.size).then_some(path)
    }
}

/// The parent of two neighbours, the right one of which ends at `last`; notes the one that does not hold `index`.
fn join(index: u64, left: (u64, Hash), right: (u64, Hash), last: u64, path: &mut Vec<Hash>) -> (u64, Hash) {
    if (left.0..right.0).contains(&index) {
        path.push(right.1);
    } else if (right.0..=last).contains(&index) {
        path.push(left.1);
    }
    (left.0, Hash::parent(left.1, right.1))
}

/// The root over `leaves`.
fn root(leaves: &[Leaf]) -> Hash {
    match leaves {
        [] => Hash::empty(),
        [leaf] => leaf.node(),
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            Hash::parent(root(left), root(right))
        }
    }
}

/// PATH of RFC 6962.
fn beside(leaves: &[Leaf], index: usize, path: &mut Vec<Hash>) {
    if leaves.len() < 2 {
        return;
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at(at);
    if index < at {
        beside(left, index, path);
        path.push(root(right));
    } else {
        beside(right, index - at, path);
        path.push(root(left));
    }
}

/// SUBPROOF of RFC 6962; `known` while the smaller tree's root is what the verifier has.
fn between(leaves: &[Leaf], size: usize, known: bool, path: &mut Vec<Hash>) {
    if size == leaves.len() {
        if !known {
            path.push(root(leaves));
        }
        return;
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at(at);
    if size <= at {
        between(left, size, known, path);
        path.push(root(right));
    } else {
        between(right, size - at, false, path);
        path.push(root(left));
    }
}

/// The largest power of two below `length`, which is at least 2.
const fn split(length: usize) -> usize {
    1 << (length - 1).ilog2()
}
