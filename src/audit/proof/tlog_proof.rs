//! The proof that one record is in a trail, which whoever holds the record and the key can check alone (C2SP
//! `tlog-proof`). The record stands in it as extra data.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::decimal;
use super::note::{Note, NoteFault};
use super::path::verify_inclusion;
use super::tree::{Hash, Leaf};
use super::{Checkpoint, CheckpointFault};

/// The first line.
const MAGIC: &str = "c2sp.org/tlog-proof@v1";
/// Longest proof: a record of 16 KiB, 64 hashes and a note, in base64.
const MAX_BYTES: usize = 256 * 1024;
/// Longest way in a tree.
const MOST_HASHES: usize = 64;

/// A record, its place, and its way to a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// The record's bytes.
    pub record: Vec<u8>,
    /// Its place, counted from 0: one less than its sequence number.
    pub index: u64,
    /// Hashes beside the way to the root.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub note: Note,
}

/// Why a text is not a proof, or does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofFault {
    /// More than 256 KiB or 64 hashes.
    #[error("the proof is too long")]
    TooLong,
    /// The first line is another.
    #[error("the proof does not begin with `c2sp.org/tlog-proof@v1`")]
    Magic,
    /// There is no record in it.
    #[error("the proof has no `extra` line with the record")]
    Record,
    /// No index, or a line that is no hash.
    #[error("the proof has a line that is neither an index nor a hash")]
    Line,
    /// The note.
    #[error("{0}")]
    Note(NoteFault),
    /// The note's text.
    #[error("{0}")]
    Checkpoint(CheckpointFault),
    /// The way does not lead to the root.
    #[error("the record is not in the tree that the checkpoint signs")]
    Path,
}

impl TlogProof {
    /// Reads a proof. Whose signature is under it is not yet looked at.
    pub fn parse(text: &str) -> Result<Self, TlogProofFault> {
        if text.len() > MAX_BYTES {
            return Err(TlogProofFault::TooLong);
        }
        let (head, note) = text.split_once("\n\n").ok_or(TlogProofFault::Line)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(MAGIC) {
            return Err(TlogProofFault::Magic);
        }
        let record = lines.next().and_then(|line| line.strip_prefix("extra ")).ok_or(TlogProofFault::Record)?;
        let record = STANDARD.decode(record).map_err(|_| TlogProofFault::Record)?;
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal);
        let index = index.ok_or(TlogProofFault::Line)?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() == MOST_HASHES {
                return Err(TlogProofFault::TooLong);
            }
            let hash = STANDARD.decode(line).ok().and_then(|bytes| bytes.try_into().ok());
            path.push(Hash(hash.ok_or(TlogProofFault::Line)?));
        }
        Ok(Self { record, index, path, note: Note::parse(note).map_err(TlogProofFault::Note)? })
    }

    /// Whether the record is in the tree of its checkpoint. Signatures are for [`Note::judge`].
    pub fn check(&self) -> Result<Checkpoint, TlogProofFault> {
        let checkpoint = Checkpoint::parse(&self.note.text).map_err(TlogProofFault::Checkpoint)?;
        let leaf = Leaf::of(&self.record);
        let holds = verify_inclusion(leaf, self.index, checkpoint.size, &self.path, checkpoint.root);
        if holds { Ok(checkpoint) } else { Err(TlogProofFault::Path) }
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{MAGIC}\nextra {}\nindex {}", STANDARD.encode(&self.record), self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash.0)))?;
        write!(f, "\n{}", self.note)
    }
}
