//! A cursor that follows the trail as it grows, in pieces of bounded size.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::SpoolFault;
use super::disk::{Disk as _, RealDisk};
use super::frame::{self, Found, HEAD_BYTES, Opener};
use super::header::SegmentName;
use super::key::WrappingKey;
use super::read::{Segment, State, segments};
use crate::audit::id::RequestId;

/// What a cursor reads of a file at once, and keeps until it has given it: some thousand records of a busy gate.
const PIECE: u64 = 128 * 1024;
/// The same where a frame is longer than that: more than the longest one.
const LONG_PIECE: u64 = 640 * 1024;

/// A place in the trail, and what is needed to read on from it. It never writes, and segments may vanish before it.
pub struct Cursor {
    directory: PathBuf,
    key: Arc<WrappingKey>,
    /// The epoch that it is in; `None` for the oldest.
    epoch: Option<RequestId>,
    next: u64,
    skipped: u64,
    at: Option<Place>,
}

/// Where in a segment it stands.
struct Place {
    segment: Segment,
    opener: Opener,
    offset: u64,
    number: u32,
    /// Bytes from `offset` on that were read and not yet given.
    piece: Vec<u8>,
    /// Whether it is of the newest epoch; `None` until that was looked at.
    newest: Option<bool>,
}

impl Cursor {
    /// A cursor that will give the record `next` of an epoch, or the oldest record after it.
    pub const fn new(directory: PathBuf, key: Arc<WrappingKey>, epoch: Option<RequestId>, next: u64) -> Self {
        Self { directory, key, epoch, next, skipped: 0, at: None }
    }

    /// Where it stands: the epoch and the sequence number of the next record. What it takes to make it again.
    pub const fn position(&self) -> (Option<RequestId>, u64) {
        (self.epoch, self.next)
    }

    /// Records that it passed over since they could not be read any more.
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Calls `record` with what follows; gives how many there were. 0 means that there is nothing new. In the newest
    /// epoch, records after `durable` are not yet given: they may still be lost and come otherwise.
    pub fn read(&mut self, durable: u64, record: impl FnMut(u64, &[u8])) -> Result<u64, SpoolFault> {
        self.read_some(durable, usize::MAX, record)
    }

    /// The same, no more than `most` bytes of records, and what is left of the frame that they end in.
    pub fn read_some(
        &mut self,
        durable: u64,
        most: usize,
        mut record: impl FnMut(u64, &[u8]),
    ) -> Result<u64, SpoolFault> {
        loop {
            let newest = self.place()?;
            let Some(newest) = newest else { return Ok(0) };
            let given = self.frames(if newest { durable } else { u64::MAX }, most, &mut record)?;
            if given > 0 {
                return Ok(given);
            }
            // Nothing more here: is there a segment behind this one, or an epoch that is newer?
            let Some(place) = &mut self.at else { return Ok(0) };
            if newest
                && place.newest.take().is_some()
                && newest_epoch(&self.directory)? != Some(place.segment.name.epoch)
            {
                continue;
            }
            let Some(place) = &self.at else { return Ok(0) };
            let (name, last) = (place.segment.name, place.segment.last);
            let Some(following) = self.following(name)? else { return Ok(0) };
            let end = (following.name.epoch == name.epoch).then_some(following.header.before.size());
            if last.is_none() && end.is_some_and(|end| end >= self.next) {
                // It was the newest when it was looked at; what came since is read before it is left.
                if let Some(place) = &mut self.at {
                    place.segment.last = end;
                }
                continue;
            }
            let first = following.header.before.size() + 1;
            if following.name.epoch == name.epoch {
                self.skipped += first.saturating_sub(self.next);
                self.next = self.next.max(first);
            } else {
                self.next = first;
            }
            self.enter(following)?;
        }
    }

    /// Finds a segment to read from. Whether it is of the newest epoch; `None` if there is none.
    fn place(&mut self) -> Result<Option<bool>, SpoolFault> {
        if let Some(place) = &mut self.at {
            if place.newest.is_none() {
                let newest = newest_epoch(&self.directory)?;
                place.newest = Some(newest.is_none_or(|newest| newest == place.segment.name.epoch));
            }
            return Ok(place.newest);
        }
        let segments = segments(&self.directory)?;
        let newest = segments.last().map(|segment| segment.name.epoch);
        let mut chosen: Option<Segment> = None;
        for segment in segments.into_iter().filter(|segment| segment.state != State::Gone) {
            let epoch = Some(segment.name.epoch);
            let earlier = epoch < self.epoch && self.epoch.is_some();
            let before = epoch == self.epoch && segment.last.is_some_and(|last| last < self.next);
            if !(earlier || before) {
                chosen = Some(segment);
                break;
            }
        }
        let Some(segment) = chosen else { return Ok(None) };
        let first = segment.header.before.size() + 1;
        if self.epoch == Some(segment.name.epoch) {
            self.skipped += first.saturating_sub(self.next);
            self.next = self.next.max(first);
        } else if self.epoch.is_some() || self.next < first {
            self.next = first;
        }
        let is_newest = newest == Some(segment.name.epoch);
        self.enter(segment)?;
        Ok(Some(is_newest))
    }

    fn enter(&mut self, segment: Segment) -> Result<(), SpoolFault> {
        let opener = segment.opener(&self.key)?;
        let offset = segment.header.text().len() as u64;
        self.epoch = Some(segment.name.epoch);
        self.at = Some(Place { segment, opener, offset, number: 0, piece: Vec::new(), newest: None });
        Ok(())
    }

    /// The segment after one, retention's remains left out.
    fn following(&self, name: SegmentName) -> Result<Option<Segment>, SpoolFault> {
        let segments = segments(&self.directory)?;
        Ok(segments.into_iter().find(|segment| segment.name > name && segment.state != State::Gone))
    }

    /// Gives the records of frames, as far as they are durable, until there were `most` bytes of them.
    fn frames(&mut self, durable: u64, most: usize, record: &mut impl FnMut(u64, &[u8])) -> Result<u64, SpoolFault> {
        let Some(place) = &mut self.at else { return Ok(0) };
        let last = place.segment.last.unwrap_or(u64::MAX).min(durable);
        let (mut given, mut bytes_given) = (0, 0);
        loop {
            let (before, had) = (place.offset, place.piece.len());
            let used = place.give(last, &mut self.next, &mut self.skipped, &mut |sequence, line| {
                given += 1;
                bytes_given += line.len();
                record(sequence, line);
                bytes_given < most
            });
            place.offset += used as u64;
            place.piece.drain(..used);
            // What is left is the begin of a frame, or not durable; or enough was given.
            if bytes_given >= most || (used == 0 && had > 0 && given > 0) {
                return Ok(given);
            }
            let most = if used == 0 && place.piece.len() as u64 >= PIECE { LONG_PIECE } else { PIECE };
            let room = place.segment.extent().saturating_sub(place.offset).min(most);
            let before_read = place.piece.len();
            if !place.segment.piece(place.offset, room, &mut place.piece)? {
                return Ok(given);
            }
            let same = place.piece.len() == before_read && before == place.offset;
            if same {
                return Ok(given);
            }
        }
    }
}

impl Place {
    /// Gives the records of the frames in `piece` up to `last`, until `record` wants no more, which is heeded at a frame's
    /// end; gives the bytes that are done with.
    fn give(
        &mut self,
        last: u64,
        next: &mut u64,
        skipped: &mut u64,
        record: &mut impl FnMut(u64, &[u8]) -> bool,
    ) -> usize {
        let (mut at, mut more) = (0, true);
        while let Some(rest) = self.piece.get(at..).filter(|_| more) {
            match frame::at(rest) {
                Found::Frame(head, sealed) => {
                    if head.first > last {
                        break;
                    }
                    let length = HEAD_BYTES + sealed.len();
                    if head.number >= self.number && head.next() <= *next {
                        // All of it was given before.
                        self.number = head.number.saturating_add(1);
                        at += length;
                        continue;
                    }
                    let lines = (head.number >= self.number).then(|| self.opener.open(&head, sealed)).flatten();
                    let Some(lines) = lines else {
                        at += 1 + frame::find(&rest[1..]).unwrap_or(rest.len() - 1);
                        continue;
                    };
                    let mut begin = 0;
                    for (end, sequence) in memchr::memchr_iter(b'\n', lines).zip(head.first..) {
                        let line = &lines[std::mem::replace(&mut begin, end + 1)..end];
                        if sequence >= *next && sequence <= last {
                            *skipped += sequence - *next;
                            more &= record(sequence, line);
                            *next = sequence + 1;
                        }
                    }
                    if head.next() > last.saturating_add(1) {
                        break;
                    }
                    self.number = head.number.saturating_add(1);
                    at += length;
                }
                Found::Short => break,
                Found::Nothing => match frame::find(&rest[1..]) {
                    Some(ahead) => at += 1 + ahead,
                    None => break,
                },
            }
        }
        at.min(self.piece.len())
    }
}

fn newest_epoch(directory: &Path) -> Result<Option<RequestId>, SpoolFault> {
    let files = RealDisk.list(directory).map_err(SpoolFault::disk(directory))?;
    let names = files.iter().filter_map(|(file, _)| SegmentName::parse(file));
    Ok(names.map(|(name, _)| name.epoch).max())
}
