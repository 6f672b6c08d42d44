//! Reading: what a directory holds, the records of a segment, and a cursor that follows the trail as it grows.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::SpoolFault;
use super::disk::{self, Disk, RealDisk};
use super::frame::{self, Found, HEAD_BYTES, Opener};
use super::header::{Header, MOST_BYTES, SegmentName, Summary};
use super::key::WrappingKey;
use super::scan::{Scanned, scan};
use crate::audit::id::RequestId;
use crate::audit::proof::Leaf;

/// Longest segment that is read whole, as at recovery.
const MOST_SEGMENT: u64 = 256 << 20;
/// What a cursor reads of a file at once, and keeps until it has given it: more than the longest frame.
const PIECE: u64 = 640 * 1024;

/// What is left of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is written, or was when its gate ended.
    Open,
    /// It is whole.
    Sealed,
    /// Retention removed its records; header, summary and note are left.
    Gone,
}

/// One segment.
#[derive(Clone)]
pub struct Segment {
    /// Its name.
    pub name: SegmentName,
    /// What is left of it.
    pub state: State,
    /// Its header: the chain before its first record.
    pub header: Header,
    /// Its footer, once it was sealed.
    pub summary: Option<Summary>,
    /// The checkpoint over it.
    pub note: Option<String>,
    /// The last sequence number that counts in it, where the next segment begins earlier than it ends.
    pub last: Option<u64>,
    directory: PathBuf,
    disk: Arc<dyn Disk>,
}

/// The directories of chains below a spool's path, in order; `path` itself if it is one.
pub fn chains(path: &Path) -> Result<Vec<PathBuf>, SpoolFault> {
    let holds = |directory: &Path| -> io::Result<bool> {
        Ok(RealDisk.list(directory)?.iter().any(|(file, _)| SegmentName::parse(file).is_some()))
    };
    if holds(path).map_err(SpoolFault::disk(path))? {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(SpoolFault::disk(path))? {
        let entry = entry.map_err(SpoolFault::disk(path))?.path();
        if entry.is_dir() && holds(&entry).map_err(SpoolFault::disk(&entry))? {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}

/// The segments of a chain's directory in the order in which they were made. What has no sound header is left out:
/// whoever follows the chain sees that it is missing.
pub fn segments(directory: &Path) -> Result<Vec<Segment>, SpoolFault> {
    segments_on(Arc::new(RealDisk), directory)
}

pub(super) fn segments_on(disk: Arc<dyn Disk>, directory: &Path) -> Result<Vec<Segment>, SpoolFault> {
    let mut files: Vec<(SegmentName, State)> = Vec::new();
    for (file, _) in disk.list(directory).map_err(SpoolFault::disk(directory))? {
        let state = match SegmentName::parse(&file) {
            Some((name, "seg")) => (name, State::Sealed),
            Some((name, "open")) => (name, State::Open),
            Some((name, "gone")) => (name, State::Gone),
            _ => continue,
        };
        files.push(state);
    }
    // A segment that is there in two states was caught between them; the later one counts, unless its records are gone
    // and yet there.
    files.sort_unstable_by_key(|(name, state)| (*name, matches!(state, State::Gone), matches!(state, State::Open)));
    files.dedup_by_key(|(name, _)| *name);
    let mut segments = Vec::with_capacity(files.len());
    for (name, state) in files {
        if let Some(segment) = segment(&disk, directory, name, state)? {
            segments.push(segment);
        }
    }
    for at in 1..segments.len() {
        if segments[at].name.epoch == segments[at - 1].name.epoch {
            segments[at - 1].last = Some(segments[at].header.before.size());
        }
    }
    Ok(segments)
}

/// `None` for what has no sound header, or vanished meanwhile.
fn segment(
    disk: &Arc<dyn Disk>,
    directory: &Path,
    name: SegmentName,
    state: State,
) -> Result<Option<Segment>, SpoolFault> {
    let file = |ending| directory.join(name.file(ending));
    let text =
        |ending| small(&**disk, &file(ending)).map(|bytes| bytes.and_then(|bytes| String::from_utf8(bytes).ok()));
    let ending = match state {
        State::Open => "open",
        State::Sealed => "seg",
        State::Gone => "gone",
    };
    let Some(bytes) = small(&**disk, &file(ending))? else { return Ok(None) };
    let Some((header, length)) = Header::parse(&bytes).filter(|(header, _)| header.name == name) else {
        return Ok(None);
    };
    let summary = match state {
        State::Gone => str::from_utf8(&bytes[length..]).ok().and_then(Summary::parse),
        _ => text("sum")?.as_deref().and_then(Summary::parse),
    };
    let note = text("note")?;
    let (disk, directory) = (Arc::clone(disk), directory.to_owned());
    Ok(Some(Segment { name, state, header, summary, note, last: None, directory, disk }))
}

/// The first bytes of a file; `None` if it is not there.
fn small(disk: &dyn Disk, path: &Path) -> Result<Option<Vec<u8>>, SpoolFault> {
    match disk::read(disk, path, 0, 2 * MOST_BYTES as u64) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some).map_err(SpoolFault::disk(path)),
    }
}

impl Segment {
    /// Calls `record` with the sequence number and bytes of each record, in order. A segment whose records are gone has
    /// none, and so has one that vanished meanwhile.
    pub fn records(&self, key: &WrappingKey, record: impl FnMut(u64, &[u8])) -> Result<Scanned, SpoolFault> {
        let first = self.header.before.size() + 1;
        let nothing = Scanned { records: 0, skipped: 0, next: first, whole: first, end: 0 };
        let Some((path, bytes)) = self.bytes(0, self.extent().min(MOST_SEGMENT))? else { return Ok(nothing) };
        let mut opener = self.opener(key)?;
        let begin = Header::parse(&bytes).map(|(_, length)| length).ok_or_else(|| SpoolFault::Disk {
            path,
            fault: io::Error::new(io::ErrorKind::InvalidData, "the segment's header has changed"),
        })?;
        Ok(scan(&bytes, begin, first, self.last, &mut opener, record))
    }

    /// The leaf hashes that were kept beside the segment; `None` if they are not there.
    pub fn leaves(&self) -> Result<Option<Vec<Leaf>>, SpoolFault> {
        let path = self.directory.join(self.name.file("lh"));
        match disk::read(&*self.disk, &path, 0, MOST_SEGMENT) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(SpoolFault::Disk { path, fault }),
            Ok(bytes) => Ok(Some(bytes.as_chunks().0.iter().map(|leaf| Leaf(*leaf)).collect())),
        }
    }

    /// Bytes that count: what a failed write left behind them stands in the next segment again.
    fn extent(&self) -> u64 {
        self.summary.as_ref().map_or(u64::MAX, |summary| summary.bytes)
    }

    fn opener(&self, key: &WrappingKey) -> Result<Opener, SpoolFault> {
        let path = self.directory.join(self.name.file("seg"));
        let sidecar = small(&*self.disk, &self.directory.join(self.name.file("dek")))?;
        let sidecar = sidecar.and_then(|bytes| String::from_utf8(bytes).ok());
        let data = self.header.open(key, sidecar.as_deref()).ok_or_else(|| SpoolFault::WrongKey {
            path: path.clone(),
            wanted: self.header.key.clone(),
            given: key.id().to_owned(),
        })?;
        Opener::new(data, &self.header).map_err(SpoolFault::disk(path))
    }

    /// Bytes from `offset` on, under whichever name it has by now.
    fn bytes(&self, offset: u64, most: u64) -> Result<Option<(PathBuf, Vec<u8>)>, SpoolFault> {
        for ending in ["open", "seg"] {
            let path = self.directory.join(self.name.file(ending));
            match disk::read(&*self.disk, &path, offset, most) {
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
                Err(fault) => return Err(SpoolFault::Disk { path, fault }),
                Ok(bytes) => return Ok(Some((path, bytes))),
            }
        }
        Ok(None)
    }
}

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
            let room = place.segment.extent().saturating_sub(place.offset).min(PIECE);
            let Some((_, piece)) = place.segment.bytes(place.offset, room)? else { return Ok(given) };
            let same = piece.len() == place.piece.len() && before == place.offset;
            place.piece = piece;
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
                    for (line, sequence) in lines.split_inclusive(|byte| *byte == b'\n').zip(head.first..) {
                        if sequence >= *next && sequence <= last {
                            *skipped += sequence - *next;
                            more &= record(sequence, line.strip_suffix(b"\n").unwrap_or(line));
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
