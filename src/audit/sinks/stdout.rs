//! JSON lines on standard output. Whatever reads it is part of the trail: while it does not read, records wait.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use super::file::push;
use super::{Refused, Sink};

/// Standard output.
pub struct StdoutSink {
    file: File,
    /// Bytes of an unfinished line that were written.
    torn: usize,
}

impl StdoutSink {
    /// Takes a descriptor of its own, past the buffer that `println!` uses.
    pub fn open() -> io::Result<Self> {
        Ok(Self { file: File::from(io::stdout().as_fd().try_clone_to_owned()?), torn: 0 })
    }
}

impl Sink for StdoutSink {
    fn place(&self) -> &Path {
        Path::new("stdout")
    }

    fn write(&mut self, lines: &[u8]) -> Result<(), Refused> {
        // What is written cannot be taken back: an unfinished line is finished.
        push(&mut self.file, lines, self.torn).map(|()| self.torn = 0).map_err(|(whole, torn, fault)| {
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
        rustix::fs::fcntl_setfl(&writer, rustix::fs::OFlags::NONBLOCK).unwrap();
        let mut sink = StdoutSink { file: File::from(std::os::fd::OwnedFd::from(writer)), torn: 0 };
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
