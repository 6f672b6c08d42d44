//! What a chain is made of while it is followed.

use super::facts::{Facts, leaf_of};
use super::finding::Place;
use crate::audit::proof::{Hash, Leaf};

/// A record as a source found it.
pub struct Found<'a> {
    /// Its bytes.
    pub record: &'a [u8],
    /// What it says.
    pub facts: Facts<'a>,
    /// Its leaf.
    pub leaf: Leaf,
    /// Where it stands.
    pub place: Place,
    /// Whether the bytes are known to be canonical; if not, they only look so.
    pub exact: bool,
}

impl<'a> Found<'a> {
    /// A record in canonical bytes; `None` if it is not one of a gate.
    pub fn exact(record: &'a [u8], place: Place) -> Option<Self> {
        Some(Self { record, facts: Facts::read(record)?, leaf: leaf_of(record), place, exact: true })
    }
}

/// The last record, which nothing has named yet.
pub(super) struct Held {
    pub sequence: u64,
    pub leaf: Leaf,
    pub logged: u64,
    pub place: Place,
    /// Its bytes, as long as they only look canonical.
    pub line: Vec<u8>,
    pub exact: bool,
    /// Whether its leaf is in the tree already: a header or footer named it.
    pub in_tree: bool,
}

/// A record that the next one gives another leaf than it has.
#[derive(Clone, Copy)]
pub(super) struct Suspect {
    /// Where in [`Ledger::since`].
    pub at: usize,
    pub sequence: u64,
    pub found: Leaf,
    pub named: Leaf,
    pub place: Place,
    pub logged: u64,
}

/// Numbers without a record that are told apart from those before the chain; beyond that, what came before is forgotten.
/// A number is a word of whoever wrote the record: what it says must not decide how much memory is taken.
const MOST_BLANKS: u64 = 1 << 24;

/// The first half of each leaf by number, to tell a record that comes again from another one.
#[derive(Default)]
pub(super) struct Seen {
    /// The number of the first one.
    from: Option<u64>,
    halves: Vec<[u8; 16]>,
    blanks: u64,
}

impl Seen {
    /// A record comes behind those before.
    pub fn put(&mut self, sequence: u64, leaf: Leaf) {
        self.skip_to(sequence);
        self.halves.push(half(leaf));
    }

    /// Nothing more comes before this number.
    pub fn skip_to(&mut self, sequence: u64) {
        let next = *self.from.get_or_insert(sequence) + self.halves.len() as u64;
        let blank = sequence.saturating_sub(next);
        if self.blanks + blank > MOST_BLANKS {
            *self = Self { from: Some(sequence), ..Self::default() };
        } else if let Ok(blank) = usize::try_from(blank) {
            self.halves.resize(self.halves.len() + blank, [0; 16]);
            self.blanks += blank as u64;
        }
    }

    /// The leaf of the last one was another.
    pub fn amend(&mut self, leaf: Leaf) {
        if let Some(last) = self.halves.last_mut() {
            *last = half(leaf);
        }
    }

    /// Whether the record of this number has this leaf; `None` if nothing is known of it.
    pub fn has(&self, sequence: u64, leaf: Leaf) -> Option<bool> {
        let at = usize::try_from(sequence.checked_sub(self.from?)?).ok()?;
        self.halves.get(at).map(|known| *known == half(leaf))
    }
}

fn half(leaf: Leaf) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&leaf.0[..16]);
    half
}

/// Records that are missing in between.
pub(super) struct Hole {
    pub first: u64,
    pub last: u64,
    /// Times of the records around it.
    pub between: (u64, u64),
    pub place: Place,
}

/// What is counted of a chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Different records.
    pub records: u64,
    /// Records that were there before.
    pub duplicates: u64,
    /// Lines that a parser had written anew.
    pub rewritten: u64,
    /// Checkpoints whose signature and root hold.
    pub signed: u64,
    /// Checkpoints whose root holds, and whose signature nobody was asked for.
    pub unsigned: u64,
    /// Checkpoints whose signature is worth nothing.
    pub refused: u64,
    /// Starts after the first.
    pub restarts: u64,
    /// Of them, those after the trail was not closed in order.
    pub unclean: u64,
    /// Longest time without a record while the gate ran, in milliseconds.
    pub silence: u64,
    /// External checkpoints that hold.
    pub anchors: u64,
    /// Records that the trail says are lost.
    pub lost: u64,
    /// Records that retention removed.
    pub purged: u64,
    /// Records of which only the leaf hash was looked at.
    pub sealed: u64,
    /// Records of which a stub is there in their place.
    pub stubs: u64,
}

/// A checkpoint that somebody else kept.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// How many records.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Where it is kept.
    pub place: Place,
}
