//! The spool over a disk that forgets, and over a real one.

mod files;
mod model;
mod sim;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sim::SimDisk;

use super::disk::Disk;
use super::read::segments_on;
use super::{Closed, Group, Limits, Recovered, Segment, Spool, SpoolFault, WrappingKey};
use crate::audit::proof::Chain;
use crate::clock::{Ticks, UnixMillis};
use crate::redact::Name;

const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

fn key() -> WrappingKey {
    WrappingKey::new(&[7; 32]).unwrap()
}

fn small() -> Limits {
    Limits { bytes: 4096, records: 1000, age: Duration::from_secs(3600) }
}

/// Each start is at a time of its own.
fn later() -> UnixMillis {
    static STARTS: AtomicU64 = AtomicU64::new(0);
    UnixMillis(NOW.0 + STARTS.fetch_add(1, Ordering::Relaxed))
}

/// A gate that writes: what it rendered, and what of it was promised.
struct Writer {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    spool: Spool,
    chain: Chain,
    /// All records of the chain.
    rendered: Vec<Vec<u8>>,
    waiting: Vec<Group>,
    ticks: u64,
}

impl Writer {
    fn open(disk: Arc<dyn Disk>, path: &Path) -> Result<(Self, Recovered), SpoolFault> {
        Self::open_with(disk, path, key())
    }

    fn open_with(disk: Arc<dyn Disk>, path: &Path, key: WrappingKey) -> Result<(Self, Recovered), SpoolFault> {
        let name = Name::configured("gate-0").unwrap();
        let (spool, recovered) = Spool::open(Arc::clone(&disk), path, &name, key, small(), later())?;
        let chain = recovered.chain.clone();
        let (rendered, waiting) = (Vec::new(), Vec::new());
        let writer = Self { disk, path: path.to_owned(), spool, chain, rendered, waiting, ticks: 0 };
        Ok((writer, recovered))
    }

    fn directory(&self) -> PathBuf {
        self.path.join("gate-0")
    }

    /// Renders a group; it waits for the next commit.
    fn render(&mut self, records: usize) {
        let mut group = Group { before: self.chain.clone(), at: Some(NOW), ..Group::default() };
        for _ in 0..records {
            let sequence = self.chain.size() + 1;
            let filling = "ab".repeat(sequence as usize % 40);
            let record = format!("{{\"sequence\":{sequence},\"prev\":\"{}\",\"x\":\"{filling}\"}}", self.chain.last());
            group.leaves.push(self.chain.push(record.as_bytes()));
            group.lines.extend_from_slice(record.as_bytes());
            group.lines.push(b'\n');
            self.rendered.push(record.into_bytes());
        }
        self.waiting.push(group);
    }

    fn commit(&mut self) -> bool {
        self.ticks += 1;
        let done = self.spool.write(&self.waiting, Ticks(self.ticks), NOW).is_ok();
        if done {
            self.waiting.clear();
            assert_eq!(self.spool.durable(), self.chain.size());
        }
        done
    }

    fn turn(&mut self, closed: Closed) {
        if self.waiting.is_empty() {
            // What fails is sealed later.
            let _ = self.spool.seal(&self.chain.clone(), None, closed);
        }
    }

    fn segments(&self) -> Vec<Segment> {
        segments_on(Arc::clone(&self.disk), &self.directory()).unwrap()
    }
}

/// All records of an epoch as a reader sees them.
fn read(segments: &[Segment], key: &WrappingKey) -> Vec<(u64, Vec<u8>)> {
    let mut records = Vec::new();
    let epoch = segments.last().map(|segment| segment.name.epoch);
    for segment in segments.iter().filter(|segment| Some(segment.name.epoch) == epoch) {
        segment.records(key, |sequence, record| records.push((sequence, record.to_vec()))).unwrap();
    }
    records
}

fn sim() -> (SimDisk, Arc<dyn Disk>) {
    let disk = SimDisk::default();
    (disk.clone(), Arc::new(disk))
}
