//! JSON lines in a file: opened for appending with mode 0640, whole lines only, reopened after a rotation.
//!
//! A line that a crash left unfinished is ended when the file is opened. A line that a full disk left unfinished is
//! cut off, or, where that fails, finished by the next write.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::{Refused, Sink};
use crate::telemetry::log;

/// A file of JSON lines.
pub struct FileSink {
    path: PathBuf,
    file: File,
    /// Device and inode: another file under the path means that this one was rotated away.
    identity: (u64, u64),
    /// Bytes of an unfinished line at the file's end.
    torn: usize,
}

impl FileSink {
    /// Opens or makes the file; makes its directory, but not that one's parents.
    pub fn open(path: &Path) -> io::Result<Self> {
        let (file, identity) = open(path)?;
        Ok(Self { path: path.to_owned(), file, identity, torn: 0 })
    }

    fn follow_rotation(&mut self) -> io::Result<()> {
        let current = std::fs::metadata(&self.path);
        match current {
            Ok(found) if identity(&found) == self.identity => return Ok(()),
            Ok(_) => {}
            Err(fault) if fault.kind() == ErrorKind::NotFound => {}
            Err(fault) => return Err(fault),
        }
        // Whoever moved the old file away has it whole. A fault here must not keep records out of the new one.
        if let Err(fault) = self.sync() {
            log::error!("a rotated audit file cannot be synced", fault = &fault);
        }
        (self.file, self.identity) = open(&self.path)?;
        self.torn = 0;
        Ok(())
    }

    /// Cuts an unfinished line off the file's end.
    fn cut(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        self.file.set_len(length.saturating_sub(self.torn as u64))?;
        self.torn = 0;
        Ok(())
    }
}

impl Sink for FileSink {
    fn place(&self) -> &Path {
        &self.path
    }

    fn write(&mut self, lines: &[u8]) -> Result<(), Refused> {
        self.follow_rotation().map_err(|fault| Refused { taken: 0, fault })?;
        match push(&mut self.file, lines, self.torn) {
            Ok(()) => {
                self.torn = 0;
                Ok(())
            }
            Err((taken, torn, fault)) => {
                self.torn = torn;
                if torn > 0 {
                    // If this fails too, `torn` stays and the next write finishes the line.
                    let _ = self.cut();
                }
                Err(Refused { taken, fault })
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.file.sync_all() {
            // A terminal or pipe under the configured path has nothing to sync.
            Err(fault) if fault.kind() == ErrorKind::InvalidInput => Ok(()),
            other => other,
        }
    }
}

/// Writes `lines` but for the first `skip` bytes, which are in the file already. On an error: bytes of whole lines that
/// are in, bytes of the unfinished line after them, and the error.
pub fn push(file: &mut impl Write, lines: &[u8], skip: usize) -> Result<(), (usize, usize, io::Error)> {
    let mut at = skip.min(lines.len());
    while at < lines.len() {
        let fault = match file.write(&lines[at..]) {
            Ok(0) => io::Error::from(ErrorKind::WriteZero),
            Ok(count) => {
                at += count;
                continue;
            }
            Err(fault) if fault.kind() == ErrorKind::Interrupted => continue,
            Err(fault) => fault,
        };
        let whole = memchr::memrchr(b'\n', &lines[..at]).map_or(0, |end| end + 1);
        return Err((whole, at - whole, fault));
    }
    Ok(())
}

fn open(path: &Path) -> io::Result<(File, (u64, u64))> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !directory.is_dir() {
        DirBuilder::new().recursive(true).mode(0o750).create(directory)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o640).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        end_last_line(&mut file, metadata.len())?;
        // The name of a new file is durable only with its directory.
        File::open(directory)?.sync_all()?;
    }
    Ok((file, identity(&metadata)))
}

fn end_last_line(file: &mut File, length: u64) -> io::Result<()> {
    if length == 0 {
        return Ok(());
    }
    let mut last = [0];
    file.read_exact_at(&mut last, length - 1)?;
    if last != *b"\n" {
        file.write_all(b"\n")?;
    }
    Ok(())
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const LINES: &[u8] = b"first\nsecond\nthird\n";

    /// Takes so many bytes, in pieces, and fails from then on.
    struct Nearly(Vec<u8>, usize);

    impl Write for Nearly {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.1 - self.0.len()).min(3);
            self.0.extend_from_slice(&bytes[..count]);
            if count == 0 { Err(ErrorKind::StorageFull.into()) } else { Ok(count) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_disk_that_is_full_at_any_byte_loses_and_doubles_nothing() {
        for room in 0..LINES.len() {
            let mut disk = Nearly(Vec::new(), room);
            let (whole, torn, fault) = push(&mut disk, LINES, 0).unwrap_err();
            assert_eq!((whole + torn, fault.kind()), (room, ErrorKind::StorageFull));
            assert!(LINES[..whole].is_empty() || LINES[..whole].ends_with(b"\n"));
            // Full still.
            let left = &LINES[whole..];
            let (again, still_torn, _) = push(&mut disk, left, torn).unwrap_err();
            assert_eq!((again, still_torn), (0, torn));
            disk.1 = usize::MAX;
            push(&mut disk, left, torn).unwrap();
            assert_eq!(disk.0, LINES);
        }
    }

    #[test]
    fn an_unfinished_line_is_cut_off() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.jsonl");
        let mut sink = FileSink::open(&path).unwrap();
        sink.write(LINES).unwrap();
        sink.file.write_all(b"torn").unwrap();
        sink.torn = 4;
        sink.cut().unwrap();
        sink.write(LINES).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [LINES, LINES].concat());
    }

    #[test]
    fn an_unfinished_line_stays_behind_in_a_rotated_file() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.jsonl");
        let mut sink = FileSink::open(&path).unwrap();
        sink.file.write_all(b"fir").unwrap();
        sink.torn = 3;
        fs::rename(&path, home.path().join("old")).unwrap();
        sink.write(LINES).unwrap();
        assert_eq!(fs::read(&path).unwrap(), LINES);
    }
}
