//! Where records come from: the spool, read by a cursor that never writes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::audit::RequestId;
use crate::audit::Trail;
use crate::audit::spool::{Cursor, SpoolFault, State, WrappingKey, segments};

/// Records in the order of the trail.
pub trait Source: Send {
    /// Calls `record` with what follows: about `most` bytes of it, all of one epoch. Gives how many there were; 0 if
    /// there is nothing new.
    fn read(&mut self, most: usize, record: &mut dyn FnMut(u64, &[u8])) -> Result<u64, SpoolFault>;

    /// The epoch and the sequence number of the next record. No epoch before the first one.
    fn position(&self) -> (Option<RequestId>, u64);

    /// Goes to a record of an epoch; without an epoch, to the oldest record.
    fn seek(&mut self, epoch: Option<RequestId>, next: u64);

    /// The newest epoch, and the sequence number that its next record will have.
    fn end(&self) -> (Option<RequestId>, u64);

    /// How many records there are from a place on.
    fn lacking(&self, epoch: Option<RequestId>, next: u64) -> u64;

    /// Another one of the same records.
    fn another(&self) -> Box<dyn Source>;
}

/// The spool of a gate that runs.
pub struct SpoolSource {
    directory: PathBuf,
    key: Arc<WrappingKey>,
    trail: Trail,
    /// Epochs with their first and last kept record; the newest grows.
    epochs: Arc<[(RequestId, u64, u64)]>,
    cursor: Cursor,
    /// What was durable when there was nothing to read.
    exhausted: Option<u64>,
}

impl SpoolSource {
    /// Of the chain in a directory, which `trail` goes on.
    pub fn open(directory: &Path, key: Arc<WrappingKey>, trail: Trail) -> Result<Self, SpoolFault> {
        let epochs = epochs(directory)?.into();
        let cursor = Cursor::new(directory.to_owned(), Arc::clone(&key), None, 0);
        Ok(Self { directory: directory.to_owned(), key, trail, epochs, cursor, exhausted: None })
    }
}

/// The epochs of a chain's directory, the oldest first, with their first and last record as far as headers and footers
/// tell: of a segment that is open, its first.
pub fn epochs(directory: &Path) -> Result<Vec<(RequestId, u64, u64)>, SpoolFault> {
    let mut epochs: Vec<(RequestId, u64, u64)> = Vec::new();
    for segment in segments(directory)?.iter().filter(|segment| segment.state != State::Gone) {
        let first = segment.header.before.size() + 1;
        let last = segment.summary.as_ref().map_or(first - 1, |summary| summary.after.size());
        match epochs.last_mut().filter(|(epoch, ..)| *epoch == segment.name.epoch) {
            Some((.., end)) => *end = last.max(*end),
            None => epochs.push((segment.name.epoch, first, last)),
        }
    }
    Ok(epochs)
}

/// How many records lie between a place and the end of the last of `epochs`, which is at `durable`.
pub fn lacking(epochs: &[(RequestId, u64, u64)], durable: u64, epoch: Option<RequestId>, next: u64) -> u64 {
    let newest = epochs.last().map(|(newest, ..)| *newest);
    let count = |(one, first, last): &(RequestId, u64, u64)| {
        let last = if Some(*one) == newest { durable.max(*last) } else { *last };
        let begin = if Some(*one) == epoch { next.max(*first) } else { *first };
        (last + 1).saturating_sub(begin)
    };
    epochs.iter().filter(|(one, ..)| epoch.is_none_or(|epoch| epoch <= *one)).map(count).sum()
}

impl Source for SpoolSource {
    fn read(&mut self, most: usize, record: &mut dyn FnMut(u64, &[u8])) -> Result<u64, SpoolFault> {
        let durable = self.trail.durable();
        if self.exhausted == Some(durable) {
            return Ok(0);
        }
        let given = self.cursor.read_some(durable, most, record)?;
        self.exhausted = (given == 0).then_some(durable);
        Ok(given)
    }

    fn position(&self) -> (Option<RequestId>, u64) {
        self.cursor.position()
    }

    fn seek(&mut self, epoch: Option<RequestId>, next: u64) {
        self.cursor = Cursor::new(self.directory.clone(), Arc::clone(&self.key), epoch, next);
        self.exhausted = None;
    }

    fn end(&self) -> (Option<RequestId>, u64) {
        (self.epochs.last().map(|(epoch, ..)| *epoch), self.trail.durable() + 1)
    }

    fn lacking(&self, epoch: Option<RequestId>, next: u64) -> u64 {
        lacking(&self.epochs, self.trail.durable(), epoch, next)
    }

    fn another(&self) -> Box<dyn Source> {
        let cursor = Cursor::new(self.directory.clone(), Arc::clone(&self.key), None, 0);
        let (directory, key, trail) = (self.directory.clone(), Arc::clone(&self.key), self.trail.clone());
        Box::new(Self { directory, key, trail, epochs: Arc::clone(&self.epochs), cursor, exhausted: None })
    }
}
