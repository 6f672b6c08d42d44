//! `INSERT INTO t (a, b) VALUES (…), (…)`: values by the columns before them.

use crate::redact::Kind;
use crate::redact::detect::text::{at, run, run_back};
use crate::redact::engine::Quote;
use crate::redact::lexicon::{self, Meaning};

use super::closing;

/// Longest list of columns, in bytes.
const MAX_COLUMNS: usize = 4096;

/// One value: the column's name, if it is known, and the value without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The column's name.
    pub column: Option<(usize, usize)>,
    /// The value.
    pub value: (usize, usize),
    /// Whether it has quotes.
    pub quoted: bool,
}

/// Values after the word `VALUES`, which is somewhere in the eight bytes from `from` on; says where they end.
pub fn cells(text: &[u8], from: usize, mut found: impl FnMut(Cell)) -> usize {
    let Some(word) = text[from..].windows(6).take(3).position(|six| six.eq_ignore_ascii_case(b"VALUES")) else {
        return from;
    };
    let word = from + word;
    let columns = columns(text, word);
    let mut next = word + 6;
    next += run(text, next, 16, |byte| byte <= b' ');
    while at(text, next) == b'(' {
        next = tuple(text, next + 1, &columns, &mut found);
        next += run(text, next, 16, |byte| byte <= b' ');
        if at(text, next) != b',' {
            break;
        }
        next += 1 + run(text, next + 1, 16, |byte| byte <= b' ');
    }
    next
}

fn columns(text: &[u8], word: usize) -> Vec<(usize, usize)> {
    let end = word - run_back(text, word, 16, |byte| byte <= b' ');
    if end == 0 || text[end - 1] != b')' {
        return Vec::new();
    }
    let close = end - 1;
    let length = run_back(text, close, MAX_COLUMNS, |byte| byte != b'(' && byte != b')');
    let begin = close - length;
    let mut list = Vec::new();
    let mut start = begin;
    for part in text[begin..close].split(|byte| *byte == b',') {
        let marks = |byte: &u8| *byte <= b' ' || matches!(byte, b'`' | b'"' | b'[' | b']' | b'\'' | b'\\');
        let left = part.iter().take_while(|byte| marks(byte)).count();
        let right = part[left..].iter().rev().take_while(|byte| marks(byte)).count();
        list.push((start + left, start + part.len() - right));
        start += part.len() + 1;
    }
    list
}

/// Reads up to the bracket that closes the tuple and returns the place after it.
fn tuple(text: &[u8], from: usize, columns: &[(usize, usize)], found: &mut impl FnMut(Cell)) -> usize {
    let mut next = from;
    let extra = extra(text, from, columns);
    for index in 0.. {
        next += run(text, next, 16, |byte| byte <= b' ');
        let column = match extra {
            Some((at, more)) => columns.get(if index <= at { index } else { at.max(index - more.min(index)) }),
            None => columns.get(index),
        };
        let column = column.copied();
        let prefix = usize::from(matches!(at(text, next), b'N' | b'E' | b'n' | b'e') && at(text, next + 1) == b'\'');
        let start = next + prefix;
        if let Some((quote, length)) = super::opening(text, start) {
            let begin = start + length;
            let end = string_end(text, begin, quote);
            found(Cell { column, value: (begin, end), quoted: true });
            next = (end + usize::from(quote.backslashes) + 1).min(text.len());
        } else {
            let end = bare_end(text, start);
            found(Cell { column, value: (start, end), quoted: false });
            next = end;
        }
        next += run(text, next, 16, |byte| byte <= b' ');
        match text.get(next) {
            Some(b',') => next += 1,
            Some(b')') => return next + 1,
            _ => return next,
        }
    }
    next
}

/// Values without quotes in which commas stand, so that there are more of them than columns: the column that has those,
/// and how many there are too many. Of all columns a street's is the likeliest.
fn extra(text: &[u8], from: usize, columns: &[(usize, usize)]) -> Option<(usize, usize)> {
    let (mut next, mut count) = (from, 1);
    while count <= columns.len() + 16 {
        next += run(text, next, 16, |byte| byte <= b' ');
        if super::opening(text, next).is_some() {
            return None;
        }
        next = bare_end(text, next);
        if at(text, next) != b',' {
            break;
        }
        next += 1;
        count += 1;
    }
    let more = count.checked_sub(columns.len()).filter(|more| *more > 0 && columns.len() > 1)?;
    let is = |kind: Kind| {
        columns.iter().position(|(start, end)| lexicon::meaning(&text[*start..*end], None) == Meaning::Personal(kind))
    };
    is(Kind::Postal).or_else(|| is(Kind::Name)).map(|place| (place, more))
}

/// The comma or bracket after a value without quotes, over calls such as `now()`.
fn bare_end(text: &[u8], from: usize) -> usize {
    let mut depth = 0usize;
    let end = text[from..].iter().position(|byte| {
        match byte {
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            b')' => return true,
            b',' => return depth == 0,
            _ => {}
        }
        false
    });
    end.map_or(text.len(), |end| from + end)
}

fn string_end(text: &[u8], begin: usize, quote: Quote) -> usize {
    closing(text, begin, quote, true)
}
