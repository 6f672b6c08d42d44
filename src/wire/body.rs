//! Where a body ends: a count, or chunks read by the grammar of RFC 9112 section 7.1 and nothing looser.

use super::head::{Framing, field, is_token};

/// Longest line of chunk framing: a size, extensions and a trailer field each stay below it.
const MAX_LINE: usize = 4096;
/// All trailer bytes of a body.
const MAX_TRAILERS: usize = 16 * 1024;

/// The rest of a body on the wire.
#[derive(Debug)]
pub(super) enum Rest {
    Length(u64),
    Chunked(Chunks),
}

/// Framing inside a body that must not be passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChunkFault;

/// How far a body went within some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advance {
    /// All of them, and it goes on.
    Open,
    /// It ended after this many.
    Ended(usize),
    /// A fault after this many.
    Fault(usize),
}

impl Rest {
    /// `None` for a message without a body.
    pub(super) fn of(framing: Framing) -> Option<Self> {
        match framing {
            Framing::None | Framing::Length(0) => None,
            Framing::Length(length) => Some(Self::Length(length)),
            Framing::Chunked => Some(Self::Chunked(Chunks::new())),
        }
    }

    /// Follows the body through `bytes`.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Advance {
        match self {
            Self::Length(left) => {
                let here = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                if here < *left {
                    *left -= here;
                    return Advance::Open;
                }
                // At most `bytes.len()`, so it fits.
                let end = usize::try_from(*left).unwrap_or(bytes.len());
                *left = 0;
                Advance::Ended(end)
            }
            Self::Chunked(chunks) => chunks.advance(bytes),
        }
    }
}

/// A chunked body on the wire.
#[derive(Debug)]
pub(super) struct Chunks {
    state: State,
    line: Vec<u8>,
    trailers: usize,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Size,
    Data(u64),
    /// CR LF after a chunk's data; the number of its bytes that were seen.
    DataEnd(u8),
    Trailer,
}

impl Chunks {
    const fn new() -> Self {
        Self { state: State::Size, line: Vec::new(), trailers: 0 }
    }

    fn advance(&mut self, bytes: &[u8]) -> Advance {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                State::Data(left) => {
                    let here = u64::try_from(bytes.len() - at).unwrap_or(u64::MAX).min(left);
                    // At most what `bytes` still holds.
                    at += usize::try_from(here).unwrap_or(bytes.len() - at);
                    self.state = if here == left { State::DataEnd(0) } else { State::Data(left - here) };
                }
                State::DataEnd(seen) => {
                    let expected = if seen == 0 { b'\r' } else { b'\n' };
                    if bytes[at] != expected {
                        return Advance::Fault(at);
                    }
                    at += 1;
                    self.state = if seen == 0 { State::DataEnd(1) } else { State::Size };
                }
                State::Size | State::Trailer => match self.line(bytes, &mut at) {
                    Ok(true) => return Advance::Ended(at),
                    Ok(false) => {}
                    Err(ChunkFault) => return Advance::Fault(at),
                },
            }
        }
        Advance::Open
    }

    /// Collects a line of framing and acts on it; `Ok(true)` at the end of the body.
    fn line(&mut self, bytes: &[u8], at: &mut usize) -> Result<bool, ChunkFault> {
        let rest = &bytes[*at..];
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |place| place + 1);
        self.line.extend_from_slice(&rest[..end]);
        if self.line.len() > MAX_LINE {
            return Err(ChunkFault);
        }
        *at += end;
        if self.line.last() != Some(&b'\n') {
            return Ok(false);
        }
        let line = self.line.strip_suffix(b"\r\n").ok_or(ChunkFault)?;
        let ended = match self.state {
            State::Trailer if line.is_empty() => true,
            State::Trailer => {
                field(line).map_err(|_| ChunkFault)?;
                self.trailers += self.line.len();
                if self.trailers > MAX_TRAILERS {
                    return Err(ChunkFault);
                }
                false
            }
            _ => {
                let size = chunk_size(line)?;
                self.state = if size == 0 { State::Trailer } else { State::Data(size) };
                false
            }
        };
        self.line.clear();
        Ok(ended)
    }
}

/// `chunk-size [ chunk-ext ]`: at most 15 hexadecimal digits, extensions as the grammar has them.
fn chunk_size(line: &[u8]) -> Result<u64, ChunkFault> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits == 0 || digits > 15 {
        return Err(ChunkFault);
    }
    let size = line[..digits].iter().fold(0, |sum, &digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            _ => (digit | 0x20) - b'a' + 10,
        };
        sum * 16 + u64::from(value)
    });
    extensions(&line[digits..]).then_some(size).ok_or(ChunkFault)
}

/// `*( ";" token [ "=" ( token / quoted-string ) ] )`, without the optional white space that readers disagree on.
fn extensions(mut rest: &[u8]) -> bool {
    while let Some((first, more)) = rest.split_first() {
        if *first != b';' {
            return false;
        }
        let Some(after) = token(more) else { return false };
        rest = match after.split_first() {
            Some((b'=', value)) => match token(value).or_else(|| quoted(value)) {
                Some(after) => after,
                None => return false,
            },
            _ => after,
        };
    }
    true
}

fn token(bytes: &[u8]) -> Option<&[u8]> {
    let length = bytes.iter().take_while(|byte| is_token(**byte)).count();
    (length > 0).then(|| &bytes[length..])
}

fn quoted(bytes: &[u8]) -> Option<&[u8]> {
    let inner = bytes.strip_prefix(b"\"")?;
    let end = inner.iter().position(|byte| *byte == b'"')?;
    // A backslash or a control character inside is legal somewhere and read differently elsewhere.
    inner[..end].iter().all(|byte| (b' '..=b'~').contains(byte) && *byte != b'\\').then(|| &inner[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str, step: usize) -> Advance {
        let mut rest = Rest::of(Framing::Chunked).expect("a body");
        let mut done = 0;
        for part in text.as_bytes().chunks(step) {
            match rest.advance(part) {
                Advance::Open => done += part.len(),
                Advance::Ended(at) => return Advance::Ended(done + at),
                Advance::Fault(_) => return Advance::Fault(0),
            }
        }
        Advance::Open
    }

    #[test]
    fn framing_chunks_end_where_they_say_however_they_arrive() {
        let text = "4;a=b;c=\"d e\"\r\nwiki\r\n00A\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\nGET /";
        for step in 1..text.len() {
            assert_eq!(run(text, step), Advance::Ended(text.len() - 5), "{step}");
        }
    }

    #[test]
    fn framing_loose_chunks_are_refused() {
        for text in [
            "4\nwiki\r\n",
            "4 \r\nwiki\r\n",
            " 4\r\nwiki\r\n",
            "+4\r\nwiki",
            "0x4\r\nwiki",
            "\r\nwiki",
            "-1\r\n",
            "4;\r\nwiki",
            "4; a\r\nwiki",
            "4;a \r\nwiki",
            "4;a=\r\nwiki",
            "4;a=\"b\r\nwiki",
            "4;\u{1}\r\nwiki",
            "4\r\nwikix\r\n",
            "4\r\nwiki\n",
            "4\r\nwikiX\n",
            "1000000000000000\r\n",
            "fffffffffffffffff\r\n",
            "0\r\nX T: 1\r\n\r\n",
            "0\r\n folded\r\n\r\n",
            "0\r\nX: 1\n\r\n",
            "0\n\n",
        ] {
            assert_eq!(run(text, 1), Advance::Fault(0), "{text:?}");
            assert_eq!(run(text, text.len()), Advance::Fault(0), "{text:?}");
        }
    }

    #[test]
    fn framing_trailers_are_bounded() {
        let text = format!("0\r\n{}", "X-T: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(1000));
        assert_eq!(run(&text, 100), Advance::Fault(0));
    }
}
