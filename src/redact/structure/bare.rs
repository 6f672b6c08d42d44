//! Values without quotes: where they end depends on what stands around them.

use crate::redact::Kind;
use crate::redact::detect::names;
use crate::redact::detect::text::{at, before, is_word, run, run_back};

use super::Key;
use super::ends::{code_end, number_end, phone_end, position_end, wish_end};
use super::header::header_end;
use super::query::{is_token_bar, query_end, spaced_end};

/// Bytes of a value behind which `&` and another pair are sought.
const MAX_VALUE: usize = 4096;
/// Bytes that most values have not.
const SHORT: usize = 64;

/// How pairs follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `?a=b&c=d`
    Query,
    /// `{a=b, c=d}`, `(a: b, c: d)`
    Dump,
    /// `name: value` up to the line's end, or to the quote around both.
    Header(u8),
    /// `a=b c=d`, or prose.
    Words,
}

/// The style of the pair whose key is `key` and whose value begins at `value`. `nested`: within brackets.
pub fn style(text: &[u8], key: Key, separator: u8, value: usize, nested: bool) -> Style {
    let lead = before(text, key.outer);
    if separator == b'=' && matches!(lead, b'?' | b'&' | b';') {
        return Style::Query;
    }
    if separator == b'=' && key.quote.is_none() {
        let fits = |byte: u8| byte > b' ' && !matches!(byte, b'&' | b'"' | b',' | b'{' | b'}');
        let mut word = run(text, value, SHORT, fits);
        // Of a long one the mark is sought first: most have none.
        if word == SHORT {
            let near = &text[value..text.len().min(value + MAX_VALUE + 1)];
            word = memchr::memchr(b'&', near).map_or(0, |mark| run(text, value, mark, fits));
        }
        if at(text, value + word) == b'&' && is_pair(text, value + word + 1) {
            return Style::Query;
        }
    }
    if separator == b':' && key.quote.is_none() {
        let two = key.outer.checked_sub(2).map_or(b' ', |index| text[index]);
        match lead {
            b'"' | b'\'' if !is_word(two) => return Style::Header(lead),
            b'\n' => return Style::Header(b'\n'),
            0 | b' ' if key.outer == 0 || key.outer >= 2 && matches!(two, b'|' | b'>' | b'<' | b'*') => {
                return Style::Header(b'\n');
            }
            _ => {}
        }
    }
    if nested || matches!(lead, b'{' | b'(' | b'[') { Style::Dump } else { Style::Words }
}

/// Where a JSON number or word ends.
pub fn json_scalar(text: &[u8], from: usize) -> usize {
    from + run(text, from, usize::MAX, |byte| {
        byte > b' ' && !matches!(byte, b',' | b'}' | b']' | b')' | b'"' | b'\\' | b'\'' | b'<')
    })
}

/// Where the value that begins at `from` ends, if it is of `kind`.
pub fn bare(text: &[u8], from: usize, style: Style, kind: Kind) -> usize {
    bare_read(text, from, style, kind).0
}

/// The same, with the place up to which it was sought.
pub fn bare_read(text: &[u8], from: usize, style: Style, kind: Kind) -> (usize, usize) {
    let end = match style {
        // `;CN=Jane Doe;ROLE=…`
        Style::Query if from >= 2 && !is_matrix(text, from) && semicolon(text, from).is_some() => {
            semicolon(text, from).unwrap_or(from)
        }
        Style::Query if is_matrix(text, from) => {
            let end = query_end(text, from);
            from + run(text, from, end - from, |byte| !matches!(byte, b'/' | b'?' | b';'))
        }
        Style::Query => spaced_end(text, from, query_end(text, from), kind),
        Style::Dump => dump_end(text, from),
        Style::Header(quote) => header_end(text, from, quote),
        Style::Words => words_end(text, from, kind),
    };
    (trimmed(text, from, sentence_end(text, from, end, kind)), end)
}

/// Where a value of a few words ends although its line goes on: at a mark of another script, or at a full stop and a
/// capital.
fn sentence_end(text: &[u8], from: usize, end: usize, kind: Kind) -> usize {
    if matches!(kind, Kind::Text | Kind::Gift | Kind::Health | Kind::Agent) || end <= from {
        return end;
    }
    let value = &text[from..end];
    if !value.is_ascii()
        && let Some(mark) =
            ["、", "。", "；", "，"].iter().filter_map(|mark| memchr::memmem::find(value, mark.as_bytes())).min()
        && mark > 0
    {
        return from + mark;
    }
    // `geo: 52.52, 13.40 accuracy=12m`
    if kind == Kind::Geo {
        let digits = run(value, 0, value.len(), |byte| {
            byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b' ' | b'-' | b'+' | b';' | b'/')
        });
        let digits = digits - run_back(value, digits, 4, |byte| !byte.is_ascii_digit());
        // What was replaced before.
        let digits = if value.starts_with(b"pii_") { run(value, 0, 64, |byte| byte > b' ') } else { digits };
        return if digits > 0 && value.get(digits) == Some(&b' ') { from + digits } else { end };
    }
    // `mailto:jane@mail.example?subject=Order`
    if kind == Kind::Email
        && let Some(query) = memchr::memchr(b'?', value).filter(|mark| is_pair(text, from + mark + 1))
    {
        return from + query;
    }
    // `postalCode: 1234 is invalid for DEU`
    if kind == Kind::Postcode {
        let word = run(value, 0, value.len(), |byte| byte > b' ');
        let prose = (value[..word].iter().any(u8::is_ascii_digit) || value.starts_with(b"pii_"))
            && value.get(word + 1).is_some_and(u8::is_ascii_lowercase);
        return if prose { from + word } else { end };
    }
    if !matches!(kind, Kind::Name | Kind::Postal | Kind::Place | Kind::Phone) {
        return end;
    }
    // `ship to: Jane Doe; Town; contents: …`
    if let Some(pair) = memchr::memmem::find_iter(value, b"; ").find(|mark| is_pair(text, from + mark + 2))
        && pair > 0
    {
        return from + pair;
    }
    // `Kunde : Jane Doe ; Strasse : …`: lists of PowerShell.
    if from >= 3
        && &text[from - 3..from] == b" : "
        && let Some(pair) = memchr::memmem::find_iter(value, b" ; ").find(|mark| is_spaced_pair(text, from + mark + 3))
    {
        return from + pair;
    }
    // `Receiver: Jane Doe, address: …`
    if kind == Kind::Name
        && let Some(pair) = memchr::memmem::find_iter(value, b", ").find(|mark| is_pair(text, from + mark + 2))
        && pair > 0
    {
        return from + pair;
    }
    let stop = memchr::memmem::find_iter(value, b". ").find(|stop| {
        let word = run_back(value, *stop, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
        word >= 5 && value.get(stop + 2).is_some_and(u8::is_ascii_uppercase)
    });
    stop.map_or(end, |stop| from + stop)
}

fn trimmed(text: &[u8], from: usize, mut end: usize) -> usize {
    while end > from && matches!(text[end - 1], b' ' | b'\t' | b',') {
        end -= 1;
    }
    end
}

/// The next semicolon, if the pair follows one and words stand between them.
fn semicolon(text: &[u8], from: usize) -> Option<usize> {
    let key = run_back(text, from - 1, 48, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if before(text, from - 1 - key) != b';' {
        return None;
    }
    let length = run(text, from, 96, |byte| byte >= b' ' && !matches!(byte, b';' | b'"' | b'=' | b'&'));
    // `ATTENDEE;CN=Jane Doe:mailto:…`
    let length = memchr::memmem::find(&text[from..from + length], b":mailto").unwrap_or(length);
    (matches!(at(text, from + length), b';' | b':') && text[from..from + length].contains(&b' '))
        .then_some(from + length)
}

/// `/parcels;code=12345/events?x=1`: a parameter of a segment of a path (RFC 3986, 3.3), which ends with its segment.
fn is_matrix(text: &[u8], from: usize) -> bool {
    let length = run_back(text, from, 256, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'?' | b'&'));
    let path = &text[from - length..from];
    let semicolon = path.iter().position(|byte| *byte == b';');
    semicolon.is_some_and(|place| path[..place].contains(&b'/') && !path[..place].contains(&b'='))
        && !matches!(before(text, from - length), b'?' | b'&')
}

/// Up to the next pair or the bracket that closes what stands around.
fn dump_end(text: &[u8], from: usize) -> usize {
    let mut end = from;
    let mut depth = 0usize;
    while end < text.len() {
        match text[end] {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' if depth == 0 => break,
            b'}' | b')' | b']' => depth -= 1,
            b',' | b';' if depth == 0 && is_next(text, end + 1) => break,
            b' ' if depth == 0 && (is_pair(text, end + 1) || is_field(text, end + 1)) => break,
            b'\n' | b'"' => break,
            _ => {}
        }
        end += 1;
    }
    end
}

/// `Town:Dublin` of Go's dumps.
fn is_field(text: &[u8], from: usize) -> bool {
    let length = run(text, from, 48, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    length >= 2
        && text[from].is_ascii_uppercase()
        && at(text, from + length) == b':'
        && at(text, from + length + 1) > b' '
}

/// A pair, a quote or a Ruby symbol after a comma and space.
fn is_next(text: &[u8], from: usize) -> bool {
    let from = from + run(text, from, 4, |byte| byte == b' ');
    is_pair(text, from)
        || matches!(at(text, from), b'"' | b'\'')
        || at(text, from) == b':' && at(text, from + 1).is_ascii_alphabetic()
}

/// A name with ` : ` behind it.
fn is_spaced_pair(text: &[u8], from: usize) -> bool {
    let length = run(text, from, 48, |byte| is_word(byte) || matches!(byte, b'_' | b'-' | b'.'));
    length > 0 && text[from + length..].starts_with(b" : ")
}

/// A name with `=` or `: ` behind it.
pub fn is_pair(text: &[u8], from: usize) -> bool {
    let length = run(text, from, 48, |byte| {
        byte.is_ascii_alphanumeric()
            || byte >= 0x80
            || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'@' | b'$' | b'%')
    });
    if length == 0 || at(text, from).is_ascii_digit() && run(text, from, 48, |byte| byte.is_ascii_digit()) == length {
        return false;
    }
    match at(text, from + length) {
        b'=' => at(text, from + length + 1) != b'=',
        b':' => {
            matches!(at(text, from + length + 1), b' ' | b'"' | b'\'' | b'{' | b'[')
                || is_field_of_form(text, from + length + 1)
        }
        b' ' => matches!(at(text, from + length + 1), b'=') && matches!(at(text, from + length + 2), b' ' | b'>'),
        _ => false,
    }
}

/// `form:city=`: a field of a form that has a name (Jakarta Faces).
fn is_field_of_form(text: &[u8], from: usize) -> bool {
    let length = run(text, from, 48, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    length > 1 && at(text, from).is_ascii_alphabetic() && at(text, from + length) == b'='
}

fn words_end(text: &[u8], from: usize, kind: Kind) -> usize {
    match kind {
        Kind::Name => name_end(text, from),
        Kind::Gift => wish_end(text, from),
        Kind::Postcode => code_end(text, from),
        Kind::Postal | Kind::Place | Kind::Text | Kind::Health => prose_end(text, from),
        Kind::Phone => phone_end(text, from),
        Kind::Account | Kind::Card => number_end(text, from),
        Kind::Geo => position_end(text, from),
        Kind::Agent => prose_end(text, from),
        _ => word_end(text, from),
    }
}

pub(super) fn word_end(text: &[u8], from: usize) -> usize {
    let mut end = from;
    while end < text.len() {
        match text[end] {
            // `name=Jane\ Doe`, as a shell writes it.
            b'\\' if at(text, end + 1) == b' ' && end > from => end += 2,
            byte if byte <= b' ' => break,
            b'"' | b'<' | b'>' | b'`' => break,
            b',' | b';' | b')' | b']' | b'}' | b'\'' if !is_word(at(text, end + 1)) || is_pair(text, end + 1) => break,
            b'&' if is_pair(text, end + 1) => break,
            b'|' if end + 1 < text.len() && !is_token_bar(text, end) => break,
            b'^' | b'~' if is_pair(text, end + 1) => break,
            b'\\' if matches!(at(text, end + 1), b'"' | b'n' | b'r' | b't') && end > from => break,
            _ => end += 1,
        }
    }
    end
}

/// One word, and those after it that go on with a name.
fn name_end(text: &[u8], from: usize) -> usize {
    let mut end = word_end(text, from);
    while at(text, end) == b' ' && !is_pair(text, end + 1) {
        let Some((next, _)) = names::tokens(text, end + 1).or_else(|| particles(text, end + 1)) else { break };
        end = next;
    }
    end
}

/// `van de Ven`: small words before a capital.
fn particles(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut next = from;
    for _ in 0..3 {
        let word = run(text, next, 6, |byte| byte.is_ascii_lowercase() || byte == b'\'');
        if word == 0 || at(text, next + word) != b' ' {
            return None;
        }
        next += word + 1;
        if at(text, next).is_ascii_uppercase() {
            return names::tokens(text, next);
        }
    }
    None
}

/// Up to the next pair, a bar, a bracket that closes what is around, or the line's end.
fn prose_end(text: &[u8], from: usize) -> usize {
    let mut end = from;
    let mut depth = 0usize;
    while end < text.len() {
        match text[end] {
            b'\n' | b'\r' | b'"' | b'<' | b'\t' => break,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => break,
            b')' | b']' | b'}' => depth -= 1,
            b' ' if is_pair(text, end + 1) || text[end..].starts_with(b" | ") => break,
            b',' | b';' if is_next(text, end + 1) => break,
            b'\\' if matches!(at(text, end + 1), b'"' | b'n' | b'r' | b't') => break,
            b'&' | b'^' | b'~' if is_pair(text, end + 1) => break,
            _ => {}
        }
        end += 1;
    }
    end
}
