//! A name, a street with its number, a post code and a place, one behind the other with commas between: an address, in
//! whatever language, known by its build alone.

use super::postal::postcode;
use super::street_words::{FRANCE, LEAD, NUMBER, SMALL, TRAIL, UNIT, WORDS};
use super::text::{at, run};
use super::{cell, given, names, residence};

/// Parts between commas, and words of one.
const MAX_PARTS: usize = 5;
const MAX_WORDS: usize = 7;
/// Bytes of an address.
const MAX_BYTES: usize = 200;
/// What stands between a name and its street.
const MARKS: [&str; 7] = [", ", ": ", " - ", " – ", "; ", " | ", " / "];

/// The name that begins at `from`, if such an address follows it.
pub fn name(text: &[u8], from: usize) -> Option<(usize, usize)> {
    // Most capitals begin no two words with a mark behind them.
    let first = run(text, from, 64, names::is_letter);
    if at(text, from + first) != b' ' {
        return None;
    }
    let near = &text[from..text.len().min(from + 64)];
    let mark = near.iter().position(|byte| matches!(byte, b',' | b':' | b';' | b'-' | b'|' | b'/' | 0xE2))?;
    if mark < 4 || !near[..mark].contains(&b' ') {
        return None;
    }
    let (end, count) = names::tokens(text, from)?;
    let name = &text[from..end];
    // `Kundin Jane Doe, …`: the name begins behind the role.
    let first = name.split(|byte| *byte == b' ').next().unwrap_or(name);
    if names::announces(first) {
        return None;
    }
    // `Ihre Lieferadresse: …`
    let last = name.rsplit(|byte| *byte == b' ').next().unwrap_or(name);
    let is_name = (2..=5).contains(&count) && !given::is_other(name) && !residence::announces(last);
    (is_name && behind(text, end).is_some()).then_some((from, end))
}

/// The address behind a mark at `end`.
pub fn behind(text: &[u8], end: usize) -> Option<(usize, usize)> {
    let mark = MARKS.iter().find(|mark| text.get(end..).is_some_and(|rest| rest.starts_with(mark.as_bytes())))?;
    let begin = end + mark.len();
    Some((begin, address(text, begin)?))
}

/// Where the address that begins at `from` ends.
fn address(text: &[u8], from: usize) -> Option<usize> {
    let text = &text[..text.len().min(from + MAX_BYTES)];
    let (mut next, mut numbered) = (from, false);
    for index in 0..MAX_PARTS {
        if index > 0
            && numbered
            && let Some(end) = place(text, next)
        {
            return Some(end);
        }
        let (end, has_number) = part(text, next)?;
        numbered |= has_number;
        let gap = run(text, end, 2, |byte| matches!(byte, b',' | b' '));
        if at(text, end) != b',' || gap < 2 {
            return None;
        }
        next = end + gap;
    }
    None
}

/// Words and numbers up to a comma: where they end, and whether a number is among them.
fn part(text: &[u8], from: usize) -> Option<(usize, bool)> {
    let (mut next, mut numbered) = (from, false);
    for index in 0..MAX_WORDS {
        let length = run(text, next, 32, |byte| {
            byte.is_ascii_alphanumeric()
                || byte >= 0x80
                || matches!(byte, b'.' | b'\'' | b'-' | b'/' | b'#' | b':' | b'(' | b')')
        });
        let word = text.get(next..next + length).filter(|word| !word.is_empty())?;
        let first = word[0];
        let digit = word.iter().any(u8::is_ascii_digit);
        let stem = word.strip_suffix(b".").unwrap_or(word);
        let known = WORDS.lists(stem) & (LEAD | TRAIL | NUMBER | FRANCE | SMALL | UNIT) != 0;
        // A sentence begins small, and a key or a time has a colon.
        let fits = first.is_ascii_uppercase()
            || first >= 0x80
            || digit && word.len() <= 8
            || known
            || index > 0 && !digit && word.len() <= 14
            || stem.len() <= 3 && stem.len() < word.len();
        let colon = word
            .iter()
            .position(|byte| *byte == b':')
            .is_some_and(|colon| colon + 1 == word.len() || first.is_ascii_digit());
        if !fits || colon {
            return None;
        }
        numbered |= digit;
        next += length;
        match at(text, next) {
            b' ' => next += 1,
            b',' => return Some((next, numbered)),
            _ => return None,
        }
    }
    None
}

/// `66951 Split`, `Leeds LS1 4BD`: where it ends.
fn place(text: &[u8], from: usize) -> Option<usize> {
    let town = |start: usize| {
        let (end, count) = names::tokens(text, start)?;
        (count <= 4 && end - start >= 3 && !cell::has_thing(&text[start..end])).then_some(end)
    };
    if let Some((end, _)) = postcode(text, from) {
        return if at(text, end) == b' ' { town(end + 1) } else { None };
    }
    let end = town(from)?;
    let gap = run(text, end, 2, |byte| matches!(byte, b',' | b' '));
    let state = run(text, end + gap, 3, |byte| byte.is_ascii_uppercase());
    let skip = if state == 2 && at(text, end + gap + 2) == b' ' { 3 } else { 0 };
    postcode(text, end + gap + skip).filter(|(_, sure)| gap > 0 && *sure).map(|(close, _)| close)
}
