//! How long segments stay and how much room they take: retention, quota, ballast and legal hold.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::disk::{self, Disk};
use super::header::{Header, MOST_BYTES, SegmentName, Summary};
use super::store::Spool;
use crate::audit::proof::Hash;
use crate::clock::UnixMillis;

/// Largest ballast: what closes the trail in order takes a few MiB, and alarms take time to be heard.
const MOST_BALLAST: u64 = 1 << 30;
/// The ballast's part of the room.
const BALLAST_PART: u64 = 20;
/// Below this, a ballast would be of no use.
const LEAST_BALLAST: u64 = 64 * 1024;

/// How full a spool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Bytes of its files, the ballast left out.
    pub used: u64,
    /// Bytes that they may come to: the quota, or what they have and what the volume has left.
    pub capacity: u64,
}

impl Fill {
    /// Parts of a hundred, rounded down.
    pub const fn percent(self) -> u64 {
        match self.used.saturating_mul(100).checked_div(self.capacity) {
            Some(percent) => percent,
            None => 100,
        }
    }
}

/// A segment that retention removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged {
    /// Its name.
    pub name: SegmentName,
    /// Its first and last record.
    pub sequences: (u64, u64),
    /// Its records.
    pub records: u64,
    /// Bytes of its file that count.
    pub bytes: u64,
    /// The root over all up to its last record.
    pub root: Hash,
    /// Wall clock at its last record.
    pub last: UnixMillis,
}

/// What the room is measured by.
#[derive(Debug)]
pub struct Keeper {
    directory: PathBuf,
    quota: Option<u64>,
    retention: Duration,
    ballast: u64,
    /// Bytes of all files but the open segment and the ballast, at the last look.
    settled: u64,
}

impl Keeper {
    /// Measures, and sets the ballast aside if there is room for it.
    pub fn new(spool: &Spool, quota: Option<u64>, retention: Duration) -> io::Result<Self> {
        let mut keeper = Self { directory: spool.directory().to_owned(), quota, retention, ballast: 0, settled: 0 };
        keeper.measure(spool)?;
        keeper.restore(spool)?;
        Ok(keeper)
    }

    fn ballast_path(&self) -> PathBuf {
        self.directory.join("ballast")
    }

    /// Counts the files. Done when a segment was sealed or removed: in between, only the open one grows.
    pub fn measure(&mut self, spool: &Spool) -> io::Result<()> {
        (self.settled, self.ballast) = (0, 0);
        for (name, length) in spool.disk().list(&self.directory)? {
            match SegmentName::parse(&name) {
                Some((_, "open")) => {}
                None if name == "ballast" => self.ballast = length,
                _ => self.settled += length,
            }
        }
        Ok(())
    }

    /// How full the spool is.
    pub fn fill(&self, spool: &Spool) -> io::Result<Fill> {
        let used = self.settled + spool.open_bytes();
        let free = spool.disk().room(&self.directory)?.free;
        let room = used.saturating_add(free).saturating_add(self.ballast);
        Ok(Fill { used, capacity: room.min(self.quota.unwrap_or(u64::MAX)) })
    }

    /// Sets the ballast aside if it is not there and leaves at least as much again free.
    pub fn restore(&mut self, spool: &Spool) -> io::Result<()> {
        if self.ballast > 0 {
            return Ok(());
        }
        let fill = self.fill(spool)?;
        let wanted = (fill.capacity / BALLAST_PART).min(MOST_BALLAST);
        if wanted < LEAST_BALLAST || spool.disk().room(&self.directory)?.free < wanted.saturating_mul(2) {
            return Ok(());
        }
        match spool.disk().reserve(&self.ballast_path(), wanted) {
            Ok(()) => self.ballast = wanted,
            // Not every file system can; the spool is as good without.
            Err(_) => drop(spool.disk().remove(&self.ballast_path())),
        }
        Ok(())
    }

    /// Whether room is set aside.
    pub const fn has_ballast(&self) -> bool {
        self.ballast > 0
    }

    /// Gives the ballast back to a volume that is full. Whether there was one.
    pub fn release(&mut self, spool: &Spool) -> bool {
        let had = self.ballast > 0 && spool.disk().remove(&self.ballast_path()).is_ok();
        self.ballast = 0;
        had
    }

    /// Segments whose last record is older than the retention, the oldest first. None while a legal hold stands. The
    /// newest sealed segment always stays: the chain goes on from it.
    pub fn expired(&self, spool: &Spool, now: UnixMillis) -> io::Result<Vec<Purged>> {
        let path = self.directory.parent().unwrap_or(&self.directory);
        if held(spool.disk(), path) {
            return Ok(Vec::new());
        }
        let files = spool.disk().list(&self.directory)?;
        let mut sealed: Vec<_> = files
            .iter()
            .filter_map(|(file, _)| SegmentName::parse(file))
            .filter_map(|(name, ending)| (ending == "seg").then_some(name))
            .collect();
        sealed.sort_unstable();
        sealed.pop();
        let age = u64::try_from(self.retention.as_millis()).unwrap_or(u64::MAX);
        let mut expired = Vec::new();
        for name in sealed {
            let Some(summary) = self.summary(spool, name)? else { continue };
            // Segments leave in order, so that what is left is one piece.
            if summary.last.0.saturating_add(age) >= now.0 {
                break;
            }
            let root = summary.after.root();
            let sequences = (summary.after.size() + 1 - summary.records, summary.after.size());
            expired.push(Purged {
                name,
                sequences,
                records: summary.records,
                bytes: summary.bytes,
                root,
                last: summary.last,
            });
        }
        Ok(expired)
    }

    /// Removes a segment; its header, footer and note stay, so that the chain can still be followed.
    pub fn purge(&self, spool: &Spool, name: SegmentName) -> io::Result<()> {
        let (disk, file) = (spool.disk(), |ending| self.directory.join(name.file(ending)));
        let bytes = disk::read(disk, &file("seg"), 0, MOST_BYTES as u64)?;
        let header = Header::parse(&bytes).map(|(_, length)| length).unwrap_or_default();
        let summary = disk::read(disk, &file("sum"), 0, MOST_BYTES as u64)?;
        disk::put(disk, &file("gone"), &[&bytes[..header], &summary].concat())?;
        disk.sync_directory(&self.directory)?;
        for ending in ["seg", "lh", "dek", "sum"] {
            match disk.remove(&file(ending)) {
                Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
                _ => {}
            }
        }
        disk.sync_directory(&self.directory)
    }

    fn summary(&self, spool: &Spool, name: SegmentName) -> io::Result<Option<Summary>> {
        let bytes = match disk::read(spool.disk(), &self.directory.join(name.file("sum")), 0, MOST_BYTES as u64) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        Ok(str::from_utf8(&bytes).ok().and_then(Summary::parse))
    }
}

/// The file by which an operator stops all removal below a spool's path.
const HOLD: &str = "hold";
/// Longest reason that is kept.
const MOST_REASON: usize = 1000;

/// Sets a legal hold on all chains below `path`: nothing is removed until it is released.
pub fn hold(path: &Path, reason: &str, now: UnixMillis) -> io::Result<()> {
    let reason: String = reason.chars().filter(|letter| !letter.is_control()).take(MOST_REASON).collect();
    let disk = disk::RealDisk;
    disk::put(&disk, &path.join(HOLD), format!("since {}\nreason {reason}\n", now.0).as_bytes())?;
    disk.sync_directory(path)
}

/// Releases a legal hold. Whether there was one.
pub fn release(path: &Path) -> io::Result<bool> {
    let disk = disk::RealDisk;
    match disk.remove(&path.join(HOLD)) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(fault) => Err(fault),
        Ok(()) => disk.sync_directory(path).map(|()| true),
    }
}

/// Whether a legal hold stands.
pub fn is_held(path: &Path) -> bool {
    held(&disk::RealDisk, path)
}

/// What cannot be looked at counts as a hold: a removal cannot be taken back.
fn held(disk: &dyn Disk, path: &Path) -> bool {
    !matches!(disk.open(&path.join(HOLD), 0), Err(fault) if fault.kind() == io::ErrorKind::NotFound)
}
