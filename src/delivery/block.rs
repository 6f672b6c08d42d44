//! Records as they were read from the spool, some frames at once: read, opened and judged once, and held in common by
//! all batches that they stand in, whichever sink's.

use std::sync::Arc;

use super::facets::Facets;
use super::receiver::Sent;
use crate::audit::RequestId;

/// Consecutive records of one epoch; some may be missing between them.
#[derive(Debug, Default)]
pub struct Block {
    epoch: Option<RequestId>,
    bytes: Vec<u8>,
    records: Vec<Kept>,
}

/// A record of a block.
#[derive(Clone, Copy, Debug)]
struct Kept {
    sequence: u64,
    /// Where its line ends.
    end: usize,
    facets: Facets,
}

impl Block {
    /// Room for about so many bytes.
    pub fn with_room(bytes: usize) -> Self {
        Self { epoch: None, bytes: Vec::with_capacity(bytes), records: Vec::new() }
    }

    /// All of its records are of this epoch.
    #[must_use]
    pub fn of(mut self, epoch: Option<RequestId>) -> Self {
        self.epoch = epoch;
        self
    }

    /// Adds a record behind the others.
    pub fn push(&mut self, record: Sent<'_>, facets: Facets) {
        self.bytes.extend_from_slice(record.line);
        self.records.push(Kept { sequence: record.sequence, end: self.bytes.len(), facets });
    }

    /// How many records it has.
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// How many bytes they have.
    pub const fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The epoch, and the sequence number after its last record.
    pub fn end(&self) -> (Option<RequestId>, u64) {
        (self.epoch, self.records.last().map_or(0, |last| last.sequence + 1))
    }

    /// Where the record of this sequence number stands, or the first one after it; if it may be in here: where the
    /// block before this one ends, or further on.
    pub fn find(&self, (epoch, next): (Option<RequestId>, u64)) -> Option<usize> {
        let first = self.records.first()?.sequence;
        let is_in = epoch == self.epoch && (first..self.end().1).contains(&next);
        is_in.then(|| self.records.partition_point(|record| record.sequence < next))
    }

    /// The record at `index`.
    pub fn get(&self, index: usize) -> Option<Sent<'_>> {
        let record = self.records.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.records.get(before)).map_or(0, |before| before.end);
        Some(Sent { sequence: record.sequence, line: self.bytes.get(start..record.end)? })
    }

    /// Its records from the one at `from` on, with their places and what matters of them.
    pub fn from(&self, from: usize) -> impl Iterator<Item = (usize, Sent<'_>, Facets)> {
        (from..self.records.len()).filter_map(|index| Some((index, self.get(index)?, self.records[index].facets)))
    }
}

/// A block from one of its records on.
#[derive(Clone, Debug)]
pub struct Slice {
    pub block: Arc<Block>,
    pub from: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_by_its_number_or_by_that_of_one_that_is_gone() {
        let epoch = Some(RequestId::new(crate::clock::UnixMillis(1)));
        let mut block = Block::with_room(0).of(epoch);
        for (sequence, line) in [(7, &b"{}"[..]), (8, b"{\"a\":1}"), (11, b"[]")] {
            block.push(Sent { sequence, line }, Facets::of(line));
        }
        assert_eq!((block.len(), block.bytes(), block.end()), (3, 11, (epoch, 12)));
        let found: Vec<_> = (6..=12).map(|next| block.find((epoch, next))).collect();
        assert_eq!(found, [None, Some(0), Some(1), Some(2), Some(2), Some(2), None]);
        assert_eq!(block.find((None, 8)), None);
        assert_eq!(block.from(1).map(|(at, sent, _)| (at, sent.sequence)).collect::<Vec<_>>(), [(1, 8), (2, 11)]);
        assert_eq!(block.get(1).map(|sent| sent.line), Some(&b"{\"a\":1}"[..]));
        assert!(block.get(3).is_none());
    }
}
