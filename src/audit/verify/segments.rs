//! What a ledger learns from segments of a spool besides their records: headers, footers, tombstones, leaf hashes.

use super::finding::{Finding, Findings, Kind, Place};
use super::judge::Signed;
use super::ledger::Ledger;
use super::parts::{Held, Hole};
use crate::audit::proof::{Chain, Checkpoint, Leaf, Note, Tree};
use crate::clock::UnixMillis;

impl Ledger {
    /// A segment begins: its header says what was before it. Whether that is what there was.
    pub(super) fn enter(&mut self, before: &Chain, created: UnixMillis, place: Place, findings: &mut Findings) {
        let Some(held) = &self.held else {
            if before.size() > 0 {
                self.adopt(before, created, place);
            }
            return;
        };
        if before.size() > held.sequence {
            let hole = Hole { first: held.sequence + 1, last: before.size(), between: (held.logged, created.0), place };
            self.settle(findings);
            self.seen.skip_to(before.size() + 1);
            self.holes.push(hole);
            self.adopt(before, created, place);
        } else if before.size() == held.sequence {
            let root = self.whole_tree().map(|tree| tree.root());
            if before.last() != held.leaf || root.is_some_and(|root| root != before.root()) {
                let text = "the segment's header names other records before it than those that are there".to_owned();
                self.say(Kind::Modified, place, (held.sequence, held.sequence), created, text, findings);
            }
        }
    }

    /// Goes on from what a header says; the next checkpoint will tell whether it is true.
    fn adopt(&mut self, before: &Chain, at: UnixMillis, place: Place) {
        if self.held.is_none() {
            (self.first, self.first_logged, self.first_place) = (before.size() + 1, at.0, Some(place));
        }
        self.hold_at(before, at, place);
    }

    /// The chain is at this point: its tree, and a last record of which only the leaf is known.
    fn hold_at(&mut self, chain: &Chain, at: UnixMillis, place: Place) {
        // The tree keeps the held record outside, and cannot take one out again: it is known to be in already.
        self.tree = Tree::resume(chain.size(), chain.frontier());
        self.good.clone_from(&self.tree);
        self.since.clear();
        self.suspects.clear();
        let (sequence, leaf) = (chain.size(), chain.last());
        self.held = Some(Held { sequence, leaf, logged: at.0, place, line: Vec::new(), exact: true, in_tree: true });
    }

    /// Records that retention removed: header and footer of their segment are left.
    pub(super) fn gone(
        &mut self,
        before: &Chain,
        after: &Chain,
        at: UnixMillis,
        place: Place,
        findings: &mut Findings,
    ) {
        self.enter(before, at, place, findings);
        if self.held.is_none() {
            (self.first, self.first_logged, self.first_place) = (before.size() + 1, at.0, Some(place));
        }
        let count = after.size().saturating_sub(before.size());
        self.totals.purged += count;
        self.settle(findings);
        self.seen.skip_to(before.size() + 1);
        self.seen.skip_to(after.size() + 1);
        self.hold_at(after, at, place);
    }

    /// A record of which only the leaf hash is known.
    pub(super) fn leaf(&mut self, sequence: u64, leaf: Leaf, at: UnixMillis, place: Place, findings: &mut Findings) {
        if self.held.as_ref().is_some_and(|held| held.sequence >= sequence) {
            return;
        }
        if self.held.is_none() {
            (self.first, self.first_logged, self.first_place) = (sequence, at.0, Some(place));
            self.tree = (sequence == 1).then(Tree::new);
            self.good.clone_from(&self.tree);
        }
        self.settle(findings);
        self.totals.records += 1;
        self.totals.sealed += 1;
        self.seen.put(sequence, leaf);
        let held = Held { sequence, leaf, logged: at.0, place, line: Vec::new(), exact: true, in_tree: false };
        self.held = Some(held);
    }

    /// A segment's footer: what its gate says is in it.
    pub(super) fn leave(&mut self, after: &Chain, at: UnixMillis, place: Place, findings: &mut Findings) {
        let Some(held) = &self.held else { return };
        let last = held.sequence;
        if last < after.size() {
            let text = "the segment ends before its footer says that it does".to_owned();
            self.say(Kind::Truncated, place, (last + 1, after.size()), at, text, findings);
        } else if last == after.size()
            && self.suspects.is_empty()
            && (held.leaf != after.last() || self.whole_tree().is_some_and(|tree| tree.root() != after.root()))
        {
            let text = "the segment's records are not those that its footer names".to_owned();
            self.say(Kind::Modified, place, (self.covered + 1, last), at, text, findings);
        }
    }

    /// The checkpoint beside a segment.
    pub(super) fn beside(
        &mut self,
        text: &str,
        after: Option<&Chain>,
        at: UnixMillis,
        place: Place,
        findings: &mut Findings,
    ) {
        let parsed = Note::parse(text).map_err(|fault| fault.to_string());
        let parsed = parsed.and_then(|note| match Checkpoint::parse(&note.text) {
            Ok(checkpoint) => Ok((note, checkpoint)),
            Err(fault) => Err(fault.to_string()),
        });
        let (note, checkpoint) = match parsed {
            Ok(parsed) => parsed,
            Err(fault) => return self.say(Kind::Signature, place, (0, 0), at, fault, findings),
        };
        let range = (checkpoint.size, checkpoint.size);
        if self.origin.as_ref() != Some(&checkpoint.origin) {
            let text = "the checkpoint beside the segment is one of another chain".to_owned();
            return self.say(Kind::Signature, place, range, at, text, findings);
        }
        let mut faults = Vec::new();
        let signed = self.signed(&note, at, &mut |text| faults.push(text));
        for text in faults {
            self.say(Kind::Signature, place, range, at, text, findings);
        }
        let covers = after.is_none_or(|after| after.size() != checkpoint.size || after.root() == checkpoint.root);
        let here = self.held.as_ref().is_some_and(|held| held.sequence == checkpoint.size);
        let holds = !here || self.whole_tree().is_none_or(|tree| tree.root() == checkpoint.root);
        match signed {
            Signed::Yes => self.totals.signed += 1,
            Signed::NotAsked => self.totals.unsigned += 1,
            Signed::No => self.totals.refused += 1,
        }
        if signed == Signed::No {
            return;
        }
        if !covers || !holds {
            let text = "the segment's records are not those that the checkpoint beside it is signed over".to_owned();
            return self.say(Kind::Modified, place, (self.covered + 1, checkpoint.size), at, text, findings);
        }
        if here && self.suspects.is_empty() {
            self.covered = self.covered.max(checkpoint.size);
        }
    }

    /// The tree with the held record in it.
    pub(super) fn whole_tree(&self) -> Option<Tree> {
        let mut tree = self.tree.clone()?;
        if let Some(held) = self.held.as_ref().filter(|held| !held.in_tree) {
            tree.push(held.leaf);
        }
        Some(tree)
    }

    fn say(
        &self,
        kind: Kind,
        place: Place,
        sequence: (u64, u64),
        at: UnixMillis,
        text: String,
        findings: &mut Findings,
    ) {
        let chain = Some(self.log_name.clone());
        let sequence = (sequence.1 > 0).then_some(sequence);
        findings.add(Finding { kind, chain, place: Some(place), sequence, time: Some(at), text });
    }
}
