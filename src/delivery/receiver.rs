//! What a receiver is given and what it may answer. A receiver speaks one protocol to one place, and keeps nothing that
//! could be lost: what it was given and has not acknowledged is given to it again.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::block::Block;
use super::facets::Facets;

/// A record as it stands in the spool.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'b> {
    /// `metadata.sequence`: counts from 1 without a gap in a chain.
    pub sequence: u64,
    /// The OCSF record's exact bytes, ASCII, without the line's end: what the chain is made over.
    pub line: &'b [u8],
}

/// Records in the order of the trail, as many as one exchange with a receiver carries. They stay where they were read, in
/// blocks that other batches may have a part in; only where little of a block is in the batch, that is copied.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    blocks: Vec<Arc<Block>>,
    /// For each record, its block, and its place in there.
    places: Vec<(u32, u32)>,
    bytes: usize,
}

impl Batch {
    /// Adds a copy of a record behind the others.
    pub fn push(&mut self, record: Sent<'_>) {
        let facets = Facets::of(record.line);
        match self.blocks.last_mut().and_then(Arc::get_mut) {
            Some(own) => own.push(record, facets),
            None => {
                let mut own = Block::default();
                own.push(record, facets);
                self.blocks.push(Arc::new(own));
            }
        }
        let at = self.blocks.last().map_or(0, |own| own.len() - 1);
        self.put(at, record.line.len());
    }

    /// Adds records of a block, by their places in it, which together have `bytes`.
    pub fn extend(&mut self, block: &Arc<Block>, places: &[usize], bytes: usize) {
        if bytes * 2 < block.bytes() {
            return places.iter().filter_map(|at| block.get(*at)).for_each(|record| self.push(record));
        }
        for at in places {
            self.share(block, *at);
        }
    }

    /// Adds a record of a block.
    fn share(&mut self, block: &Arc<Block>, at: usize) {
        let Some(record) = block.get(at) else { return };
        if !self.blocks.last().is_some_and(|last| Arc::ptr_eq(last, block)) {
            self.blocks.push(Arc::clone(block));
        }
        self.put(at, record.line.len());
    }

    /// Notes a record of the last block.
    fn put(&mut self, at: usize, bytes: usize) {
        // A block holds some hundred KiB, and a batch is of no more records than a policy allows.
        let place = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.places.push((place(self.blocks.len() - 1), place(at)));
        self.bytes += bytes;
    }

    /// How many records it has.
    pub const fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How many bytes its records have together.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes off its records from `records` on, as a batch of their own.
    #[must_use]
    pub fn split_off(&mut self, records: usize) -> Self {
        let rest = self.part(records..self.len());
        self.places.truncate(records);
        self.bytes -= rest.bytes;
        let blocks = self.places.last().map_or(0, |(block, _)| *block as usize + 1);
        self.blocks.truncate(blocks);
        rest
    }

    /// The record at `index`.
    pub fn get(&self, index: usize) -> Option<Sent<'_>> {
        let (block, at) = *self.places.get(index)?;
        self.blocks.get(block as usize)?.get(at as usize)
    }

    /// Its records.
    pub fn iter(&self) -> impl Iterator<Item = Sent<'_>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// A batch of a part of its records.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let mut part = Self::default();
        for (block, at) in self.places.get(range).unwrap_or_default() {
            part.share(&self.blocks[*block as usize], *at as usize);
        }
        part
    }

    /// Adds a record of another batch behind the others.
    pub fn adopt(&mut self, other: &Self, index: usize) {
        if let Some((block, at)) = other.places.get(index) {
            self.share(&other.blocks[*block as usize], *at as usize);
        }
    }

    /// Sequence numbers of its first and last record.
    pub fn span(&self) -> Option<(u64, u64)> {
        Some((self.get(0)?.sequence, self.get(self.len() - 1)?.sequence))
    }
}

/// What became of a batch. A cause is a stable word of our own source, such as `http_503` or `token_disabled`: a
/// receiver's own text may repeat what it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The receiver has all of it.
    Taken,
    /// It may have some of it, and takes the same batch later: not before `after`, where it said so.
    Later {
        /// What the receiver asks for (`Retry-After`).
        after: Option<Duration>,
        /// Why.
        cause: &'static str,
    },
    /// It takes nothing until somebody changes a setting here or there: records are held, and an alarm is raised.
    Misconfigured {
        /// Why.
        cause: &'static str,
    },
    /// It is too much for one exchange; with one record, that record is refused.
    TooLarge,
    /// It will never take one of the records: the one at this place, or where it does not say which, one of them.
    Refused {
        /// Place in the batch.
        at: Option<usize>,
        /// Why.
        cause: &'static str,
    },
    /// Each record its own answer, in the batch's order.
    Each(Vec<Item>),
    /// It will never take so many of them, does not say which, and must not be given any of them again.
    Partly {
        /// How many: one at least.
        refused: usize,
        /// Why.
        cause: &'static str,
    },
    /// The way to it broke; of what it was given before, also by earlier batches, so many records at the end may not
    /// have come to it. They are given again.
    Again {
        /// How many records before this batch.
        records: u64,
        /// Why.
        cause: &'static str,
    },
}

/// What became of one record of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// The receiver has it.
    Taken,
    /// Again, later.
    Later(&'static str),
    /// Held until somebody changes a setting.
    Misconfigured(&'static str),
    /// It will never take it.
    Refused(&'static str),
}

/// A delivery in progress.
pub type Delivering<'r> = Pin<Box<dyn Future<Output = Answer> + Send + 'r>>;

/// One protocol to one place.
pub trait Receiver: Send {
    /// Gives `batch` over and waits for what becomes of it. Dropped before its end, some of it may have come over.
    fn deliver<'r>(&'r mut self, batch: &'r Batch) -> Delivering<'r>;

    /// Asked now and then while there is nothing to give over: whether what was given over before is lost
    /// ([`Answer::Again`]). It does not wait.
    fn look(&mut self) -> Pin<Box<dyn Future<Output = Option<Answer>> + Send + '_>> {
        Box::pin(std::future::ready(None))
    }

    /// Ends the connection in order, so that what was written is read. Called once, after the last batch.
    fn close(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_batch_is_a_batch() {
        let mut batch = Batch::default();
        for (sequence, line) in [(7, b"{}".as_slice()), (8, b"{\"a\":1}"), (9, b"[]")] {
            batch.push(Sent { sequence, line });
        }
        let part = batch.part(1..3);
        assert_eq!(part.span(), Some((8, 9)));
        assert_eq!(part.iter().map(|record| record.line.len()).collect::<Vec<_>>(), [7, 2]);
        assert_eq!(part.bytes(), 9);
        assert!(batch.get(3).is_none());
        let rest = batch.split_off(2);
        assert_eq!((batch.span(), batch.bytes(), rest.span(), rest.bytes()), (Some((7, 8)), 9, Some((9, 9)), 2));
        // What a part was made of stays as it is.
        batch.push(Sent { sequence: 10, line: b"{}" });
        assert_eq!(batch.iter().map(|record| record.sequence).collect::<Vec<_>>(), [7, 8, 10]);
        assert_eq!(part.iter().map(|record| record.sequence).collect::<Vec<_>>(), [8, 9]);
    }

    #[test]
    fn a_batch_holds_no_more_memory_than_twice_its_own() {
        let mut block = Block::default();
        (1..=100).for_each(|sequence| block.push(Sent { sequence, line: &[b'x'; 1000] }, Facets::of(b"{}")));
        let (block, mut few, mut many) = (Arc::new(block), Batch::default(), Batch::default());
        few.extend(&block, &[3, 90], 2_000);
        many.extend(&block, &(0..60).collect::<Vec<_>>(), 60_000);
        assert_eq!((Arc::strong_count(&block), few.span(), many.span()), (2, Some((4, 91)), Some((1, 60))));
        assert_eq!((few.bytes(), many.bytes()), (2_000, 60_000));
    }
}
