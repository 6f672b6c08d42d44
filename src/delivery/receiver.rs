//! What a receiver is given and what it may answer. A receiver speaks one protocol to one place, and keeps nothing that
//! could be lost: what it was given and has not acknowledged is given to it again.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::time::Duration;

/// A record as it stands in the spool.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'b> {
    /// `metadata.sequence`: counts from 1 without a gap in a chain.
    pub sequence: u64,
    /// The OCSF record's exact bytes, ASCII, without the line's end: what the chain is made over.
    pub line: &'b [u8],
}

/// Records in the order of the trail, as many as one exchange with a receiver carries.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    /// Sequence number of each record, and where in `bytes` it ends.
    ends: Vec<(u64, usize)>,
}

impl Batch {
    /// Adds a record behind the others.
    pub fn push(&mut self, record: Sent<'_>) {
        self.bytes.extend_from_slice(record.line);
        self.ends.push((record.sequence, self.bytes.len()));
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many bytes its records have together.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Its memory, as a batch without records.
    #[must_use]
    pub fn emptied(&mut self) -> Self {
        let mut batch = std::mem::take(self);
        batch.truncate(0);
        batch
    }

    /// Forgets all but its first records.
    pub fn truncate(&mut self, records: usize) {
        self.ends.truncate(records);
        self.bytes.truncate(self.ends.last().map_or(0, |(_, end)| *end));
    }

    /// The record at `index`.
    pub fn get(&self, index: usize) -> Option<Sent<'_>> {
        let (sequence, end) = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(_, end)| *end);
        Some(Sent { sequence, line: self.bytes.get(start..end)? })
    }

    /// Its records.
    pub fn iter(&self) -> impl Iterator<Item = Sent<'_>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// A batch of a part of its records.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let mut part = Self::default();
        self.iter().skip(range.start).take(range.len()).for_each(|record| part.push(record));
        part
    }

    /// Sequence numbers of its first and last record.
    pub fn span(&self) -> Option<(u64, u64)> {
        Some((self.ends.first()?.0, self.ends.last()?.0))
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
    }
}
