//! Positions on earth.

use super::text::{at, before, digits, is_word, run, run_back};

/// Bytes of a shape before one of its places.
const MAX_SHAPE: usize = 256;

/// Two coordinates in a row with four decimals or more: `52.520008,13.404954`.
pub fn pair(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from - usize::from(matches!(before(text, from), b'-' | b'+'));
    if is_word(before(text, start)) || matches!(before(text, start), b'.' | b'_') {
        return None;
    }
    let end = coordinate(text, from, 180)?;
    let gap = run(text, end, 3, |byte| matches!(byte, b',' | b' ' | b';' | b'/'));
    let marked = text[end..end + gap].iter().any(|byte| matches!(byte, b',' | b';' | b'/'));
    if !(marked || gap == 1 && is_well_known(text, start)) {
        return None;
    }
    let second = end + gap;
    let sign = usize::from(matches!(at(text, second), b'-' | b'+'));
    let end = coordinate(text, second + sign, 180)?;
    (!is_word(at(text, end)) && at(text, end) != b'.').then_some((start, end))
}

fn coordinate(text: &[u8], from: usize, most: u32) -> Option<usize> {
    let whole = digits(text, from);
    if !(1..=3).contains(&whole)
        || super::text::number(&text[from..from + whole]) > most
        || at(text, from + whole) != b'.'
    {
        return None;
    }
    let decimals = digits(text, from + whole + 1);
    (4..=15).contains(&decimals).then_some(from + whole + 1 + decimals)
}

/// `POINT(13.404954 52.520008)`, `LINESTRING (…, …)`: whether the coordinates at `from` are of well-known text
/// (ISO 19125), which has a space between the two.
fn is_well_known(text: &[u8], from: usize) -> bool {
    const SHAPES: [&[u8]; 7] =
        [b"POINT", b"LINESTRING", b"POLYGON", b"MULTIPOINT", b"MULTILINESTRING", b"MULTIPOLYGON", b"LINEARRING"];
    let inner = run_back(text, from, MAX_SHAPE, |byte| {
        byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b',' | b' ' | b'(' | b')')
    });
    let open = from - inner;
    // `POINT Z (…)` has a height as well.
    let open = open - 2 * usize::from(text[..open].ends_with(b" Z") || text[..open].ends_with(b" M"));
    let word = &text[open - run_back(text, open, 16, |byte| byte.is_ascii_alphabetic())..open];
    text[open..from].contains(&b'(') && SHAPES.iter().any(|shape| word.eq_ignore_ascii_case(shape))
}
