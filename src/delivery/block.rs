//! Records as they were read from the spool, some frames at once: read, opened and judged once, and held in common by
//! all batches that they stand in, whichever sink's.

use std::sync::Arc;

use parking_lot::Mutex;

use super::facets::Facets;
use super::receiver::Sent;
use crate::audit::RequestId;

/// Bytes from which on a block keeps the memory that it was read into; a shorter one is moved into as much as it needs.
pub const LONG: usize = 64 * 1024;
/// Bytes of that memory: a block ends with the frame in which it has become long, and a frame has 256 KiB. All of one
/// size, they need no allocator, which would keep pages of its own for each size.
const ROOM: usize = LONG + 256 * 1024;
/// How many of them are kept for later.
const MOST_SPARE: usize = 4;

/// Memory of blocks that are done with.
#[derive(Clone, Debug, Default)]
pub struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

impl Pool {
    fn take(&self) -> Vec<u8> {
        self.0.lock().pop().unwrap_or_else(|| Vec::with_capacity(ROOM))
    }

    fn give(&self, mut bytes: Vec<u8>) {
        let mut spare = self.0.lock();
        // A record that was longer than any has made it larger.
        if spare.len() < MOST_SPARE && bytes.capacity() == ROOM {
            bytes.clear();
            spare.push(bytes);
        }
    }
}

/// Consecutive records of one epoch; some may be missing between them.
#[derive(Debug, Default)]
pub struct Block {
    epoch: Option<RequestId>,
    bytes: Vec<u8>,
    records: Vec<Kept>,
    /// Where its memory goes.
    pool: Option<Pool>,
}

/// A record of a block.
#[derive(Clone, Copy, Debug)]
struct Kept {
    sequence: u64,
    /// Where its line ends.
    end: usize,
    facets: Facets,
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(pool) = &self.pool {
            pool.give(std::mem::take(&mut self.bytes));
        }
    }
}

impl Block {
    /// Room for a long one.
    pub fn with_room(pool: &Pool) -> Self {
        Self { epoch: None, bytes: pool.take(), records: Vec::new(), pool: Some(pool.clone()) }
    }

    /// Gives back memory that it does not need.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        if self.bytes.len() < LONG
            && let Some(pool) = self.pool.take()
        {
            let bytes = self.bytes.as_slice().to_vec();
            pool.give(std::mem::replace(&mut self.bytes, bytes));
        }
        self
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
        let mut block = Block::default().of(epoch);
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

    #[test]
    fn memory_of_long_blocks_goes_round_and_short_ones_have_as_much_as_they_need() {
        let pool = Pool::default();
        let read = |bytes: usize| {
            let mut block = Block::with_room(&pool);
            block.push(Sent { sequence: 1, line: &vec![b'x'; bytes] }, Facets::of(b"{}"));
            block.fitted()
        };
        let spare = || pool.0.lock().len();
        let (short, long) = (read(100), read(LONG));
        assert_eq!((short.bytes.capacity(), long.bytes.capacity(), spare()), (100, ROOM, 0));
        drop((short, long));
        assert_eq!(spare(), 1);
        let many: Vec<_> = (0..9).map(|_| read(LONG)).collect();
        drop(many);
        drop(read(ROOM + 1));
        assert_eq!(spare(), MOST_SPARE - 1, "what had to grow is not kept");
        assert!(pool.0.lock().iter().all(|bytes| bytes.is_empty() && bytes.capacity() == ROOM));
    }
}
