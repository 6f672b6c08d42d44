//! JSON lines on standard output. Whatever reads it is part of the trail: while it does not read, records wait, but
//! those who wait for the spool and for other sinks do not.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

use super::file::push;
use super::{Refused, Sink};
use crate::telemetry::patient::Patient;

/// Longest wait for a reader that does not read, where a spool keeps what it lacks: so long commits are late, once for
/// each try.
const PATIENCE_WITH_SPOOL: Duration = Duration::from_millis(50);
/// The same without one, where a failure has consequences: a reader on a busy machine may take a while.
const PATIENCE: Duration = Duration::from_secs(1);

/// Standard output.
pub struct StdoutSink {
    pipe: Patient,
    /// Bytes of an unfinished line that were written.
    torn: usize,
}

impl StdoutSink {
    /// Takes a descriptor of its own, past the buffer that `println!` uses.
    pub fn open(has_spool: bool) -> io::Result<Self> {
        let patience = if has_spool { PATIENCE_WITH_SPOOL } else { PATIENCE };
        Self::new(File::from(io::stdout().as_fd().try_clone_to_owned()?), patience)
    }

    fn new(file: File, patience: Duration) -> io::Result<Self> {
        Ok(Self { pipe: Patient::new(file, patience)?, torn: 0 })
    }
}

impl Sink for StdoutSink {
    fn place(&self) -> &Path {
        Path::new("stdout")
    }

    fn write(&mut self, lines: &[u8]) -> Result<(), Refused> {
        // What is written cannot be taken back: an unfinished line is finished.
        push(&mut self.pipe, lines, self.torn).map(|()| self.torn = 0).map_err(|(whole, torn, fault)| {
            self.torn = torn;
            Refused { taken: whole, fault }
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read as _};

    use super::*;

    #[test]
    fn a_reader_that_is_slow_gets_whole_lines_all_the_same() {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut sink = StdoutSink::new(File::from(std::os::fd::OwnedFd::from(writer)), Duration::ZERO).unwrap();
        // More than a pipe holds, in lines whose length does not divide its size.
        let lines = [b"x".repeat(998), b"\n".to_vec()].concat().repeat(200);
        let (mut left, mut read) = (&lines[..], Vec::new());
        while let Err(refused) = sink.write(left) {
            assert_eq!(refused.fault.kind(), ErrorKind::WouldBlock);
            left = &left[refused.taken..];
            let mut piece = [0; 10_000];
            let count = reader.read(&mut piece).unwrap();
            read.extend_from_slice(&piece[..count]);
        }
        drop(sink);
        reader.read_to_end(&mut read).unwrap();
        assert!(read == lines);
    }
}
