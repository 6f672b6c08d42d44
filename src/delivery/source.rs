//! Where records come from: the spool, read by a cursor that never writes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block::{Pool, Slice};
use super::shelf::{Position, Reader, Seat, Shelf, Taken};
use crate::audit::RequestId;
use crate::audit::Trail;
use crate::audit::spool::{Cursor, Segment, SpoolFault, State, WrappingKey, segments};

/// Records in the order of the trail.
pub trait Source: Send {
    /// What follows, all of one epoch; `None` if there is nothing new.
    fn read(&mut self) -> Result<Option<Slice>, SpoolFault>;

    /// The epoch and the sequence number of the next record. No epoch before the first one.
    fn position(&self) -> (Option<RequestId>, u64);

    /// Goes to a record of an epoch; without an epoch, to the oldest record.
    fn seek(&mut self, epoch: Option<RequestId>, next: u64);

    /// The newest epoch, and the sequence number that its next record will have.
    fn end(&self) -> (Option<RequestId>, u64);

    /// The oldest record that there is: where a sink begins that is to have all.
    fn oldest(&self) -> (Option<RequestId>, u64);

    /// The last record that an epoch ever had, be it gone; `None` if that is not known.
    fn last_of(&self, epoch: RequestId) -> Option<u64>;

    /// How many records there are from a place on.
    fn lacking(&self, epoch: Option<RequestId>, next: u64) -> u64;

    /// Another one of the same records, for whoever looks ahead: it reads by itself.
    fn another(&self) -> Box<dyn Source>;
}

/// The spool of a gate that runs.
pub struct SpoolSource {
    directory: PathBuf,
    key: Arc<WrappingKey>,
    trail: Trail,
    /// Epochs with their first and last kept record; the newest grows.
    epochs: Arc<[(RequestId, u64, u64)]>,
    at: Position,
    /// Where it reads together with others.
    seat: Option<Seat>,
    /// What it reads with where nobody else is near.
    own: Option<Reader>,
    pool: Pool,
    /// What was durable when there was nothing to read.
    exhausted: Option<u64>,
}

impl SpoolSource {
    /// Of the chain in a directory, which `trail` goes on, read together with others of the same chain from `shelf`.
    pub fn open(directory: &Path, key: Arc<WrappingKey>, trail: Trail, shelf: &Shelf) -> Result<Self, SpoolFault> {
        let epochs = epochs(directory)?.into();
        let (directory, seat) = (directory.to_owned(), Some(shelf.seat()));
        Ok(Self { directory, key, trail, epochs, at: (None, 0), seat, own: None, pool: shelf.pool(), exhausted: None })
    }

    fn cursor(&self) -> Cursor {
        let (epoch, next) = self.at;
        Cursor::new(self.directory.clone(), Arc::clone(&self.key), epoch, next)
    }

    /// Reads with a reader of its own.
    fn read_apart(&mut self, durable: u64) -> Result<Option<Slice>, SpoolFault> {
        let mut own = self
            .own
            .take()
            .filter(|own| own.at() == self.at)
            .unwrap_or_else(|| Reader::new(self.cursor(), self.pool.clone()));
        let block = own.read(durable)?;
        self.own = Some(own);
        Ok(block.map(|block| Slice { block, from: 0 }))
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
    fn read(&mut self) -> Result<Option<Slice>, SpoolFault> {
        let durable = self.trail.durable();
        if self.exhausted == Some(durable) {
            return Ok(None);
        }
        let taken = match &self.seat {
            Some(seat) => seat.take(self.at, durable, || self.cursor())?,
            None => Taken::Apart,
        };
        let slice = match taken {
            Taken::Apart => self.read_apart(durable)?,
            Taken::Slice(slice) => {
                self.own = None;
                Some(slice)
            }
            Taken::Nothing => None,
        };
        match &slice {
            Some(slice) => self.at = slice.block.end(),
            None => self.exhausted = Some(durable),
        }
        Ok(slice)
    }

    fn position(&self) -> Position {
        self.at
    }

    fn seek(&mut self, epoch: Option<RequestId>, next: u64) {
        (self.at, self.own, self.exhausted) = ((epoch, next), None, None);
    }

    fn end(&self) -> (Option<RequestId>, u64) {
        (self.epochs.last().map(|(epoch, ..)| *epoch), self.trail.durable() + 1)
    }

    fn oldest(&self) -> Position {
        self.epochs.first().map_or((None, 0), |(epoch, first, _)| (Some(*epoch), *first))
    }

    fn last_of(&self, epoch: RequestId) -> Option<u64> {
        // Of a segment that is gone, the footer is left.
        let of_epoch =
            |segment: &Segment| (segment.name.epoch == epoch).then_some(segment.summary.as_ref()?.after.size());
        segments(&self.directory).ok()?.iter().filter_map(of_epoch).max()
    }

    fn lacking(&self, epoch: Option<RequestId>, next: u64) -> u64 {
        lacking(&self.epochs, self.trail.durable(), epoch, next)
    }

    fn another(&self) -> Box<dyn Source> {
        let (directory, key, trail) = (self.directory.clone(), Arc::clone(&self.key), self.trail.clone());
        let (epochs, pool) = (Arc::clone(&self.epochs), self.pool.clone());
        Box::new(Self { directory, key, trail, epochs, at: (None, 0), seat: None, own: None, pool, exhausted: None })
    }
}
