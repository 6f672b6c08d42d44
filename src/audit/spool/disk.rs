//! What the spool asks of a disk: few operations, so that a test can put one under it that forgets what was not synced.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Advice, FallocateFlags, FlockOperation};

/// A file's mode: its group may read, as auditors do; what it holds is sealed.
const FILE_MODE: u32 = 0o640;
/// A directory's mode.
const DIRECTORY_MODE: u32 = 0o750;

/// Tries before a directory counts as taken: whoever only looks whether it is holds it for a moment.
const LOOKERS: u32 = 3;
/// Between them.
const GLANCE: Duration = Duration::from_millis(4);

/// Operations on directories and whole files.
pub trait Disk: Send + Sync {
    /// Makes a directory and its parents; durably, and without a fault if it is there.
    fn make_directory(&self, directory: &Path) -> io::Result<()>;
    /// Names and lengths of the files in a directory.
    fn list(&self, directory: &Path) -> io::Result<Vec<(String, u64)>>;
    /// Makes a file that is not there yet.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file for reading from `offset` on.
    fn open(&self, path: &Path, offset: u64) -> io::Result<Box<dyn Read + Send>>;
    /// Makes a file durable that an earlier run wrote, and sees to it that what is read of it from then on is what is
    /// on the disk: after a sync that failed, the system's cache may hold what the disk does not.
    fn settle(&self, path: &Path) -> io::Result<()>;
    /// Gives a file another name, in place of whatever has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes what was created, renamed and removed in a directory durable.
    fn sync_directory(&self, directory: &Path) -> io::Result<()>;
    /// Free and total bytes of the volume under a directory.
    fn room(&self, directory: &Path) -> io::Result<Room>;
    /// Makes a file of so many bytes whose blocks are taken.
    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()>;
    /// Keeps others out of a directory until what it gives is dropped; [`io::ErrorKind::WouldBlock`] if one is in.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send>>;
}

/// A file that is written from its begin to its end.
pub trait DiskFile: Send {
    /// Writes behind all that was written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes what was written durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// Room on a volume, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What this process may still use.
    pub free: u64,
    /// All.
    pub total: u64,
}

/// The machine's.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn make_directory(&self, directory: &Path) -> io::Result<()> {
        if directory.is_dir() {
            return Ok(());
        }
        let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        self.make_directory(parent)?;
        match DirBuilder::new().mode(DIRECTORY_MODE).create(directory) {
            Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => Err(fault),
            _ => self.sync_directory(parent),
        }
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<(String, u64)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            // Others may remove a file between the two looks at it.
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
                Err(fault) => return Err(fault),
            };
            if let Ok(name) = entry.file_name().into_string()
                && metadata.is_file()
            {
                files.push((name, metadata.size()));
            }
        }
        Ok(files)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)?;
        Ok(Box::new(RealFile(file)))
    }

    fn open(&self, path: &Path, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(From { file: File::open(path)?, at: offset }))
    }

    fn settle(&self, path: &Path) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.sync_all()?;
        match rustix::fs::fadvise(&file, 0, None, Advice::DontNeed) {
            // It is a wish; file systems in memory have nothing to drop.
            Err(rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL | rustix::io::Errno::OPNOTSUPP) | Ok(()) => Ok(()),
            Err(fault) => Err(fault.into()),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        File::open(directory)?.sync_all()
    }

    fn room(&self, directory: &Path) -> io::Result<Room> {
        let found = rustix::fs::statvfs(directory)?;
        Ok(Room {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }

    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)?;
        rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, bytes)?;
        file.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send>> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
        for _ in 0..LOOKERS {
            if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
                return Ok(Box::new(file));
            }
            std::thread::sleep(GLANCE);
        }
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Box::new(file))
    }
}

struct RealFile(File);

impl DiskFile for RealFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// Reads a file from a place on.
struct From {
    file: File,
    at: u64,
}

impl Read for From {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// Reads a file from `offset` to its end, but no more than `most` bytes.
pub fn read(disk: &dyn Disk, path: &Path, offset: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    disk.open(path, offset)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The same in memory that is used again: fresh pages for each would cost more than what is read into them.
pub fn read_into(disk: &dyn Disk, path: &Path, offset: u64, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.clear();
    bytes.reserve(usize::try_from(most).unwrap_or(0));
    disk.open(path, offset)?.take(most).read_to_end(bytes)?;
    Ok(())
}

/// Writes a whole small file under a name, in place of whatever has it: under another name first, synced, then renamed.
/// Durable once the directory is synced.
pub fn put(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let aside = Path::new(&aside);
    match disk.remove(aside) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
        _ => {}
    }
    let mut file = disk.create(aside)?;
    file.append(bytes)?;
    file.sync()?;
    drop(file);
    disk.rename(aside, path)
}
