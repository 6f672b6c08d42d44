//! Whether a line with its data replaced needs to be searched again.
//!
//! A second search finds more than the first only where a replacement ends a value, or stands beside one, where its text
//! did not. What is the whole of a quoted text, of a pair's value or of some words of prose ends where its marker ends:
//! there a second search would ask the same questions and be given the same answers.

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, run, run_back};

use super::splice::Span;

/// Bytes of a key that are looked at.
const MAX_KEY: usize = 64;

/// Whether the text of structure with this index in [`MARKS`](crate::redact::detect::MARKS) asks what follows it for more
/// than one value.
pub(super) fn spans_more(mark: usize) -> bool {
    matches!(mark, 4 | 9..)
}

/// Whether `line` is text whose quotes come in pairs, and without characters that are
/// written as their numbers: else a quote beside a marker may pair with another.
pub(super) fn is_even(line: &[u8]) -> bool {
    let even = |mark: u8| memchr::memchr_iter(mark, line).count().is_multiple_of(2);
    even(b'"') && even(b'\'') && memchr::memmem::find(line, b"&#").is_none() && std::str::from_utf8(line).is_ok()
}

impl Span {
    /// Whether everything around stays what it was when a marker stands here.
    pub(super) fn is_whole(&self, line: &[u8]) -> bool {
        if self.unparsed || self.kind == Kind::Text {
            return false;
        }
        let (left, right) = (before(line, self.start), at(line, self.end));
        match left {
            b'"' | b'\'' => {
                let slashes = run(line, self.end, MAX_KEY, |byte| byte == b'\\');
                let mark = self.end + slashes;
                at(line, mark) == left
                    && line[..self.start - 1].ends_with(&line[self.end..mark])
                    && ends_quoted(line, mark + 1)
                    && !is_counted(line, self.start - 1 - slashes)
            }
            b'>' => right == b'<',
            b'=' => is_key(line, self.start - 1) && self.ends_pair(line),
            b'(' => right == b')' && is_mark(line, self.end + 1),
            0 | b' ' => self.is_sure() && before(line, self.start.saturating_sub(1)) != b',' && self.ends_words(line),
            _ => false,
        }
    }

    /// Whether its own bytes prove it, so that a word beside it says nothing about where it ends.
    fn is_sure(&self) -> bool {
        matches!(self.kind, Kind::Email | Kind::Card | Kind::Account | Kind::Address | Kind::Phone)
    }

    /// Whether the pair's value ends here, and another pair or nothing follows.
    fn ends_pair(&self, line: &[u8]) -> bool {
        let next = match at(line, self.end) {
            b'&' => return self.kind != Kind::Token,
            b'"' | b'}' => return is_mark(line, self.end + 1),
            b',' => self.end + 1,
            _ => self.end,
        };
        if at(line, next) != b' ' {
            return next >= line.len();
        }
        let word = run(line, next + 1, MAX_KEY, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        at(line, next + 1 + word) == b'=' || line[next + 1..].starts_with(b"HTTP/")
    }

    /// Whether what follows is no more of the same: a space and a word, or nothing.
    fn ends_words(&self, line: &[u8]) -> bool {
        match at(line, self.end) {
            0 => self.end >= line.len(),
            b' ' => {
                let next = run(line, self.end + 1, MAX_KEY, |byte| matches!(byte, b'(' | b'-' | b' ' | b'['));
                at(line, self.end + 1 + next).is_ascii_alphabetic() || next > 1 && line[self.end..].starts_with(b" - ")
            }
            b',' => at(line, self.end + 1) == b' ',
            _ => false,
        }
    }
}

/// Whether what follows a closing quote is neither a value's separator nor more of a word.
fn ends_quoted(line: &[u8], end: usize) -> bool {
    is_mark(line, end) || matches!(line[end], b'>' | b'/' | b';')
}

fn is_mark(line: &[u8], end: usize) -> bool {
    end >= line.len() || matches!(line[end], b' ' | b',' | b'}' | b']' | b')' | b'\\')
}

/// `s:5:"`: PHP counts the bytes of its texts.
fn is_counted(line: &[u8], quote: usize) -> bool {
    quote > 1 && line[quote - 1] == b':' && line[quote - 2].is_ascii_digit()
}

/// Whether a plain word is a key before the separator at `end`.
fn is_key(line: &[u8], end: usize) -> bool {
    let length =
        run_back(line, end, MAX_KEY, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let start = end - length;
    match before(line, start) {
        _ if length == 0 => false,
        // `next: email=…` is a pair within a value.
        b' ' => before(line, start - 1) != b':',
        left => matches!(left, 0 | b'&' | b'?' | b'{' | b'(' | b','),
    }
}
