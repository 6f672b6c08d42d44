//! Pipes whose reader may stop reading: who writes to one waits for a while, and not for ever.

use std::fs::File;
use std::io::{self, ErrorKind, Stderr, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use parking_lot::Mutex;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// A pipe that is ready takes as much without waiting (PIPE_BUF), a socket too.
const PIECE: usize = 4096;

/// Longest wait of whoever logs, for a reader that has read so far.
const LOG_PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
const NO_PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// A descriptor that is written to when there is room. The wait is for room, so the descriptor itself, which other
/// programs may share, stays as it is.
pub struct Patient<W = File> {
    file: W,
    /// `None` for a regular file, which needs none.
    patience: Option<Timespec>,
}

impl Patient {
    /// Waits so long for the reader to read something.
    pub fn new(file: File, patience: Duration) -> io::Result<Self> {
        // A span of seconds fits.
        let patience = (!file.metadata()?.is_file()).then(|| Timespec::try_from(patience).unwrap_or_default());
        Ok(Self { file, patience })
    }
}

impl<W: Write + AsFd> Write for Patient<W> {
    /// Writes what there is room for; `WouldBlock` if there is none after the wait.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(patience) = &self.patience else { return self.file.write(bytes) };
        let mut pipe = [PollFd::new(&self.file, PollFlags::OUT)];
        if poll(&mut pipe, Some(patience))? == 0 {
            return Err(io::Error::new(ErrorKind::WouldBlock, "nobody reads it"));
        }
        self.file.write(&bytes[..bytes.len().min(PIECE)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Standard error, for the own log: lines that nobody reads are counted, and told of once somebody does.
pub(super) struct OwnLog<W = Stderr>(Mutex<State<W>>);

struct State<W> {
    pipe: Patient<W>,
    lost: u64,
}

impl OwnLog {
    /// Whatever standard error is at each line: a gate that takes over gets that of the one before it.
    pub(super) fn stderr() -> Self {
        Self::new(io::stderr())
    }
}

impl<W> OwnLog<W> {
    const fn new(file: W) -> Self {
        Self(Mutex::new(State { pipe: Patient { file, patience: Some(LOG_PATIENCE) }, lost: 0 }))
    }
}

impl<W: Write + AsFd> Write for &OwnLog<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        if state.lost > 0 {
            // Ended first: the last line may have been left unfinished.
            let told = format!("\nportcullis: {} lines of this log were lost: nobody read them\n", state.lost);
            if state.pipe.write_all(told.as_bytes()).is_err() {
                state.lost += 1;
                return Ok(line.len());
            }
            (state.lost, state.pipe.patience) = (0, Some(LOG_PATIENCE));
        }
        if state.pipe.write_all(line).is_err() {
            // The next one does not wait: it finds somebody who reads, or is lost.
            state.lost += 1;
            state.pipe.patience = Some(NO_PATIENCE);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::fd::OwnedFd;

    use super::*;

    fn pipe() -> (io::PipeReader, File) {
        let (reader, writer) = io::pipe().unwrap();
        (reader, File::from(OwnedFd::from(writer)))
    }

    #[test]
    fn a_log_that_nobody_reads_stops_nobody() {
        let (mut reader, writer) = pipe();
        let log = OwnLog::new(writer);
        let line = [b"x".repeat(999), b"\n".to_vec()].concat();
        for _ in 0..1000 {
            (&log).write_all(&line).unwrap();
        }
        let mut some = vec![0; 1 << 20];
        let first = reader.read(&mut some).unwrap();
        assert!((4096..1_000_000).contains(&first), "{first}");
        (&log).write_all(b"and on\n").unwrap();
        drop(log);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        let whole = first / line.len();
        assert!(rest.contains(&format!("portcullis: {} lines of this log were lost", 1000 - whole)), "{rest}");
        assert!(rest.ends_with("and on\n"));
    }

    #[test]
    fn a_file_needs_no_patience() {
        let file = tempfile::tempfile().unwrap();
        let mut patient = Patient::new(file, Duration::ZERO).unwrap();
        assert_eq!(patient.write(&vec![b'x'; 100_000]).unwrap(), 100_000);
    }
}
