//! Records in a spool: with its key, every record is held against its chain; without, leaf hashes, footers and
//! checkpoints are.

use std::path::Path;

use super::finding::{Finding, Kind, Place};
use super::parts::Found;
use super::{Verification, VerifyFault};
use crate::audit::proof::Origin;
use crate::audit::spool::{self, Segment, SpoolFault, State, WrappingKey};

/// Whether a directory holds a spool.
pub fn is_spool(path: &Path) -> bool {
    path.is_dir() && spool::chains(path).is_ok_and(|chains| !chains.is_empty())
}

impl Verification<'_> {
    /// All chains below a directory.
    pub(super) fn spool(&mut self, path: &Path, key: Option<&WrappingKey>) -> Result<(), VerifyFault> {
        for directory in spool::chains(path).map_err(VerifyFault::Spool)? {
            for segment in spool::segments(&directory).map_err(VerifyFault::Spool)? {
                self.segment(&directory, &segment, key)?;
            }
        }
        Ok(())
    }

    fn segment(&mut self, directory: &Path, segment: &Segment, key: Option<&WrappingKey>) -> Result<(), VerifyFault> {
        let ending = match segment.state {
            State::Open => "open",
            State::Sealed => "seg",
            State::Gone => "gone",
        };
        let place = Place { file: self.findings.file(directory.join(segment.name.file(ending))), line: 0 };
        let header = &segment.header;
        let Some(origin) = Origin::parse(&header.origin).filter(|origin| origin.epoch() == Some(header.name.epoch))
        else {
            self.note(Kind::Modified, place, "the segment's header names no chain, or one of another epoch".to_owned());
            return Ok(());
        };
        let chain = origin.log_name();
        self.open_ledger(chain)?;
        let last = segment.summary.as_ref().map_or(header.created, |summary| summary.last);
        if let Some(ledger) = self.ledgers.get_mut(chain) {
            match (segment.state, &segment.summary) {
                (State::Gone, Some(summary)) => {
                    ledger.gone(&header.before, &summary.after, last, place, &mut self.findings);
                }
                _ => ledger.enter(&header.before, header.created, place, &mut self.findings),
            }
        }
        if segment.state != State::Open && segment.summary.is_none() {
            self.note(Kind::Unreadable, place, "the segment's footer is missing or was changed".to_owned());
        }
        if segment.state != State::Gone {
            match key {
                Some(key) => self.sealed_records(chain, segment, key, place)?,
                None => self.sealed_leaves(chain, segment, place)?,
            }
        }
        let Some(ledger) = self.ledgers.get_mut(chain) else { return Ok(()) };
        let after = segment.summary.as_ref().map(|summary| &summary.after);
        if let (Some(after), State::Sealed) = (after, segment.state) {
            ledger.leave(after, last, place, &mut self.findings);
        }
        if let Some(note) = &segment.note {
            ledger.beside(note, after, last, place, &mut self.findings);
        }
        Ok(())
    }

    fn sealed_records(
        &mut self,
        chain: &str,
        segment: &Segment,
        key: &WrappingKey,
        place: Place,
    ) -> Result<(), VerifyFault> {
        let Some(ledger) = self.ledgers.get_mut(chain) else { return Ok(()) };
        let findings = &mut self.findings;
        let mut strange = Vec::new();
        let scanned = segment.records(key, |sequence, record| match Found::exact(record, place) {
            Some(found) if found.facts.sequence == sequence && found.facts.log_name == chain => {
                ledger.accept(&found, findings);
            }
            _ => strange.push(sequence),
        });
        // In a segment records are in order: what did not come does not come any more.
        ledger.flush(findings);
        match scanned {
            Ok(_) => {}
            // What cannot be opened is for its reader to say; the key may be one for other segments.
            Err(SpoolFault::WrongKey { wanted, .. }) => {
                let text = format!("the segment is sealed with another key, {wanted}: its records cannot be read");
                self.note(Kind::Unreadable, place, text);
            }
            Err(fault) => return Err(VerifyFault::Spool(fault)),
        }
        for sequence in strange.into_iter().take(100) {
            self.findings.add(Finding {
                kind: Kind::Modified,
                chain: Some(chain.to_owned()),
                place: Some(place),
                sequence: Some((sequence, sequence)),
                time: None,
                text: "what stands in this place is no record of this chain and number".to_owned(),
            });
        }
        Ok(())
    }

    fn sealed_leaves(&mut self, chain: &str, segment: &Segment, place: Place) -> Result<(), VerifyFault> {
        let leaves = segment.leaves().map_err(VerifyFault::Spool)?;
        let at = segment.summary.as_ref().map_or(segment.header.created, |summary| summary.last);
        let Some(leaves) = leaves else {
            self.unopened += 1;
            return Ok(());
        };
        let Some(ledger) = self.ledgers.get_mut(chain) else { return Ok(()) };
        let first = segment.header.before.size() + 1;
        let last = segment.last.unwrap_or(u64::MAX);
        for (leaf, sequence) in leaves.into_iter().zip(first..=last) {
            ledger.leaf(sequence, leaf, at, place, &mut self.findings);
        }
        Ok(())
    }
}
