//! Positions on earth.

use super::text::{at, before, digits, is_word, run};

/// Two coordinates in a row with four decimals or more: `52.520008,13.404954`.
pub fn pair(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from - usize::from(matches!(before(text, from), b'-' | b'+'));
    if is_word(before(text, start)) || matches!(before(text, start), b'.' | b'_') {
        return None;
    }
    let end = coordinate(text, from, 180)?;
    let gap = run(text, end, 3, |byte| matches!(byte, b',' | b' ' | b';' | b'/'));
    if !text[end..end + gap].iter().any(|byte| matches!(byte, b',' | b';' | b'/')) {
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
