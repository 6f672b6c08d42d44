//! Lines from one side to the other.

use std::io::{self, ErrorKind, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use memchr::memchr;

use super::Complaint;
use super::report::Report;
use crate::redact::engine::{Engine, LineKind, State};

/// Longest line that is looked into, in bytes. A longer one is no line of a log, and is held in memory as a whole.
const MAX_LINE: usize = 16 * 1024 * 1024;
/// How much is read at once: what a pipe holds.
const CHUNK: usize = 64 * 1024;
/// Output that is collected before it is written, unless the input has nothing more at the moment.
const MAX_OUTPUT: usize = 256 * 1024;

/// Why the copying came to an end without a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The input is at its end.
    Input,
    /// Nobody reads the output any more.
    Reader,
}

/// Takes bytes as they come, in pieces of any size, and writes redacted lines.
pub(super) struct Filter<'r, W> {
    engine: Engine,
    state: State,
    kind_prefix: bool,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    /// Bytes of a line that is longer than [`MAX_LINE`], of which only the length is known.
    skipped: u64,
    output: Vec<u8>,
    report: &'r Report,
    to: W,
}

impl<'r, W: Write> Filter<'r, W> {
    pub(super) fn new(engine: Engine, kind_prefix: bool, report: &'r Report, to: W) -> Self {
        Self { engine, state: State::new(), kind_prefix, begun: Vec::new(), skipped: 0, output: Vec::new(), report, to }
    }

    /// Takes a piece of the input, and writes out every line that it ends.
    pub(super) fn take(&mut self, mut piece: &[u8]) -> io::Result<()> {
        while let Some(end) = memchr(b'\n', piece) {
            let (line, rest) = piece.split_at(end);
            piece = &rest[1..];
            if self.begun.is_empty() && self.skipped == 0 && line.len() <= MAX_LINE {
                self.line(line);
            } else {
                self.hold(line);
                self.end();
            }
            self.output.push(b'\n');
            if self.output.len() >= MAX_OUTPUT {
                self.flush()?;
            }
        }
        self.hold(piece);
        self.flush()
    }

    /// The input is at its end: what is held is a line without a line end.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if !self.begun.is_empty() || self.skipped > 0 {
            self.end();
        }
        self.flush()
    }

    /// Bytes that were taken and not yet written: the beginning of a line.
    pub(super) fn held(&self) -> u64 {
        self.begun.len() as u64 + self.skipped
    }

    /// What comes now has nothing to do with what was before: the file is another one.
    pub(super) fn restart(&mut self) {
        self.state = State::new();
    }

    fn hold(&mut self, piece: &[u8]) {
        if self.skipped > 0 || self.begun.len() + piece.len() > MAX_LINE {
            self.skipped += (self.begun.len() + piece.len()) as u64;
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(piece);
        }
    }

    fn end(&mut self) {
        if self.skipped > 0 {
            self.output.extend_from_slice(format!("[unparsed len={} kind=long]", self.skipped).as_bytes());
            self.report.too_long();
            self.skipped = 0;
            return;
        }
        let line = std::mem::take(&mut self.begun);
        self.line(&line);
        if line.capacity() <= MAX_OUTPUT {
            self.begun = line;
            self.begun.clear();
        }
    }

    /// One line, without its line end. A carriage return before that stays where it is.
    fn line(&mut self, line: &[u8]) {
        let (line, end) = line.strip_suffix(b"\r").map_or((line, &b""[..]), |line| (line, b"\r"));
        let (kind, line) = if self.kind_prefix { kind(line) } else { (None, line) };
        let start = self.output.len();
        let (engine, state, output) = (&self.engine, &mut self.state, &mut self.output);
        let done = catch_unwind(AssertUnwindSafe(|| engine.line(state, kind, line, output)));
        if done.is_err() {
            self.output.truncate(start);
            self.output.extend_from_slice(format!("[unparsed len={} kind=failed]", line.len()).as_bytes());
            self.report.failed();
            self.state = State::new();
        }
        self.output.extend_from_slice(end);
    }

    fn flush(&mut self) -> io::Result<()> {
        self.report.update(self.state.stats());
        self.to.write_all(&self.output)?;
        self.output.clear();
        self.output.shrink_to(MAX_OUTPUT);
        self.to.flush()
    }
}

/// The kind before the first tab, if it is one; the whole line otherwise.
fn kind(line: &[u8]) -> (Option<LineKind>, &[u8]) {
    let parted = memchr(b'\t', line).and_then(|tab| {
        let kind = std::str::from_utf8(&line[..tab]).ok()?.parse().ok()?;
        Some((Some(kind), &line[tab + 1..]))
    });
    parted.unwrap_or((None, line))
}

/// Copies until the input ends. What was read is written before the next read, which may wait: a line that came is
/// never held back.
pub(super) fn copy<W: Write>(mut from: impl Read, mut filter: Filter<'_, W>) -> Result<Ended, Complaint> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let written = match from.read(&mut chunk) {
            Ok(0) => {
                return ended(filter.finish(), Ended::Input);
            }
            Ok(length) => filter.take(&chunk[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(format!("standard input cannot be read: {error}")),
        };
        if written.is_err() {
            return ended(written, Ended::Reader);
        }
    }
}

/// A reader that went away has seen what it wanted; any other fault of the output is one.
pub(super) fn ended(written: io::Result<()>, otherwise: Ended) -> Result<Ended, Complaint> {
    match written {
        Ok(()) => Ok(otherwise),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Ended::Reader),
        Err(error) => Err(format!("standard output cannot be written: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::redact::Redactor;
    use crate::redact::engine::Options;

    fn filtered(pieces: &[&[u8]]) -> Vec<u8> {
        let engine = Engine::new(Arc::new(Redactor::hiding()), Options::default());
        let report = Report::default();
        let mut out = Vec::new();
        let mut filter = Filter::new(engine, false, &report, &mut out);
        for piece in pieces {
            filter.take(piece).unwrap();
        }
        filter.finish().unwrap();
        drop(filter);
        out
    }

    #[test]
    fn where_the_input_is_cut_does_not_matter() {
        let input =
            "a=1 email=zoe@buyer.example\r\n\n{\"name\":\"Zoë Groß\",\"phone\":\"+49 176 12345678\"}\nip=203.0.113.9";
        let input = input.as_bytes();
        let whole = filtered(&[input]);
        assert!(!whole.windows(4).any(|window| window == b"zoe@"));
        for at in 0..=input.len() {
            let (first, second) = input.split_at(at);
            assert_eq!(filtered(&[first, second]), whole, "cut at {at}");
        }
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        assert_eq!(filtered(&bytes), whole);
    }

    #[test]
    fn a_line_beyond_the_bound_is_marked_however_it_comes() {
        let line = vec![b'x'; MAX_LINE + 1];
        for pieces in [vec![&line[..]], line.chunks(CHUNK).collect()] {
            let marker = format!("[unparsed len={} kind=long]", line.len());
            assert_eq!(String::from_utf8(filtered(&pieces)).unwrap(), marker);
        }
    }
}
