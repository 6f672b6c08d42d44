//! A file that grows, as an app writes it: read through rotation by rename, through truncation, and from its beginning
//! when it is made.
//!
//! How far was read is kept in a file of its own if the operator names one, together with the file's inode. It is
//! written after the output was, so that a restart repeats lines rather than leaving any out. Without it reading
//! begins at the file's beginning.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::Complaint;
use super::report::Watch;
use super::stream::{Ended, Filter, ended};

/// How long to wait before the file is looked at again when it has nothing new.
const NAP: Duration = Duration::from_millis(100);
/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// A file to read as it grows.
pub(super) struct Follow {
    path: PathBuf,
    position: Option<PathBuf>,
}

/// Where the reading is: in which file, and how many bytes of it are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    device: u64,
    inode: u64,
    offset: u64,
}

impl Follow {
    pub(super) const fn new(path: PathBuf, position: Option<PathBuf>) -> Self {
        Self { path, position }
    }

    /// Reads until a stop is asked for or nobody reads the output.
    pub(super) fn run<W: Write>(self, mut filter: Filter<'_, W>, watch: &Watch) -> Result<Ended, Complaint> {
        let mut known = self.remembered()?;
        loop {
            let Some(mut file) = self.open(watch)? else { return ended(filter.finish(), Ended::Input) };
            let mut place = place(&file, &self.path)?;
            if let Some(known) = known.take()
                && (known.device, known.inode) == (place.device, place.inode)
            {
                place.offset = known.offset;
            }
            if let Some(end) = self.read(&mut file, place, &mut filter, watch)? {
                return Ok(end);
            }
            filter.restart();
        }
    }

    /// Reads one file to its end and on, until another stands at its path: then `None`.
    fn read<W: Write>(
        &self,
        file: &mut File,
        mut place: Place,
        filter: &mut Filter<'_, W>,
        watch: &Watch,
    ) -> Result<Option<Ended>, Complaint> {
        let fault = |error: std::io::Error| format!("{} cannot be read: {error}", self.path.display());
        let mut chunk = vec![0; CHUNK];
        let mut last = false;
        loop {
            if file.metadata().map_err(fault)?.len() < place.offset {
                // Truncated: what was held of an unfinished line will never be finished.
                if let Err(error) = filter.finish() {
                    return ended(Err(error), Ended::Reader).map(Some);
                }
                filter.restart();
                place.offset = 0;
            }
            file.seek(SeekFrom::Start(place.offset)).map_err(fault)?;
            let length = match file.read(&mut chunk) {
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(fault(error)),
            };
            if length > 0 {
                if let Err(error) = filter.take(&chunk[..length]) {
                    return ended(Err(error), Ended::Reader).map(Some);
                }
                place.offset += length as u64;
                self.remember(Place { offset: place.offset.saturating_sub(filter.held()), ..place })?;
                last = false;
                continue;
            }
            if last || watch.stopped() {
                let done = ended(filter.finish(), Ended::Input)?;
                self.remember(place)?;
                return Ok((done == Ended::Reader || watch.stopped()).then_some(done));
            }
            // Once more after another file was seen: its writer may have used the old one until then.
            last = self.is_another(place);
            if !last {
                thread::sleep(NAP);
            }
        }
    }

    /// Whether another file stands at the path; one that is not there yet is not another.
    fn is_another(&self, place: Place) -> bool {
        fs::metadata(&self.path).is_ok_and(|now| (now.dev(), now.ino()) != (place.device, place.inode))
    }

    /// The file, waited for if it is not there; `None` if a stop was asked for meanwhile.
    fn open(&self, watch: &Watch) -> Result<Option<File>, Complaint> {
        while !watch.stopped() {
            match File::open(&self.path) {
                Ok(file) => return Ok(Some(file)),
                Err(error) if error.kind() == ErrorKind::NotFound => thread::sleep(NAP),
                Err(error) => return Err(format!("{} cannot be opened: {error}", self.path.display())),
            }
        }
        Ok(None)
    }

    fn remembered(&self) -> Result<Option<Place>, Complaint> {
        let Some(path) = &self.position else { return Ok(None) };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
        };
        let numbers: Vec<u64> = text.split_whitespace().map_while(|word| word.parse().ok()).collect();
        match numbers[..] {
            [device, inode, offset] => Ok(Some(Place { device, inode, offset })),
            _ => Err(format!("{} is no position that this command wrote; take it away to read all", path.display())),
        }
    }

    /// Beside, then renamed: a stop in the middle leaves the old position.
    fn remember(&self, place: Place) -> Result<(), Complaint> {
        let Some(path) = &self.position else { return Ok(()) };
        let fault = |error: std::io::Error| format!("{} cannot be written: {error}", path.display());
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let mut file =
            File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside).map_err(fault)?;
        writeln!(file, "{} {} {}", place.device, place.inode, place.offset).map_err(fault)?;
        fs::rename(&beside, path).map_err(fault)
    }
}

/// The beginning of an open file.
fn place(file: &File, path: &Path) -> Result<Place, Complaint> {
    let metadata = file.metadata().map_err(|error| format!("{} cannot be examined: {error}", path.display()))?;
    if !metadata.is_file() {
        return Err(format!("{} is not a regular file; pipe it to standard input", path.display()));
    }
    Ok(Place { device: metadata.dev(), inode: metadata.ino(), offset: 0 })
}
