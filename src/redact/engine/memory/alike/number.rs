//! Numbers that are none of anybody's: counts, sizes, durations, addresses of machines, ids of orders.

use super::Form;
use super::measure::is_measured;
use super::time::{DIGIT, begins};
use crate::redact::detect::keep;
use crate::redact::detect::text::{at, before, matches, number, run};

/// Longest number that is a count or a size whatever stands before it. A longer one may be a telephone number.
const MOST_DIGITS: usize = 6;
/// Longest number that is measured by its key: a time in nanoseconds, which begins with a one.
const MOST_MEASURED: usize = 19;
/// Most digits of a fraction that is printed without rounding.
const MOST_FRACTION: usize = 18;

/// Longest number that has no check digit.
const MOST_LONG: usize = 14;

const COUNT: u8 = b'4';
const LONG: &[u8; MOST_LONG] = b"57575757575757";
const ORDER: &[u8; 19] = b"302-1234567-7654321";

impl Form {
    /// `10.89.246.250`: one of the house's own addresses (RFC 1918); which network it is of stays.
    pub(super) fn private(&mut self, line: &[u8], from: usize) -> Option<usize> {
        let network = match line.get(from..from + 4)? {
            [b'1', b'0', b'.', _] => 3,
            b"192." if matches(line, from, b"192.168.") => 8,
            [b'1', b'7', b'2', b'.'] if matches(line, from, b"172.dd.") => {
                (16..32).contains(&number(&line[from + 4..from + 6])).then_some(7)?
            }
            _ => return None,
        };
        let left = before(line, from);
        let begins = begins_address(line, from) || matches!(left, b'/' | b'@' | b',');
        let count = if network == 3 { 3 } else { 2 };
        let end = octets(line, from + network, count).filter(|_| begins)?;
        self.put_first(line, from + network, end, b"1.1.1", 2 * count - 1);
        Some(end)
    }

    /// `203.0.113.9`: somebody's address, in a network of which all of it is somebody's.
    pub(super) fn public(&mut self, line: &[u8], from: usize) -> Option<usize> {
        let length = run(line, from, 4, |byte| byte.is_ascii_digit());
        let first = number(&line[from..from + length]);
        let is_public = matches!(first, 1..=9 | 11..=99 | 101..=126 | 128..=168 | 170 | 171 | 173..=191 | 193..=223);
        let end = octets(line, from, 4).filter(|_| is_public && begins_address(line, from))?;
        // No program has come to a release beyond a hundred, but for `131.0.0.0`.
        if first >= 100 && line[..end].ends_with(b".0.0") {
            return None;
        }
        if first >= 100 {
            self.put(line, from, end, b"208.1.1.1");
        } else {
            self.put(line, from, end, b"8.1.1.1");
        }
        Some(end)
    }

    /// `302-1234567-7654321`
    pub(super) fn order(&mut self, line: &[u8], from: usize) -> Option<usize> {
        let end = keep::order_id(line, from)?;
        let right = at(line, end);
        let by_itself = matches!(before(line, from), b' ' | b'"' | b'\'' | b'=' | b'/' | b'(' | b'[' | b'>' | b'#')
            && !right.is_ascii_alphanumeric()
            && !matches!(right, b'-' | b'_' | b'.' | b'+' | b'%' | b'@' | 0x80..);
        by_itself.then(|| {
            self.put(line, from, end, ORDER);
            end
        })
    }

    /// `HTTP/1.1" 200 266015`, at the status.
    pub(super) fn size(&mut self, line: &[u8], from: usize) -> Option<usize> {
        let start = from + 4;
        let length = run(line, start, 11, |byte| byte.is_ascii_digit());
        let whole = from >= 10
            && matches(line, from - 10, b"HTTP/d.d\" ")
            && matches!(line[from], b'1'..=b'5')
            && at(line, from + 3) == b' '
            && (1..=10).contains(&length)
            && matches!(at(line, start + length), 0 | b' ');
        whole.then(|| {
            self.put(line, from, start + length, b"444 44444");
            start + length
        })
    }

    /// `took 685ms`, `page=2`, `"attempt":3`, `[worker-12]`, `1.204s`: a number that is none of anybody's.
    pub(super) fn count(&mut self, line: &[u8], from: usize, end: usize) -> Option<usize> {
        let length = end - from;
        let fraction = if at(line, end) == b'.' { run(line, end + 1, 19, |byte| byte.is_ascii_digit()) } else { 0 };
        let digits = if fraction > 0 { end + 1 + fraction } else { end };
        let unit = match (at(line, digits), at(line, digits + 1)) {
            (b'm' | b'u' | b'n', b's') | (b'K' | b'M' | b'G' | b'k', b'B') => 2,
            (b's' | b'B', _) => 1,
            (b' ', b'm') if fraction <= 3 && is_spaced(line, from, digits) => 3,
            _ => 0,
        };
        let stop = digits + unit;
        let begin = begin(line, from, length, unit)?;
        if !ends(line, stop, length, begin) {
            return None;
        }
        // A card's number is one under any key.
        let is_measure = length <= MOST_LONG || length <= MOST_MEASURED && line[from] == b'1';
        let by_key = || begin == Begin::Key && is_measure && is_measured(line, from);
        let is_padded = line[from] == b'0' && length > 1;
        if !is_padded && fraction <= MOST_FRACTION && (unit > 0 && length <= MOST_DIGITS || by_key()) {
            if fraction > 0 {
                self.put(line, from, digits, b"4.444");
            } else {
                self.put(line, from, digits, b"44");
            }
            return Some(stop);
        }
        let is_year = length == 4 && matches!(&line[from..from + 2], b"19" | b"20");
        if length > MOST_DIGITS {
            return if fraction + unit == 0 { self.long(line, from, end) } else { None };
        }
        if is_year || is_padded {
            return None;
        }
        if fraction > 0 {
            // It may be a place on Earth, and stays one.
            self.level(line, from, digits, DIGIT);
        } else if length <= 2 {
            self.put(line, from, end, b"44");
        } else {
            self.level(line, from, end, COUNT);
        }
        Some(stop)
    }

    /// `/feeds/62608739268`, `reportId=772962787282`, `"sentAt":1763923967121`: as long as a telephone number, which is one
    /// only by the words before it, and shorter than what has a check digit. How it begins tells a time, a call to another
    /// town, and a status.
    fn long(&mut self, line: &[u8], from: usize, end: usize) -> Option<usize> {
        let digits = &line[from..end];
        let may_be_day = matches!(digits.len(), 8 | 10 | 12 | 14) && matches!(digits[..2], [b'1', b'9'] | [b'2', b'0']);
        let is_nothing = digits[1..].iter().all(|digit| *digit == digits[1]);
        if digits.len() > MOST_LONG || digits[0] == b'0' || may_be_day || is_nothing {
            return None;
        }
        let head = match digits[..2] {
            [b'1', b'4'..=b'9'] if matches!(digits.len(), 10 | 13) => b"17",
            [b'1'..=b'5', _] => b"37",
            _ => b"77",
        };
        let mut text = *LONG;
        text[..2].copy_from_slice(head);
        self.put_first(line, from, end, &text, digits.len());
        Some(end)
    }

    /// `ip-10-221-18-9`: a machine by its private address.
    pub(super) fn host(&mut self, line: &[u8], from: usize) -> Option<usize> {
        let mut end = from;
        for part in 0..4 {
            let digits = run(line, end, 4, |byte| byte.is_ascii_digit());
            if !(1..=3).contains(&digits) || part < 3 && at(line, end + digits) != b'-' {
                return None;
            }
            end += digits + usize::from(part < 3);
        }
        let whole = line[..from].ends_with(b"ip-")
            && !before(line, from - 3).is_ascii_alphanumeric()
            && matches(line, from, b"10-")
            && matches!(at(line, end), 0 | b' ' | b'"' | b'\'' | b'.' | b',' | b']' | b')' | b':');
        whole.then(|| {
            self.put(line, from + 3, end, b"1-1-1");
            end
        })
    }
}

/// What a number follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    Key,
    Word,
    /// `sync-worker-12`
    Name,
    /// `/jobs/12`
    Path,
}

/// Whether ` ms` stands by itself behind a number of prose, which ends at `end`. The value of a key may be too short for
/// what the key says.
fn is_spaced(line: &[u8], from: usize, end: usize) -> bool {
    let after = at(line, end + 3);
    at(line, end + 2) == b's'
        && matches!(after, 0 | b' ' | b'"' | b')')
        && before(line, from) == b' '
        && !line[..from].ends_with(b": ")
}

/// What a number with so many digits and so long a unit follows; `None` if it may be more than a number.
fn begin(line: &[u8], from: usize, length: usize, unit: usize) -> Option<Begin> {
    let earlier = from.checked_sub(2).map_or(0, |place| line[place]);
    let (begin, fits) = match before(line, from) {
        b' ' if earlier == b':' => (Begin::Key, true),
        // ` -- 13.857 ms`
        b' ' if earlier == b'-' => (Begin::Word, unit == 3 && line[..from].ends_with(b" -- ")),
        b' ' => (Begin::Word, earlier.is_ascii_lowercase() || matches!(earlier, b'=' | b']' | b'"' | b'|')),
        b'=' => (Begin::Key, earlier.is_ascii_alphanumeric() || matches!(earlier, b'_' | b']')),
        b':' if earlier.is_ascii_lowercase() => (Begin::Word, is_source(line, from - 1)),
        b':' => (Begin::Key, earlier == b'"'),
        b'"' => (Begin::Word, matches!(earlier, b'=' | b':')),
        b'[' => (Begin::Word, true),
        b'-' => (Begin::Name, earlier.is_ascii_alphabetic() && length <= 3),
        b'/' => (Begin::Path, earlier.is_ascii_lowercase()),
        _ => return None,
    };
    fits.then_some(begin)
}

/// Whether a source file's name ends at `end`: `store.go:271`.
fn is_source(line: &[u8], end: usize) -> bool {
    const ENDS: [&[u8]; 12] =
        [b".go", b".py", b".rs", b".js", b".ts", b".java", b".kt", b".rb", b".php", b".cs", b".cc", b".cpp"];
    ENDS.iter().any(|name| line[..end].ends_with(name))
}

/// Whether a number with so many digits and its unit may end at `stop`.
fn ends(line: &[u8], stop: usize, length: usize, begin: Begin) -> bool {
    let next = at(line, stop + 1);
    match at(line, stop) {
        b'/' => matches!(begin, Begin::Name | Begin::Path),
        b'?' => begin == Begin::Path,
        b' ' if begin == Begin::Path => line[stop..].starts_with(b" HTTP/"),
        0 | b'}' | b']' | b')' | b'&' => true,
        b'"' | b';' => !next.is_ascii_digit(),
        b',' => !(next.is_ascii_digit() || next == b' ' && at(line, stop + 2).is_ascii_digit()),
        // A post code has a town behind it, a telephone number more digits.
        b' ' => {
            !next.is_ascii_digit()
                && !matches!(next, b'+' | b'(' | b')' | b'-' | b'.' | b'/')
                && !(length >= 4 && (next.is_ascii_uppercase() || next >= 0x80))
        }
        _ => false,
    }
}

/// Whether an address may begin at `from`, and no number goes on there.
fn begins_address(line: &[u8], from: usize) -> bool {
    let left = before(line, from);
    begins(left) && !(left == b' ' && from >= 2 && line[from - 2].is_ascii_digit())
}

/// Where `count` numbers below 256 with dots between end, if no other number or word follows.
fn octets(line: &[u8], from: usize, count: usize) -> Option<usize> {
    let mut end = from;
    for index in 0..count {
        if index > 0 && at(line, end) != b'.' {
            return None;
        }
        let start = end + usize::from(index > 0);
        end = start;
        let mut value = 0;
        while let digit @ b'0'..=b'9' = at(line, end) {
            value = value * 10 + u32::from(digit - b'0');
            end += 1;
            if value > 255 {
                return None;
            }
        }
        if end == start || at(line, start) == b'0' && end - start > 1 {
            return None;
        }
    }
    let port = if at(line, end) == b':' { run(line, end + 1, 6, |byte| byte.is_ascii_digit()) } else { 0 };
    let stop = if port > 0 { end + 1 + port } else { end };
    let ends = matches!(at(line, stop), 0 | b' ' | b'"' | b'\'' | b',' | b')' | b']' | b';' | b'&' | b'<' | b'|');
    ends.then_some(end)
}
