//! Shapes that an operator needs and that are nobody's datum, though detectors would like them: order ids, timestamps,
//! UUIDs, digests.

use super::text::{at, before, digits, is_word, matches, number, run};

/// Where a shape that stays ends, if one begins with the `count` digits at `from`.
pub fn claims(text: &[u8], from: usize, count: usize) -> Option<usize> {
    match count {
        3 => order_id(text, from),
        2 => date(text, from),
        4 => date(text, from).or_else(|| uuid(text, from)),
        8 => date(text, from).or_else(|| uuid(text, from)),
        12 => uuid(text, from),
        _ => None,
    }
}

/// `catalog B0J62MAK5C`: the number of an article at Amazon, behind which its title may stand.
pub fn ends_in_asin(text: &[u8]) -> bool {
    let code = &text[text.len() - super::text::run_back(text, text.len(), 11, is_word)..];
    code.len() == 10
        && code.starts_with(b"B0")
        && code.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// `123-1234567-1234567`
pub fn order_id(text: &[u8], from: usize) -> Option<usize> {
    (matches(text, from, b"ddd-ddddddd-ddddddd") && !at(text, from + 19).is_ascii_digit()).then_some(from + 19)
}

/// `2026-11-14`, `2026/11/14`, with the time that follows; `14.11.2026`, `14/11/2026`, `14-11-2026`; `20261114T101500Z`.
pub fn date(text: &[u8], from: usize) -> Option<usize> {
    let part = |start: usize, length: usize| number(text.get(start..start + length).unwrap_or_default());
    let fits = |year: u32, month: u32, day: u32| {
        (1900..2200).contains(&year)
            && (1..=31).contains(&month)
            && (1..=31).contains(&day)
            && (month <= 12 || day <= 12)
    };
    let end = |length: usize| (!at(text, from + length).is_ascii_digit()).then_some(from + length);
    // Only one of the two shapes can have a mark at its place.
    let separator = at(text, from + 4);
    if matches!(separator, b'-' | b'/' | b'.') && at(text, from + 7) == separator {
        let year_first = [b'd', b'd', b'd', b'd', separator, b'd', b'd', separator, b'd', b'd'];
        if matches(text, from, &year_first) && fits(part(from, 4), part(from + 5, 2), part(from + 8, 2)) {
            return end(10).map(|end| end + time(text, end));
        }
    }
    let separator = at(text, from + 2);
    if matches!(separator, b'-' | b'/' | b'.') && at(text, from + 5) == separator {
        let year_last = [b'd', b'd', separator, b'd', b'd', separator, b'd', b'd', b'd', b'd'];
        if matches(text, from, &year_last) && fits(part(from + 6, 4), part(from + 3, 2), part(from, 2)) {
            return end(10).map(|end| end + time(text, end));
        }
    }
    if at(text, from + 2) == b'/'
        && matches(text, from + 6, b"/dddd:dd:dd:dd")
        && text[from + 3..from + 6].iter().all(u8::is_ascii_alphabetic)
    {
        return Some(from + 20);
    }
    let compact = matches(text, from, b"ddddddddTdddddd");
    (compact && !at(text, from + 15).is_ascii_digit()).then_some(from + 15)
}

/// Length of ` 10:15:01,123` or `T10:15:01.123Z` at `from`.
fn time(text: &[u8], from: usize) -> usize {
    let lead = usize::from(matches!(at(text, from), b' ' | b'T' | b't' | b'_' | b'+'));
    let mut length = lead + run(text, from + lead, 2, |byte| byte.is_ascii_digit());
    if length != lead + 2 || at(text, from + length) != b':' {
        return 0;
    }
    for _ in 0..2 {
        if at(text, from + length) == b':' && matches(text, from + length + 1, b"dd") {
            length += 3;
        }
    }
    if matches!(at(text, from + length), b'.' | b',') {
        let fraction = digits(text, from + length + 1);
        if fraction > 0 {
            length += 1 + fraction;
        }
    }
    length + if matches(text, from + length, b"+dd:dd") { 6 } else { 0 }
}

/// `081109 203615`: a day of the year's last two digits, and a time.
pub fn is_day_and_time(text: &[u8]) -> bool {
    let two = |place: usize| number(&text[place..place + 2]);
    matches(text, 0, b"dddddd dddddd")
        && (1..=12).contains(&two(2))
        && (1..=31).contains(&two(4))
        && two(7) < 24
        && two(9) < 60
        && two(11) < 61
}

/// A UUID, in which the byte at `from` may be the first one of any group.
pub fn uuid(text: &[u8], from: usize) -> Option<usize> {
    const SHAPE: &[u8] = b"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
    [0, 9, 14, 19, 24].iter().find_map(|offset| {
        let start = from.checked_sub(*offset)?;
        let whole =
            matches(text, start, SHAPE) && !is_word(before(text, start)) && !is_word(at(text, start + SHAPE.len()));
        whole.then_some(start + SHAPE.len())
    })
}

/// Whether `start..end`, digits and separators, is part of a word that says something else: a longer number, a
/// hexadecimal string, a version, a part of a file's name.
pub fn is_within_word(text: &[u8], start: usize, end: usize) -> bool {
    let (left, right) = (before(text, start), at(text, end));
    // Of scripts without spaces, a word may run into a number.
    if left.is_ascii_alphanumeric() || right.is_ascii_alphanumeric() || left == b'_' || right == b'_' {
        return true;
    }
    // `1.` before and `.1` after: a fraction or a version. `a-` before: a name of several parts.
    let joined = |byte: u8| matches!(byte, b'.' | b'-' | b',');
    let goes_on_left = joined(left) && start >= 2 && text[start - 2].is_ascii_digit();
    let goes_on_right = joined(right) && at(text, end + 1).is_ascii_digit();
    goes_on_left || goes_on_right || (left == b'-' && uuid(text, start).is_some())
}
