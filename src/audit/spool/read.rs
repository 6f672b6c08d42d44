//! Reading: what a directory holds, and the records of a segment.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::SpoolFault;
use super::disk::{self, Disk, RealDisk};
use super::frame::Opener;
use super::header::{Header, MOST_BYTES, SegmentName, Summary};
use super::key::WrappingKey;
use super::scan::{Scanned, scan};
use crate::audit::proof::Leaf;

/// Longest segment that is read whole, as at recovery.
const MOST_SEGMENT: u64 = 256 << 20;

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

/// What the names of a directory's files tell of segments, whatever is in the files.
#[derive(Debug, Default)]
pub struct Traces {
    /// Lengths of the files of sealed segments.
    pub sealed: BTreeMap<SegmentName, u64>,
    /// Segments that are not there, and an ending of what stood beside them.
    pub bare: Vec<(SegmentName, &'static str)>,
}

/// Reads them. To be called before [`segments`]: a segment never becomes less than it was, but for what should not be.
pub fn traces(directory: &Path) -> Result<Traces, SpoolFault> {
    let mut found: BTreeMap<SegmentName, Vec<(String, u64)>> = BTreeMap::new();
    for (file, length) in RealDisk.list(directory).map_err(SpoolFault::disk(directory))? {
        if let Some((name, ending)) = SegmentName::parse(&file) {
            found.entry(name).or_default().push((ending.to_owned(), length));
        }
    }
    let mut traces = Traces::default();
    for (name, files) in found {
        let of = |wanted: &str| files.iter().find(|(ending, _)| ending == wanted).map(|(_, length)| *length);
        if let Some(length) = of("seg") {
            traces.sealed.insert(name, length);
        } else if ["open", "gone", "torn"].iter().all(|ending| of(ending).is_none()) {
            traces
                .bare
                .extend(["sum", "note", "lh"].into_iter().find(|ending| of(ending).is_some()).map(|at| (name, at)));
        }
    }
    Ok(traces)
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
    pub(super) fn extent(&self) -> u64 {
        self.summary.as_ref().map_or(u64::MAX, |summary| summary.bytes)
    }

    pub(super) fn opener(&self, key: &WrappingKey) -> Result<Opener, SpoolFault> {
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
        self.there(|path| disk::read(&*self.disk, path, offset, most))
    }

    /// The same, no more than `most`, in memory that is used again. Whether the segment is there.
    pub(super) fn piece(&self, offset: u64, most: u64, bytes: &mut Vec<u8>) -> Result<bool, SpoolFault> {
        let read = self.there(|path| disk::read_into(&*self.disk, path, offset, most, bytes))?;
        Ok(read.is_some())
    }

    /// What `read` makes of the segment's file; `None` if there is none any more.
    fn there<T>(&self, mut read: impl FnMut(&Path) -> io::Result<T>) -> Result<Option<(PathBuf, T)>, SpoolFault> {
        for ending in ["open", "seg"] {
            let path = self.directory.join(self.name.file(ending));
            match read(&path) {
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
                Err(fault) => return Err(SpoolFault::Disk { path, fault }),
                Ok(read) => return Ok(Some((path, read))),
            }
        }
        Ok(None)
    }
}
