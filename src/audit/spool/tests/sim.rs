//! A disk in memory that keeps its promises and no more: what was not synced is lost, torn or out of order after a
//! crash, and names are as durable as their directory's last sync.

use std::collections::BTreeMap;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::audit::spool::disk::{Disk, DiskFile, Room};

#[derive(Clone, Default)]
pub struct SimDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    durable: BTreeMap<PathBuf, usize>,
    pending: Vec<(PathBuf, Change)>,
    /// Operations until one fails, and how many do then.
    fails_in: Option<u32>,
    failures: u32,
    capacity: Option<u64>,
    locked: bool,
    run: u64,
}

#[derive(Default)]
struct Inode {
    synced: Vec<u8>,
    /// Appended since.
    writes: Vec<Vec<u8>>,
    /// A sync failed: whatever is written from here on may be anything after a crash, whatever later syncs say.
    doubtful: bool,
    reserved: u64,
}

impl Inode {
    fn bytes(&self) -> Vec<u8> {
        [self.synced.clone(), self.writes.concat()].concat()
    }

    fn length(&self) -> u64 {
        (self.synced.len() + self.writes.iter().map(Vec::len).sum::<usize>()) as u64 + self.reserved
    }
}

#[derive(Clone)]
enum Change {
    Link(PathBuf, usize),
    Unlink(PathBuf),
    Rename(PathBuf, PathBuf, usize),
}

impl State {
    /// Whether this operation is to fail.
    fn fails(&mut self) -> io::Result<()> {
        match &mut self.fails_in {
            Some(0) if self.failures > 0 => {
                self.failures -= 1;
                Err(if self.failures.is_multiple_of(2) {
                    ErrorKind::StorageFull.into()
                } else {
                    io::Error::other("broken")
                })
            }
            Some(0) => {
                self.fails_in = None;
                Ok(())
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn used(&self) -> u64 {
        self.names.values().map(|inode| self.inodes[*inode].length()).sum()
    }

    fn change(&mut self, path: &Path, change: Change) {
        self.pending.push((path.parent().unwrap().to_owned(), change));
    }
}

fn apply(names: &mut BTreeMap<PathBuf, usize>, change: Change) {
    match change {
        Change::Link(path, inode) => {
            names.insert(path, inode);
        }
        Change::Unlink(path) => {
            names.remove(&path);
        }
        Change::Rename(from, to, inode) => {
            names.retain(|path, other| *path != from || *other != inode);
            names.insert(to, inode);
        }
    }
}

impl SimDisk {
    /// From the operation after `operations` more on, `failures` of them fail.
    pub fn fail(&self, operations: u32, failures: u32) {
        let mut state = self.0.lock();
        (state.fails_in, state.failures) = (Some(operations), failures);
    }

    pub fn works(&self) {
        self.0.lock().fails_in = None;
    }

    pub fn set_capacity(&self, capacity: u64) {
        self.0.lock().capacity = Some(capacity);
    }

    /// Power fails. `dice` decides what of the unsynced came to the disk.
    pub fn crash(&self, mut dice: impl FnMut(u32) -> u32) {
        let mut state = self.0.lock();
        let mut names = std::mem::take(&mut state.durable);
        for (_, change) in std::mem::take(&mut state.pending) {
            if dice(2) == 0 {
                apply(&mut names, change);
            }
        }
        for inode in &mut state.inodes {
            let mut bytes = std::mem::take(&mut inode.synced);
            let writes = std::mem::take(&mut inode.writes);
            let kept = dice(writes.len() as u32 + 1) as usize;
            for (at, write) in writes.iter().enumerate() {
                match (at.cmp(&kept), dice(4)) {
                    // As it was written.
                    (std::cmp::Ordering::Less, _) => bytes.extend_from_slice(write),
                    // A part of it.
                    (std::cmp::Ordering::Equal, 0) => bytes.extend_from_slice(&write[..write.len() / 2]),
                    // Its place without its content, with what follows.
                    (std::cmp::Ordering::Equal, 1) => bytes.resize(bytes.len() + write.len(), 0),
                    (_, 2) => bytes.extend_from_slice(write),
                    _ => break,
                }
            }
            inode.synced = bytes;
            inode.doubtful = false;
        }
        state.names.clone_from(&names);
        state.durable = names;
        (state.fails_in, state.locked) = (None, false);
        state.run += 1;
    }

    /// Changes a file behind everybody's back.
    pub fn corrupt(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.0.lock();
        let inode = state.names[path];
        assert!(state.inodes[inode].writes.is_empty(), "corrupt what is synced");
        change(&mut state.inodes[inode].synced);
    }
}

struct SimFile {
    disk: SimDisk,
    inode: usize,
    run: u64,
}

impl DiskFile for SimFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        assert_eq!(state.run, self.run, "written after a crash");
        let full = state.capacity.is_some_and(|capacity| state.used() + bytes.len() as u64 > capacity);
        let failed = state.fails().err().or_else(|| full.then(|| ErrorKind::StorageFull.into()));
        let inode = &mut state.inodes[self.inode];
        match failed {
            Some(fault) => {
                inode.writes.push(bytes[..bytes.len() / 3].to_vec());
                Err(fault)
            }
            None => {
                inode.writes.push(bytes.to_vec());
                Ok(())
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        let failed = state.fails();
        let inode = &mut state.inodes[self.inode];
        if failed.is_err() {
            inode.doubtful = true;
        }
        if !inode.doubtful {
            inode.synced = inode.bytes();
            inode.writes.clear();
        }
        failed
    }
}

impl Disk for SimDisk {
    fn make_directory(&self, _directory: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<(String, u64)>> {
        let state = self.0.lock();
        let there = state.names.iter().filter(|(path, _)| path.parent() == Some(directory));
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        Ok(there.map(|(path, inode)| (name(path), state.inodes[*inode].length())).collect())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.lock();
        state.fails()?;
        if state.names.contains_key(path) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let inode = state.inodes.len();
        state.inodes.push(Inode::default());
        state.names.insert(path.to_owned(), inode);
        state.change(path, Change::Link(path.to_owned(), inode));
        Ok(Box::new(SimFile { disk: self.clone(), inode, run: state.run }))
    }

    fn open(&self, path: &Path, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let state = self.0.lock();
        let inode = state.names.get(path).ok_or(ErrorKind::NotFound)?;
        let bytes = state.inodes[*inode].bytes();
        Ok(Box::new(Cursor::new(bytes[bytes.len().min(offset as usize)..].to_vec())))
    }

    fn settle(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.fails()?;
        let inode = *state.names.get(path).ok_or(ErrorKind::NotFound)?;
        let inode = &mut state.inodes[inode];
        if std::mem::take(&mut inode.doubtful) {
            // Of what was written when the sync failed, a part is there.
            inode.writes.truncate(1);
            inode.writes.iter_mut().for_each(|write| write.truncate(write.len() / 2));
        }
        inode.synced = inode.bytes();
        inode.writes.clear();
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.fails()?;
        let inode = state.names.remove(from).ok_or(ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), inode);
        state.change(to, Change::Rename(from.to_owned(), to.to_owned(), inode));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.fails()?;
        state.names.remove(path).ok_or(ErrorKind::NotFound)?;
        state.change(path, Change::Unlink(path.to_owned()));
        Ok(())
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.fails()?;
        let (now, later) = std::mem::take(&mut state.pending).into_iter().partition(|(of, _)| of == directory);
        state.pending = later;
        let now: Vec<(PathBuf, Change)> = now;
        for (_, change) in now {
            apply(&mut state.durable, change);
        }
        Ok(())
    }

    fn room(&self, _directory: &Path) -> io::Result<Room> {
        let state = self.0.lock();
        let total = state.capacity.unwrap_or(1 << 30);
        Ok(Room { free: total.saturating_sub(state.used()), total })
    }

    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()> {
        drop(self.create(path)?);
        let mut state = self.0.lock();
        let inode = state.names[path];
        state.inodes[inode].reserved = bytes;
        Ok(())
    }

    fn lock(&self, _path: &Path) -> io::Result<Box<dyn Send>> {
        let mut state = self.0.lock();
        if std::mem::replace(&mut state.locked, true) {
            return Err(ErrorKind::WouldBlock.into());
        }
        Ok(Box::new(Lock(self.clone(), state.run)))
    }
}

struct Lock(SimDisk, u64);

impl Drop for Lock {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        if state.run == self.1 {
            state.locked = false;
        }
    }
}
