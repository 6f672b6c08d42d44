//! What past records tell: what another policy would have made of them, and what shadow mode let through. Reads files of
//! records; asks [`crate::policy::decide`] and nobody else who may do what.
//!
//! ```text
//! source ─ blocks of whole lines ─► record ─ one request ─► replay | shadow ─ counted ─► cli
//! ```

mod record;
pub mod replay;
pub mod shadow;
pub mod simulate;
mod source;
mod witness;

pub use record::{Outcome, Past, Sighted};
pub use source::{Counts, Records, SourceFault};

use std::collections::BTreeMap;

/// How often something was seen, when, and one record that shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records.
    pub count: u64,
    /// Time of the first, in Unix milliseconds.
    pub first: u64,
    /// Time of the last.
    pub last: u64,
    /// `metadata.uid` of one of them, which is also the incident id that a refused client saw.
    pub example: String,
}

impl Tally {
    /// Adds what another one counted.
    pub fn add(&mut self, other: &Self) {
        if other.count == 0 {
            // Its times are nobody's.
            return;
        }
        if self.count == 0 {
            *self = other.clone();
            return;
        }
        self.count += other.count;
        self.first = self.first.min(other.first);
        if other.last > self.last {
            self.last = other.last;
            self.example.clone_from(&other.example);
        }
    }

    fn of(past: &Past<'_>) -> Self {
        Self { count: 1, first: past.time, last: past.time, example: past.uid.to_owned() }
    }
}

/// Tallies by what they are of.
pub type Tallies = BTreeMap<String, Tally>;

/// Adds to the tally of `name`.
fn tally(tallies: &mut Tallies, name: &str, tally: &Tally) {
    if let Some(known) = tallies.get_mut(name) {
        known.add(tally);
    } else {
        tallies.insert(name.to_owned(), tally.clone());
    }
}

/// A table's tallies, the most frequent first.
pub fn ranked(tallies: &Tallies) -> Vec<(&str, &Tally)> {
    let mut ranked: Vec<_> = tallies.iter().map(|(name, tally)| (name.as_str(), tally)).collect();
    ranked.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.count));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_seen_has_no_time() {
        let seen = Tally { count: 2, first: 7, last: 9, example: "a".to_owned() };
        let mut all = Tally::default();
        for other in [Tally::default(), seen.clone(), Tally::default()] {
            all.add(&other);
        }
        assert_eq!(all, seen);
    }
}
