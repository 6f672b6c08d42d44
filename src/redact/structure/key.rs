//! The key before a separator.

use crate::redact::detect::text::{at, before as byte_before, run_back};
use crate::redact::engine::Quote;

const LETTER: u8 = 1;
const BRACKET: u8 = 2;
const OTHER: u8 = 4;
/// Longest key, in bytes; of a longer one the end is taken.
const MAX_BYTES: usize = 96;

/// A key in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// First byte of the name, without quotes.
    pub start: usize,
    /// After the last byte of the name.
    pub end: usize,
    /// First byte, quotes included.
    pub outer: usize,
    /// The quote around it, if it has one.
    pub quote: Option<Quote>,
}

/// The key before the separator at `separator`, quoted or not. `None` for what is no key: a number, nothing.
pub fn before(text: &[u8], separator: usize) -> Option<Key> {
    let mut end = separator - run_back(text, separator, 2, |byte| byte == b' ');
    if end == 0 {
        return None;
    }
    // `<<"email">> =>`, and `(email)=` of PostgreSQL
    if text[end - 1] == b'>' && text[..end].ends_with(b"\">>") {
        end -= 2;
    }
    if separator == end && text[end - 1] == b')' {
        let inner = run_back(text, end - 1, 48, |byte| is_key(byte) || matches!(byte, b',' | b' ' | b'"'));
        let opens = inner > 0
            && super::super::detect::text::before(text, end - 1 - inner) == b'('
            && at(text, separator + 1) == b'(';
        return opens.then(|| Key { start: end - 1 - inner, end: end - 1, outer: end - 2 - inner, quote: None });
    }
    // `[name:private] =>`
    if text[end - 1] == b']' {
        for class in [&b":private]"[..], b":protected]"] {
            if text[..end].ends_with(class) {
                return within_class(text, end - class.len());
            }
        }
    }
    // `["email"]=>`, `[:email]`
    let bracketed = text[end - 1] == b']' && end >= 2 && matches!(text[end - 2], b'"' | b'\'');
    if bracketed {
        end -= 1;
    }
    match text[end - 1] {
        mark @ (b'"' | b'\'' | b'`') => quoted(text, end - 1, mark),
        _ => plain(text, end),
    }
}

/// `name`, `"name"`, `"name":"App\Entity\Buyer"` of PHP's dumps: the name of a member, perhaps with its class.
fn within_class(text: &[u8], end: usize) -> Option<Key> {
    if !text[..end].ends_with(b"\"") {
        return plain(text, end);
    }
    let open = end - 1 - run_back(text, end - 1, MAX_BYTES, |byte| byte != b'"');
    let inner = if text[..open].ends_with(b"\":\"") { open - 2 } else { end };
    let start = inner - 1 - run_back(text, inner - 1, MAX_BYTES, |byte| byte != b'"');
    (start + 1 < inner).then_some(Key { start, end: inner - 1, outer: start, quote: None })
}

fn quoted(text: &[u8], closing: usize, mark: u8) -> Option<Key> {
    let backslashes = run_back(text, closing, 16, |byte| byte == b'\\');
    let end = closing - backslashes;
    let length = run_back(text, end, MAX_BYTES, |byte| byte != mark && byte >= b' ' && byte != b'\\');
    let start = end - length;
    let opens = length > 0
        && start > backslashes
        && run_back(text, start - 1, 16, |byte| byte == b'\\') == backslashes
        && text[start - 1] == mark;
    let quote = Quote { backslashes: u8::try_from(backslashes).unwrap_or(u8::MAX), mark };
    opens.then(|| Key { start, end, outer: start - 1 - backslashes, quote: Some(quote) })
}

fn plain(text: &[u8], end: usize) -> Option<Key> {
    let mut start = end;
    let mut seen = 0;
    while start > 0 && end - start < MAX_BYTES {
        let class = CLASS[usize::from(text[start - 1])];
        if class == 0 {
            break;
        }
        seen |= class;
        start -= 1;
    }
    if seen & BRACKET != 0 {
        start = after_bracket(text, start, end);
    }
    while start < end && matches!(text[start], b'-' | b'.' | b'[' | b']') {
        start += 1;
    }
    let name = &text[start..end];
    let has_letter = seen & LETTER != 0
        && (seen & BRACKET == 0 || name.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80));
    let has_letter = has_letter || name.len() > 1 && matches!(name[0], b'$' | b'@');
    (has_letter && !matches!(byte_before(text, start), b'\\')).then_some(Key { start, end, outer: start, quote: None })
}

/// An open bracket without its partner is what surrounds the key: `[name=…`.
fn after_bracket(text: &[u8], start: usize, end: usize) -> usize {
    let mut depth = 0usize;
    for at in (start..end).rev() {
        match text[at] {
            b']' => depth += 1,
            b'[' if depth == 0 => return at + 1,
            b'[' => depth -= 1,
            _ => {}
        }
    }
    start
}

/// What a byte of a key is: a letter, a bracket, something else; 0 for what is in no key.
static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0u8;
    loop {
        table[byte as usize] = match byte {
            b'[' | b']' => BRACKET,
            0x80.. => LETTER,
            _ if byte.is_ascii_alphabetic() => LETTER,
            _ if is_key(byte) => OTHER,
            _ => 0,
        };
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

const fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte >= 0x80
        || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'$' | b'@' | b'%')
}

/// Starts of the same key with one and two words more before it, as people write them: `gift message:`.
pub fn phrases(text: &[u8], key: Key) -> impl Iterator<Item = usize> + '_ {
    let mut start = key.start;
    (0..2).map_while(move |_| {
        let word = start.checked_sub(1).filter(|at| text[*at] == b' ')?;
        let length = run_back(text, word, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80 || byte == b'-');
        (length > 0).then(|| {
            start = word - length;
            start
        })
    })
}
