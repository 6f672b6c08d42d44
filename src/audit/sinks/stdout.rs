//! JSON lines on standard output. Whatever reads it is part of the trail: while it does not read, records wait.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

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
    fn name(&self) -> &'static str {
        "stdout"
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
