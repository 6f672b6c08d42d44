//! Records that do not stand where their numbers say.

use super::canonical::canonical;
use super::facts::leaf_of;
use super::finding::{Findings, Kind};
use super::ledger::Ledger;
use super::parts::{Found, Hole};
use crate::audit::proof::Leaf;

impl Ledger {
    /// Whether a later record stands before this one in the same file.
    pub(super) fn late(&self, found: &Found<'_>, findings: &mut Findings) {
        let later = self.ahead.last_key_value().filter(|(later, _)| **later > found.facts.sequence);
        if let Some((later, (_, place))) = later
            && place.file == found.place.file
            && !self.any_order
        {
            let text = format!("the record stands behind number {later} of its chain");
            self.add(Kind::Reordered, found, text, findings);
        }
    }

    /// A record whose place has gone by.
    pub(super) fn again(&mut self, found: &Found<'_>, findings: &mut Findings) {
        let sequence = found.facts.sequence;
        if let Some(at) = self.holes.iter().position(|hole| (hole.first..=hole.last).contains(&sequence)) {
            let hole = self.holes.swap_remove(at);
            let (first, last) = (hole.first, hole.last);
            for (first, last) in [(first, sequence - 1), (sequence + 1, last)] {
                if first <= last {
                    self.holes.push(Hole { first, last, between: hole.between, place: hole.place });
                }
            }
            self.totals.records += 1;
            if !self.any_order {
                self.add(Kind::Reordered, found, "the record stands long after its place".to_owned(), findings);
            }
            return;
        }
        let known = self.seen.has(sequence, found.leaf);
        let same = |leaf: Leaf| self.seen.has(sequence, leaf) == Some(true);
        let equal =
            known == Some(true) || (!found.exact && canonical(found.record).is_some_and(|bytes| same(leaf_of(&bytes))));
        if equal {
            self.totals.duplicates += 1;
        } else if known.is_none() {
            let text = format!("the record stands behind number {}, with which the chain begins here", self.first);
            self.add(Kind::Reordered, found, text, findings);
        } else {
            let text = "another record with this number is there, and they differ".to_owned();
            self.add(Kind::Modified, found, text, findings);
        }
    }
}
