//! What was found, each canary once.

use smallvec::SmallVec;

use crate::redact::Name;

/// Canaries that are told of one request or answer: a list of all planted records is one misuse.
const MAX_FOUND: usize = 8;

/// Names of canaries, in the order in which they were met.
pub struct Found {
    names: SmallVec<[Name; 2]>,
    most: usize,
}

impl Found {
    /// As many as are told of a request or an answer: then the search is over.
    pub fn some() -> Self {
        Self { names: SmallVec::new(), most: MAX_FOUND }
    }

    /// All of them.
    pub fn all() -> Self {
        Self { names: SmallVec::new(), most: usize::MAX }
    }

    /// What was found so far.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    pub(super) fn is_full(&self) -> bool {
        self.names.len() >= self.most
    }

    pub(super) fn knows(&self, name: &Name) -> bool {
        self.is_full() || self.names.contains(name)
    }

    pub(super) fn add(&mut self, name: &Name) {
        if !self.knows(name) {
            self.names.push(name.clone());
        }
    }
}
