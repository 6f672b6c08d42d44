//! Records in a spool: with its key, every record is held against its chain; without, leaf hashes, footers and
//! checkpoints are.

use std::path::Path;

use super::finding::{Finding, Kind, Place};
use super::parts::Found;
use super::{Verification, VerifyFault};
use crate::audit::proof::Origin;
use crate::audit::spool::{self, Segment, SegmentName, SpoolFault, State, Traces, WrappingKey};

/// Whether a directory holds a spool.
pub fn is_spool(path: &Path) -> bool {
    path.is_dir() && spool::chains(path).is_ok_and(|chains| !chains.is_empty())
}

impl Verification<'_> {
    /// All chains below a directory.
    pub(super) fn spool(&mut self, path: &Path, key: Option<&WrappingKey>) -> Result<(), VerifyFault> {
        for directory in spool::chains(path).map_err(VerifyFault::Spool)? {
            let traces = spool::traces(&directory).map_err(VerifyFault::Spool)?;
            let segments = spool::segments(&directory).map_err(VerifyFault::Spool)?;
            for segment in &segments {
                self.segment(&directory, segment, key)?;
            }
            self.traces(&directory, &segments, &traces, key.is_some());
        }
        Ok(())
    }

    /// What the names of files tell and the segments themselves do not: one of which only the files beside it are left,
    /// one without a sound header, one that is shorter than its footer says.
    fn traces(&mut self, directory: &Path, segments: &[Segment], traces: &Traces, with_key: bool) {
        let known = |name: &SegmentName| segments.iter().find(|segment| segment.name == *name);
        let mut named = Vec::new();
        for (name, length) in &traces.sealed {
            let text = match known(name) {
                None => {
                    let text = "the segment's header is missing, was changed, or is that of another one: no record of it can \
                                be read";
                    (Kind::Unreadable, text.to_owned())
                }
                // With the key, the records that are missing are named themselves.
                Some(segment) if !with_key => match &segment.summary {
                    Some(summary) if segment.state == State::Sealed && *length < summary.bytes => {
                        let text = format!("the segment has {length} bytes, and its footer says {}", summary.bytes);
                        (Kind::Truncated, text)
                    }
                    _ => continue,
                },
                Some(_) => continue,
            };
            named.push((*name, "seg", text));
        }
        for (name, ending) in &traces.bare {
            let behind = segments.iter().all(|segment| segment.name.epoch != name.epoch || segment.name < *name);
            let kind = if behind { Kind::Truncated } else { Kind::Missing };
            let text = "the segment that this file stood beside is not there".to_owned();
            named.push((*name, ending, (kind, text)));
        }
        for (name, ending, (kind, text)) in named {
            let sibling = segments.iter().find(|segment| segment.name.epoch == name.epoch);
            let origin = sibling.and_then(|segment| Origin::parse(&segment.header.origin));
            let chain = origin.map(|origin| origin.log_name().to_owned());
            let place = Some(Place { file: self.findings.file(directory.join(name.file(ending))), line: 0 });
            self.findings.add(Finding { kind, chain, place, sequence: None, time: None, text });
        }
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
