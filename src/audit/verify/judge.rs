//! Checkpoints, held against the tree; and which of two leaves is the right one.

use super::facts::CheckpointFacts;
use super::finding::{Finding, Findings, Kind};
use super::ledger::Ledger;
use super::parts::{Found, Suspect};
use crate::audit::proof::{Checkpoint, Hash, Judged, Note, Tree};
use crate::clock::UnixMillis;

/// Most suspects of which every combination is tried.
const MOST_SUSPECTS: usize = 4;

/// What a checkpoint's signature is worth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    /// A key of the roster signed it in its time.
    Yes,
    /// There is no roster to hold it against.
    NotAsked,
    /// It is worth nothing.
    No,
}

impl Ledger {
    /// A LOG.CHECKPOINT, whose own leaf is not in the tree yet.
    pub(super) fn judge(&mut self, said: &CheckpointFacts, found: &Found<'_>, findings: &mut Findings) {
        let parsed = Note::parse(&said.note).map_err(|fault| fault.to_string());
        let parsed = parsed.and_then(|note| match Checkpoint::parse(&note.text) {
            Ok(checkpoint) => Ok((note, checkpoint)),
            Err(fault) => Err(fault.to_string()),
        });
        let (note, checkpoint) = match parsed {
            Ok(parsed) => parsed,
            Err(fault) => return self.add(Kind::Signature, found, fault, findings),
        };
        if self.origin.as_ref() != Some(&checkpoint.origin) {
            let text = format!("the checkpoint is one of another chain, {}", checkpoint.origin);
            return self.add(Kind::Signature, found, text, findings);
        }
        let signed = self.signed(&note, UnixMillis(found.facts.logged), &mut |text| {
            self.add(Kind::Signature, found, text, findings);
        });
        if checkpoint.size + 1 != found.facts.sequence {
            let text = format!(
                "the checkpoint is over {} records, and {} come before it",
                checkpoint.size,
                found.facts.sequence - 1
            );
            return self.add(Kind::Modified, found, text, findings);
        }
        self.hold(&checkpoint, signed, said, found, findings);
    }

    pub(super) fn signed(&self, note: &Note, at: UnixMillis, complain: &mut dyn FnMut(String)) -> Signed {
        let Some(keys) = &self.keys else { return Signed::NotAsked };
        match note.judge(keys.iter().map(|entry| &entry.key)) {
            Judged::Signed(key) if keys.iter().any(|entry| entry.key == *key && entry.covers(at)) => {
                return Signed::Yes;
            }
            Judged::Signed(key) => {
                complain(format!("the key {}+{} signed outside its time in the roster", key.name(), key.id_text()));
            }
            Judged::Forged(key) => complain(format!(
                "the signature under the name of the key {}+{} is wrong: the checkpoint was changed or forged",
                key.name(),
                key.id_text()
            )),
            Judged::Unknown => complain("the checkpoint is signed by no key of the roster".to_owned()),
        }
        Signed::No
    }

    /// Holds a checkpoint's root against the tree.
    fn hold(
        &mut self,
        checkpoint: &Checkpoint,
        signed: Signed,
        said: &CheckpointFacts,
        found: &Found<'_>,
        findings: &mut Findings,
    ) {
        let edge = Tree::resume(checkpoint.size, &said.frontier).filter(|tree| tree.root() == checkpoint.root);
        let held = match &self.tree {
            Some(tree) if tree.root() == checkpoint.root => {
                // The leaves that others named are the right ones.
                let suspects = std::mem::take(&mut self.suspects);
                for suspect in &suspects {
                    self.changed(suspect, Some(checkpoint.size), findings);
                }
                true
            }
            Some(_) => self.reconcile(checkpoint, findings),
            None => edge.is_some(),
        };
        let counted = match signed {
            Signed::Yes => &mut self.totals.signed,
            Signed::NotAsked => &mut self.totals.unsigned,
            Signed::No => &mut self.totals.refused,
        };
        *counted += u64::from(held || signed == Signed::No);
        if !held && signed != Signed::No {
            let first = self.covered + 1;
            let text = format!(
                "of the records {first} to {} at least one is not the one that was signed: the tree over them has \
                 another root than this checkpoint",
                checkpoint.size
            );
            self.add(Kind::Modified, found, text, findings);
            self.suspects.clear();
        }
        if signed != Signed::No {
            self.covered = checkpoint.size;
            if !held || self.tree.is_none() {
                // What comes after is judged by itself.
                self.tree = edge;
            }
            self.good.clone_from(&self.tree);
            self.since.clear();
        }
    }

    /// Looks for the one choice between found and named leaves with which the tree has the checkpoint's root.
    fn reconcile(&mut self, checkpoint: &Checkpoint, findings: &mut Findings) -> bool {
        let count = self.suspects.len();
        let Some(good) = self.good.clone().filter(|_| (1..=MOST_SUSPECTS).contains(&count)) else { return false };
        let complete = good.size() + self.since.len() as u64 == checkpoint.size;
        // The combination in which all are as they were named was tried already.
        let chosen = (0..(1usize << count) - 1).filter(|_| complete).find_map(|named| {
            self.grown(&good, named).filter(|tree| tree.root() == checkpoint.root).map(|tree| (named, tree))
        });
        let Some((named, tree)) = chosen else { return false };
        self.tree = Some(tree);
        let suspects = std::mem::take(&mut self.suspects);
        for (at, suspect) in suspects.iter().enumerate() {
            if named >> at & 1 == 1 {
                self.changed(suspect, Some(checkpoint.size), findings);
            } else if !suspects
                .get(at + 1)
                .is_some_and(|next| next.sequence == suspect.sequence + 1 && named >> (at + 1) & 1 == 1)
            {
                let next = Suspect { sequence: suspect.sequence + 1, ..*suspect };
                self.changed(&next, Some(checkpoint.size), findings);
            }
        }
        true
    }

    /// The tree since the last good checkpoint, with those suspects as they were named whose bit is set.
    fn grown(&self, good: &Tree, named: usize) -> Option<Tree> {
        let mut tree = good.clone();
        let mut suspects = self.suspects.iter().enumerate().peekable();
        for (at, leaf) in self.since.iter().enumerate() {
            match suspects.next_if(|(_, suspect)| suspect.at == at) {
                Some((number, suspect)) if named >> number & 1 == 0 => tree.push(suspect.found),
                _ => tree.push(*leaf),
            }
        }
        suspects.next().is_none().then_some(tree)
    }

    /// A record that was changed; `proved` by the checkpoint over so many records.
    pub(super) fn changed(&self, suspect: &Suspect, proved: Option<u64>, findings: &mut Findings) {
        let proof = match proved {
            Some(size) => format!("the checkpoint over {size} records proves it"),
            None => "no checkpoint behind it says which of the two was changed".to_owned(),
        };
        let text = format!(
            "the record was changed, removed for another, or stands in another's place: it has the leaf {}, and the \
             record behind it names {}; {proof}",
            short(suspect.found.node()),
            short(suspect.named.node())
        );
        findings.add(Finding {
            kind: Kind::Modified,
            chain: Some(self.log_name.clone()),
            place: Some(suspect.place),
            sequence: Some((suspect.sequence, suspect.sequence)),
            time: Some(UnixMillis(suspect.logged)),
            text,
        });
    }
}

fn short(hash: Hash) -> String {
    let mut text = hash.to_string();
    text.truncate(12);
    text
}
