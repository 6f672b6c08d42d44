//! Values in the order of a statement's places: `INSERT INTO buyer (name, zip) VALUES ($1, $2); ["Jane Doe", "12345"]`.

use crate::redact::Kind;
use crate::redact::detect::text::{at, digits, number, run, run_back};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure;

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

/// Values that are read, at most.
const MAX_VALUES: usize = 64;
/// Bytes before a list in which its statement is sought.
const MAX_STATEMENT: usize = 4096;
/// Words before a list of values, or the end of the statement that they are of.
const LEADS: [&[u8]; 18] = [
    b"; ",
    b" ? ",
    b") ",
    b"array",
    b"params: ",
    b"params=",
    b"parameters: ",
    b"parameters=",
    b"PARAMETERS: ",
    b"bindings: ",
    b"binds: ",
    b"args: ",
    b"args=",
    b"values: ",
    b"values=",
    b" -- ",
    b"with ",
    b"using ",
];

impl Sweep<'_> {
    /// Remembers the place `value` of a statement, which goes into `column`.
    pub fn remember_place(&mut self, column: (usize, usize), value: (usize, usize)) {
        let text = self.view.text;
        let name = &text[column.0..column.1.max(column.0)];
        let kind = match self.state.known.look_up(name, None).meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => kind,
            Meaning::Doubtful(Kind::Name) => Kind::Name,
            Meaning::Unknown if lexicon::is_person(name) => Kind::Name,
            _ => return,
        };
        if special::is_nothing(&text[value.0..value.1]) {
            self.placeholders.push((value, kind));
        }
    }

    /// The bracket at `open` may begin the list of values of the places that were seen.
    pub fn positional(&mut self, open: usize) {
        let text = self.view.text;
        // A bracket behind a statement may say anything.
        let leads = if text[open] == b'(' { &LEADS[3..] } else { &LEADS[..] };
        if !leads.iter().any(|lead| text[..open].ends_with(lead)) {
            return;
        }
        let statement = open.saturating_sub(MAX_STATEMENT);
        let places: smallvec::SmallVec<[(usize, Kind); 16]> = self
            .placeholders
            .iter()
            .filter(|((start, end), _)| *end <= open && *start >= statement)
            .filter_map(|((start, end), kind)| Some((index(text, statement, *start, *end)?, *kind)))
            .collect();
        if places.is_empty() {
            return;
        }
        let mut next = open + 1;
        for place in 0..MAX_VALUES {
            next += run(text, next, 16, |byte| byte <= b' ');
            // `"1":"Jane Doe"`, `0 => "Jane Doe"`: where it goes, in front of it.
            next += numbered(text, next);
            let (start, end, after) = match structure::opening(text, next) {
                Some((quote, length)) => {
                    let start = next + length;
                    let end = structure::closing(text, start, quote, true);
                    (start, end, end + usize::from(quote.backslashes) + 1)
                }
                None => {
                    let end =
                        next + run(text, next, 256, |byte| !matches!(byte, b',' | b']' | b'}' | b')') && byte >= b' ');
                    (next, end, end)
                }
            };
            let kind = places.iter().find(|(index, _)| *index == place).map(|(_, kind)| *kind);
            // `WHERE "id" IN ($3)`: a number that no personal column takes.
            if kind.is_none() && start == next && start < end && text[start..end].iter().all(u8::is_ascii_digit) {
                self.quiet.keep(start, end);
            }
            if let Some(kind) = kind
                && start < end
                && !special::is_nothing(&text[start..end])
            {
                self.replace(b"", kind, start, end, Quote::default());
            }
            next = after + run(text, after, 4, |byte| byte == b' ');
            if at(text, next) != b',' {
                break;
            }
            next += 1;
        }
    }
}

/// Which value goes to the place at `start..end`: by its number, or by how many are before it.
fn index(text: &[u8], statement: usize, start: usize, end: usize) -> Option<usize> {
    let place = &text[start..end];
    let begin = |lead: &[u8]| {
        [&b"INSERT "[..], b"insert ", b"UPDATE ", b"update ", b"SELECT ", b"select "]
            .iter()
            .filter_map(|word| memchr::memmem::rfind(lead, word))
            .max()
            .unwrap_or(0)
    };
    match place.first()? {
        b'?' => {
            let lead = &text[statement..start];
            Some(memchr::memchr_iter(b'?', &lead[begin(lead)..]).count())
        }
        b'%' => {
            let lead = &text[statement..start];
            (place == b"%s").then(|| memchr::memmem::find_iter(&lead[begin(lead)..], b"%s").count())
        }
        _ => {
            // `$1`, `:p1`, `@p0`: those of .NET begin with zero.
            let count = run_back(text, end, 3, |byte| byte.is_ascii_digit());
            let letters = end - count - start - 1;
            if count == 0 || letters > 1 {
                return None;
            }
            let number = number(&text[end - count..end]) as usize;
            let zero = letters == 1 && memchr::memmem::find(&text[statement..end], b"@p0").is_some();
            number.checked_sub(usize::from(!zero))
        }
    }
}

/// Bytes of the number of a value before it.
fn numbered(text: &[u8], from: usize) -> usize {
    let quote = usize::from(matches!(at(text, from), b'"' | b'\''));
    let count = digits(text, from + quote);
    let end = from + quote + count + quote;
    if count == 0 || quote > 0 && at(text, end - 1) != at(text, from) {
        return 0;
    }
    let gap = run(text, end, 1, |byte| byte == b' ');
    let mark = if at(text, end + gap) == b':' {
        1
    } else if text[(end + gap).min(text.len())..].starts_with(b"=>") {
        2
    } else {
        return 0;
    };
    let after = end + gap + mark;
    after + run(text, after, 1, |byte| byte == b' ') - from
}
