//! JSON lines in a file: opened for appending with mode 0640, whole lines only, reopened after a rotation by somebody
//! else, and ended by the sink itself where the policy says so.
//!
//! A line that a crash left unfinished is ended when the file is opened. A line that a full disk left unfinished is
//! cut off, or, where that fails, finished by the next write.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::{EndedFile, Refused, Sink, rotate};
use crate::clock::{Clock, UnixMillis};
use crate::policy::settings::RotateSettings;
use crate::redact::Name;
use crate::telemetry::log;

/// A file of JSON lines.
pub struct FileSink {
    path: PathBuf,
    file: File,
    /// Device and inode: another file under the path means that this one was rotated away.
    identity: (u64, u64),
    /// Bytes of an unfinished line at the file's end.
    torn: usize,
    rotation: Option<Rotation>,
    ended: Option<EndedFile>,
}

/// Bytes at a file's begin and end in which a whole record stands: one is below 16 KiB.
const EDGE: u64 = 40 * 1024;

/// When the file ends.
struct Rotation {
    settings: RotateSettings,
    clock: Clock,
    bytes: u64,
    /// When the file was begun.
    born: UnixMillis,
}

impl FileSink {
    /// Opens or makes the file; makes its directory, but not that one's parents.
    pub fn open(path: &Path) -> io::Result<Self> {
        let (file, identity) = open(path)?;
        Ok(Self { path: path.to_owned(), file, identity, torn: 0, rotation: None, ended: None })
    }

    /// The same, for a file that ends when it is full or old.
    pub fn rotated(path: &Path, settings: RotateSettings, clock: Clock) -> io::Result<Self> {
        let mut sink = Self::open(path)?;
        let born = clock.wall();
        sink.rotation = Some(Rotation { settings, clock, bytes: 0, born });
        sink.measure()?;
        Ok(sink)
    }

    /// Size and age of the file that was opened. One that was there before counts from when it was last written to, for
    /// most file systems do not tell when a file was made.
    fn measure(&mut self) -> io::Result<()> {
        let Some(rotation) = &mut self.rotation else { return Ok(()) };
        let metadata = self.file.metadata()?;
        rotation.bytes = metadata.len();
        let written = metadata.created().or_else(|_| metadata.modified())?;
        let since = written.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let written = UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        rotation.born = if rotation.bytes == 0 { rotation.clock.wall() } else { written.min(rotation.clock.wall()) };
        Ok(())
    }

    /// Ends the file if it is time. A file that cannot be ended is written on: its bound is worth less than its records.
    fn end_if_due(&mut self, more: usize) -> io::Result<()> {
        let Some(rotation) = self.rotation.as_ref().filter(|_| self.torn == 0) else { return Ok(()) };
        let now = rotation.clock.wall();
        if !rotate::is_due(&rotation.settings, rotation.bytes, more, rotation.born, now) {
            return Ok(());
        }
        let (settings, bytes) = (rotation.settings, rotation.bytes);
        match self.sync().and_then(|()| rotate::rotate(&self.path, &settings, now)) {
            Ok(name) => self.ended = self.ended_file(&name, bytes),
            Err(fault) => {
                log::error!("an audit file cannot be ended", path = &*self.path, fault = &fault);
                return Ok(());
            }
        }
        (self.file, self.identity) = open(&self.path)?;
        self.measure()
    }

    /// What is to be told of a file that was ended; nothing of one that holds no records, or has a name that is none for
    /// them.
    fn ended_file(&self, name: &Path, bytes: u64) -> Option<EndedFile> {
        let name = Name::configured(name.file_name()?.to_str()?).ok()?;
        let mut edge = vec![0; usize::try_from(bytes.min(EDGE)).ok()?];
        self.file.read_exact_at(&mut edge, 0).ok()?;
        let first = sequence_at(&edge, memchr::memmem::find(&edge, SEQUENCE)?)?;
        let end = bytes - edge.len() as u64;
        self.file.read_exact_at(&mut edge, end).ok()?;
        let last = sequence_at(&edge, memchr::memmem::rfind(&edge, SEQUENCE)?)?;
        Some(EndedFile { name, bytes, sequences: (first, last) })
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
        self.measure()
    }

    /// Cuts an unfinished line off the file's end.
    fn cut(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        self.file.set_len(length.saturating_sub(self.torn as u64))?;
        self.torn = 0;
        Ok(())
    }
}

/// `metadata.sequence`: within texts of a record, quotation marks are escaped.
const SEQUENCE: &[u8] = b",\"sequence\":";

fn sequence_at(bytes: &[u8], at: usize) -> Option<u64> {
    let digits = bytes[at + SEQUENCE.len()..].split(|byte| !byte.is_ascii_digit()).next()?;
    str::from_utf8(digits).ok()?.parse().ok()
}

impl Sink for FileSink {
    fn place(&self) -> &Path {
        &self.path
    }

    fn write(&mut self, lines: &[u8]) -> Result<(), Refused> {
        let ready = self.follow_rotation().and_then(|()| self.end_if_due(lines.len()));
        ready.map_err(|fault| Refused { taken: 0, fault })?;
        let skipped = self.torn;
        let done = push(&mut self.file, lines, self.torn);
        let taken = match &done {
            Ok(()) => lines.len(),
            Err((taken, torn, _)) => taken + torn,
        };
        if let Some(rotation) = &mut self.rotation {
            rotation.bytes += taken.saturating_sub(skipped) as u64;
        }
        match done {
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

    fn ended(&mut self) -> Option<EndedFile> {
        self.ended.take()
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
    use std::time::Duration;

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
    fn a_file_ends_when_it_is_full_or_old_and_no_line_is_lost_or_doubled() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("trail.jsonl");
        let (clock, hands) = Clock::manual(UnixMillis(1_767_225_600_000));
        let settings = RotateSettings { size: Some(100), age: Some(Duration::from_secs(3600)), keep: None };
        let mut sink = FileSink::rotated(&path, settings, clock.clone()).unwrap();
        let mut written = String::new();
        for number in 0..40 {
            let line = format!("{{\"line\":{number:04}}}\n");
            sink.write(line.as_bytes()).unwrap();
            written.push_str(&line);
            hands.advance(Duration::from_millis(7));
        }
        hands.advance(Duration::from_secs(3600));
        sink.write(b"late\n").unwrap();
        written.push_str("late\n");
        // What was there at a start counts.
        drop(sink);
        let mut sink = FileSink::rotated(&path, settings, clock).unwrap();
        sink.write(&[b'x'; 99]).unwrap();
        sink.write(b"\n").unwrap();
        written.push_str(&"x".repeat(99));
        written.push('\n');
        let mut names: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        // The file in use has the youngest lines; in the order of names it stands behind those with a time.
        names.sort_by_key(|name| (*name == path, name.clone()));
        let found: Vec<_> = names.iter().map(|name| fs::read_to_string(name).unwrap()).collect();
        assert_eq!(found.concat(), written);
        assert!(found.iter().all(|text| text.len() <= 100), "{found:?}");
        assert_eq!(found.len(), 8, "{names:?}");
        let mode = fs::metadata(&names[0]).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777 & !0o640, 0);
    }

    #[test]
    fn a_file_that_was_ended_is_told_of_once_with_what_it_holds() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("trail.jsonl");
        let (clock, _) = Clock::manual(UnixMillis(1_767_225_600_000));
        let settings = RotateSettings { size: Some(100_000), age: None, keep: None };
        let line =
            |sequence: u64| format!("{{\"metadata\":{{\"a\":\"{}\",\"sequence\":{sequence}}}}}\n", "x".repeat(900));
        fs::write(&path, line(7)).unwrap();
        let mut sink = FileSink::rotated(&path, settings, clock).unwrap();
        let (mut told, mut bytes) = (vec![], line(7).len());
        for sequence in 8..=250 {
            sink.write(line(sequence).as_bytes()).unwrap();
            bytes += line(sequence).len();
            told.extend(sink.ended());
        }
        let [first, second] = &told[..] else { panic!("{told:?}") };
        assert_eq!((first.name.as_str(), first.sequences.0), ("trail-20260101T000000.000Z-000.jsonl", 7));
        assert_eq!(
            (second.name.as_str(), second.sequences.0),
            ("trail-20260101T000000.000Z-001.jsonl", first.sequences.1 + 1)
        );
        for ended in &told {
            let text = fs::read_to_string(home.path().join(ended.name.as_str())).unwrap();
            assert_eq!(text.len() as u64, ended.bytes);
            assert!(text.ends_with(&line(ended.sequences.1)));
        }
        assert_eq!(
            told.iter().map(|ended| ended.bytes).sum::<u64>() + fs::metadata(&path).unwrap().len(),
            bytes as u64
        );
        // Of what holds no records, there is nothing to tell.
        sink.write(&[b'x'; 99_000]).unwrap();
        sink.write(&[b'x'; 99_000]).unwrap();
        sink.write(b"\n").unwrap();
        assert_eq!(sink.ended().map(|ended| ended.sequences.0), Some(second.sequences.1 + 1));
        sink.write(&[b'x'; 99_000]).unwrap();
        assert_eq!(sink.ended(), None);
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
