//! Dates and times.

use super::Form;
use crate::redact::detect::text::{at, before, matches, number, run};

/// What digits become: it is valid as either part of a date.
pub(super) const DIGIT: u8 = b'1';

impl Form {
    /// `2026-11-14T15:18:00.123`, `2026/11/14 15:18:00`: all but the year.
    pub(super) fn date(&mut self, line: &[u8], from: usize) -> Option<usize> {
        let separator = at(line, from + 4);
        let whole = begins(before(line, from))
            && matches!(separator, b'-' | b'/')
            && at(line, from + 7) == separator
            && matches!(line[from..from + 2], [b'2', b'0'])
            && matches(line, from + 5, &[b'd', b'd', separator, b'd', b'd'])
            && is_day(&line[from + 5..from + 7], &line[from + 8..from + 10])
            && matches!(at(line, from + 10), b'T' | b' ');
        let end = time(line, from + 11).filter(|_| whole)?;
        self.level(line, from + 5, end, DIGIT);
        Some(end)
    }

    /// `[14/Nov/2026:15:18:00`
    pub(super) fn access_date(&mut self, line: &[u8], from: usize) -> Option<usize> {
        let whole = before(line, from) == b'['
            && matches(line, from + 2, b"/A")
            && matches(line, from + 6, b"/dddd:")
            && line[from + 4..from + 6].iter().all(u8::is_ascii_lowercase);
        let end = time(line, from + 12).filter(|_| whole)?;
        let month = &line[from + 3..from + 6];
        if MONTHS.contains(&month) {
            self.put(line, from, from + 6, b"11/Nov");
        } else {
            self.level(line, from, from + 2, DIGIT);
        }
        self.level(line, from + 12, end, DIGIT);
        Some(end)
    }

    /// `Nov 14 15:18:00`, `I1114 15:18:00.123456`: the time of a line that begins with a date.
    pub(super) fn clock(&mut self, line: &[u8], from: usize) -> Option<usize> {
        let head = line.get(..from)?;
        let is_date = match head {
            [b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z', b' ', b' ' | b'1'..=b'3', b'0'..=b'9', b' '] => true,
            [b'I' | b'W' | b'E' | b'F', day @ .., b' '] => day.len() == 4 && day.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        let end = time(line, from).filter(|_| is_date)?;
        self.level(line, from, end, DIGIT);
        Some(end)
    }
}

const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Whether a date may begin after this byte.
pub(super) const fn begins(left: u8) -> bool {
    matches!(left, 0 | b' ' | b'"' | b'\'' | b'[' | b'(' | b'=' | b'>')
}

/// Whether the two may be a month and a day, in either order.
fn is_day(month: &[u8], day: &[u8]) -> bool {
    let (month, day) = (number(month), number(day));
    (1..=31).contains(&month) && (1..=31).contains(&day) && (month <= 12 || day <= 12)
}

/// Where `15:18:00.123` ends.
fn time(line: &[u8], from: usize) -> Option<usize> {
    let plain = from + 8;
    if !matches(line, from, b"dd:dd:dd") {
        return None;
    }
    let fraction =
        if matches!(at(line, plain), b'.' | b',') { run(line, plain + 1, 10, |byte| byte.is_ascii_digit()) } else { 0 };
    let end = if fraction > 0 { plain + 1 + fraction } else { plain };
    let follows =
        matches!(at(line, end), 0 | b' ' | b'Z' | b'"' | b'\'' | b']' | b')' | b'+' | b'-' | b',' | b'<' | b'|');
    (fraction <= 9 && follows).then_some(end)
}
