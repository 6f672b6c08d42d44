//! Canaries in a body that may be compressed: what it says is read beside what passes, which stays as it is.

use std::io::{self, Write};
use std::sync::Arc;

use flate2::write::{MultiGzDecoder, ZlibDecoder};
use smallvec::SmallVec;

use super::scan::Scanner;
use super::set::CanarySet;
use crate::redact::Name;

/// How many times longer than it was compressed a body may be: what sellers' apps send is 10 to 30 times.
const MOST_TIMES: u64 = 200;

/// What it may have beyond that: the first bytes of a body say little of the rest.
const ALLOWANCE: u64 = 1024 * 1024;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Deflate,
}

impl Coding {
    /// Reads the values of `Content-Encoding`; none for what cannot be read here, and for several codings at once.
    pub fn of<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let mut coding = Self::Identity;
        for word in values.flat_map(|value| value.split(|byte| *byte == b',')) {
            let found = match word.trim_ascii().to_ascii_lowercase().as_slice() {
                b"" | b"identity" => continue,
                b"gzip" | b"x-gzip" => Self::Gzip,
                b"deflate" => Self::Deflate,
                _ => return None,
            };
            if coding != Self::Identity {
                return None;
            }
            coding = found;
        }
        Some(coding)
    }
}

/// It is not what its coding says, or too long for what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a compressed body cannot be read")]
pub struct Unreadable;

/// A body on its way.
pub struct Reader(Way);

enum Way {
    Plain(Box<Scanner>),
    Gzip(Box<MultiGzDecoder<Sink>>),
    Deflate(Box<ZlibDecoder<Sink>>),
}

/// What a decoder writes to.
struct Sink {
    scanner: Scanner,
    /// Bytes that may still come.
    left: u64,
    found: SmallVec<[Name; 2]>,
}

impl Reader {
    /// An answer.
    pub fn answer(set: &Arc<CanarySet>, coding: Coding) -> Self {
        Self::new(Scanner::answer(set), coding)
    }

    /// A request's body; in a `form`, spaces are spelt `+`.
    pub fn request(set: &Arc<CanarySet>, coding: Coding, form: bool) -> Self {
        Self::new(Scanner::request(set, form), coding)
    }

    fn new(scanner: Scanner, coding: Coding) -> Self {
        let sink = |scanner| Sink { scanner, left: ALLOWANCE, found: SmallVec::new() };
        Self(match coding {
            Coding::Identity => Way::Plain(Box::new(scanner)),
            Coding::Gzip => Way::Gzip(Box::new(MultiGzDecoder::new(sink(scanner)))),
            Coding::Deflate => Way::Deflate(Box::new(ZlibDecoder::new(sink(scanner)))),
        })
    }

    /// Reads on; gives the canaries that are met for the first time.
    pub fn read(&mut self, piece: &[u8]) -> Result<SmallVec<[Name; 2]>, Unreadable> {
        if piece.is_empty() {
            return Ok(SmallVec::new());
        }
        let more = MOST_TIMES.saturating_mul(piece.len() as u64);
        match &mut self.0 {
            Way::Plain(scanner) => Ok(SmallVec::from(scanner.read(piece))),
            Way::Gzip(decoder) => {
                decoder.get_mut().left = decoder.get_mut().left.saturating_add(more);
                decoder.write_all(piece).and_then(|()| decoder.flush()).map_err(|_| Unreadable)?;
                Ok(std::mem::take(&mut decoder.get_mut().found))
            }
            Way::Deflate(decoder) => {
                decoder.get_mut().left = decoder.get_mut().left.saturating_add(more);
                decoder.write_all(piece).and_then(|()| decoder.flush()).map_err(|_| Unreadable)?;
                Ok(std::mem::take(&mut decoder.get_mut().found))
            }
        }
    }
}

impl Write for Sink {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(text.len() as u64).ok_or(io::ErrorKind::QuotaExceeded)?;
        self.found.extend(self.scanner.read(text).iter().cloned());
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
