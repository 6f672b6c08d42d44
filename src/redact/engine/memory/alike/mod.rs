//! Lines that differ in nothing that could tell of anybody: times, sizes, counts, ids of orders and of traces, tags of
//! pseudonyms. Logs write the same few lines with others of these.
//!
//! A line is searched in its common form, in which each of these is the same wherever it stands. The search sees nothing
//! but that form, so lines of one form cannot be told apart, and what was found in one need not be searched in another.

mod hexadecimal;
mod measure;
mod number;
mod time;
mod token;

#[cfg(test)]
mod tests;

use crate::redact::detect::blocks::{BLOCK, block, is_digit};
use crate::redact::detect::text::{at, before, run};

/// Longest line that has a common form: of longer ones few are alike.
const MOST_BYTES: usize = 4096;

/// A line's common form.
#[derive(Default)]
pub struct Form {
    text: Vec<u8>,
    pieces: Vec<Piece>,
    /// Up to there the line was read.
    read: usize,
    /// What words of digits say.
    said: Vec<u8>,
}

/// A piece of the form, and of the line that it stands for.
#[derive(Clone, Copy)]
struct Piece {
    start: usize,
    end: usize,
    from: usize,
    to: usize,
}

impl Form {
    /// The common form of what was read last.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Tells forms of the same text apart whose pieces are others.
    pub fn sum(&self) -> u64 {
        let mix = |sum: u64, piece: &Piece| {
            (sum.rotate_left(5) ^ (piece.start << 16 ^ piece.end) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        };
        self.pieces.iter().fold(0, mix)
    }

    /// Whether what was found at `start..end` can be told in the line: no part of a piece alone, and none of any if it had
    /// to be decoded.
    pub fn fits(&self, start: usize, end: usize, decoded: bool) -> bool {
        let cuts = |piece: &Piece, place| piece.start < place && place < piece.end;
        let bad =
            |piece: &Piece| decoded && piece.start < end && start < piece.end || cuts(piece, start) || cuts(piece, end);
        !self.pieces.iter().any(bad)
    }

    /// Bytes of the line that `start..end` stands for, where that [fits](Self::fits).
    pub fn source(&self, start: usize, end: usize) -> (usize, usize) {
        let (mut from, mut to) = (start, end);
        for piece in &self.pieces {
            if piece.start >= end {
                break;
            }
            if piece.end <= start {
                from = start - piece.end + piece.to;
            } else if piece.start == start {
                from = piece.from;
            }
            to = end - piece.end + piece.to;
        }
        (from, to)
    }

    /// Becomes `line` as it is.
    pub fn copy(&mut self, line: &[u8]) {
        self.text.clear();
        self.text.shrink_to(MOST_BYTES);
        self.pieces.clear();
        self.text.extend_from_slice(line);
    }

    /// Becomes the common form of `line`.
    pub fn read(&mut self, line: &[u8]) {
        if line.len() > MOST_BYTES {
            return self.copy(line);
        }
        self.text.clear();
        self.pieces.clear();
        self.read = 0;
        let (mut next, mut last) = (0, 0);
        for base in (0..line.len()).step_by(BLOCK) {
            let all = block(line, base, is_digit);
            let mut begins = all & !(all << 1 | last);
            last = all >> (BLOCK - 1);
            while begins != 0 {
                let bit = begins.trailing_zeros() as usize;
                begins &= begins - 1;
                let from = base + bit;
                if from < next {
                    continue;
                }
                let ones = (all >> bit).trailing_ones() as usize;
                // A run may go on in the next block.
                let end = from + ones;
                let more =
                    if bit + ones == BLOCK { run(line, end, MOST_BYTES, |byte| byte.is_ascii_digit()) } else { 0 };
                next = self.digit(line, from, end + more);
            }
        }
        self.text.extend_from_slice(&line[self.read..]);
    }

    /// At the first digit of a run that ends at `end`: up to where the line was read.
    fn digit(&mut self, line: &[u8], from: usize, end: usize) -> usize {
        let (left, right) = (before(line, from), at(line, end));
        if left == b'k' && right == b'_' {
            return self.tag(line, from, end).unwrap_or(end);
        }
        if (matches!(left, b'a'..=b'f') || matches!(right, b'a'..=b'f') || end - from >= 8)
            && let Some(end) = self.hex(line, from)
        {
            return end;
        }
        if (left.is_ascii_lowercase() || right.is_ascii_lowercase())
            && let Some(end) = self.token(line, from)
        {
            return end;
        }
        if left == b'B' && line[from] == b'0' {
            return self.product(line, from).unwrap_or(end);
        }
        if left == b'-'
            && let Some(end) = self.host(line, from)
        {
            return end;
        }
        if left.is_ascii_alphabetic() || left == b'-' {
            if let Some(end) = self.pod(line, from) {
                return end;
            }
            if left.is_ascii_alphabetic() {
                return end;
            }
        }
        if left.is_ascii_digit() {
            return end;
        }
        if right == b'.'
            && let Some(end) = self.private(line, from).or_else(|| self.public(line, from))
        {
            return end;
        }
        let found = match end - from {
            4 => self.date(line, from),
            3 => self.order(line, from).or_else(|| self.size(line, from)),
            2 => self.access_date(line, from).or_else(|| self.clock(line, from)),
            _ => None,
        };
        found.or_else(|| self.count(line, from, end)).unwrap_or(end)
    }

    /// Gives all digits of a place the same one.
    fn level(&mut self, line: &[u8], from: usize, to: usize, digit: u8) {
        if from >= self.read {
            let start = self.begin(line, from, to);
            append(&mut self.text, line, from, to);
            for byte in &mut self.text[start..] {
                *byte = if is_digit(*byte) { digit } else { *byte };
            }
            self.end(start, from, to);
        }
    }

    /// Writes `text` for what stands at a place.
    #[inline]
    fn put<const LENGTH: usize>(&mut self, line: &[u8], from: usize, to: usize, text: &[u8; LENGTH]) {
        self.put_first(line, from, to, text, LENGTH);
    }

    /// Writes the first bytes of `text` for what stands at a place.
    #[inline]
    fn put_first<const LENGTH: usize>(
        &mut self,
        line: &[u8],
        from: usize,
        to: usize,
        text: &[u8; LENGTH],
        length: usize,
    ) {
        if from >= self.read {
            let start = self.begin(line, from, to);
            self.text.extend_from_slice(text);
            self.text.truncate(start + length);
            self.end(start, from, to);
        }
    }

    #[inline]
    fn begin(&mut self, line: &[u8], from: usize, to: usize) -> usize {
        append(&mut self.text, line, self.read, from);
        self.read = to;
        self.text.len()
    }

    #[inline]
    fn end(&mut self, start: usize, from: usize, to: usize) {
        self.pieces.push(Piece { start, end: self.text.len(), from, to });
    }
}

/// Bytes that are copied at once: most of what stands between two numbers.
const FEW: usize = 32;

/// Appends `line[from..to]`, most often a few bytes, for which a call costs more than it copies.
#[inline]
fn append(text: &mut Vec<u8>, line: &[u8], from: usize, to: usize) {
    let end = text.len() + (to - from);
    match line.get(from..).and_then(<[u8]>::first_chunk::<FEW>) {
        Some(few) if to - from <= FEW => {
            text.extend_from_slice(few);
            text.truncate(end);
        }
        _ => text.extend_from_slice(&line[from..to]),
    }
}
