//! The proof that one record is in the trail, for somebody who is given that record and nothing else.

use std::path::PathBuf;

use super::canonical::canonical;
use super::facts::{CheckpointFacts, Facts};
use super::lines::{self, Piece};
use super::{Source, VerifyFault, in_order, read_fault};
use crate::audit::id::RequestId;
use crate::audit::proof::{
    Checkpoint, Hash, Judged, Leaf, Note, Origin, PathBuilder, Roster, TlogProof, TlogProofFault, Tree,
};
use crate::audit::spool::{self, WrappingKey};
use crate::clock::UnixMillis;

/// Which record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// By its `metadata.uid`.
    Uid(RequestId),
    /// By its number, in a trail of one chain.
    Sequence(u64),
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveFault {
    /// The trail cannot be read.
    #[error("{0}")]
    Verify(VerifyFault),
    /// It is not there.
    #[error("the record is not there")]
    NotFound,
    /// A number that several chains have.
    #[error("several chains have a record of this number; name the record by its uid")]
    Ambiguous,
    /// Nothing to prove it with.
    #[error(
        "no checkpoint behind the record can be used: none is there yet, none is signed by the roster's keys, or records \
         are missing or changed between it and the record"
    )]
    NoCheckpoint,
}

/// What a proof is worth.
#[derive(Debug, thiserror::Error)]
pub enum Disproved {
    /// The record is not in the tree, or says of itself that it is elsewhere.
    #[error("{0}")]
    NotInTree(String),
    /// The checkpoint's signature is worth nothing.
    #[error("{0}")]
    Signature(&'static str),
}

/// Finds a record and its way to the first checkpoint behind it that counts.
pub fn prove(
    paths: &[PathBuf],
    target: &Target,
    roster: Option<&Roster>,
    key: Option<&WrappingKey>,
) -> Result<TlogProof, ProveFault> {
    let files = in_order(paths).map_err(ProveFault::Verify)?;
    let mut found: Option<(String, u64, Vec<u8>)> = None;
    let mut ambiguous = false;
    each(&files, key, |record, facts| {
        let hit = match target {
            Target::Uid(id) => facts.uid == id.to_string(),
            Target::Sequence(sequence) => facts.sequence == *sequence,
        };
        if hit {
            ambiguous |= found.as_ref().is_some_and(|(chain, ..)| chain != facts.log_name);
            found = Some((facts.log_name.to_owned(), facts.sequence, record.to_vec()));
        }
        hit && matches!(target, Target::Uid(_))
    })
    .map_err(ProveFault::Verify)?;
    let (chain, sequence, record) = found.ok_or(ProveFault::NotFound)?;
    if ambiguous {
        return Err(ProveFault::Ambiguous);
    }
    let mut climb = Climb { index: sequence - 1, next: 1, builder: Some(PathBuilder::new(sequence - 1)), roster };
    let mut proof = None;
    each(&files, key, |line, facts| {
        if facts.log_name == chain {
            proof = climb.take(line, facts).map(|(path, note)| TlogProof {
                record: record.clone(),
                index: sequence - 1,
                path,
                note,
            });
        }
        proof.is_some()
    })
    .map_err(ProveFault::Verify)?;
    proof.filter(|proof| proof.check().is_ok()).ok_or(ProveFault::NoCheckpoint)
}

/// Checks a proof alone; gives back the checkpoint that it leads to.
pub fn check(proof: &TlogProof, roster: &Roster) -> Result<Checkpoint, Disproved> {
    let checkpoint = proof.check().map_err(|fault: TlogProofFault| Disproved::NotInTree(fault.to_string()))?;
    let facts = Facts::read(&proof.record);
    let facts = facts.ok_or_else(|| Disproved::NotInTree("what is proved is no record of a gate".to_owned()))?;
    if facts.sequence != proof.index + 1 || Origin::of_log_name(facts.log_name).as_ref() != Some(&checkpoint.origin) {
        let text = "the record says that it is another one, or of another chain, than the checkpoint";
        return Err(Disproved::NotInTree(text.to_owned()));
    }
    let keys = roster.of(checkpoint.origin.key_name());
    match proof.note.judge(keys.iter().map(|entry| &entry.key)) {
        Judged::Signed(key) => {
            // The checkpoint itself tells no time; it is younger than the record.
            let time = UnixMillis(facts.logged);
            let valid = keys.iter().any(|entry| entry.key == *key && entry.until.is_none_or(|until| time < until));
            if valid { Ok(checkpoint) } else { Err(Disproved::Signature("the key's time was over before the record")) }
        }
        Judged::Forged(_) => Err(Disproved::Signature("the checkpoint's signature is wrong")),
        Judged::Unknown => Err(Disproved::Signature("the checkpoint is signed by none of the keys that were given")),
    }
}

/// The way from a leaf upwards, while records go by.
struct Climb<'a> {
    index: u64,
    next: u64,
    builder: Option<PathBuilder>,
    roster: Option<&'a Roster>,
}

impl Climb<'_> {
    /// Takes in a record; gives the way and the note once a checkpoint can be used.
    fn take(&mut self, record: &[u8], facts: &Facts<'_>) -> Option<(Vec<Hash>, Note)> {
        if facts.sequence < self.next {
            return None;
        }
        if facts.sequence > self.next {
            self.builder = None;
        }
        self.next = facts.sequence + 1;
        let mut done = None;
        if facts.code == "LOG.CHECKPOINT"
            && let Some(said) = CheckpointFacts::read(record)
            && let Some(note) = self.counts(&said, facts)
        {
            let before = facts.sequence - 1;
            if self.builder.is_none() && before <= self.index {
                // From a checkpoint's edge on, what came before it is not needed.
                self.builder = Some(PathBuilder::resume(self.index, before, &said.frontier));
            } else if before > self.index {
                done = self.builder.as_ref().and_then(PathBuilder::path).map(|path| (path, note));
            }
        }
        if let Some(builder) = &mut self.builder {
            builder.push(Leaf::of(record));
        }
        done
    }

    /// The checkpoint's note, if its signature counts and its edge is its root's.
    fn counts(&self, said: &CheckpointFacts, facts: &Facts<'_>) -> Option<Note> {
        let note = Note::parse(&said.note).ok()?;
        let checkpoint = Checkpoint::parse(&note.text).ok()?;
        if let Some(roster) = self.roster {
            let keys = roster.of(checkpoint.origin.key_name());
            let Judged::Signed(key) = note.judge(keys.iter().map(|entry| &entry.key)) else { return None };
            let at = UnixMillis(facts.logged);
            keys.iter().find(|entry| entry.key == *key && entry.covers(at))?;
        }
        let edge = Tree::resume(checkpoint.size, &said.frontier)?;
        (edge.root() == checkpoint.root && checkpoint.size + 1 == facts.sequence).then_some(note)
    }
}

/// Calls `each` with every record in order, until it says that it has seen enough.
fn each(
    sources: &[Source],
    key: Option<&WrappingKey>,
    mut each: impl FnMut(&[u8], &Facts<'_>) -> bool,
) -> Result<(), VerifyFault> {
    let mut done = false;
    let mut take = |text: &[u8]| {
        if let Some(bytes) = canonical(text).filter(|_| !done)
            && let Some(facts) = Facts::read(&bytes)
        {
            done = each(&bytes, &facts);
        }
    };
    for source in sources {
        match source {
            Source::File(path) => lines::read(path, 0, |piece, _| {
                if let Piece::Record(text) | Piece::Unended(text) = piece {
                    take(text);
                }
            })
            .map_err(read_fault(path))?,
            Source::Spool(path) => {
                let key = key.ok_or(VerifyFault::NoKey)?;
                for directory in spool::chains(path).map_err(VerifyFault::Spool)? {
                    for segment in spool::segments(&directory).map_err(VerifyFault::Spool)? {
                        segment.records(key, |_, record| take(record)).map_err(VerifyFault::Spool)?;
                    }
                }
            }
        }
    }
    Ok(())
}
