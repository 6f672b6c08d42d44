//! Writing: groups of records go into the open segment, and one sync makes all of them durable.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::disk::{self, Disk, DiskFile};
use super::frame::Sealer;
use super::header::{Closed, Header, SegmentName, Summary};
use super::key::WrappingKey;
use super::recover::{self, Recovered};
use super::{SpoolFault, directory_name};
use crate::audit::id::RequestId;
use crate::audit::proof::{Chain, Leaf, Origin};
use crate::clock::{Ticks, UnixMillis};
use crate::redact::Name;

/// When segments turn.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a segment.
    pub bytes: u64,
    /// Records of a segment: their leaf hashes are held in memory until it is sealed.
    pub records: usize,
    /// Age of a segment.
    pub age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, records: 1 << 18, age: Duration::from_secs(3600) }
    }
}

/// Records that become durable together.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The records, a line each.
    pub lines: Vec<u8>,
    /// The chain before the first.
    pub before: Chain,
    /// Their leaves.
    pub leaves: Vec<Leaf>,
    /// When they were logged.
    pub at: Option<UnixMillis>,
}

/// The spool of one gate, for writing.
pub struct Spool {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    key: WrappingKey,
    limits: Limits,
    epoch: RequestId,
    origin: Origin,
    /// Number of the last segment that was made.
    number: u64,
    current: Option<Open>,
    /// Segments that are yet to be sealed because the disk failed.
    left: Vec<Left>,
    durable: u64,
    frame: Vec<u8>,
    _lock: Box<dyn Send>,
}

/// The segment that is written.
struct Open {
    name: SegmentName,
    file: Box<dyn DiskFile>,
    sealer: Sealer,
    began: Ticks,
    written: Extent,
    /// What of it is durable.
    synced: Extent,
    leaves: Vec<Leaf>,
}

#[derive(Clone, Copy)]
struct Extent {
    bytes: u64,
    records: usize,
    last: UnixMillis,
}

/// A segment that is left and not yet sealed.
struct Left {
    name: SegmentName,
    leaves: Vec<Leaf>,
    summary: Summary,
    note: Option<String>,
}

impl Spool {
    /// Takes over the directory of `instance` below `path`: what a crash left there is closed first. The chain goes on
    /// where its last durable record is, or begins anew in an epoch of its own if there is none.
    pub fn open(
        disk: Arc<dyn Disk>,
        path: &Path,
        instance: &Name,
        key: WrappingKey,
        limits: Limits,
        now: UnixMillis,
    ) -> Result<(Self, Recovered), SpoolFault> {
        let directory = path.join(directory_name(instance.as_str()));
        disk.make_directory(&directory).map_err(SpoolFault::disk(&directory))?;
        let lock = disk.lock(&directory.join("lock")).map_err(|fault| match fault.kind() {
            io::ErrorKind::WouldBlock => SpoolFault::Locked(directory.clone()),
            _ => SpoolFault::Disk { path: directory.join("lock"), fault },
        })?;
        let recovered = recover::recover(&*disk, &directory, &key, now)?;
        let spool = Self {
            disk,
            key,
            limits,
            epoch: recovered.epoch,
            origin: Origin::new(instance, recovered.epoch),
            number: recovered.number,
            current: None,
            left: Vec::new(),
            durable: recovered.chain.size(),
            frame: Vec::new(),
            directory,
            _lock: lock,
        };
        Ok((spool, recovered))
    }

    /// The chain's name among all.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where its files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// The last sequence number that is durable.
    pub const fn durable(&self) -> u64 {
        self.durable
    }

    /// Writes groups, which follow one another and what is durable, and makes them so. After a fault none of them
    /// counts, and the next call is to begin with the same ones: they go into a new segment, since nobody knows what of
    /// them is on the disk.
    pub fn write(&mut self, groups: &[Group], ticks: Ticks, wall: UnixMillis) -> io::Result<()> {
        let Some(first) = groups.first() else { return Ok(()) };
        let done = self.try_write(groups, ticks, wall);
        match &done {
            Ok(()) => self.durable = groups.last().map_or(self.durable, size_after),
            Err(_) => self.leave(&first.before),
        }
        done
    }

    fn try_write(&mut self, groups: &[Group], ticks: Ticks, wall: UnixMillis) -> io::Result<()> {
        if self.current.is_none() {
            self.current = Some(self.begin(&groups[0].before, ticks, wall)?);
        }
        let Some(open) = &mut self.current else { return Ok(()) };
        for group in groups {
            self.frame.clear();
            let (first, count) = (group.before.size() + 1, group.leaves.len() as u64);
            let sealed = open.sealer.seal(&group.lines, first, count, self.durable, &mut self.frame);
            sealed.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
            open.file.append(&self.frame)?;
            open.leaves.extend_from_slice(&group.leaves);
            open.written.bytes += self.frame.len() as u64;
            open.written.records += group.leaves.len();
            open.written.last = open.written.last.max(group.at.unwrap_or(wall));
        }
        open.file.sync()?;
        open.synced = open.written;
        Ok(())
    }

    /// Makes the next segment.
    fn begin(&mut self, before: &Chain, ticks: Ticks, wall: UnixMillis) -> io::Result<Open> {
        let name = SegmentName { epoch: self.epoch, number: self.number + 1 };
        let made = Header::make(name, self.origin.as_str(), wall, before.clone(), &self.key);
        let (header, data) = made.ok_or_else(|| io::Error::other("no random bytes"))?;
        let sealer = Sealer::new(data, &header)?;
        let path = self.directory.join(name.file("open"));
        let text = header.text();
        let file = match create(&*self.disk, &self.directory, &path, text.as_bytes()) {
            Ok(file) => file,
            Err(fault) => {
                // It holds no record. What cannot be removed is set aside by the next start, and its number is not
                // used again.
                let gone = self.disk.remove(&path).and_then(|()| self.disk.sync_directory(&self.directory));
                if gone.is_err() {
                    self.number += 1;
                }
                return Err(fault);
            }
        };
        self.number += 1;
        let extent = Extent { bytes: text.len() as u64, records: 0, last: wall };
        Ok(Open { name, file, sealer, began: ticks, written: extent, synced: extent, leaves: Vec::new() })
    }

    /// Leaves the open segment after a fault. What of it is not durable goes into the next one.
    fn leave(&mut self, after: &Chain) {
        let Some(mut open) = self.current.take() else { return };
        open.leaves.truncate(open.synced.records);
        open.written = open.synced;
        let left = open.into_left(after, Closed::Failed, None);
        if left.summary.records == 0 && self.disk.remove(&self.directory.join(left.name.file("open"))).is_ok() {
            // Should it come back after a crash, it is one that holds what nobody was promised.
            let _ = self.disk.sync_directory(&self.directory);
            return;
        }
        self.left.push(left);
    }

    /// Name of the newest segment.
    pub const fn last_name(&self) -> SegmentName {
        SegmentName { epoch: self.epoch, number: self.number }
    }

    /// Bytes of the open segment, and of those that are yet to be sealed.
    pub(super) fn open_bytes(&self) -> u64 {
        let left: u64 = self.left.iter().map(|left| left.summary.bytes).sum();
        self.current.as_ref().map_or(0, |open| open.written.bytes) + left
    }

    /// Whether the open segment is full or old.
    pub fn is_due(&self, now: Ticks) -> bool {
        let age = u64::try_from(self.limits.age.as_micros()).unwrap_or(u64::MAX);
        self.current.as_ref().is_some_and(|open| {
            open.written.bytes >= self.limits.bytes
                || open.written.records >= self.limits.records
                || now.since(open.began) >= age
                || open.sealer.frames() >= u32::MAX / 2
        })
    }

    /// Seals the open segment; `after` is the chain, all of which is durable, and `note` the checkpoint over it. Gives
    /// what was sealed. A segment that cannot be sealed now is sealed by [`Self::heal`].
    pub fn seal(&mut self, after: &Chain, note: Option<String>, closed: Closed) -> io::Result<Option<Summary>> {
        let Some(open) = self.current.take() else { return Ok(None) };
        let left = open.into_left(after, closed, note);
        let summary = left.summary.clone();
        self.left.push(left);
        self.heal()?;
        Ok(Some(summary))
    }

    /// Seals what could not be sealed before.
    pub fn heal(&mut self) -> io::Result<()> {
        while let Some(left) = self.left.first() {
            finish(&*self.disk, &self.directory, left.name, &left.leaves, &left.summary, left.note.as_deref())?;
            self.left.remove(0);
        }
        Ok(())
    }

    /// Keeps the newest checkpoint beside the open segment; advisory until the segment is sealed.
    pub fn note(&self, note: &str) -> io::Result<()> {
        disk::put(&*self.disk, &self.directory.join(self.last_name().file("note")), note.as_bytes())
    }
}

impl Open {
    fn into_left(self, after: &Chain, closed: Closed, note: Option<String>) -> Left {
        let summary = Summary {
            after: after.clone(),
            records: self.leaves.len() as u64,
            bytes: self.written.bytes,
            cut: 0,
            skipped: 0,
            last: self.written.last,
            closed,
        };
        Left { name: self.name, leaves: self.leaves, summary, note }
    }
}

fn create(disk: &dyn Disk, directory: &Path, path: &Path, header: &[u8]) -> io::Result<Box<dyn DiskFile>> {
    let mut file = disk.create(path)?;
    file.append(header)?;
    file.sync()?;
    disk.sync_directory(directory)?;
    Ok(file)
}

/// Writes what stands beside a segment, then gives it its last name.
pub(super) fn finish(
    disk: &dyn Disk,
    directory: &Path,
    name: SegmentName,
    leaves: &[Leaf],
    summary: &Summary,
    note: Option<&str>,
) -> io::Result<()> {
    let file = |ending| directory.join(name.file(ending));
    let hashes: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.0).collect();
    disk::put(disk, &file("lh"), &hashes)?;
    disk::put(disk, &file("sum"), summary.text().as_bytes())?;
    if let Some(note) = note {
        disk::put(disk, &file("note"), note.as_bytes())?;
    }
    match disk.rename(&file("open"), &file("seg")) {
        // Done by an earlier try whose last step failed.
        Err(fault) if fault.kind() == io::ErrorKind::NotFound && disk.open(&file("seg"), 0).is_ok() => {}
        other => other?,
    }
    disk.sync_directory(directory)
}

const fn size_after(group: &Group) -> u64 {
    group.before.size() + group.leaves.len() as u64
}
